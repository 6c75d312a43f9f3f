// JSON whose one flat array of numbers under "data" is read from its bytes, without a value of the language for each.
// JSON.parse reads the rest, and all of it where anything is out of the ordinary, so that it alone says what JSON is.

const [MINUS, POINT, ZERO, COMMA, OPEN, CLOSE, BACKSLASH, SPACE] = [45, 46, 48, 44, 91, 93, 92, 32];
const KEY = Buffer.from('"data"');
const MOST_DIGITS = 15; //   an integer of so many is exact, and so is 10^15: their quotient is rounded once, as JSON's
const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, k) => 10 ** k);

/** The numbers of an array, and the bytes from `from` to `to` that held it. */
type Flat = { readonly numbers: Float64Array; readonly from: number; readonly to: number };

/** The value of the JSON `bytes`, with `inputs[…].data` a Float64Array where it was plain. Raises SyntaxError. */
export function parseWithNumbers(bytes: Buffer): unknown {
  const flat = flatData(bytes);
  if (flat === undefined) return JSON.parse(bytes.toString());
  const { numbers, from, to } = flat;
  const parsed = JSON.parse(`${bytes.toString("utf8", 0, from)}[]${bytes.toString("utf8", to)}`) as unknown;
  const inputs = (parsed as { readonly inputs?: unknown } | null)?.inputs;
  const [first] = Array.isArray(inputs) ? (inputs as unknown[]) : [];
  if (typeof first !== "object" || first === null || !Object.hasOwn(first, "data")) return JSON.parse(bytes.toString());
  (first as { data: unknown }).data = numbers; // the only key of this name
  return parsed;
}

/**
 * The array under the only "data" of `bytes`, where it is one of plain numbers. Without a backslash every quote begins
 * or ends a text, so these six bytes with a colon behind are a key or the whole is no JSON, with or without the array.
 */
function flatData(bytes: Buffer): Flat | undefined {
  const key = bytes.indexOf(KEY);
  if (key < 0 || bytes.indexOf(BACKSLASH) >= 0) return undefined;
  let at = key + KEY.length;
  if (bytes[at] !== 58) return undefined;
  at++;
  while (bytes[at] === SPACE) at++;
  if (bytes[at] !== OPEN) return undefined;
  const flat = numbersAt(bytes, at);
  return flat !== undefined && bytes.indexOf(KEY, flat.to) < 0 ? flat : undefined;
}

let room = new Float64Array(1024); // for numbers whose count is not yet known

/** The numbers of the array that opens at `from`; undefined where one is not plain: −?digits[.digits], 15 at most. */
function numbersAt(bytes: Uint8Array, from: number): Flat | undefined {
  let at = from + 1;
  for (let n = 0; ; n++) {
    while (bytes[at] === SPACE) at++;
    const negative = bytes[at] === MINUS;
    if (negative) at++;
    const begun = at;
    let digit = bytes[at]! - ZERO;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    let value = digit;
    digit = bytes[++at]! - ZERO;
    if (digit >= 0 && digit <= 9 && value === 0) return undefined; // 01 is no JSON
    for (; digit >= 0 && digit <= 9; digit = bytes[++at]! - ZERO) value = 10 * value + digit;
    let digits = at - begun;
    if (bytes[at] === POINT) {
      const point = at;
      digit = bytes[++at]! - ZERO;
      for (; digit >= 0 && digit <= 9; digit = bytes[++at]! - ZERO) value = 10 * value + digit;
      const places = at - point - 1;
      digits += places;
      if (places === 0 || digits > MOST_DIGITS) return undefined;
      value /= POWERS[places]!;
    }
    if (digits > MOST_DIGITS) return undefined;
    if (n === room.length) grow();
    room[n] = negative ? -value : value;
    while (bytes[at] === SPACE) at++;
    if (bytes[at] === CLOSE) return { numbers: room.slice(0, n + 1), from, to: at + 1 };
    if (bytes[at] !== COMMA) return undefined; // an exponent, or no number at all
    at++;
  }
}

function grow(): void {
  const larger = new Float64Array(2 * room.length);
  larger.set(room);
  room = larger;
}
