// The lab: a run that the page plays, pauses, steps and inspects, in a worker of its own. Calls queue, so every answer
// is of one state of the parameters, between two steps.
import { canShare } from "../../engines/worker-host.ts";
import { InvalidInput } from "../../errors.ts";
import { parameterCount } from "../../network/network.ts";
import type { StudioSetup } from "../state/setup.ts";
import { evaluateSplit, worstRows } from "./evaluation.ts";
import { exportInPage } from "./exports.ts";
import { Inspector } from "./inspect.ts";
import { type Loaded, load, modelFor } from "./loading.ts";
import { closeOpenRun, type OpenRun, openStudioRun } from "./open-run.ts";
import { Player } from "./player.ts";
import type {
  DrawingView,
  EvaluatedRow,
  Evaluation,
  ExampleView,
  ExportedFile,
  ExportKind,
  GivenFile,
  InspectorApi,
  LabApi,
  LabEvent,
  ParameterStatus,
  RawExample,
  ResumedRun,
  RowPlace,
  RunDescription,
  TaughtExample,
} from "./protocol.ts";
import type { RunStore } from "./saved-run.ts";
import { recordOf } from "./studio-record.ts";

export type LabOptions = {
  readonly base: string; //                               the page's folder, as an address
  readonly store: RunStore;
  readonly versions: Readonly<Record<string, string>>; // for run.json
  readonly emit: (event: LabEvent) => void;
};

const SAVE_MS = 2000; //  least time between two saves while playing …
const SAVE_SHARE = 20; // … and this many times as long as the last save took

export class Lab implements LabApi {
  readonly #options: LabOptions;
  readonly #player: Player;
  #open: OpenRun | undefined;
  #loaded: Loaded | undefined;
  #queue: Promise<unknown> = Promise.resolve(); // ends when the newest call has
  #saving = true; //                               false from deleteSavedRun to the next open
  #nextSave = 0; //                                performance.now() of the next save while playing

  constructor(options: LabOptions) {
    this.#options = options;
    this.#player = new Player({
      exclusive: (work) => this.#exclusive(work),
      emit: options.emit,
      save: (when) => this.#save(when),
    });
  }

  open(setup: StudioSetup, files: readonly GivenFile[] = []): Promise<RunDescription> {
    return this.#exclusive(async () => {
      const loaded = await load(setup, files, this.#loaded, this.#options.base);
      const model = modelFor(setup, loaded, files);
      const open = await openStudioRun({ ...setup, data: loaded.data }, loaded.source, { model });
      await this.#replace(open, loaded);
      this.#saving = true;
      await this.#save("now", loaded.files);
      return this.#describe(open, false);
    });
  }

  resume(setup: StudioSetup | null): Promise<ResumedRun | null> {
    return this.#exclusive(async () => {
      const found = await this.#options.store.load().catch(() => undefined);
      if (!found || (setup && JSON.stringify(setup) !== JSON.stringify(found.saved.setup))) return null;
      const { saved, files } = found;
      const loaded = await load(saved.setup, files, this.#loaded, this.#options.base);
      const open = await openStudioRun(saved.setup, loaded.source, { saved });
      await this.#replace(open, loaded);
      if (saved.playing) this.#player.play();
      return { opened: this.#describe(open, true), points: open.curve.points, epochs: [...open.epochs] };
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

  reset(): Promise<RunDescription> {
    return this.open(this.#current.setup);
  }

  example(place: RowPlace): Promise<ExampleView> {
    this.#player.expectCalls();
    return this.#exclusive(() => new Inspector(this.#current).example(place));
  }

  readonly weights = this.#inspection("weights");
  readonly gradient = this.#inspection("gradient");
  readonly stepView = this.#inspection("stepView");
  readonly norms = this.#inspection("norms");
  readonly weightCheck = this.#inspection("weightCheck");
  readonly values = this.#inspection("values");

  evaluate(): Promise<Evaluation> {
    return this.#exclusive(async () => {
      const open = this.#current;
      open.evaluation = await evaluateSplit(open.run.session, open.rows, "test");
      const { part, metrics, worst } = open.evaluation;
      return { part, metrics, worst };
    });
  }

  async confusionCell(label: number, predicted: number, most: number): Promise<readonly EvaluatedRow[]> {
    const { evaluation } = this.#current;
    return evaluation ? worstRows(evaluation, most, (y, c) => y === label && c === predicted) : [];
  }

  async rawExample(place: RowPlace): Promise<RawExample> {
    return new Inspector(this.#current).rawExample(place);
  }

  rawExamples(places: readonly RowPlace[]): Promise<readonly RawExample[]> {
    return Promise.all(places.map((place) => this.rawExample(place)));
  }

  predictDrawing(pixels: Uint8Array, targetClass?: number): Promise<DrawingView> {
    this.#player.expectCalls();
    return this.#exclusive(() => this.#current.drawn.predict(pixels, targetClass));
  }

  teach(pixels: Uint8Array, label: number): Promise<TaughtExample> {
    return this.#exclusive(async () => this.#reported(await this.#current.drawn.teach(pixels, label)));
  }

  undoTeaching(): Promise<ParameterStatus> {
    return this.#exclusive(async () => this.#reported(await this.#current.drawn.undo()));
  }

  parameterStatus(): Promise<ParameterStatus> {
    return this.#exclusive(() => this.#current.drawn.status());
  }

  exportModel(kind: ExportKind): Promise<ExportedFile> {
    return this.#exclusive(() => exportInPage(kind, this.#current));
  }

  record(): Promise<string> {
    return this.#exclusive(() => recordOf(this.#current, this.#options.versions));
  }

  deleteSavedRun(): Promise<void> {
    return this.#exclusive(async () => {
      this.#saving = false;
      await this.#options.store.clear();
    });
  }

  /** The open run. Raises InvalidInput where none is. */
  get #current(): OpenRun {
    if (!this.#open) throw new InvalidInput("NOTHING_OPEN", "no run is open: choose data first.");
    return this.#open;
  }

  /** Run `work` once every earlier call has ended. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }

  /** That method of Inspector, on the open run, as a call of the lab. */
  #inspection<K extends keyof InspectorApi>(method: K): InspectorApi[K] {
    type Method = (...args: unknown[]) => Promise<unknown>;
    const inspect: Method = (...args) =>
      this.#exclusive(() => {
        const inspector = new Inspector(this.#current);
        return (inspector[method] as Method).apply(inspector, args);
      });
    return inspect as InspectorApi[K];
  }

  /** Make `open` the current run, and close the one before. */
  async #replace(open: OpenRun, loaded: Loaded): Promise<void> {
    const before = this.#open;
    this.#open = open;
    this.#loaded = loaded;
    this.#player.setRun(open);
    if (before) await closeOpenRun(before);
  }

  #describe({ setup, source, rows, network, run, warnings, notes }: OpenRun, resumed: boolean): RunDescription {
    const { train, test } = rows;
    return {
      setup,
      name: source.name,
      classes: train.classes,
      cols: train.cols,
      featureNames: train.featureNames ?? null,
      image: train.image ?? null,
      rows: { train: train.rows, test: test.rows },
      layers: network.layers,
      parameters: parameterCount(network),
      stepsPerEpoch: run.progress.stepsPerEpoch,
      engine: run.session.engine,
      threads: run.session.threads,
      isolated: canShare(),
      warnings,
      notes,
      resumed,
      progress: this.#player.progress,
    };
  }

  /** `result`, once the page has been sent the progress and the run saved: a taught step changed the parameters. */
  async #reported<T>(result: T): Promise<T> {
    this.#player.report();
    await this.#save("now");
    return result;
  }

  /** Save the run for a reload. A store that fails is ignored: the page works without. */
  async #save(when: "now" | "if due", files: readonly GivenFile[] | null = null): Promise<void> {
    const begun = performance.now();
    if (!this.#saving || (when === "if due" && begun < this.#nextSave)) return;
    const { setup, run, curve, epochs, drawn } = this.#current;
    const { playing } = this.#player;
    const state = { run: run.state(), curve: curve.state(), epochs: [...epochs] };
    const saved = { format: 1, setup, playing, taught: drawn.taught, ...state } as const;
    await this.#options.store.save(saved, files).catch(() => {});
    const now = performance.now();
    this.#nextSave = now + Math.max(SAVE_MS, SAVE_SHARE * (now - begun));
  }
}
