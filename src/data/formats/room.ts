// How many values a table may have for the bytes of its file: where rows leave out what is zero or missing, a small
// file could ask for any amount of memory, or of time.

const MOST_VALUES = 2 ** 27;
const MOST_SPARSE = 2 ** 33; // of rows that stay sparse
const PER_BYTE = 128; //        LIBSVM of 50,000 words has 50
const SMALL = 2 ** 20; //       values that any file may have

/** The most values, rows × columns, that are read from a file of so many bytes or characters. */
export const mostValues = (size: number, most = MOST_VALUES): number =>
  Math.min(most, Math.max(SMALL, PER_BYTE * size));

/**
 * Why a table is not read, or undefined where there is room. `sparse`: its rows are not all made whole at once;
 * `known`: its columns are those of a model, whatever its file has.
 */
export function noRoom(
  rows: number,
  columns: number,
  size: number,
  { sparse = false, known = false } = {},
): string | undefined {
  const bound = sparse ? MOST_SPARSE : MOST_VALUES;
  const most = known ? bound : mostValues(size, bound);
  if (rows * columns <= most) return undefined;
  return `${rows} rows of ${columns} columns are ${rows * columns} values, zeros and missing ones among them; at most ${most} are read from such a file. Keep fewer columns.`;
}
