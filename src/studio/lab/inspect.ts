// What can be seen of a run as it stands: one example, a layer, the next mini-batch, the note's quantities. Nothing here waits its turn:
// the lab does, so that all of one look is at one state of the parameters.
import type { Dataset } from "../../data/dataset.ts";
import { must } from "../../errors.ts";
import { packedLayers } from "../../network/parameters.ts";
import { softmaxRows } from "../../training/evaluate.ts";
import { measureStep, viewStep } from "./next-step.ts";
import type { OpenRun } from "./open-run.ts";
import type { Probed } from "./probe.ts";
import type { ExampleView, Gradient, Norms, Raw, RowPlace, StepView, WeightCheck, WeightMatrices } from "./protocol.ts";
import { valuesOf } from "./quantities.ts";
import type { Quantity, ScalarValue } from "./quantity.ts";
import { checkWeight } from "./weight-check.ts";

export class Inspector {
  readonly #bench: OpenRun;

  constructor(bench: OpenRun) {
    this.#bench = bench;
  }

  async example(place: RowPlace): Promise<ExampleView> {
    const { label, pixels, probed } = await this.#probe(place);
    const { loss, predicted, layers } = probed;
    const C = this.#bench.network.layers.at(-1)!;
    return {
      ...{ place, label, raw: pixels, loss, predicted },
      targets: Float64Array.from({ length: C }, (_, c) => Number(c === label)),
      probabilities: softmaxRows(layers.at(-1)!.output, C).probabilities,
      layers: layers.map(({ input, z, output, delta, db }, l) => ({
        ...{ layer: l + 1, I: input.length, O: output.length, z },
        ...({ input, output, delta, db } as Record<"input" | "output" | "delta" | "db", Float32Array>),
      })),
    };
  }

  async weights(l: number): Promise<WeightMatrices> {
    const { inputs: I, outputs: O, W, b } = packedLayers(this.#bench.network)[this.#layer(l) - 1]!;
    const parameters = this.#parameters();
    return { W: parameters.slice(W, b), b: parameters.slice(b, b + O), I, O };
  }

  async gradient(place: RowPlace, l: number): Promise<Gradient> {
    const { dW, db } = (await this.#probe(place)).probed.layers[this.#layer(l) - 1]!;
    return { dW: dW as Float32Array, db: db as Float32Array };
  }

  stepView(): Promise<StepView> {
    return viewStep(this.#bench.run, this.#bench.rows.train);
  }

  norms(): Promise<readonly Norms[]> {
    return measureStep(this.#bench.run, this.#bench.rows.train.rows);
  }

  async weightCheck(place: RowPlace, l: number, i: number, o: number): Promise<WeightCheck> {
    const { network } = this.#bench;
    const [I, O] = [network.layers[this.#layer(l) - 1]!, network.layers[l]!];
    must(Number.isInteger(i) && i >= -1 && i < I, "i", `an integer in [-1, ${I})`, i);
    must(Number.isInteger(o) && o >= 0 && o < O, "o", `an integer in [0, ${O})`, o);
    const { label, probed } = await this.#probe(place);
    return checkWeight(network, this.#parameters(), probed, label, [l, i, o]);
  }

  values(place: RowPlace, wanted: readonly Quantity[]): Promise<readonly ScalarValue[]> {
    return valuesOf(this, this.#bench.network.activation, place, wanted);
  }

  raw(place: RowPlace): Raw {
    const { features, cols, label } = this.#row(place);
    return { pixels: plain(features.slice(0, cols)), label };
  }

  #parameters(): Float32Array {
    return this.#bench.run.session.readParameters() as Float32Array;
  }

  #layer(l: number): number {
    const depth = this.#bench.network.layers.length - 1;
    must(Number.isInteger(l) && l >= 1 && l <= depth, "layer", `an integer in [1, ${depth}]`, l);
    return l;
  }

  #row({ part, row }: RowPlace): { features: Dataset["features"]; cols: number; label: number } {
    const { features, labels, cols, rows } = this.#bench.rows[part];
    must(Number.isInteger(row) && row >= 0 && row < rows, "row", `an integer in [0, ${rows})`, row);
    return { features: features.subarray(row * cols, (row + 1) * cols), cols, label: labels[row]! };
  }

  async #probe(place: RowPlace): Promise<{ label: number; pixels: Raw["pixels"]; probed: Probed }> {
    const { features, cols, label } = this.#row(place);
    const probed = await this.#bench.probe.look(this.#parameters(), features, label);
    return { label, pixels: plain(features.slice(0, cols)), probed };
  }
}

const plain = (values: Dataset["features"]): Raw["pixels"] =>
  values instanceof Float64Array ? Float32Array.from(values) : values;
