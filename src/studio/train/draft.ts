// The edited settings. Before a run's first step a change opens a new run at once; later the visitor says whether the
// run goes on with it or another one starts.
import { computed, effect, signal } from "@preact/signals";
import type { FoundColumn, GivenFile, SettingsChange } from "../lab/protocol.ts";
import { AS_FOUND, type ReadingChoices, readingIn } from "../state/reading.ts";
import { LEARNED_AS_USUAL, type StudioSetup } from "../state/setup.ts";
import { change, failure, lab, open, opened, progress, setup } from "../state/store.ts";

export const draft = signal<StudioSetup>(setup.value);

let asked: StudioSetup | undefined; // while the run takes these: what is edited meanwhile stays

effect(() => {
  const [taken, before] = [setup.value, asked];
  const edited = Object.entries(draft.peek()).filter(
    ([name, value]) => before && JSON.stringify(value) !== JSON.stringify(before[name as keyof StudioSetup]),
  );
  draft.value = { ...taken, ...Object.fromEntries(edited) };
});

/** Whether the settings differ from the open run's. */
export const changed = computed(() => JSON.stringify(draft.value) !== JSON.stringify(setup.value));

const CHANGEABLE = ["epochs", "learningRate", "weightDecay", "batchSize"] as const;

/** The changed settings, if the run at hand can go on with all of them. */
export const goingOn = computed<SettingsChange | null>(() => {
  const [now, next] = [setup.value, draft.value];
  const others = { ...next, ...Object.fromEntries(CHANGEABLE.map((name) => [name, now[name]])) };
  if (JSON.stringify(others) !== JSON.stringify(now)) return null;
  if (next.epochs < (progress.value?.epoch ?? 1)) return null; // those are behind it
  return Object.fromEntries(CHANGEABLE.filter((name) => next[name] !== now[name]).map((name) => [name, next[name]]));
});

export async function changeNow(settings: SettingsChange): Promise<void> {
  clearTimeout(timer);
  loading.value = true;
  asked = draft.value;
  if (!(await change(settings))) discardDraft();
  asked = undefined;
  loading.value = false;
}

export const loading = signal<boolean>(false);

const WAIT_MS = 250; // after the last change: a number may still be typed
let timer = 0;

export function choose(patch: Partial<StudioSetup>): void {
  draft.value = { ...draft.value, ...patch };
  clearTimeout(timer);
  if (!changed.value) return;
  const unbegun = () => (progress.value?.steps ?? 0) === 0;
  // looked at again then: a run that has just begun to play says so a little later
  if (unbegun()) timer = setTimeout(() => unbegun() && applyDraft(), WAIT_MS) as unknown as number;
}

/** Open a run of the edited settings. */
export async function applyDraft(): Promise<void> {
  clearTimeout(timer);
  loading.value = true;
  await open(draft.value, []);
  loading.value = false;
}

/** A table that was refused: its columns, to choose other uses of them. */
export type Refused = {
  readonly files: readonly GivenFile[];
  readonly columns: readonly FoundColumn[];
  readonly choices: ReadingChoices;
};
export const refused = signal<Refused | null>(null);

/**
 * Open a run on the visitor's files. `choices`: how they are read; by default as they are found, or as the address says
 * that they came with.
 */
export async function openFiles(files: readonly GivenFile[], choices?: ReadingChoices): Promise<void> {
  clearTimeout(timer);
  const [first] = files;
  if (files.length === 1 && first && /\.md$/i.test(first.name)) {
    const { openLesson } = await import("../lessons/open-lesson.ts");
    return openLesson(new TextDecoder().decode(first.bytes), first.name.replaceAll(/[^\w.-]/g, "-"), true);
  }
  loading.value = true;
  const fresh = files.some(({ name }) => !/\.safetensors$/i.test(name));
  const addressed = opened.value === null && setup.value.data === "file" ? draft.value : AS_FOUND;
  const taken = choices ?? readingIn(fresh ? addressed : draft.value);
  const usual = fresh && addressed === AS_FOUND ? LEARNED_AS_USUAL : {};
  await open({ ...draft.value, ...usual, ...taken }, files);
  refused.value = null;
  if (failure.value && fresh) {
    discardDraft();
    const columns = await lab.survey(files).catch(() => null);
    if (columns) refused.value = { files, columns, choices: taken };
  }
  loading.value = false;
}

/** Back to the open run's settings. */
export function discardDraft(): void {
  clearTimeout(timer);
  draft.value = setup.value;
}
