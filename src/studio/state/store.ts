// The page's state as signals, which views read; arrays and numbers that are not here come from calls of the lab.

import { batch, effect, signal } from "@preact/signals";
import { connect, LabError } from "../lab/client.ts";
import type {
  CurvePoint,
  EpochPoint,
  Evaluation,
  Failure,
  GivenFile,
  LabApi,
  LabEvent,
  PlayerProgress,
  RowPlace,
  RunDescription,
} from "../lab/protocol.ts";
import { trustOwnWorkers } from "../lab/trusted-types.ts";
import { readAddress, type StudioSetup, type ViewName, writeAddress } from "./setup.ts";

const address = readAddress(location.hash);

export const setup = signal<StudioSetup>(address.setup);
export const view = signal<ViewName>(address.view);
export const lesson = signal<string>(address.lesson);

/** True until the first run is open or has failed to open. */
export const starting = signal(true);

export const opened = signal<RunDescription | null>(null);
export const progress = signal<PlayerProgress | null>(null);
export const points = signal<readonly CurvePoint[]>([]);
export const epochs = signal<readonly EpochPoint[]>([]);
export const evaluation = signal<Evaluation | null>(null);

/** The chosen example and the chosen layer (1 … L), the same in every view. */
export const place = signal<RowPlace>({ part: "test", row: 0 });
export const layer = signal<number>(1);

/** Counts changes of the parameters, at most 4 a second while playing: views that depend on them read it. */
export const tick = signal<number>(0);

/** Shown as text until dismissed. */
export const failure = signal<Failure | null>(null);

trustOwnWorkers();
const worker = new Worker(new URL("../lab/lab-worker.ts", import.meta.url), { type: "module" });

/** Each call rejects with a LabError. */
export const lab: LabApi = connect(worker, onLabEvent, (lost) => {
  failure.value = lost;
});

function onLabEvent(event: LabEvent): void {
  batch(() => {
    switch (event.event) {
      case "progress":
        progress.value = event.progress;
        points.value = event.points;
        tick.value++;
        break;
      case "epoch":
        epochs.value = [...epochs.value, event.point];
        evaluation.value = event.evaluation;
        break;
      case "failed":
        failure.value = event.failure;
        break;
    }
  });
}

/** The result of `work`; if it rejects, undefined, and the page shows the error. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    const value = await work();
    failure.value = null;
    return value;
  } catch (error) {
    const { code, message } = error instanceof LabError ? error : { code: "BUG", message: String(error) };
    failure.value = { code, message };
    return undefined;
  }
}

/** Open a run of `next`. */
export async function open(next: StudioSetup, files: readonly GivenFile[] = []): Promise<void> {
  const found = await attempt(() => lab.open(next, files));
  if (found) showRun(found, [], []);
}

/** The page's start: the saved run if the address names no other, else the address's. */
export async function start(): Promise<void> {
  const resumed = await attempt(() => lab.resume(location.hash === "" ? null : address.setup));
  if (resumed) showRun(resumed.opened, resumed.points, resumed.epochs);
  else await open(address.setup);
  starting.value = false;
}

function showRun(found: RunDescription, curve: readonly CurvePoint[], ended: readonly EpochPoint[]): void {
  batch(() => {
    setup.value = found.setup;
    opened.value = found;
    progress.value = found.progress;
    points.value = curve;
    epochs.value = ended;
    evaluation.value = null;
    const { part, row } = place.value;
    if (row >= found.rows[part]) place.value = { part: "test", row: 0 };
    layer.value = Math.min(layer.value, found.layers.length - 1);
    tick.value++;
  });
}

export async function reset(): Promise<void> {
  const found = await attempt(() => lab.reset());
  if (found) showRun(found, [], []);
}

// The address follows the page. Back undoes a change of view, but not a change of set-up: that would lose the run.
const OURS = { studio: true };
history.replaceState(OURS, "");
effect(() => {
  const text = writeAddress({ setup: setup.value, view: view.value, lesson: lesson.value });
  if (text === location.hash) return;
  const moved = readAddress(location.hash).view !== view.value;
  history[moved ? "pushState" : "replaceState"](OURS, "", text || location.pathname + location.search);
});

// The page follows the address: Back and Forward change the view, an address typed or pasted opens its run.
addEventListener("popstate", ({ state }) => {
  const given = readAddress(location.hash);
  if (state === null) history.replaceState(OURS, "");
  const other = state === null && JSON.stringify(given.setup) !== JSON.stringify(setup.value);
  const showView = () =>
    batch(() => {
      view.value = given.view;
      if (state === null) lesson.value = given.lesson;
    });
  if (other)
    void open(given.setup).then(showView); // until then the address stays as given
  else showView();
});
