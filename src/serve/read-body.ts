// A request's body as its route takes it: JSON, JSON with binary data behind it, or a picture. Content types are
// not compared: clients of the protocol send several, or none.
import { isUtf8 } from "node:buffer";
import { kindOfPicture } from "../data/pictures/header.ts";
import { must } from "../errors.ts";
import { parseWithNumbers } from "./flat-numbers.ts";
import { HttpRefusal } from "./http-refusal.ts";

/** JSON, and the bytes behind it. */
export type JsonBody = { readonly json: unknown; readonly tail: Uint8Array };

const NONE = new Uint8Array(0);

/** JSON alone, of rows. Raises HttpRefusal. */
export const readRows = (body: Buffer): unknown => parsed(body, (bytes) => JSON.parse(bytes.toString()));

/**
 * JSON of tensors, and what is behind it. `headerLength`: Inference-Header-Content-Length, the bytes of the JSON.
 * Raises InvalidInput or HttpRefusal.
 */
export function readTensorBody(body: Buffer, headerLength: string | undefined): JsonBody {
  if (headerLength === undefined) return { json: parsed(body, parseWithNumbers), tail: NONE };
  const length = /^\d{1,9}$/.test(headerLength) ? Number(headerLength) : Number.NaN;
  const expected = `an integer up to ${body.length}, the body's length`;
  must(length <= body.length, "Inference-Header-Content-Length", expected, headerLength);
  return { json: parsed(body.subarray(0, length), parseWithNumbers), tail: body.subarray(length) };
}

/** The bytes of a picture, where the body is one. */
export function pictureIn(body: Buffer): Uint8Array<ArrayBuffer> | undefined {
  return kindOfPicture(body) === undefined ? undefined : new Uint8Array(body);
}

function parsed(bytes: Buffer, parse: (bytes: Buffer) => unknown): unknown {
  if (!isUtf8(bytes)) throw new HttpRefusal(400, "The body is not JSON in UTF-8.");
  try {
    return parse(bytes);
  } catch {
    throw new HttpRefusal(400, "The body is not JSON.");
  }
}
