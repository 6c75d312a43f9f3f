// The lab: a run that the page plays, pauses, steps and looks into. It lives in a worker of its own, and its calls wait for each
// other: whoever looks sees parameters between two steps, never within one.
import { canShare } from "../../engines/worker-host.ts";
import { InvalidInput } from "../../errors.ts";
import { parameterCount } from "../../network/network.ts";
import type { StudioSetup } from "../state/setup.ts";
import { judge, rowsWhere } from "./evaluation.ts";
import { exportInPage } from "./exports.ts";
import { Inspector } from "./inspect.ts";
import { type Loaded, load, modelFor } from "./loading.ts";
import { closeBench, type OpenRun, openBench } from "./open-run.ts";
import { Player } from "./player.ts";
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
  Norms,
  OpenedRun,
  Raw,
  Resumed,
  RowPlace,
  Standing,
  StepView,
  TaughtExample,
  WeightCheck,
  WeightMatrices,
} from "./protocol.ts";
import type { Quantity, ScalarValue } from "./quantity.ts";
import type { Keeper } from "./saved-run.ts";
import { recordOf } from "./studio-record.ts";

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
  #open: OpenRun | undefined;
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

  open(setup: StudioSetup, files: readonly GivenFile[] = []): Promise<OpenedRun> {
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

  reset(): Promise<OpenedRun> {
    return this.open(this.#bench.setup);
  }

  example(place: RowPlace): Promise<ExampleView> {
    this.#player.hurry();
    return this.#look((looking) => looking.example(place));
  }

  weights(l: number): Promise<WeightMatrices> {
    return this.#look(async (looking) => looking.weights(l));
  }

  gradient(place: RowPlace, l: number): Promise<Gradient> {
    return this.#look((looking) => looking.gradient(place, l));
  }

  stepView(): Promise<StepView> {
    return this.#look((looking) => looking.stepView());
  }

  norms(): Promise<readonly Norms[]> {
    return this.#look((looking) => looking.norms());
  }

  weightCheck(place: RowPlace, l: number, i: number, o: number): Promise<WeightCheck> {
    return this.#look((looking) => looking.weightCheck(place, l, i, o));
  }

  values(place: RowPlace, wanted: readonly Quantity[]): Promise<readonly ScalarValue[]> {
    return this.#look((looking) => looking.values(place, wanted));
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

  async raw(place: RowPlace): Promise<Raw> {
    return new Inspector(this.#bench).raw(place);
  }

  raws(places: readonly RowPlace[]): Promise<readonly Raw[]> {
    return Promise.all(places.map((place) => this.raw(place)));
  }

  drawn(pixels: Uint8Array, about?: number): Promise<DrawnView> {
    this.#player.hurry();
    return this.#alone(async () => this.#bench.drawn.look(pixels, about));
  }

  teach(pixels: Uint8Array, label: number): Promise<TaughtExample> {
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
    return this.#alone(() => exportInPage(kind, this.#bench));
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
  get #bench(): OpenRun {
    if (!this.#open) throw new InvalidInput("NOTHING_OPEN", "no run is open: choose data first.");
    return this.#open;
  }

  /** Do `work` when whoever asked before is done. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#line.then(work);
    this.#line = done.catch(() => {});
    return done;
  }

  /** Look between two steps, and at one state of the run only, however much is looked at. */
  #look<T>(at: (looking: Inspector) => Promise<T>): Promise<T> {
    return this.#alone(() => at(new Inspector(this.#bench)));
  }

  /** Make `bench` the one at hand, and close the one before. */
  async #take(bench: OpenRun, loaded: Loaded): Promise<void> {
    const before = this.#open;
    this.#open = bench;
    this.#loaded = loaded;
    this.#player.put(bench);
    if (before) await closeBench(before);
  }

  #opened(bench: OpenRun, resumed: boolean): OpenedRun {
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
