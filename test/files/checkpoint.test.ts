import { expect, test } from "vitest";
import { InvalidInput } from "../../src/errors.ts";
import { decodeChecked, encodeChecked } from "../../src/files/model/checksums.ts";
import { decodeSafetensors } from "../../src/files/model/safetensors.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/files/run/checkpoint.ts";
import { OPTIMIZERS } from "../../src/gradients/kernels.ts";
import { defineNetwork } from "../../src/network/network.ts";
import type { RunState } from "../../src/training/run-state.ts";
import { openRun, type RunOptions } from "../../src/training/trainer.ts";
import { blobs } from "../training/blobs.ts";

const network = defineNetwork([4, 5, 3], "tanh");
const options: RunOptions = { epochs: 4, batchSize: 7, validation: 0.2, patience: 3, seed: 2 ** 53 - 1 };

async function stateAfter(steps: number, more: RunOptions): Promise<RunState> {
  const run = await openRun(network, blobs(40), { engine: "reference", ...options, ...more });
  if (steps > 0) await run.train({ steps });
  const state = run.state();
  await run.close();
  return state;
}

test.each([0, 1, 5, 12])(
  "the state after %i steps survives its file with every bit, with every optimizer",
  async (steps) => {
    for (const optimizer of OPTIMIZERS)
      for (const engine of ["reference", "reference-float64"]) {
        const state = await stateAfter(steps, { optimizer, engine });
        const checkpoint = { network, run: '["a"]', state };
        expect(await decodeCheckpoint(await encodeCheckpoint(checkpoint), "c")).toEqual(checkpoint);
      }
  },
);

test("the parameters lie under PyTorch's names and in its layout", async () => {
  const state = await stateAfter(5, {});
  const { tensors } = decodeSafetensors(await encodeCheckpoint({ network, run: "", state }));
  expect(tensors.get("layers.0.weight")?.shape).toEqual([5, 4]);
  expect(tensors.get("layers.0.weight")?.values[1 * 4 + 2]).toBe(state.parameters[2 * 5 + 1]);
});

const bad: Record<
  string,
  readonly [(parts: { tensors: Map<string, unknown>; metadata: Map<string, string> }) => void, string]
> = {
  "another format": [({ metadata }) => metadata.set("deltaprop_checkpoint", "4"), "metadata"],
  "a later format": [({ metadata }) => metadata.set("deltaprop_checkpoint", "5"), "metadata"],
  "no tally": [({ metadata }) => metadata.delete("tally"), "metadata"],
  "a tally without its hits": [({ metadata }) => metadata.set("tally", '{"lossSum":1}'), "metadata"],
  "a model, which is no checkpoint": [({ metadata }) => metadata.delete("deltaprop_checkpoint"), "metadata"],
  "no position": [({ metadata }) => metadata.delete("position"), "metadata"],
  "a position of words": [({ metadata }) => metadata.set("position", '{"epoch":"1","step":0,"seconds":0}'), "metadata"],
  "a position that is null": [({ metadata }) => metadata.set("position", "null"), "metadata"],
  "a position with a key twice": [
    ({ metadata }) => metadata.set("position", '{"epoch":1,"epoch":2,"step":0,"seconds":0}'),
    "metadata",
  ],
  "epochs that are no list": [({ metadata }) => metadata.set("epochs", "{}"), "metadata"],
  "epochs that are nothing": [({ metadata }) => metadata.set("epochs", "[null]"), "metadata"],
  "epochs that are numbers": [({ metadata }) => metadata.set("epochs", "[1]"), "metadata"],
  "an unknown activation": [({ metadata }) => metadata.set("activation", "swish"), "metadata"],
  "layers that are no list": [({ metadata }) => metadata.set("layers", "7"), "metadata"],
  "a layer of no units": [({ metadata }) => metadata.set("layers", "[4,0,3]"), "metadata"],
  "a missing tensor": [({ tensors }) => tensors.delete("layers.1.bias.best"), "layers.1.bias.best"],
  "a state of another network": [
    ({ tensors }) => tensors.set("layers.0.weight.state0", { shape: [5, 5], values: new Float32Array(25) }),
    "layers.0.weight.state0",
  ],
  "a transposed tensor": [
    ({ tensors }) => tensors.set("layers.0.weight", { shape: [4, 5], values: new Float32Array(20) }),
    "layers.0.weight",
  ],
  "losses of another type in the format of version 0.1": [
    ({ tensors, metadata }) => {
      metadata.set("deltaprop_checkpoint", "1");
      tensors.set("losses", { shape: [1], values: new Float32Array(1) });
      tensors.set("predictions", { shape: [1], values: new Int32Array(1) });
    },
    "losses",
  ],
  "a tensor too many": [({ tensors }) => tensors.set("x", { shape: [1], values: new Float32Array(1) }), "metadata"],
};

for (const [what, [change, at]] of Object.entries(bad))
  test(`${what} is refused although its sums agree, and the place is named`, async () => {
    const state = await stateAfter(8, { optimizer: "adam" });
    const { tensors, metadata } = await decodeChecked(await encodeCheckpoint({ network, run: "", state }));
    const parts = { tensors: new Map<string, unknown>(tensors), metadata: new Map(metadata) };
    change(parts);
    const bytes = await encodeChecked(parts as unknown as Parameters<typeof encodeChecked>[0]);
    await expect(decodeCheckpoint(bytes, "c")).rejects.toThrow(
      expect.objectContaining({ constructor: InvalidInput, file: "c", at }),
    );
  });
