// The row numbers of each part of a split, ascending, by the part of each row.

/** Row numbers below `rows`, by `partOf`, a number below `parts`. */
export function rowsByPart(rows: number, parts: number, partOf: (row: number) => number): Uint32Array<ArrayBuffer>[] {
  const sizes = new Uint32Array(parts);
  for (let i = 0; i < rows; i++) sizes[partOf(i)]!++;
  const lists = Array.from(sizes, (size) => new Uint32Array(size));
  sizes.fill(0);
  for (let i = 0; i < rows; i++) {
    const p = partOf(i);
    lists[p]![sizes[p]!++] = i;
  }
  return lists;
}
