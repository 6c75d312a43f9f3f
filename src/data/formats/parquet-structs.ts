// Structs of a Parquet file's footer and page headers, their fields checked as they are taken.
import { InvalidInput, show } from "../../errors.ts";
import { readStruct, type Struct, ThriftError, type ThriftValue } from "./thrift.ts";

/** What is wrong with a Parquet file, and where. */
export function badParquet(file: string | undefined, at: string, reason: string, cause?: unknown): InvalidInput {
  return new InvalidInput("BAD_PARQUET", reason, { file, at }, { cause });
}

/** The struct at byte `at` of a file. */
export function parse(bytes: Uint8Array, at: number, end: number, file?: string): { struct: Struct; end: number } {
  try {
    return readStruct(bytes.subarray(0, end), at);
  } catch (error) {
    throw error instanceof ThriftError ? badParquet(file, `byte ${error.at}`, error.message, error) : error;
  }
}

/** Fields of a struct by number, each of the kind that is asked for. */
export function reader(file: string | undefined, at: string) {
  const refuse = (name: string, expected: string, got: ThriftValue | undefined): never => {
    throw badParquet(file, at, `${name} must be ${expected}, got ${show(got instanceof Map ? "a struct" : got)}.`);
  };
  const whole = (struct: Struct, id: number, name: string): number => {
    const value = struct.get(id);
    const ok = typeof value === "bigint" && value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER);
    return ok ? Number(value) : refuse(name, "an integer in [0, 2^53)", value);
  };
  return {
    whole,
    maybe: (struct: Struct, id: number, name: string) => (struct.has(id) ? whole(struct, id, name) : undefined),
    struct: (struct: Struct, id: number, name: string): Struct => {
      const value = struct.get(id);
      return value instanceof Map ? value : refuse(name, "a struct", value);
    },
    structs: (struct: Struct, id: number, name: string): readonly Struct[] => {
      const value = struct.get(id);
      return Array.isArray(value) && value.every((item) => item instanceof Map)
        ? value
        : refuse(name, "a list of structs", value);
    },
    text: (value: ThriftValue | undefined, name: string): string => {
      try {
        if (value instanceof Uint8Array)
          return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
      } catch {}
      return refuse(name, "text in UTF-8", value);
    },
  };
}

export type ThriftReader = ReturnType<typeof reader>;
