// JSON whose one flat array of numbers under "data" is read from its bytes, without a value of the language for each.
// JSON.parse reads the rest, and all of it where anything is out of the ordinary, so that it alone says what JSON is.

const [SPACE, COMMA, MINUS, POINT, ZERO, NINE, COLON, OPEN, BACKSLASH, CLOSE] = [
  32, 44, 45, 46, 48, 57, 58, 91, 92, 93,
];
const KEY = Buffer.from('"data"');
const MOST_DIGITS = 15; //   an integer of so many is exact, and so is 10^15: their quotient is rounded once, as JSON's
const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, k) => 10 ** k);

/** The numbers of an array, and the bytes from `from` to `to` that held it. */
type Flat = { readonly numbers: Float64Array; readonly from: number; readonly to: number };

type Request = { readonly inputs: readonly object[] };

/** What stands around the numbers of a body, and its value: the next request mostly has the same. */
type Around = { readonly head: Buffer; readonly tail: Buffer; readonly value: Request };
let around: Around | undefined;
const MOST_AROUND = 4096; // bytes

/** The value of the JSON `bytes`, with `inputs[0].data` a Float64Array where it was plain. Raises SyntaxError. */
export function parseWithNumbers(bytes: Buffer): unknown {
  const same = around;
  if (same !== undefined && isAround(bytes, same)) {
    const flat = numbersAt(bytes, same.head.length - 1);
    if (flat?.to === bytes.length - same.tail.length) return withNumbers(same.value, flat.numbers);
  }
  const flat = flatData(bytes);
  if (flat === undefined) return JSON.parse(bytes.toString());
  const { numbers, from, to } = flat;
  const value = JSON.parse(`${bytes.toString("utf8", 0, from)}[]${bytes.toString("utf8", to)}`) as unknown;
  const inputs = (value as { readonly inputs?: unknown } | null)?.inputs;
  const [first] = Array.isArray(inputs) ? (inputs as unknown[]) : [];
  if (typeof first !== "object" || first === null || !Object.hasOwn(first, "data")) return JSON.parse(bytes.toString());
  const [head, tail] = [bytes.subarray(0, from + 1), bytes.subarray(to)];
  const few = head.length + tail.length <= MOST_AROUND;
  around = few ? { head: Buffer.from(head), tail: Buffer.from(tail), value: value as Request } : undefined;
  return withNumbers(value as Request, numbers);
}

/** A request with `numbers` as the only "data" of it; what is not on the way there is shared with others. */
function withNumbers(request: Request, numbers: Float64Array): Request {
  const [first, ...others] = request.inputs;
  return { ...request, inputs: [{ ...first, data: numbers }, ...others] };
}

/** Whether `bytes` begin and end so; the loop is faster than a call for so few. */
function isAround(bytes: Buffer, { head, tail }: Around): boolean {
  const end = bytes.length - tail.length;
  if (end < head.length) return false;
  for (let i = 0; i < head.length; i++) if (bytes[i] !== head[i]) return false;
  for (let i = 0; i < tail.length; i++) if (bytes[end + i] !== tail[i]) return false;
  return true;
}

/**
 * The array under the only "data" of `bytes`, where it is one of plain numbers. Without a backslash every quote begins
 * or ends a text, so these six bytes with a colon behind are a key or the whole is no JSON, with or without the array.
 */
function flatData(bytes: Buffer): Flat | undefined {
  const key = bytes.indexOf(KEY);
  if (key < 0 || bytes.indexOf(BACKSLASH) >= 0) return undefined;
  let at = key + KEY.length;
  if (bytes[at] !== COLON) return undefined;
  at++;
  while (bytes[at] === SPACE) at++;
  if (bytes[at] !== OPEN) return undefined;
  const flat = numbersAt(bytes, at);
  return flat !== undefined && bytes.indexOf(KEY, flat.to) < 0 ? flat : undefined;
}

/** Room for numbers whose count is not yet known, and those that were read into it. */
type Room = { readonly all: Float64Array; readonly numbers: Float64Array };
let last: Room | undefined;
let spare: Room | undefined;

/** The numbers that parseWithNumbers gave last have been read: their memory may be the next one's. */
export function giveBackNumbers(numbers: unknown): void {
  if (last !== undefined && last.numbers === numbers && last.all.length <= MOST_KEPT) spare = last;
}

const MOST_KEPT = 2 ** 16; // numbers

/** The numbers of the array that opens at `from`; undefined where one is not plain: −?digits[.digits], 15 at most. */
function numbersAt(bytes: Uint8Array, from: number): Flat | undefined {
  const before = spare;
  spare = undefined; // until it is given back
  let room = before?.all ?? new Float64Array(1024);
  let at = from + 1;
  for (let n = 0; ; ) {
    if (n === room.length) room = larger(room);
    let byte = bytes[at]!;
    while (byte === SPACE) byte = bytes[++at]!;
    // most of a picture's numbers are one digit and a comma
    while (bytes[at + 1] === COMMA && byte >= ZERO && byte <= NINE && n < room.length) {
      room[n++] = byte - ZERO;
      at += 2;
      byte = bytes[at]!;
    }
    if (byte === SPACE || n === room.length) continue;
    const negative = byte === MINUS;
    if (negative) byte = bytes[++at]!;
    const begun = at;
    let digit = byte - ZERO;
    if (digit >>> 0 > 9) return undefined;
    let value: number = digit;
    byte = bytes[++at]!;
    digit = byte - ZERO;
    if (value === 0 && digit >>> 0 <= 9) return undefined; // 01 is no JSON
    for (; digit >>> 0 <= 9; digit = byte - ZERO) {
      value = 10 * value + digit;
      byte = bytes[++at]!;
    }
    let digits = at - begun;
    if (byte === POINT) {
      const point = at;
      byte = bytes[++at]!;
      for (; byte >= ZERO && byte <= NINE; byte = bytes[++at]!) value = 10 * value + (byte - ZERO);
      const places = at - point - 1;
      digits += places;
      if (places === 0 || digits > MOST_DIGITS) return undefined;
      value /= POWERS[places]!;
    }
    if (digits > MOST_DIGITS) return undefined;
    room[n++] = negative ? -value : value;
    while (byte === SPACE) byte = bytes[++at]!;
    at++;
    if (byte === CLOSE) {
      const asBefore = before?.all === room && before.numbers.length === n; // most requests have as many
      last = asBefore ? before : { all: room, numbers: room.subarray(0, n) };
      return { numbers: last.numbers, from, to: at };
    }
    if (byte !== COMMA) return undefined; // an exponent, or no number at all
  }
}

function larger(room: Float64Array): Float64Array {
  const copy = new Float64Array(2 * room.length);
  copy.set(room);
  return copy;
}
