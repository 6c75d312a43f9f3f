// The lab: a run that the page plays, pauses, steps and looks into. It lives in a worker of its own, and its calls wait for each
// other: whoever looks sees parameters between two steps, never within one.
import type { Dataset } from "../../data/dataset.ts";
import { canShare } from "../../engines/port.ts";
import { InvalidInput, must } from "../../errors.ts";
import { parameterCount } from "../../network/network.ts";
import { packedLayers } from "../../network/parameters.ts";
import { softmaxRows } from "../../training/evaluate.ts";
import type { StudioSetup } from "../state/setup.ts";
import { type Bench, closeBench, openBench } from "./bench.ts";
import { exportModel } from "./exports.ts";
import { judge, rowsWhere } from "./judging.ts";
import type { Keeper } from "./keep.ts";
import { type Loaded, load, modelFor } from "./loading.ts";
import { measureStep, viewStep } from "./next-step.ts";
import { Player } from "./player.ts";
import type { Probed } from "./probe.ts";
import type {
  DrawnView,
  ExampleView,
  Exported,
  ExportKind,
  GivenFile,
  Gradient,
  Judged,
  Judgement,
  LabApi,
  LabEvent,
  Lesson,
  Norms,
  Opened,
  Place,
  Raw,
  Resumed,
  Standing,
  StepView,
  WeightCheck,
  Weights,
} from "./protocol.ts";
import { valuesOf } from "./quantities.ts";
import type { Quantity, Value } from "./quantity.ts";
import { recordOf } from "./record.ts";
import { checkWeight } from "./weight-check.ts";

export type LabOptions = {
  readonly base: string; //                               the page's folder, as an address
  readonly keeper: Keeper;
  readonly versions: Readonly<Record<string, string>>; // for run.json
  readonly tell: (event: LabEvent) => void;
};

const KEEP_MS = 2000; //  between two saves while playing
const KEEP_SHARE = 20; // and so many times what a save takes

export class Lab implements LabApi {
  readonly #options: LabOptions;
  readonly #player: Player;
  #open: Bench | undefined;
  #loaded: Loaded | undefined;
  #line: Promise<unknown> = Promise.resolve();
  #keeping = true; // not once the visitor has said to forget, until another run is opened
  #keepAfter = 0;

  constructor(options: LabOptions) {
    this.#options = options;
    this.#player = new Player({
      alone: (work) => this.#alone(work),
      tell: options.tell,
      keep: (wanted) => this.#keep(wanted),
    });
  }

  open(setup: StudioSetup, files: readonly GivenFile[] = []): Promise<Opened> {
    return this.#alone(async () => {
      const loaded = await load(setup, files, this.#loaded, this.#options.base);
      const bench = await openBench({ ...setup, data: loaded.data }, loaded.source, modelFor(setup, loaded, files));
      await this.#take(bench, loaded);
      this.#keeping = true;
      await this.#keep("now", loaded.files);
      return this.#opened(bench, false);
    });
  }

  resume(setup: StudioSetup | null): Promise<Resumed | null> {
    return this.#alone(async () => {
      const found = await this.#options.keeper.load().catch(() => undefined);
      if (!found || (setup && JSON.stringify(setup) !== JSON.stringify(found.kept.setup))) return null;
      const { kept, files } = found;
      const loaded = await load(kept.setup, files, this.#loaded, this.#options.base);
      const bench = await openBench(kept.setup, loaded.source, undefined, kept);
      await this.#take(bench, loaded);
      if (kept.playing) this.#player.play();
      return { opened: this.#opened(bench, true), points: bench.curve.points, epochs: [...bench.epochs] };
    });
  }

  async play(): Promise<void> {
    this.#player.play();
  }

  pause(): Promise<void> {
    return this.#player.pause();
  }

  step(): Promise<void> {
    return this.#player.step();
  }

  reset(): Promise<Opened> {
    return this.open(this.#bench.setup);
  }

  example(place: Place): Promise<ExampleView> {
    this.#player.hurry();
    return this.#alone(async () => {
      const { label, pixels, probed } = await this.#look(place);
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
    });
  }

  weights(l: number): Promise<Weights> {
    return this.#alone(async () => {
      const { network } = this.#bench;
      const { inputs: I, outputs: O, W, b } = packedLayers(network)[this.#layer(l) - 1]!;
      const parameters = this.#parameters();
      return { W: parameters.slice(W, b), b: parameters.slice(b, b + O), I, O };
    });
  }

  gradient(place: Place, l: number): Promise<Gradient> {
    return this.#alone(async () => {
      const { dW, db } = (await this.#look(place)).probed.layers[this.#layer(l) - 1]!;
      return { dW: dW as Float32Array, db: db as Float32Array };
    });
  }

  stepView(): Promise<StepView> {
    return this.#alone(() => viewStep(this.#bench.run, this.#bench.rows.train.rows));
  }

  norms(): Promise<readonly Norms[]> {
    return this.#alone(() => measureStep(this.#bench.run, this.#bench.rows.train.rows));
  }

  weightCheck(place: Place, l: number, i: number, o: number): Promise<WeightCheck> {
    return this.#alone(async () => {
      const { network } = this.#bench;
      const [I, O] = [network.layers[this.#layer(l) - 1]!, network.layers[l]!];
      must(Number.isInteger(i) && i >= -1 && i < I, "i", `an integer in [-1, ${I})`, i);
      must(Number.isInteger(o) && o >= 0 && o < O, "o", `an integer in [0, ${O})`, o);
      const { label, probed } = await this.#look(place);
      return checkWeight(network, this.#parameters(), probed, label, [l, i, o]);
    });
  }

  values(place: Place, wanted: readonly Quantity[]): Promise<readonly Value[]> {
    return valuesOf(this, this.#bench.network.activation, place, wanted);
  }

  judge(): Promise<Judgement> {
    return this.#alone(async () => {
      const bench = this.#bench;
      const { run, rows } = bench;
      bench.judging = await judge(run.session, "test", rows.test, rows.train.rows);
      const { part, metrics, worst } = bench.judging;
      return { part, metrics, worst };
    });
  }

  async cell(label: number, predicted: number, most: number): Promise<readonly Judged[]> {
    const { judging } = this.#bench;
    return judging ? rowsWhere(judging, most, (y, c) => y === label && c === predicted) : [];
  }

  async raw(place: Place): Promise<Raw> {
    const { features, cols, label } = this.#row(place);
    return { pixels: plain(features.slice(0, cols)), label };
  }

  raws(places: readonly Place[]): Promise<readonly Raw[]> {
    return Promise.all(places.map((place) => this.raw(place)));
  }

  drawn(pixels: Uint8Array, about?: number): Promise<DrawnView> {
    this.#player.hurry();
    return this.#alone(async () => this.#bench.drawn.look(pixels, about));
  }

  teach(pixels: Uint8Array, label: number): Promise<Lesson> {
    return this.#alone(async () => {
      const lesson = await this.#bench.drawn.teach(pixels, label);
      await this.#changed();
      return lesson;
    });
  }

  unteach(): Promise<Standing> {
    return this.#alone(async () => {
      const standing = await this.#bench.drawn.unteach();
      await this.#changed();
      return standing;
    });
  }

  standing(): Promise<Standing> {
    return this.#alone(async () => this.#bench.drawn.standing());
  }

  exportModel(kind: ExportKind): Promise<Exported> {
    return this.#alone(() => exportModel(kind, this.#bench));
  }

  record(): Promise<string> {
    return this.#alone(() => recordOf(this.#bench, this.#options.versions));
  }

  forget(): Promise<void> {
    return this.#alone(async () => {
      this.#keeping = false;
      await this.#options.keeper.forget();
    });
  }

  /** The run at hand. */
  get #bench(): Bench {
    if (!this.#open) throw new InvalidInput("NOTHING_OPEN", "no run is open: choose data first.");
    return this.#open;
  }

  /** Do `work` when whoever asked before is done. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#line.then(work);
    this.#line = done.catch(() => {});
    return done;
  }

  /** Make `bench` the one at hand, and close the one before. */
  async #take(bench: Bench, loaded: Loaded): Promise<void> {
    const before = this.#open;
    this.#open = bench;
    this.#loaded = loaded;
    this.#player.put(bench);
    if (before) await closeBench(before);
  }

  #opened(bench: Bench, resumed: boolean): Opened {
    const { setup, source, rows, network, run, warnings } = bench;
    const { train, test } = rows;
    return {
      ...{ setup, name: source.name, classes: train.classes, cols: train.cols, image: train.image ?? null },
      featureNames: train.featureNames ?? null,
      ...{ rows: { train: train.rows, test: test.rows }, layers: network.layers },
      ...{ parameters: parameterCount(network), stepsPerEpoch: run.progress.stepsPerEpoch },
      ...{ engine: run.session.engine, threads: run.session.threads, isolated: canShare() },
      ...{ warnings, resumed, progress: this.#player.progress },
    };
  }

  /** The parameters are others than the run's own steps made. */
  async #changed(): Promise<void> {
    this.#player.report();
    await this.#keep("now");
  }

  #parameters(): Float32Array {
    return this.#bench.run.session.readParameters() as Float32Array;
  }

  #layer(l: number): number {
    const depth = this.#bench.network.layers.length - 1;
    must(Number.isInteger(l) && l >= 1 && l <= depth, "layer", `an integer in [1, ${depth}]`, l);
    return l;
  }

  #row({ part, row }: Place): { features: Dataset["features"]; cols: number; label: number } {
    const { features, labels, cols, rows } = this.#bench.rows[part];
    must(Number.isInteger(row) && row >= 0 && row < rows, "row", `an integer in [0, ${rows})`, row);
    return { features: features.subarray(row * cols, (row + 1) * cols), cols, label: labels[row]! };
  }

  async #look(place: Place): Promise<{ label: number; pixels: Raw["pixels"]; probed: Probed }> {
    const { features, cols, label } = this.#row(place);
    const probed = await this.#bench.probe.look(this.#parameters(), features, label);
    return { label, pixels: plain(features.slice(0, cols)), probed };
  }

  /** Keep the run for a reload. What cannot be kept is not: the page works without. */
  async #keep(wanted: "now" | "if due", files: readonly GivenFile[] | null = null): Promise<void> {
    const begun = performance.now();
    if (!this.#keeping || (wanted === "if due" && begun < this.#keepAfter)) return;
    const { setup, run, curve, epochs, drawn } = this.#bench;
    const { playing } = this.#player;
    const state = { run: run.state(), curve: curve.state(), epochs: [...epochs] };
    const kept = { format: 1, setup, playing, taught: drawn.taught, ...state } as const;
    await this.#options.keeper.save(kept, files).catch(() => {});
    const now = performance.now();
    this.#keepAfter = now + Math.max(KEEP_MS, KEEP_SHARE * (now - begun));
  }
}

const plain = (values: Dataset["features"]): Raw["pixels"] =>
  values instanceof Float64Array ? Float32Array.from(values) : values;
