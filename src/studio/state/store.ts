// What the page knows, as signals. Views read these; only what is not here is asked of the lab.

import { batch, effect, signal } from "@preact/signals";
import { connect, LabError } from "../lab/client.ts";
import type {
  CurvePoint,
  EpochPoint,
  Failure,
  GivenFile,
  Judgement,
  LabApi,
  LabEvent,
  OpenedRun,
  RowPlace,
  RunProgress,
} from "../lab/protocol.ts";
import { trustOwnWorkers } from "../lab/trusted-types.ts";
import { readAddress, type StudioSetup, type ViewName, writeAddress } from "./setup.ts";

const address = readAddress(location.hash);

export const setup = signal<StudioSetup>(address.setup);
export const view = signal<ViewName>(address.view);
export const lesson = signal<string>(address.lesson);

/** Until the first run is open, or was refused. */
export const starting = signal(true);

export const opened = signal<OpenedRun | null>(null);
export const progress = signal<RunProgress | null>(null);
export const points = signal<readonly CurvePoint[]>([]);
export const epochs = signal<readonly EpochPoint[]>([]);
export const judgement = signal<Judgement | null>(null);

/** The chosen example and the chosen layer (1 … L), the same in every view. */
export const place = signal<RowPlace>({ part: "test", row: 0 });
export const layer = signal<number>(1);

/** Grows when parameters have changed and views may look again: at most 4 times a second. */
export const tick = signal<number>(0);

/** Shown as text until dismissed. */
export const failure = signal<Failure | null>(null);

trustOwnWorkers();
const worker = new Worker(new URL("../lab/lab-worker.ts", import.meta.url), { type: "module" });

/** Every method a promise, which rejects with a LabError. */
export const lab: LabApi = connect(worker, heard, (lost) => {
  failure.value = lost;
});

function heard(event: LabEvent): void {
  batch(() => {
    switch (event.event) {
      case "progress":
        progress.value = event.progress;
        points.value = event.points;
        tick.value++;
        break;
      case "epoch":
        epochs.value = [...epochs.value, event.point];
        judgement.value = event.judgement;
        break;
      case "failed":
        failure.value = event.failure;
        break;
    }
  });
}

/** Do `work`, and show what it refuses. Undefined if it was refused. */
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

/** Open `next` as the run at hand. */
export async function open(next: StudioSetup, files: readonly GivenFile[] = []): Promise<void> {
  const found = await attempt(() => lab.open(next, files));
  if (found) show(found, [], []);
}

/** The page's start: the run that was kept, if the address names no other; else the address's. */
export async function start(): Promise<void> {
  const kept = await attempt(() => lab.resume(location.hash === "" ? null : address.setup));
  if (kept) show(kept.opened, kept.points, kept.epochs);
  else await open(address.setup);
  starting.value = false;
}

function show(found: OpenedRun, curve: readonly CurvePoint[], ended: readonly EpochPoint[]): void {
  batch(() => {
    setup.value = found.setup;
    opened.value = found;
    progress.value = found.progress;
    points.value = curve;
    epochs.value = ended;
    judgement.value = null;
    const { part, row } = place.value;
    if (row >= found.rows[part]) place.value = { part: "test", row: 0 };
    layer.value = Math.min(layer.value, found.layers.length - 1);
    tick.value++;
  });
}

export async function reset(): Promise<void> {
  const found = await attempt(() => lab.reset());
  if (found) show(found, [], []);
}

// The address follows the page. A change of view is a step that Back undoes; a change of set-up is none, since its run would be lost.
const OURS = { studio: true };
history.replaceState(OURS, "");
effect(() => {
  const text = writeAddress({ setup: setup.value, view: view.value, lesson: lesson.value });
  if (text === location.hash) return;
  const moved = readAddress(location.hash).view !== view.value;
  history[moved ? "pushState" : "replaceState"](OURS, "", text || location.pathname + location.search);
});

// And the page follows the address: Back and Forward change the view, an address typed or pasted opens its run.
addEventListener("popstate", ({ state }) => {
  const given = readAddress(location.hash);
  if (state === null) history.replaceState(OURS, "");
  const other = state === null && JSON.stringify(given.setup) !== JSON.stringify(setup.value);
  const look = () =>
    batch(() => {
      view.value = given.view;
      if (state === null) lesson.value = given.lesson;
    });
  if (other)
    void open(given.setup).then(look); // until then the address stays as it was given
  else look();
});
