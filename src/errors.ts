// The ways a run can fail, each with its exit code. A message says what was expected, what came, and what to do.

/** Where something is wrong. */
export type Place = {
  /** The file's path. Default: none. */
  readonly file?: string | undefined;
  /** The place in it, e.g. `row 17 column 3 (petal_width)` or `byte 4`. Default: none. */
  readonly at?: string | undefined;
};

/** `file:place: `, or what is known of the two. */
const before = ({ file, at }: Place): string => {
  const where = [file, at].filter((part) => part !== undefined).join(":");
  return where === "" ? "" : `${where}: `;
};

/** Codes of InvalidInput. docs/errors.md has the cause and the remedy of each. */
export type InvalidInputCode =
  | "BAD_BMP"
  | "BAD_ARFF"
  | "BAD_ARROW"
  | "BAD_CHECKPOINT"
  | "BAD_CSV"
  | "BAD_JSON"
  | "BAD_LIBSVM"
  | "BAD_XLSX"
  | "BAD_FOLDER"
  | "BAD_GIF"
  | "BAD_GZIP"
  | "BAD_IDX"
  | "BAD_JPEG"
  | "BAD_LIST"
  | "BAD_MODEL"
  | "BAD_NPY"
  | "BAD_NPZ"
  | "BAD_PARQUET"
  | "BAD_PICTURE"
  | "BAD_PNG"
  | "BAD_RUN"
  | "BAD_SEARCH"
  | "BAD_SPACE"
  | "BAD_SAFETENSORS"
  | "BAD_SCHEMA"
  | "BAD_SPLIT"
  | "BAD_WEBP"
  | "BAD_ZIP"
  | "CONFLICTING_OPTION"
  | "DAMAGED"
  | "DATA_NOT_FOUND"
  | "DATA_UNREADABLE"
  | "DATA_WARNING"
  | "EXCESS_ARGUMENTS"
  | "FILE_NOT_FOUND"
  | "FILE_UNREADABLE"
  | "FIXED_OPTION"
  | "INVALID_ARGUMENT"
  | "MISSING_ARGUMENT"
  | "MISSING_COLUMN"
  | "MISSING_VALUE"
  | "MISSING_MANDATORY_OPTION_VALUE"
  | "NEW_CLASS"
  | "NOTHING_OPEN"
  | "NOTHING_TO_VERIFY"
  | "NOT_A_FILE"
  | "NOT_A_FOLDER"
  | "NOT_A_MODEL"
  | "NOT_HELD"
  | "NOT_IMAGES"
  | "NOT_PRIVATE"
  | "NOT_PROMISED"
  | "NO_COLUMNS"
  | "NO_RUN"
  | "OPTION_MISSING_ARGUMENT"
  | "OTHER_DATA"
  | "OTHER_SCALE"
  | "OUT_TAKEN"
  | "PRIVACY_OUT_OF_REACH"
  | "RANKS_DISAGREE"
  | "RUN_ENDED"
  | "RUN_NOT_ENDED"
  | "SESSION_BUSY"
  | "TOO_FEW_ROWS"
  | "TOO_LARGE"
  | "UNKNOWN_CLASS"
  | "UNKNOWN_COMMAND"
  | "UNKNOWN_DATA"
  | "UNKNOWN_FORMAT"
  | "UNKNOWN_OPTION"
  | "WRONG_COLUMNS"
  | "WRONG_LAUNCHER";

/** Codes of EnvironmentFailure. docs/errors.md has the cause and the remedy of each. */
export type EnvironmentFailureCode =
  | "CACHE_NOT_WRITABLE"
  | "DATA_UNREACHABLE"
  | "DOWNLOAD_FAILED"
  | "FOLDER_IN_USE"
  | "MPI_UNAVAILABLE"
  | "OUT_OF_MEMORY"
  | "OUT_OF_RESOURCES"
  | "PORT_IN_USE"
  | "PORT_UNUSABLE"
  | "RANKS_DIFFER"
  | "RANK_FAILED"
  | "RANK_LOST"
  | "RUNTIME_BROKEN"
  | "SESSION_CLOSED"
  | "STUDIO_NOT_BUILT"
  | "WORKER_FAILED"
  | "WRITE_FAILED";

/** Codes of NumericalStop: a number that is not finite, or a result that is not the one recorded. */
export type NumericalStopCode = "EXPORT_DIFFERS" | "NOT_FINITE" | "NOT_REPRODUCED";

/** What `code` of an error can be. docs/errors.md has the cause and the remedy of each. */
export type ErrorCode = InvalidInputCode | EnvironmentFailureCode | NumericalStopCode | "ENGINE_UNAVAILABLE";

/** Every error we raise on purpose. Its `message` is `file:place: reason`. */
export abstract class DeltapropError extends Error {
  /** The command line's exit status for such an error: 2, 3 or 4. */
  abstract readonly exit: number;
  /** A stable upper-case word, e.g. "BAD_CSV": what a program compares. */
  readonly code: ErrorCode;
  /** The file with the mistake, where there is one. */
  readonly file: string | undefined;
  /** The place in the file or the data, e.g. "row 17 column 3". */
  readonly at: string | undefined;
  /** What was expected, what came, and what to do: the message without file and place. */
  readonly reason: string;

  /** `place` goes before the reason in the message; `options.cause` is the error behind this one. */
  constructor(code: ErrorCode, reason: string, place: Place = {}, options?: ErrorOptions) {
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
  /** What is wrong with it. */
  declare readonly code: InvalidInputCode;
  /** The command line's exit status: 2. */
  readonly exit = 2;
}

/** This machine cannot run the engine that was asked for. */
export class EngineUnavailable extends DeltapropError {
  /** Always this word. */
  declare readonly code: "ENGINE_UNAVAILABLE";
  /** The command line's exit status: 3. */
  readonly exit = 3;
}

/** Disk, network, memory or another resource of this machine failed. */
export class EnvironmentFailure extends DeltapropError {
  /** What failed. */
  declare readonly code: EnvironmentFailureCode;
  /** The command line's exit status: 3. */
  readonly exit = 3;
}

/** The run's numbers stopped making sense: a loss, gradient or parameter is not finite, or a check failed. */
export class NumericalStop extends DeltapropError {
  /** What went wrong. */
  declare readonly code: NumericalStopCode;
  /** The command line's exit status: 4. */
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
  code: InvalidInputCode = "INVALID_ARGUMENT",
): asserts ok {
  if (!ok)
    throw new InvalidInput(code, `${what} must be ${expected}, got ${show(got)}.${remedy && ` ${remedy}`}`, place);
}

const MOST_SHOWN = 16; // bytes of a file

/** A short, safe picture of any value for an error message. */
export function show(value: unknown, depth = 0): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (Object.is(value, -0)) return "-0";
  if (Array.isArray(value)) {
    const items = depth > 2 ? [] : value.slice(0, 8).map((item) => show(item, depth + 1));
    return `[${[...items, ...(value.length > items.length ? ["…"] : [])].join(", ")}]`;
  }
  if (value instanceof Uint8Array && value.length <= MOST_SHOWN)
    return `the bytes ${Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join(" ")}`.trimEnd();
  if (ArrayBuffer.isView(value)) return arrayInWords(value);
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

/** `8 bytes`, `100 float32 numbers`. */
function arrayInWords(value: ArrayBufferView): string {
  const [, kind, bits] = /^(Big|Float|Int|Uint)?(?:Ui|I)?(?:nt)?(\d+)/.exec(value.constructor.name) ?? [];
  if (bits === undefined || (kind === "Uint" && bits === "8")) return `${value.byteLength} bytes`;
  const count = (value as Float32Array).length;
  return `${count} ${kind === "Float" ? `float${bits} numbers` : "integers"}`;
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
