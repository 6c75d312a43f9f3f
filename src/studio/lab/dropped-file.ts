// A dropped file as its readers take it, and their refusal of one.
import { InvalidInput } from "../../errors.ts";

/** `name` may be a path in the dropped folder. */
export type NamedBytes = { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> };

export function refuse(file: string, code: string, reason: string): InvalidInput {
  return new InvalidInput(code, reason, { file });
}
