// A photograph or a scan as ink: what differs from its paper, whichever of the two is the darker.

const LEAST = 0.25; // of the strongest difference: less is shadow or noise

/** Grey values of pixels [4 bytes each], weighted as the eye sees them; NaN where transparent. */
export function greyOf(rgba: Uint8ClampedArray): Float32Array {
  return Float32Array.from({ length: rgba.length / 4 }, (_, k) => {
    const [r, g, b, alpha] = [rgba[4 * k]!, rgba[4 * k + 1]!, rgba[4 * k + 2]!, rgba[4 * k + 3]!];
    return alpha < 128 ? Number.NaN : 0.299 * r + 0.587 * g + 0.114 * b;
  });
}

/** Ink from 0 to 255 of grey values [n]; the paper is their median, and transparent cells are paper. */
export function inkOf(grey: Float32Array): Uint8Array {
  const known = grey.filter((value) => !Number.isNaN(value)).sort();
  const paper = known[known.length >> 1] ?? 255;
  const darker = paper >= ((known[0] ?? 0) + (known.at(-1) ?? 255)) / 2; // the ink is
  const ink = grey.map((value) => Math.max(0, Number.isNaN(value) ? 0 : darker ? paper - value : value - paper));
  const most = ink.reduce((high, value) => Math.max(high, value), 0);
  if (most < 1) return new Uint8Array(grey.length);
  return Uint8Array.from(ink, (value) => Math.round(255 * Math.max(0, (value / most - LEAST) / (1 - LEAST))));
}
