// A trained model that answers with numbers or labels: warm, by name, one row at once or many in the background.
import type { Dataset } from "../data/dataset.ts";
import { FORWARD_ROWS, type Forward, openForward } from "../engines/forward.ts";
import { EnvironmentFailure, must } from "../errors.ts";
import { encodeModel } from "../files/model/model-file.ts";
import { encodeModelJson } from "../files/model/model-json.ts";
import { type Loss, lossTask } from "../network/losses.ts";
import type { Network } from "../network/network.ts";
import { type Machine, type ValuePrediction, valueMetrics } from "../training/evaluate.ts";
import { checkModel, columnCount, type Model } from "../training/model.ts";
import type { EpochRecord, StopReason, TrainingResult } from "../training/training-result.ts";
import type { ValueMetrics } from "../training/value-metrics.ts";
import { type ReadOutputs, readOutputs } from "../training/value-targets.ts";
import type { Abortable } from "./classifier.ts";
import { type InputRow, listRows, type ManyRows, RowReader } from "./row-input.ts";

/** The answer for one row. */
export type ValueAnswer = {
  /**
   * Of each target by name, in the units of the data: its mean, under "quantile" the quantile nearest ½. Of labels the
   * probability in [0, 1] that each is there.
   */
  readonly values: Readonly<Record<string, number>>;
  /** The labels with a probability of at least ½; [] for a regression. */
  readonly labels: readonly string[];
  /** Under "quantile": of each target its quantiles, in the order of the levels. Default: absent. */
  readonly quantiles?: Readonly<Record<string, readonly number[]>> | undefined;
  /** Under "gaussian": the standard deviation of each target. Default: absent. */
  readonly deviations?: Readonly<Record<string, number>> | undefined;
};

/** The answers for n rows. */
export type ValueAnswers = ValuePrediction & {
  /** T names. */
  readonly names: readonly string[];
};

/** A model of numbers or labels: what `fit` gives for such a loss, and `loadValues`. */
export class ValueModel {
  /** The model as a plain value, for structuredClone and postMessage. */
  readonly model: Model;
  /** What it was trained on. */
  readonly loss: Loss;
  /** A record for each epoch of the training; empty for a loaded model. */
  readonly history: readonly EpochRecord[];
  /** Why the training ended; null for a loaded model. */
  readonly stopReason: StopReason | null;
  /** The epoch, from 1, whose parameters the model holds (0: the initial ones); null for a loaded model. */
  readonly bestEpoch: number | null;
  /** Figures of the test split; null without one. */
  readonly test: ValueMetrics | null;
  readonly #machine: Pick<Machine, "engine" | "threads">;
  readonly #reader: RowReader;
  #forward: Forward | undefined;
  #closed = false;

  /** Use `fit`, `loadValues` or `valueModelOf`. Raises InvalidInput for a model of classes. */
  constructor(model: Model, machine: Pick<Machine, "engine" | "threads"> = {}, trained?: TrainingResult) {
    checkModel(model);
    must(
      model.loss !== undefined,
      "model",
      "a model of numbers or labels",
      model.loss,
      "One of classes: classifierOf.",
    );
    this.model = model;
    this.loss = model.loss;
    this.history = trained?.epochs ?? [];
    this.stopReason = trained?.stopReason ?? null;
    this.bestEpoch = trained?.keptEpoch ?? null;
    this.test = trained?.testValues ?? null;
    this.#machine = machine;
    this.#reader = new RowReader(model);
  }

  /** T names of the targets, or of the labels. */
  get names(): readonly string[] {
    return this.model.classes;
  }

  /** D names of the columns, where the data had them. */
  get columns(): readonly string[] | undefined {
    return this.model.featureNames;
  }

  /** Layer sizes and activations. */
  get network(): Network {
    return this.model.network;
  }

  /** The answer for one row, at once: D values as they are in the data, or an object by column. Raises InvalidInput. */
  predict(row: InputRow): ValueAnswer {
    const forward = this.#open(1);
    this.#reader.write(row, forward.input(0), "the row");
    forward.run(1);
    const { names } = this;
    const { values, quantiles, deviations } = this.#read(forward.logits(0));
    const K = quantiles ? quantiles.length / names.length : 0;
    const named = <V>(of: (j: number) => V) => Object.fromEntries(names.map((name, j) => [name, of(j)]));
    return {
      values: named((j) => values[j]!),
      labels: lossTask(this.loss) === "multilabel" ? names.filter((_, j) => values[j]! >= 0.5) : [],
      ...(quantiles && { quantiles: named((j) => [...quantiles.subarray(j * K, (j + 1) * K)]) }),
      ...(deviations && { deviations: named((j) => deviations[j]!) }),
    };
  }

  /**
   * The answers for many rows: rows as `predict` takes them, or one typed array [n×D]. The event loop gets a turn every
   * 20 ms. Raises InvalidInput, or the signal's reason.
   */
  async predictMany(rows: ManyRows, { signal }: Abortable = {}): Promise<ValueAnswers> {
    signal?.throwIfAborted();
    const { names } = this;
    const list = listRows(rows, columnCount(this.model));
    const [T, C] = [names.length, this.network.layers.at(-1)!];
    const values = new Float64Array(list.length * T);
    const quantiles = this.loss.name === "quantile" ? new Float64Array(list.length * C) : undefined;
    const deviations = this.loss.name === "gaussian" ? new Float64Array(list.length * T) : undefined;
    const forward = this.#open(list.length === 1 ? 1 : FORWARD_ROWS);
    await forward.each(
      list.length,
      (i, input) => this.#reader.write(list[i]!, input, `row ${i + 1}`),
      (i, z) => {
        const answer = this.#read(z);
        values.set(answer.values, i * T);
        quantiles?.set(answer.quantiles!, i * C);
        deviations?.set(answer.deviations!, i * T);
      },
      signal,
    );
    return { names, values, ...(quantiles && { quantiles }), ...(deviations && { deviations }) };
  }

  /**
   * Figures on data with the same targets. Columns are matched by name; weights of rows are not used. Raises
   * InvalidInput, or the signal's reason.
   */
  async evaluate(data: Dataset, { signal }: Abortable = {}): Promise<ValueMetrics> {
    return valueMetrics(this.model, data, { ...this.#machine, signal });
  }

  /** The bytes of a safetensors file, for `loadValues`; every number as it is. */
  toBytes(): Promise<Uint8Array<ArrayBuffer>> {
    return encodeModel(this.model);
  }

  /** What JSON.stringify writes: decimals that give every number back. At most 2²⁴ parameters. */
  toJSON(): unknown {
    return JSON.parse(encodeModelJson(this.model));
  }

  /** Give the memory back. `model` stays; the next answer raises SESSION_CLOSED. */
  close(): void {
    this.#closed = true;
    this.#forward = undefined;
  }

  /** `using model = await loadValues(…)` closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  #read(z: ArrayLike<number>): ReadOutputs {
    return readOutputs(this.loss, this.model.targetScaling, z, this.model.temperature);
  }

  /** Memory for passes of `rows` rows; once it has grown it stays. */
  #open(rows: number): Forward {
    if (this.#closed) throw new EnvironmentFailure("SESSION_CLOSED", "this model was closed; open a new one.");
    const { network, parameters } = this.model;
    if (!this.#forward || this.#forward.rows < rows)
      this.#forward = openForward(network, parameters, rows, this.#machine.engine);
    return this.#forward;
  }
}

/** A ValueModel of a plain model, e.g. one that another thread has sent. Raises InvalidInput for one of classes. */
export function valueModelOf(model: Model, machine: Pick<Machine, "engine" | "threads"> = {}): ValueModel {
  return new ValueModel(model, machine);
}
