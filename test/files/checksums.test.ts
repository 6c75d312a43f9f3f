// Sums inside a safetensors file: whatever bit is turned and wherever the file is cut, it is refused, and the place is
// named.
import { expect, test } from "vitest";
import { InvalidInput } from "../../src/errors.ts";
import { decodeChecked, encodeChecked } from "../../src/files/model/checksums.ts";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../src/files/model/safetensors.ts";
import { Random } from "../../src/numerics/random.ts";

const random = new Random(3, 99);
const tensors = new Map<string, Tensor>([
  ["w", { shape: [3, 5], values: Float32Array.from({ length: 15 }, () => random.normal()) }],
  ["header_sha256", { shape: [2], values: Int32Array.of(-7, 2 ** 31 - 1) }],
  ["d", { shape: [4], values: Float64Array.from({ length: 4 }, () => random.normal()) }],
]);
const metadata = new Map([
  ["note", `"header_sha256":"${"f".repeat(64)}" and sha256 w`],
  ["z", "é"],
]);

/** Where a damaged file was said to be damaged; undefined if it was read. */
async function damage(bytes: Uint8Array): Promise<string | undefined> {
  try {
    await decodeChecked(bytes, "f");
  } catch (error) {
    if (error instanceof InvalidInput && error.file === "f" && error.at !== undefined) return error.at;
    throw error;
  }
  return undefined;
}

test("a file with sums is read back without them, and is plain safetensors to everyone else", async () => {
  const bytes = await encodeChecked({ tensors, metadata });
  const read = await decodeChecked(bytes, "f", true);
  expect([...read.tensors].sort()).toEqual([...tensors].sort());
  expect(read.metadata).toEqual(metadata);
  expect(decodeSafetensors(bytes).metadata.get("sha256 w")).toMatch(/^[0-9a-f]{64}$/);
});

test("every single bit turned is noticed: in a tensor's bytes by its name, elsewhere as the header or its byte", async () => {
  const bytes = await encodeChecked({ tensors, metadata });
  const data = bytes.length - 4 * 8 - 15 * 4 - 2 * 4;
  const nameAt = (byte: number) => (byte < data + 32 ? "d" : byte < data + 92 ? "w" : "header_sha256");
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const byte = bit >> 3;
    bytes[byte]! ^= 1 << (bit & 7);
    const at = await damage(bytes);
    bytes[byte]! ^= 1 << (bit & 7);
    if (byte >= data) expect(at, `bit ${bit}`).toBe(nameAt(byte));
    else expect(at, `bit ${bit}`).toMatch(/^header$|^byte \d+$|^"|^__metadata__$/);
  }
});

test("a file cut at any length, or lengthened, is refused", async () => {
  const bytes = await encodeChecked({ tensors, metadata });
  for (let length = 0; length < bytes.length; length++)
    expect(await damage(bytes.subarray(0, length)), `${length} bytes`).toBeDefined();
  expect(await damage(Uint8Array.from([...bytes, 0]))).toBe(`byte ${bytes.length}`);
});

test("files without sums are read, unless sums are required", async () => {
  const plain = encodeSafetensors({ tensors, metadata });
  expect((await decodeChecked(plain)).metadata).toEqual(metadata);
  await expect(decodeChecked(plain, "f", true)).rejects.toThrow(/SHA-256 is not there/);
});
