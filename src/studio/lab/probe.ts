// One example through the network as it is: the run's kernels over memory of its own, so that looking never disturbs the run.
import type { Dataset } from "../../data/dataset.ts";
import type { Scaling } from "../../data/scaling.ts";
import type { Session } from "../../engines/engine.ts";
import { chooseEngine } from "../../engines/registry.ts";
import type { LayerArrays } from "../../network/memory.ts";
import { defineNetwork, type Network } from "../../network/network.ts";
import { packedLayers } from "../../network/parameters.ts";
import { sessionFeatures } from "../../training/model.ts";
import { consecutive } from "../../training/order.ts";

/** What one example leaves in memory (B = 1), first layer to last. */
export type Probed = {
  readonly loss: number;
  readonly predicted: number;
  readonly layers: readonly (LayerArrays & { readonly z: Float32Array })[];
};

const ONE = { threads: 1, batchSize: 1 } as const;

export class Probe {
  readonly #network: Network;
  readonly #scaling: Scaling;
  readonly #whole: Session;
  readonly #parts: readonly Session[]; // each layer alone, identity at its end: its logits are z_l

  private constructor(network: Network, scaling: Scaling, whole: Session, parts: readonly Session[]) {
    this.#network = network;
    this.#scaling = scaling;
    this.#whole = whole;
    this.#parts = parts;
  }

  /** `row` is any row of the data, for its form. */
  static async open(network: Network, scaling: Scaling, engine: string, row: Dataset["features"]): Promise<Probe> {
    const kernels = chooseEngine(engine);
    const { layers } = network;
    const labels = new Int32Array(1);
    const entering = sessionFeatures({ features: row, cols: row.length }, scaling);
    const whole = await kernels.open({ network, ...entering, labels, ...ONE });
    const parts = await Promise.all(
      layers.slice(1).map((O, l) => {
        const I = layers[l]!;
        return kernels.open({ network: defineNetwork([I, O]), features: new Float32Array(I), labels, ...ONE });
      }),
    );
    return new Probe(network, scaling, whole, parts);
  }

  /** Forward and backward of one raw `row` with `parameters`. */
  async look(parameters: Float32Array, row: Dataset["features"], label: number): Promise<Probed> {
    const whole = this.#whole;
    whole.writeParameters(parameters);
    whole.setExample(0, sessionFeatures({ features: row, cols: row.length }, this.#scaling).features, label);
    const { losses, predictions, layers: arrays } = await whole.gradients(consecutive(0, 1));
    const layers: Probed["layers"][number][] = [];
    for (const [l, { W, b, outputs }] of packedLayers(this.#network).entries()) {
      const part = this.#parts[l]!;
      part.writeParameters(parameters.subarray(W, b + outputs));
      part.setExample(0, arrays[l]!.input as Float32Array, 0);
      layers.push({ ...arrays[l]!, z: (await part.logits(consecutive(0, 1))) as Float32Array });
    }
    return { loss: losses[0]!, predicted: predictions[0]!, layers };
  }

  async close(): Promise<void> {
    await Promise.all([this.#whole, ...this.#parts].map((session) => session.close()));
  }
}
