// The page's state as signals, which views read; arrays and numbers that are not here come from calls of the lab.

import { batch, effect, signal } from "@preact/signals";
import { connect, LabError } from "../lab/client.ts";
import { newestScore, testAccuracyOf } from "../lab/epoch-points.ts";
import type {
  CurvePoint,
  EpochPoint,
  Evaluation,
  Failure,
  GivenFile,
  KeptRun,
  LabApi,
  LabEvent,
  PlayerProgress,
  ResumedRun,
  RowPlace,
  RunDescription,
  SettingsChange,
} from "../lab/protocol.ts";
import { trustOwnWorkers } from "../lab/trusted-types.ts";
import { t } from "../language/words.ts";
import { scoreName } from "../parts/answer-words.ts";
import { fixedNumber, percentText } from "../parts/numbers.ts";
import { Looker } from "./attention.ts";
import { OWN_RUN, PRIVATE, recall, remember } from "./browser-memory.ts";
import { readAddress, type StudioSetup, settingsNow, type ViewName } from "./setup.ts";

// `?lang=de`, as other pages say it, is a part of the fragment here.
const queried = new URLSearchParams(location.search).get("lang");
if (queried !== null) {
  const said = `lang=${encodeURIComponent(queried)}`;
  history.replaceState(null, "", `${location.pathname}${location.hash ? `${location.hash}&` : "#"}${said}`);
}

/** The page's address as it was opened. */
export const address = readAddress(location.hash);

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
export const place = signal<RowPlace>(address.looks.example);
export const layer = signal<number>(address.looks.layer);

/** The language that the address says; "" for none. */
export const addressLanguage = signal(address.looks.lang);

/** What the address hides. */
export const hidden = signal(address.looks.hide);

/** Counts changes of the parameters, at most 4 a second while playing: views that depend on them read it. */
export const tick = signal<number>(0);

/** Shown as text until dismissed. */
export const failure = signal<Failure | null>(null);

/** What the page has to say that is no error, with what can be done about it. */
export type Notice = {
  readonly text: string;
  readonly actions?: readonly { readonly name: string; readonly run: () => void }[];
};
export const notice = signal<Notice | null>(null);

/** Whether runs are kept in this browser: a setting of the machine, for shared ones. */
export const keeping = signal(recall("localStorage", PRIVATE) === null);

trustOwnWorkers();
const worker = new Worker(new URL("../lab/lab-worker.ts", import.meta.url), { type: "module" });

/** Each call rejects with a LabError. */
export const lab: LabApi = connect(worker, onLabEvent, (lost) => {
  failure.value = lost;
});

type Report = Extract<LabEvent, { readonly event: "progress" }>;

const reports = new Looker();
let reported: Report | null = null; // what the page has not shown yet
let ended: EpochPoint[] = []; //       epochs that are not in the table yet

function onLabEvent(event: LabEvent): void {
  if (event.event === "failed") {
    failure.value = event.failure;
    return;
  }
  const { points: curve = null, evaluation: tested = null } = reported ?? {};
  reported = { ...event, points: event.points ?? curve, evaluation: event.evaluation ?? tested };
  ended.push(...event.epochs);
  reports.look(async () => showReport, !(event.progress.playing && progress.peek()?.playing));
}

/** Show the newest report; the lab may then send another. */
function showReport(): void {
  const report = reported;
  if (!report) return;
  reported = null;
  batch(() => {
    progress.value = report.progress;
    if (report.points) {
      points.value = report.points;
      if (ended.length > 0) epochs.value = [...epochs.value, ...ended];
      ended = [];
    }
    if (report.evaluation) evaluation.value = report.evaluation;
    tick.value++;
  });
  void lab.reportSeen();
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

/** Open a run of `next`. The one before stays among the kept runs, and the page says how to get back to it. */
export async function open(next: StudioSetup, files: readonly GivenFile[] = []): Promise<void> {
  const before = leaving();
  const found = await attempt(() => lab.open(next, files));
  if (found) showRun({ opened: found, points: [], epochs: [] }, before);
}

/** The page's start: this tab's run after a reload, else the address's. */
export async function start(): Promise<void> {
  await lab.keepRuns(keeping.value);
  const kept = await lab.keptRuns();
  const own = kept.find(({ id }) => id === recall("sessionStorage", OWN_RUN));
  const asked = location.hash === "" || (own && sameSetup(setupOf(own), address.setup));
  const resumed = own && asked ? await attempt(() => lab.reopen(own.id)) : null;
  if (resumed) showRun(resumed, null);
  else {
    const lost = failure.value; // why this tab's run could not go on
    await open(address.setup);
    failure.value ??= lost;
    offer(kept);
  }
  starting.value = false;
}

/** Open a kept run again. */
export async function reopen(id: string): Promise<void> {
  const before = leaving();
  const found = await attempt(() => lab.reopen(id));
  if (found) showRun(found, before?.id === id ? null : before);
  else if (!failure.value) notice.value = { text: t("That run is no longer kept in this browser.") };
}

/** Go on with other settings, or with more epochs. */
export async function change(settings: SettingsChange): Promise<boolean> {
  const found = await attempt(() => lab.change(settings));
  if (found)
    batch(() => {
      setup.value = found.setup;
      opened.value = found;
      progress.value = found.progress;
    });
  return found !== undefined;
}

export async function reset(): Promise<void> {
  const before = leaving();
  const found = await attempt(() => lab.reset());
  if (found) showRun({ opened: found, points: [], epochs: [] }, before);
}

export async function keepRuns(on: boolean): Promise<void> {
  keeping.value = on;
  remember("localStorage", PRIVATE, on ? null : "1");
  await attempt(() => lab.keepRuns(on));
}

/** For the next visitor of a shared computer: nothing of those before. */
async function forgetRuns(kept: readonly KeptRun[]): Promise<void> {
  await attempt(() => lab.removeRuns(kept.map(({ id }) => id)));
  await keepRuns(false);
}

/** The set-up of a kept run as it stands. */
export const setupOf = ({ setup: began, changes }: KeptRun): StudioSetup => ({
  ...began,
  ...settingsNow(began, changes),
});

const sameSetup = (a: StudioSetup, b: StudioSetup) => JSON.stringify(a) === JSON.stringify(b);

/** A run, and where it stands. */
const whereText = (name: string, epoch: number, epochs: number): string =>
  t("{name}, epoch {n} of {all}", { name, n: Math.min(epoch, epochs), all: epochs });

/** The run at hand, if it has something to lose. */
function leaving(): { readonly id: string; readonly text: string } | null {
  const [run, at] = [opened.value, progress.value];
  if (!run || !at || at.steps === 0 || !keeping.value) return null;
  return { id: run.id, text: whereText(run.name, at.epoch, setup.value.epochs) };
}

/** Say that there are runs to go on with. */
function offer(kept: readonly KeptRun[]): void {
  const [last] = kept.filter(({ steps }) => steps > 0);
  if (!last) return;
  const name = last.title || whereText(last.data.name, last.epoch, last.setup.epochs);
  notice.value = {
    text: t("A run is kept in this browser: {name}. The Keep view lists all.", { name }),
    actions: [
      { name: t("Go on with it"), run: () => void reopen(last.id) },
      { name: t("Forget all runs, and keep none"), run: () => void forgetRuns(kept) },
    ],
  };
}

function showRun({ opened: found, points: curve, epochs: past }: ResumedRun, before: ReturnType<typeof leaving>): void {
  if (reported) void lab.reportSeen(); // of the run before
  reported = null;
  ended = [];
  remember("sessionStorage", OWN_RUN, found.id);
  batch(() => {
    setup.value = found.setup;
    opened.value = found;
    progress.value = found.progress;
    points.value = curve;
    epochs.value = past;
    evaluation.value = null;
    const { part, row } = place.value;
    if (row >= found.rows[part]) place.value = { part: "test", row: 0 };
    layer.value = Math.min(layer.value, found.layers.length - 1);
    tick.value++;
    notice.value = before && {
      text: t("The run before is kept: {name}.", { name: before.text }),
      actions: [{ name: t("Undo: back to it"), run: () => void reopen(before.id) }],
    };
  });
}

// The tab's title says where the run stands.
effect(() => {
  const [run, at] = [opened.value, progress.value];
  const accuracy = testAccuracyOf(epochs.value);
  const score = newestScore(epochs.value);
  const other = score === null ? "" : `${scoreName(run?.task ?? "regress")} ${fixedNumber(score, 3)} `;
  const figure = accuracy === null ? other : `${percentText(accuracy)} `;
  const state = at?.playing ? "▶ " : "";
  document.title = run ? `${state}${figure}${run.name} – Deltaprop studio` : "Deltaprop studio";
});
