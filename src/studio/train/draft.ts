// The edited settings. Before a run's first step a change opens a new run at once; later the visitor must confirm it,
// because the current run is lost.
import { computed, effect, signal } from "@preact/signals";
import type { GivenFile } from "../lab/protocol.ts";
import type { StudioSetup } from "../state/setup.ts";
import { open, progress, setup } from "../state/store.ts";

export const draft = signal<StudioSetup>(setup.value);

effect(() => {
  draft.value = setup.value;
});

/** Whether the settings differ from the open run's. */
export const changed = computed(() => JSON.stringify(draft.value) !== JSON.stringify(setup.value));

export const loading = signal<boolean>(false);

const WAIT_MS = 250; // after the last change: a number may still be typed
let timer = 0;

export function choose(patch: Partial<StudioSetup>): void {
  draft.value = { ...draft.value, ...patch };
  clearTimeout(timer);
  if (!changed.value) return;
  if ((progress.value?.steps ?? 0) === 0) timer = setTimeout(applyDraft, WAIT_MS) as unknown as number;
}

/** Open a run of the edited settings. */
export async function applyDraft(files: readonly GivenFile[] = []): Promise<void> {
  clearTimeout(timer);
  loading.value = true;
  await open(draft.value, files);
  loading.value = false;
}

/** Back to the open run's settings. */
export function discardDraft(): void {
  clearTimeout(timer);
  draft.value = setup.value;
}
