// Reads of a run between two steps: one example, a layer, the next mini-batch, the note's quantities. The lab runs each
// method exclusively, so that all of its reads see one state of the parameters.
import type { Dataset } from "../../data/dataset.ts";
import { must } from "../../errors.ts";
import { lossTask, SOFTMAX } from "../../network/losses.ts";
import { packedLayers } from "../../network/parameters.ts";
import { softmaxRows } from "../../training/evaluate.ts";
import { readOutputs } from "../../training/value-targets.ts";
import { pageActivation } from "../state/page-activation.ts";
import { lossTargets } from "./loss-targets.ts";
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

export class Inspector implements InspectorApi {
  readonly #open: OpenRun;

  constructor(open: OpenRun) {
    this.#open = open;
  }

  async example(place: RowPlace): Promise<ExampleView> {
    const { label, pixels, values, targets, probed } = await this.#probe(place);
    const { loss, predicted, layers } = probed;
    const { loss: learned, targetScaling } = this.#open.modelInfo;
    const z = layers.at(-1)!.output;
    const answer = learned ? readOutputs(learned, targetScaling, z) : null;
    const sure = learned && lossTask(learned) === "multilabel" ? answer!.values : new Float64Array(0);
    return {
      place,
      label,
      raw: pixels,
      loss,
      predicted,
      targets,
      values,
      answer,
      probabilities: learned ? sure : softmaxRows(z, z.length).probabilities,
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
    return viewStep(this.#open);
  }

  norms(): Promise<readonly LayerNorms[]> {
    return measureStep(this.#open.run, this.#open.rows.train.rows);
  }

  async weightCheck(place: RowPlace, l: number, i: number, o: number): Promise<WeightCheck> {
    const { network } = this.#open;
    const [I, O] = [network.layers[this.#layer(l) - 1]!, network.layers[l]!];
    must(Number.isInteger(i) && i >= -1 && i < I, "i", `an integer in [-1, ${I})`, i);
    must(Number.isInteger(o) && o >= 0 && o < O, "o", `an integer in [0, ${O})`, o);
    const { targets, probed } = await this.#probe(place);
    const { loss = SOFTMAX } = this.#open.modelInfo;
    const { checkWeight } = await import("./weight-check.ts"); // its oracles are no part of the first load
    return checkWeight(network, this.#parameters(), probed, { loss, targets }, [l, i, o]);
  }

  values(place: RowPlace, wanted: readonly Quantity[]): Promise<readonly ScalarValue[]> {
    const { network, modelInfo } = this.#open;
    return valuesOf(this, { activation: pageActivation(network), loss: modelInfo.loss ?? SOFTMAX }, place, wanted);
  }

  rawExample(place: RowPlace): RawExample {
    const { features, label, values } = this.#row(place);
    return { pixels: transferable(features), label, values };
  }

  #parameters(): Float32Array {
    return this.#open.run.session.readParameters() as Float32Array;
  }

  #layer(l: number): number {
    const depth = this.#open.network.layers.length - 1;
    must(Number.isInteger(l) && l >= 1 && l <= depth, "layer", `an integer in [1, ${depth}]`, l);
    return l;
  }

  #row({ part, row }: RowPlace) {
    const { features, labels, cols, rows, values, classes } = this.#open.rows[part];
    must(Number.isInteger(row) && row >= 0 && row < rows, "row", `an integer in [0, ${rows})`, row);
    const own = values?.subarray(row * classes.length, (row + 1) * classes.length);
    return {
      features: features.subarray(row * cols, (row + 1) * cols),
      label: labels[row]!,
      values: own ? Float64Array.from(own) : null,
    };
  }

  async #probe(place: RowPlace): Promise<RawExample & { targets: Float64Array; probed: ProbedExample }> {
    const { features, label, values } = this.#row(place);
    const { probe, rows, modelInfo, run } = this.#open;
    const targets = lossTargets(modelInfo, run.options.labelSmoothing, rows[place.part], [place.row]);
    const probed = await probe.compute(this.#parameters(), features, targets);
    return { label, pixels: transferable(features), values, targets, probed };
  }
}

/** A copy of one row for a message: the row alone, not the data set's whole buffer; doubles as floats. */
const transferable = (values: Dataset["features"]): RawExample["pixels"] =>
  values instanceof Float64Array ? Float32Array.from(values) : values.slice();
