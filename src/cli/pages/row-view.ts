// One row of a data set for a page: its picture where rows are pictures, else its first columns.
import { cellText } from "../../data/columns.ts";
import type { Dataset } from "../../data/dataset.ts";
import { clip } from "../tables.ts";
import { escaped } from "./page.ts";
import { pngAddress } from "./png-address.ts";

type Rows = Pick<Dataset, "features" | "cols" | "columns" | "featureNames" | "image" | "picture">;

const COLUMNS_SHOWN = 8;

/** The size and channels of the pictures that rows are; undefined for a table. */
export function pictureShape({ image, picture, cols }: Rows) {
  const size = image ?? picture;
  if (!size) return undefined;
  const channels = cols / (size.height * size.width);
  return channels === 1 || channels === 3
    ? { width: size.width, height: size.height, channels: channels as 1 | 3 }
    : undefined;
}

/** A row's picture as it is in the data, dark ink on white where values are floats. */
export function rowPicture(data: Rows, row: number): string | undefined {
  const shape = pictureShape(data);
  if (!shape) return undefined;
  const values = data.features.subarray(row * data.cols, (row + 1) * data.cols);
  let most = values instanceof Uint8Array ? 255 : 1e-30;
  for (const value of values) most = Math.max(most, value);
  const bytes = Uint8Array.from(values, (x) => Math.max(0, Math.round((255 * x) / most)));
  return pngAddress(bytes, shape.width, shape.height, shape.channels);
}

/** A column's name, or its position from 1. */
export const columnName = ({ featureNames }: Pick<Rows, "featureNames">, j: number): string =>
  featureNames?.[j] ?? `column ${j + 1}`;

/** The text of a cell; empty for a missing value. */
export function cellOf({ features, cols, columns }: Rows, row: number, j: number): string {
  const value = features[row * cols + j]!;
  return Number.isNaN(value) ? "" : cellText(value, columns?.[j]);
}

/** "width 3, depth 4, …" as markup. */
export function rowText(data: Rows, row: number): string {
  const shown = Math.min(COLUMNS_SHOWN, data.cols);
  const parts = Array.from({ length: shown }, (_, j) => `${columnName(data, j)} ${cellOf(data, row, j)}`);
  return escaped(parts.map((part) => clip(part, 60)).join(", ") + (data.cols > shown ? ", …" : ""));
}
