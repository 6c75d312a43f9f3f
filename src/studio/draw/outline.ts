// The outline of a drawing along pixel borders as an SVG path, drawn over a heat map.
const INK = 96; // bytes from which a pixel counts as drawn

/** Path of the borders between drawn and blank pixels of [height×width], one unit a pixel. */
export function outlineOf(pixels: Uint8Array, height: number, width: number): string {
  const drawn = (y: number, x: number) => y >= 0 && x >= 0 && y < height && x < width && pixels[y * width + x]! >= INK;
  const parts: string[] = [];
  for (let y = 0; y <= height; y++)
    for (let x = 0; x <= width; x++) {
      if (drawn(y, x) !== drawn(y - 1, x)) parts.push(`M${x} ${y}h1`);
      if (drawn(y, x) !== drawn(y, x - 1)) parts.push(`M${x} ${y}v1`);
    }
  return parts.join("");
}
