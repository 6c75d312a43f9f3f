// Gain and offset of the layers that normalize, as PyTorch's LayerNorm names them: `norms.0.weight` [O] and
// `norms.0.bias` [O] beside `layers.0.weight`.
import { must } from "../../errors.ts";
import type { Network } from "../../network/network.ts";
import { packedLayers } from "../../network/parameters.ts";
import type { Tensor } from "./safetensors.ts";

type Floats = Float32Array | Float64Array;

/** Those of a packed block, names ending in `suffix`. */
export function* normTensors<F extends Floats>(
  network: Network,
  packed: F,
  suffix = "",
): Generator<[string, { shape: number[]; values: F }]> {
  for (const [l, { outputs, gain, offset }] of packedLayers(network).entries())
    for (const [part, at] of [["weight", gain] as const, ["bias", offset] as const])
      if (at !== undefined)
        yield [`norms.${l}.${part}${suffix}`, { shape: [outputs], values: packed.slice(at, at + outputs) as F }];
}

/** The inverse, into `packed`. */
export function packNorms(network: Network, tensors: ReadonlyMap<string, Tensor>, packed: Floats, suffix = ""): void {
  for (const [l, { gain, offset }] of packedLayers(network).entries())
    for (const [part, at] of [["weight", gain] as const, ["bias", offset] as const])
      if (at !== undefined) packed.set(tensors.get(`norms.${l}.${part}${suffix}`)!.values as Floats, at);
}

/** Raises InvalidInput BAD_MODEL unless a file has float32 tensors of these shapes. */
export function checkNorms(network: Network, tensors: ReadonlyMap<string, Tensor>, file: string | undefined): void {
  for (const [l, { outputs, gain }] of packedLayers(network).entries())
    for (const part of gain === undefined ? [] : ["weight", "bias"]) {
      const name = `norms.${l}.${part}`;
      const { values, shape } = tensors.get(name) ?? {};
      const fits = values instanceof Float32Array && shape!.join() === `${outputs}`;
      must(fits, "this tensor", `F32 of ${outputs} numbers`, shape, "", { file, at: name }, "BAD_MODEL");
      const bad = fits ? values.findIndex((value) => !Number.isFinite(value)) : -1;
      must(bad < 0, "its values", "finite numbers", values?.[bad], "", { file, at: name }, "BAD_MODEL");
    }
}
