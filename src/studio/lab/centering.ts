// How the pictures of a data set lie in their squares: a drawing is brought to where they lie, or left where it is.

import type { Dataset } from "../../data/dataset.ts";
import type { CenteredBy } from "../../data/digits/center.ts";

const LOOKED_AT = 200; // rows
const MOST = 0.95; //     share of them that must agree
const NEAR = 1; //        pixels from the middle: centering moves by whole pixels

/** By center of mass, by frame, or null where most pictures lie otherwise. */
export function centeringOf({
  features,
  rows,
  image,
}: Pick<Dataset, "features" | "rows" | "image">): CenteredBy | null {
  if (!image) return null;
  const { height, width } = image;
  let [byMass, byFrame, looked] = [0, 0, 0];
  for (let row = 0; row < Math.min(rows, LOOKED_AT); row++) {
    const at = row * height * width;
    let [mass, x, y] = [0, 0, 0];
    let [left, right, top, bottom] = [width, -1, height, -1];
    for (let v = 0; v < height; v++)
      for (let u = 0; u < width; u++) {
        const ink = features[at + v * width + u]!;
        if (ink === 0) continue;
        mass += ink;
        x += ink * u;
        y += ink * v;
        left = Math.min(left, u);
        right = Math.max(right, u);
        top = Math.min(top, v);
        bottom = v;
      }
    if (mass === 0) continue;
    looked++;
    const near = (a: number, b: number) =>
      Math.abs(a - (width - 1) / 2) <= NEAR && Math.abs(b - (height - 1) / 2) <= NEAR;
    byMass += Number(near(x / mass, y / mass));
    byFrame += Number(near((left + right) / 2, (top + bottom) / 2));
  }
  if (looked === 0 || Math.max(byMass, byFrame) < MOST * looked) return null;
  return byMass >= byFrame ? "mass" : "frame";
}
