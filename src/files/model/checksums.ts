// SHA-256 sums inside a safetensors file: one of each tensor and one of the header, as strings in its metadata, so that
// it stays a plain safetensors file. A file without sums is read unchecked, unless they are required.
import { InvalidInput } from "../../errors.ts";
import { sha256 } from "../../numerics/sha256.ts";
import { decodeSafetensors, headerBytes, joined, safetensorsPieces, type Tensors } from "./safetensors.ts";

const TENSOR = "sha256 "; //         then the tensor's name
const HEADER = "header_sha256"; //   of the header's bytes, with this sum itself written as zeros
const ZEROS = "0".repeat(64);
const PLACE = `"${HEADER}":"`; //    inside a JSON string the quotes would be escaped, so it is found nowhere else

/** Tensors as one file with their sums. */
export async function encodeChecked(content: Tensors): Promise<Uint8Array<ArrayBuffer>> {
  return joined(await checkedPieces(content));
}

/** The same file in pieces, to be written one after another. */
export async function checkedPieces({ tensors, metadata }: Tensors): Promise<readonly Uint8Array[]> {
  const summed = new Map(metadata);
  for (const [name, { values }] of tensors) summed.set(`${TENSOR}${name}`, await sha256(bytesOf(values)));
  summed.set(HEADER, ZEROS);
  const pieces = safetensorsPieces({ tensors, metadata: summed });
  const header = headerBytes(pieces[0]);
  const at = placeOf(header);
  header.set(new TextEncoder().encode(await sha256(header)), at);
  return pieces;
}

/**
 * The tensors of a whole file after comparing its sums; `file` names it in errors. A file without sums is read
 * unchecked unless they are `required`. Raises InvalidInput naming the header or the tensor that is damaged.
 */
export async function decodeChecked(bytes: Uint8Array, file?: string, required = false): Promise<Tensors> {
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const sums = new Map([...metadata].filter(([key]) => key === HEADER || key.startsWith(TENSOR)));
  if (sums.size === 0 && !required) return { tensors, metadata };
  const refuse = (reason: string, at: string): never => {
    throw new InvalidInput("DAMAGED", reason, { file, at });
  };
  const header = Uint8Array.from(headerBytes(bytes)); // a copy, to be written to
  const at = placeOf(header);
  const stored = sums.get(HEADER);
  if (stored?.length !== ZEROS.length || at < 0) return refuse("its SHA-256 is not there.", "header");
  header.set(new TextEncoder().encode(ZEROS), at);
  if ((await sha256(header)) !== stored) refuse("its bytes do not have the SHA-256 stored with them.", "header");
  for (const [name, { values }] of tensors)
    if ((await sha256(bytesOf(values))) !== sums.get(`${TENSOR}${name}`))
      refuse("its bytes do not have the SHA-256 stored with them.", name);
  return { tensors, metadata: new Map([...metadata].filter(([key]) => !sums.has(key))) };
}

/** The position of the digits of its own sum in a header; −1 without one. */
function placeOf(header: Uint8Array): number {
  const text = new TextDecoder("latin1").decode(header); // a character a byte
  const at = text.indexOf(PLACE);
  return at < 0 ? at : at + PLACE.length;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
