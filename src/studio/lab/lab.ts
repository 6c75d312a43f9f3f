// The lab: a run that the page plays, pauses, steps and inspects, in a worker of its own. Calls queue, so every answer
// is of one state of the parameters, between two steps.

import { InvalidInput } from "../../errors.ts";
import { changeAt } from "../../training/changes.ts";
import { hashOf } from "../../training/training-result.ts";
import { type StudioSetup, settingsNow } from "../state/setup.ts";
import { describeRun } from "./describe-run.ts";
import { distortedRows } from "./distorted-rows.ts";
import { evaluateSplit, forPage, targetAnswers, worstRows } from "./evaluation.ts";
import { histogramHistory } from "./histogram-history.ts";
import { Inspector } from "./inspect.ts";
import type { RunStore } from "./kept-runs.ts";
import { type Loaded, load, modelFor } from "./loading.ts";
import { excitingRows, histograms, parameterIndex, unitView, weightBlocks } from "./network-look.ts";
import { closeOpenRun, type OpenRun, openStudioRun, temperatureOf } from "./open-run.ts";
import { Player } from "./player.ts";
import type {
  DrawingView,
  EvaluatedRow,
  Evaluation,
  ExampleView,
  ExportedFile,
  ExportKind,
  FoundColumn,
  GivenFile,
  InspectorApi,
  KeptRun,
  LabApi,
  LabEvent,
  ParameterStatus,
  PlaneSurface,
  RawExample,
  ResumedRun,
  RowPlace,
  RunDescription,
  SettingsChange,
  TaughtExample,
} from "./protocol.ts";
import { answerRow, modelRow, triedColumns } from "./row-answer.ts";
import { type Claim, type KeptPlace, RunKeeper, refuseOtherData } from "./run-keeper.ts";
import { recordOf } from "./studio-record.ts";
import { nameOfFiles, surveyTable } from "./survey.ts";

export type LabOptions = {
  readonly base: string; //                               the page's folder, as an address
  readonly store: RunStore;
  readonly claim?: Claim | undefined;
  readonly versions: Readonly<Record<string, string>>; // for run.json
  readonly emit: (event: LabEvent) => void;
};

export class Lab implements LabApi {
  readonly #options: LabOptions;
  readonly #player: Player;
  readonly #keeper: RunKeeper;
  #open: OpenRun | undefined;
  #loaded: Loaded | undefined;
  #queue: Promise<unknown> = Promise.resolve(); // ends when the newest call has

  constructor(options: LabOptions) {
    this.#options = options;
    this.#keeper = new RunKeeper(options.store, options.claim);
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
      const started = model && { name: loaded.modelName, parametersSha256: await hashOf(model.parameters) };
      const place = await this.#keeper.newPlace();
      const origin = { id: place.id, model: started ?? null, changes: [], taught: 0 };
      const open = await openStudioRun({ ...setup, data: loaded.data }, loaded.source, origin, { model });
      await this.#replace(open, loaded, place);
      await this.#save("now", loaded.files);
      return this.#describe(open, false);
    });
  }

  survey(files: readonly GivenFile[]): Promise<readonly FoundColumn[] | null> {
    return this.#exclusive(() => surveyTable(files));
  }

  reopen(id: string): Promise<ResumedRun | null> {
    return this.#exclusive(async () => {
      const found = await this.#keeper.load(id);
      if (!found) return null;
      const { entry, state, files } = found;
      const known = this.#loaded && { ...this.#loaded, model: undefined, modelName: "" }; // a model is among the files
      const loaded = await load(entry.setup, files, known, this.#options.base);
      refuseOtherData(loaded.source, entry);
      const place = await this.#keeper.placeOf(entry);
      const open = await openStudioRun(entry.setup, loaded.source, { ...entry, id: place.id }, { saved: state });
      await this.#replace(open, loaded, place);
      if (place.id !== id) await this.#save("now", files);
      else if (state.playing) this.#player.play();
      return { opened: this.#describe(open, true), points: open.curve.points, epochs: [...open.epochs] };
    });
  }

  keptRuns(): Promise<readonly KeptRun[]> {
    return this.#keeper.list();
  }

  async keptCurves(id: string): Promise<Pick<ResumedRun, "points" | "epochs"> | null> {
    const found = await this.#keeper.load(id);
    return found ? { points: found.state.curve.points, epochs: found.state.epochs } : null;
  }

  renameRun(id: string, title: string): Promise<void> {
    return this.#exclusive(() => this.#keeper.rename(id, title));
  }

  removeRuns(ids: readonly string[]): Promise<void> {
    return this.#exclusive(() => this.#keeper.remove(ids));
  }

  keepRuns(on: boolean): Promise<void> {
    return this.#exclusive(async () => {
      await this.#keeper.keep(on);
      if (on && this.#open) await this.#save("now", this.#loaded?.files ?? []);
    });
  }

  change({ epochs, ...settings }: SettingsChange): Promise<RunDescription> {
    const { playing } = this.#player;
    return this.#player.standStill(settings.batchSize !== undefined, async () => {
      const before = this.#current;
      const { setup, source, id, model, changes, drawn, run, curve } = before;
      const options = Object.keys(settings).length > 0 ? [changeAt(run.progress, settings)] : [];
      const longer = { ...setup, epochs: epochs ?? setup.epochs };
      const origin = { id, model, taught: drawn.taught, changes: [...changes, ...options] };
      const saved = { playing, run: run.state(), curve: curve.state(), epochs: before.epochs };
      const open = await openStudioRun(longer, source, origin, { saved });
      open.evaluation = before.evaluation;
      await this.#replace(open, this.#loaded!, await this.#keeper.placeOf({ id }));
      await this.#save("now");
      return this.#describe(open, false);
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
    const { setup, changes } = this.#current;
    return this.open({ ...setup, ...settingsNow(setup, changes) });
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
      open.evaluation = await evaluateSplit(open, "test");
      return forPage(open.evaluation);
    });
  }

  readonly targetAnswers = this.#reading(targetAnswers);

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
    return this.#exclusive(() => this.#current.drawn.predict(pixels, targetClass, temperatureOf(this.#current)));
  }

  readonly distortedRows = this.#reading(distortedRows);
  readonly triedColumns = this.#reading(triedColumns);
  readonly modelRow = this.#reading(modelRow);
  readonly answerRow = this.#reading(answerRow);
  readonly dataAnswers = this.#reading(async (open) => (await import("./data-answers.ts")).dataAnswers(open));
  readonly teachers = this.#reading(async (open, place: RowPlace) =>
    (await import("./data-answers.ts")).teachers(open, place),
  );
  readonly weightBlocks = this.#reading(weightBlocks);
  readonly unit = this.#reading(unitView);
  readonly excitingRows = this.#reading(excitingRows);
  readonly layerMap = this.#reading(async (open, l: number) => (await import("./principal-map.ts")).layerMap(open, l));
  readonly histograms = this.#reading(histograms);
  readonly histogramHistory = this.#reading(histogramHistory);

  setWeight(l: number, i: number, o: number, value: number): Promise<ParameterStatus> {
    return this.#exclusive(async () => {
      const { drawn, network } = this.#current;
      return this.#reported(await drawn.setParameter(parameterIndex(network, l, i, o), value));
    });
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

  surface(): Promise<PlaneSurface | null> {
    return this.#exclusive(async () => {
      const { surface, run } = this.#current;
      const parameters = run.session.readParameters() as Float32Array;
      return surface ? surface.at(parameters, temperatureOf(this.#current)) : null;
    });
  }

  exportModel(kind: ExportKind): Promise<ExportedFile> {
    return this.#exclusive(async () => (await import("./exports.ts")).exportInPage(kind, this.#current));
  }

  record(): Promise<string> {
    return this.#exclusive(() =>
      recordOf(this.#current, nameOfFiles(this.#loaded?.files ?? []), this.#options.versions),
    );
  }

  async reportSeen(): Promise<void> {
    this.#player.reportSeen();
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

  /** A look at the open run that the visitor waits for, as a call of the lab. */
  #reading<A extends unknown[], T>(look: (open: OpenRun, ...args: A) => T | Promise<T>): (...args: A) => Promise<T> {
    return (...args) => {
      this.#player.expectCalls();
      return this.#exclusive(async () => look(this.#current, ...args));
    };
  }

  /** Make `open` the current run, and close the one before. */
  async #replace(open: OpenRun, loaded: Loaded, place: KeptPlace): Promise<void> {
    const before = this.#open;
    this.#open = open;
    this.#loaded = loaded;
    this.#player.setRun(open);
    await this.#keeper.moveTo(place, before);
    if (before) await closeOpenRun(before);
  }

  #describe(open: OpenRun, resumed: boolean): RunDescription {
    return describeRun(open, this.#loaded?.files ?? [], this.#player.progress, resumed);
  }

  /** `result`, once the page has been sent the progress and the run saved: a taught step changed the parameters. */
  async #reported<T>(result: T): Promise<T> {
    this.#player.report();
    await this.#save("now");
    return result;
  }

  #save(when: "now" | "if due", files: readonly GivenFile[] | null = null): Promise<void> {
    return this.#keeper.save(this.#current, this.#player.playing, when, files);
  }
}
