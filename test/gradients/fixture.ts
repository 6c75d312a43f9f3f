// A session with one network and a handful of rows, for tests that look at single steps.
import type { Setup } from "../../src/engines/engine.ts";
import { chooseEngine } from "../../src/engines/registry.ts";
import type { LayerArrays } from "../../src/network/memory.ts";
import { type Activation, defineNetwork } from "../../src/network/network.ts";

export type Case = Partial<Setup> & {
  readonly layers: readonly number[];
  readonly activation?: Activation;
  readonly rows: readonly (readonly number[])[];
  readonly parameters: ArrayLike<number>;
};

/** Open `engine`, write the parameters and run both passes on all rows as one batch. */
export async function backpropagate(engine: string, { layers, activation, rows, parameters, ...setup }: Case) {
  const features = Float64Array.from(rows.flat());
  const network = defineNetwork(layers, activation);
  const session = await chooseEngine(engine).open({ network, features, batchSize: rows.length, threads: 1, ...setup });
  session.writeParameters(Float64Array.from(parameters));
  const batch = await session.gradients(Uint32Array.from(rows, (_, i) => i));
  const all = (key: Exclude<keyof LayerArrays, "norm">) => batch.layers.map((layer) => [...layer[key]]);
  return { session, ...batch, outputs: all("output"), deltas: all("delta"), dW: all("dW"), db: all("db") };
}
