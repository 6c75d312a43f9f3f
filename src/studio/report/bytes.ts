// Bytes of a JSON text in base64.

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Signed steps of ±127 as numbers of ±`scale`. */
export function numbersOf(steps: string, scale: number): Float32Array {
  return Float32Array.from(new Int8Array(bytesOf(steps).buffer), (step) => (step / 127) * scale);
}
