// Another size for a picture: the mean of what a pixel covers where it shrinks, straight lines between pixels where it
// grows. Sums run in index order in float64, so every machine gives the same bytes.

/** Of an output pixel along one axis: the input pixels from `first` on, and their shares, which sum to 1. */
type Share = { readonly first: number; readonly weights: readonly number[] };

/** `length` pixels of an axis of `size`, from `from` on, both perhaps fractions, as `out` pixels. */
function shares(from: number, length: number, size: number, out: number): Share[] {
  const scale = length / out;
  const inside = (at: number) => Math.min(size - 1, Math.max(0, at));
  return Array.from({ length: out }, (_, o) => {
    if (scale <= 1) {
      const center = from + (o + 0.5) * scale - 0.5;
      const before = Math.floor(center);
      const [first, last] = [inside(before), inside(before + 1)];
      const part = first === last ? 0 : center - before;
      return { first, weights: part === 0 ? [1] : [1 - part, part] };
    }
    const begin = from + o * scale;
    const end = Math.min(size, from + (o + 1) * scale);
    const first = inside(Math.floor(begin));
    const weights: number[] = [];
    for (let at = first; at < end; at++) weights.push((Math.min(at + 1, end) - Math.max(at, begin)) / (end - begin));
    return { first, weights };
  });
}

/** A part of a picture, in its pixels; sides and corner may be fractions. */
export type Region = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

/** `part` of `pixels` [height×width×channels] as [outHeight×outWidth×channels], rounded to bytes. */
export function resize(
  pixels: Uint8Array,
  { width, height, channels }: { readonly width: number; readonly height: number; readonly channels: number },
  part: Region,
  outWidth: number,
  outHeight: number,
): Uint8Array {
  const across = shares(part.left, part.width, width, outWidth);
  const down = shares(part.top, part.height, height, outHeight);
  const narrow = new Float64Array(height * outWidth * channels); // [height×outWidth×channels]
  for (let y = 0, to = 0; y < height; y++)
    for (const { first, weights } of across)
      for (let c = 0; c < channels; c++, to++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * pixels[(y * width + first + k) * channels + c]!;
        narrow[to] = sum;
      }
  const line = outWidth * channels;
  const out = new Uint8Array(outHeight * line);
  for (let v = 0; v < outHeight; v++) {
    const { first, weights } = down[v]!;
    for (let x = 0; x < line; x++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * narrow[(first + k) * line + x]!;
      out[v * line + x] = Math.min(255, Math.floor(sum + 0.5));
    }
  }
  return out;
}
