// One example through the network at given parameters, by the run's engine in sessions of its own: the run's memory is
// not touched.

import type { Dataset } from "../../data/dataset.ts";
import type { Scaling } from "../../data/scaling.ts";
import { numbersFrom } from "../../data/stored/row-store.ts";
import type { Session } from "../../engines/engine.ts";
import { chooseEngine } from "../../engines/registry.ts";
import type { Loss } from "../../network/losses.ts";
import type { LayerArrays } from "../../network/memory.ts";
import { defineNetwork, type Network } from "../../network/network.ts";
import { packedLayers } from "../../network/parameters.ts";
import { sessionFeatures } from "../../training/model.ts";

/** The arrays of one example (B = 1), first layer to last. */
export type ProbedExample = {
  readonly loss: number;
  readonly predicted: number;
  readonly layers: readonly (LayerArrays & { readonly z: Float32Array })[];
};

const ONE = { threads: 1, batchSize: 1 } as const;

export class Probe {
  readonly #scaling: Scaling;
  readonly #columns: Dataset["columns"];
  readonly #session: Session; //             of the whole network
  readonly #layers: readonly Session[]; // of each layer alone, as a last layer: its logits are z_l

  private constructor(scaling: Scaling, columns: Dataset["columns"], session: Session, layers: readonly Session[]) {
    this.#scaling = scaling;
    this.#columns = columns;
    this.#session = session;
    this.#layers = layers;
  }

  /** `row`: any row of the data, of which only the type and length matter; `targets`: so many in a row of the loss. */
  static async open(
    network: Network,
    scaling: Scaling,
    engine: string,
    row: Dataset["features"],
    columns: Dataset["columns"],
    { loss, targets }: { readonly loss: Loss; readonly targets: number },
  ): Promise<Probe> {
    const kernels = chooseEngine(engine);
    const labels = new Int32Array(1);
    const input = sessionFeatures({ features: row, cols: row.length, columns }, scaling);
    const row0 = new Float64Array(targets).fill(1, 0, 1); // a probability row, and numbers
    const session = await kernels.open({ network, ...input, loss, targets: row0, ...ONE });
    const layers = await Promise.all(
      packedLayers(network).map(({ inputs: I, outputs: O }) =>
        kernels.open({ network: defineNetwork([I, O]), features: new Float32Array(I), labels, ...ONE }),
      ),
    );
    return new Probe(scaling, columns, session, layers);
  }

  /** Forward and backward of one unscaled `row` with `parameters`, for the target row `t` as the loss takes it. */
  async compute(parameters: Float32Array, row: Dataset["features"], t: Float64Array): Promise<ProbedExample> {
    const session = this.#session;
    session.writeParameters(parameters);
    const coded = { features: row, cols: row.length, columns: this.#columns };
    session.setExample(0, sessionFeatures(coded, this.#scaling).features, 0, t);
    const { losses, predictions, layers: arrays } = await session.gradients(numbersFrom(0, 1));
    const layers: ProbedExample["layers"][number][] = [];
    for (const [l, { W, b, outputs }] of packedLayers(session.network).entries()) {
      const layer = this.#layers[l]!;
      layer.writeParameters(parameters.subarray(W, b + outputs));
      layer.setExample(0, arrays[l]!.input as Float32Array, 0);
      layers.push({ ...arrays[l]!, z: (await layer.logits(numbersFrom(0, 1))) as Float32Array });
    }
    return { loss: losses[0]!, predicted: predictions[0]!, layers };
  }

  async close(): Promise<void> {
    await Promise.all([this.#session, ...this.#layers].map((session) => session.close()));
  }
}
