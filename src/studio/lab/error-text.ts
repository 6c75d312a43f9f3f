// Any error as the page shows it: one line of text, never markup.
import { DeltapropError } from "../../errors.ts";
import type { Failure } from "./protocol.ts";

export function failureOf(error: unknown): Failure {
  if (error instanceof DeltapropError) return { code: error.code, message: error.line };
  return { code: "BUG", message: `error BUG ${error instanceof Error ? error.message : String(error)}` };
}
