// The ways a run can fail, each with its exit code. A message says what was expected, what came, and what to do.

/** Where in a file something is wrong, e.g. `row 17 column 3 (petal_width)` or `byte 4`. */
export type Place = { readonly file?: string | undefined; readonly at?: string | undefined };

/** `file:place: `, or what is known of the two. */
const before = ({ file, at }: Place): string => {
  const where = [file, at].filter((part) => part !== undefined).join(":");
  return where === "" ? "" : `${where}: `;
};

/** Every error we raise on purpose. Its `message` is `file:place: reason`. */
export abstract class DeltapropError extends Error {
  /** The command line's exit status for such an error: 2, 3 or 4. */
  abstract readonly exit: number;
  /** A stable upper-case word, e.g. "BAD_CSV": what a program compares. */
  readonly code: string;
  /** The file with the mistake, where there is one. */
  readonly file: string | undefined;
  /** The place in the file or the data, e.g. "row 17 column 3". */
  readonly at: string | undefined;
  /** What was expected, what came, and what to do: the message without file and place. */
  readonly reason: string;

  constructor(code: string, reason: string, place: Place = {}, options?: ErrorOptions) {
    super(`${before(place)}${reason}`, options);
    this.name = new.target.name;
    this.code = code;
    this.file = place.file;
    this.at = place.at;
    this.reason = reason;
  }

  /** The one line a terminal shows: `error CODE file:place: reason`. */
  get line(): string {
    return `error ${this.code} ${printable(this.message)}`;
  }
}

/** The caller's data or argument is wrong. Nothing was written. */
export class InvalidInput extends DeltapropError {
  readonly exit = 2;
}

/** This machine cannot run the engine that was asked for. */
export class EngineUnavailable extends DeltapropError {
  readonly exit = 3;
}

/** Disk, network, memory or another resource of this machine failed. */
export class EnvironmentFailure extends DeltapropError {
  readonly exit = 3;
}

/** The run's numbers stopped making sense: a loss, gradient or parameter is not finite, or a check failed. */
export class NumericalStop extends DeltapropError {
  readonly exit = 4;
}

/** Refuse unless `ok`: `must(n > 0, "rows", "an integer ≥ 1", n)` raises "rows must be an integer ≥ 1, got 0." */
export function must(
  ok: boolean,
  what: string,
  expected: string,
  got: unknown,
  remedy = "",
  place: Place = {},
  code = "INVALID_ARGUMENT",
): asserts ok {
  if (!ok)
    throw new InvalidInput(code, `${what} must be ${expected}, got ${show(got)}.${remedy && ` ${remedy}`}`, place);
}

/** A short, safe picture of any value for an error message. */
export function show(value: unknown, depth = 0): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (Object.is(value, -0)) return "-0";
  if (Array.isArray(value)) {
    const items = depth > 2 ? [] : value.slice(0, 8).map((item) => show(item, depth + 1));
    return `[${[...items, ...(value.length > items.length ? ["…"] : [])].join(", ")}]`;
  }
  if (ArrayBuffer.isView(value))
    return `${value.constructor.name}(${(value as Uint8Array).length ?? value.byteLength})`;
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Cs}/gu;

/** Text from a file made safe for a terminal: control, bidirectional and separator characters become \xNN or \u{…}. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (c) => {
    const code = c.codePointAt(0) as number;
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

/**
 * JSON on one line that a terminal may show as it is: the same characters as \uNNNN, so it reads back to the same
 * value.
 */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
