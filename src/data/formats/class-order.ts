// The order of classes where a source gives none.

// No two parts of a pattern can take the same characters: a long cell that does not match is given up in linear time.

/** A decimal number, blanks around it allowed. Not numbers here: 0x10, inf, nan, 1_000, 1,5 and the empty cell. */
export const NUMBER = /^[ \t]*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t]*$/;

/** In numeric order if all are numbers, otherwise in the order of their UTF-16 codes. */
export function sortClasses(names: readonly string[]): string[] {
  const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const numeric = names.every((name) => NUMBER.test(name));
  return names.toSorted(numeric ? (a, b) => Number(a) - Number(b) || byText(a, b) : byText);
}
