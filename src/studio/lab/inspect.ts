// Reads of a run between two steps: one example, a layer, the next mini-batch, the note's quantities. The lab runs each
// method exclusively, so that all of its reads see one state of the parameters.
import type { Dataset } from "../../data/dataset.ts";
import { must } from "../../errors.ts";
import { packedLayers } from "../../network/parameters.ts";
import { softmaxRows } from "../../training/evaluate.ts";
import { pageActivation } from "../state/page-activation.ts";
import { measureStep, viewStep } from "./next-step.ts";
import type { OpenRun } from "./open-run.ts";
import type { ProbedExample } from "./probe.ts";
import type {
  ExampleView,
  InspectorApi,
  LayerGradient,
  LayerNorms,
  RawExample,
  RowPlace,
  StepView,
  WeightCheck,
  WeightMatrices,
} from "./protocol.ts";
import { valuesOf } from "./quantities.ts";
import type { Quantity, ScalarValue } from "./quantity.ts";
import { checkWeight } from "./weight-check.ts";

export class Inspector implements InspectorApi {
  readonly #open: OpenRun;

  constructor(open: OpenRun) {
    this.#open = open;
  }

  async example(place: RowPlace): Promise<ExampleView> {
    const { label, pixels, probed } = await this.#probe(place);
    const { loss, predicted, layers } = probed;
    const C = this.#open.network.layers.at(-1)!;
    return {
      place,
      label,
      raw: pixels,
      loss,
      predicted,
      targets: Float64Array.from({ length: C }, (_, c) => Number(c === label)),
      probabilities: softmaxRows(layers.at(-1)!.output, C).probabilities,
      layers: layers.map(({ input, z, output, delta, db }, l) => ({
        layer: l + 1,
        I: input.length,
        O: output.length,
        z,
        input: input as Float32Array,
        output: output as Float32Array,
        delta: delta as Float32Array,
        db: db as Float32Array,
      })),
    };
  }

  async weights(l: number): Promise<WeightMatrices> {
    const { inputs: I, outputs: O, W, b } = packedLayers(this.#open.network)[this.#layer(l) - 1]!;
    const parameters = this.#parameters();
    return { W: parameters.slice(W, b), b: parameters.slice(b, b + O), I, O };
  }

  async gradient(place: RowPlace, l: number): Promise<LayerGradient> {
    const { dW, db } = (await this.#probe(place)).probed.layers[this.#layer(l) - 1]!;
    return { dW: dW as Float32Array, db: db as Float32Array };
  }

  stepView(): Promise<StepView> {
    return viewStep(this.#open.run, this.#open.rows.train);
  }

  norms(): Promise<readonly LayerNorms[]> {
    return measureStep(this.#open.run, this.#open.rows.train.rows);
  }

  async weightCheck(place: RowPlace, l: number, i: number, o: number): Promise<WeightCheck> {
    const { network } = this.#open;
    const [I, O] = [network.layers[this.#layer(l) - 1]!, network.layers[l]!];
    must(Number.isInteger(i) && i >= -1 && i < I, "i", `an integer in [-1, ${I})`, i);
    must(Number.isInteger(o) && o >= 0 && o < O, "o", `an integer in [0, ${O})`, o);
    const { label, probed } = await this.#probe(place);
    return checkWeight(network, this.#parameters(), probed, label, [l, i, o]);
  }

  values(place: RowPlace, wanted: readonly Quantity[]): Promise<readonly ScalarValue[]> {
    return valuesOf(this, pageActivation(this.#open.network), place, wanted);
  }

  rawExample(place: RowPlace): RawExample {
    const { features, label } = this.#row(place);
    return { pixels: transferable(features), label };
  }

  #parameters(): Float32Array {
    return this.#open.run.session.readParameters() as Float32Array;
  }

  #layer(l: number): number {
    const depth = this.#open.network.layers.length - 1;
    must(Number.isInteger(l) && l >= 1 && l <= depth, "layer", `an integer in [1, ${depth}]`, l);
    return l;
  }

  #row({ part, row }: RowPlace): { features: Dataset["features"]; label: number } {
    const { features, labels, cols, rows } = this.#open.rows[part];
    must(Number.isInteger(row) && row >= 0 && row < rows, "row", `an integer in [0, ${rows})`, row);
    return { features: features.subarray(row * cols, (row + 1) * cols), label: labels[row]! };
  }

  async #probe(place: RowPlace): Promise<{ label: number; pixels: RawExample["pixels"]; probed: ProbedExample }> {
    const { features, label } = this.#row(place);
    const probed = await this.#open.probe.compute(this.#parameters(), features, label);
    return { label, pixels: transferable(features), probed };
  }
}

/** A copy of one row for a message: the row alone, not the data set's whole buffer; doubles as floats. */
const transferable = (values: Dataset["features"]): RawExample["pixels"] =>
  values instanceof Float64Array ? Float32Array.from(values) : values.slice();
