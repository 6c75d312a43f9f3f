// A checkpoint cut at every length, and with bits turned: each must be refused with its place, a turned bit of a tensor
// with its name.
import { InvalidInput } from "../../src/errors.ts";
import { decodeSafetensors, headerBytes } from "../../src/files/model/safetensors.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "../../src/files/run/checkpoint.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { Random } from "../../src/numerics/random.ts";
import { openRun } from "../../src/training/trainer.ts";
import { blobs } from "../training/blobs.ts";
import { insist } from "./job.ts";

/** A checkpoint of some 13 kB in the middle of epoch 3, with Adam's states. */
export async function sampleCheckpoint(): Promise<Checkpoint> {
  const network = defineNetwork([4, 40, 12, 3]);
  const run = await openRun(network, blobs(60), { epochs: 9, batchSize: 7, optimizer: "adam", engine: "reference" });
  await run.train({ steps: 22 });
  const state = run.state();
  await run.close();
  return { network, run: '["sample"]', state };
}

/** Where a damaged checkpoint was said to be damaged. Throws if it was read. */
async function placeOf(bytes: Uint8Array): Promise<string> {
  try {
    await decodeCheckpoint(bytes, "c");
  } catch (error) {
    if (error instanceof InvalidInput && error.file === "c" && error.at !== undefined) return error.at;
    throw error;
  }
  throw new Error("a damaged checkpoint was read");
}

export async function cutEverywhere(step = 1): Promise<{ lengths: number; bytes: number }> {
  const bytes = await encodeCheckpoint(await sampleCheckpoint());
  let lengths = 0;
  for (let length = 0; length < bytes.length; length += step, lengths++) await placeOf(bytes.subarray(0, length));
  return { lengths, bytes: bytes.length };
}

/** Turn every `headerStep`-th bit of length and header, and `flips` random bits of the tensors. */
export async function turnBits(
  flips: number,
  headerStep = 1,
): Promise<{ header: number; tensors: number; names: number }> {
  const bytes = await encodeCheckpoint(await sampleCheckpoint());
  const data = 8 + headerBytes(bytes).length;
  const spans = spansOf(bytes, data);
  const turned = async (bit: number): Promise<string> => {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    const at = await placeOf(bytes);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    return at;
  };
  let header = 0;
  for (let bit = 0; bit < 8 * data; bit += headerStep, header++) await turned(bit);
  const random = new Random(1, 92);
  const names = new Set<string>();
  for (let n = 0; n < flips; n++) {
    const bit = 8 * data + random.integer(8 * (bytes.length - data));
    const name = spans.find(({ end }) => bit >> 3 < end)!.name;
    const at = await turned(bit);
    insist(at === name, `bit ${bit} is of ${name}, but ${at} was named`);
    names.add(name);
  }
  return { header, tensors: flips, names: names.size };
}

/** Where each tensor's bytes end in the file, in file order. */
function spansOf(bytes: Uint8Array, data: number): { name: string; end: number }[] {
  let end = data;
  return [...decodeSafetensors(bytes).tensors].map(([name, { values }]) => ({ name, end: (end += values.byteLength) }));
}
