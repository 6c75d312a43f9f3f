// The settings as the visitor is changing them. Before a run's first step they are taken at once; a run that has begun is thrown away
// only when the visitor says so.
import { computed, effect, signal } from "@preact/signals";
import type { GivenFile } from "../lab/protocol.ts";
import type { StudioSetup } from "../state/setup.ts";
import { open, progress, setup } from "../state/store.ts";

export const draft = signal<StudioSetup>(setup.value);

effect(() => {
  draft.value = setup.value;
});

/** Whether the settings are not those of the run at hand. */
export const changed = computed(() => JSON.stringify(draft.value) !== JSON.stringify(setup.value));

export const loading = signal<boolean>(false);

const WAIT_MS = 250; // while somebody types
let timer = 0;

export function choose(patch: Partial<StudioSetup>): void {
  draft.value = { ...draft.value, ...patch };
  clearTimeout(timer);
  if (!changed.value) return;
  if ((progress.value?.steps ?? 0) === 0) timer = setTimeout(applyDraft, WAIT_MS) as unknown as number;
}

/** A new run with the settings as they are. */
export async function applyDraft(files: readonly GivenFile[] = []): Promise<void> {
  clearTimeout(timer);
  loading.value = true;
  await open(draft.value, files);
  loading.value = false;
}

/** Back to the settings of the run at hand. */
export function forget(): void {
  clearTimeout(timer);
  draft.value = setup.value;
}
