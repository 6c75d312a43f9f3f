// The order of classes where a source gives none.

// No two parts of a pattern can take the same characters: a long cell that does not match is given up in linear time.

/** A decimal number, blanks around it allowed. Not numbers here: 0x10, inf, nan, 1_000, 1,5 and the empty cell. */
export const NUMBER = /^[ \t]*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t]*$/;

/** In numeric order if all are numbers, otherwise as people count: c2 before c10, letters by their UTF-16 codes. */
export function sortClasses(names: readonly string[]): string[] {
  if (names.every((name) => NUMBER.test(name))) return names.toSorted((a, b) => Number(a) - Number(b) || byText(a, b));
  const keyed = names.map((name) => ({ name, parts: name.split(/([0-9]+)/) })); // text at even places, digits at odd
  return keyed.sort((a, b) => byParts(a.parts, b.parts) || byText(a.name, b.name)).map(({ name }) => name);
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Runs of digits by the number they are, what is between them as text. */
function byParts(a: readonly string[], b: readonly string[]): number {
  for (let k = 0; k < a.length && k < b.length; k++) {
    const [x, y] = k % 2 === 1 ? [digits(a[k]!), digits(b[k]!)] : [a[k]!, b[k]!];
    const order = (k % 2 === 1 && x.length - y.length) || byText(x, y);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const digits = (text: string) => text.replace(/^0+/, "");
