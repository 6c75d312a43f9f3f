// The runs kept in this browser: a short entry for the list, the state that opening it again takes, and the visitor's
// files. A save is one transaction, so a load finds either the old state or the new one, complete.
import { currentOptions } from "../../training/old-spellings.ts";
import type { EpochRows, RunState } from "../../training/run-state.ts";
import { DEFAULT_SETUP, type StudioSetup } from "../state/setup.ts";
import type { CurveState } from "./curve.ts";
import type { EpochPoint, GivenFile, KeptRun } from "./protocol.ts";

/** A run between two steps. Its epochs are kept here alone: `run` does not hold them. */
export type SavedState = {
  readonly playing: boolean;
  readonly run: RunState;
  readonly curve: CurveState;
  readonly epochs: readonly EpochPoint[];
};

export type SavedRun = { readonly entry: KeptRun; readonly state: SavedState };

/** Stores runs by their `id`. */
export interface RunStore {
  /** `files` null: those of an earlier save stay. */
  save(run: SavedRun, files: readonly GivenFile[] | null): Promise<void>;
  load(id: string): Promise<(SavedRun & { readonly files: readonly GivenFile[] }) | undefined>;
  /** The newest first. */
  list(): Promise<readonly KeptRun[]>;
  rename(id: string, title: string): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
}

/** Earlier versions kept the rows of the epoch at hand in the state itself. */
function withTally(state: SavedState): SavedState {
  const { losses, predictions, ...run } = state.run as RunState & EpochRows;
  return run.tally ? state : { ...state, run: { ...run, tally: { losses, predictions } } };
}

const STORES = ["entries", "states", "files"] as const;

/** In IndexedDB. Where the browser refuses it, as in private windows, every call rejects. */
export class DatabaseRunStore implements RunStore {
  #database: Promise<IDBDatabase> | undefined;

  async save({ entry, state }: SavedRun, files: readonly GivenFile[] | null): Promise<void> {
    const { at, done } = await this.#begin("readwrite");
    at("entries").put(entry, entry.id);
    at("states").put(state, entry.id);
    if (files) at("files").put(files, entry.id);
    await done;
  }

  async load(id: string): ReturnType<RunStore["load"]> {
    const { at, done } = await this.#begin("readonly");
    const [entry, state, files] = STORES.map((name) => at(name).get(id));
    await done;
    if (!entry!.result || !state!.result) return undefined;
    return { entry: current(entry!.result as KeptRun), state: withTally(state!.result), files: files!.result ?? [] };
  }

  async list(): Promise<readonly KeptRun[]> {
    const { at, done } = await this.#begin("readonly");
    const all = at("entries").getAll();
    await done;
    return (all.result as KeptRun[]).map(current).sort((a, b) => b.saved - a.saved);
  }

  async rename(id: string, title: string): Promise<void> {
    const { at, done } = await this.#begin("readwrite");
    const found = at("entries").get(id);
    found.onsuccess = () => {
      if (found.result) at("entries").put({ ...found.result, title }, id);
    };
    await done;
  }

  async remove(ids: readonly string[]): Promise<void> {
    const { at, done } = await this.#begin("readwrite");
    for (const id of ids) for (const name of STORES) at(name).delete(id);
    await done;
  }

  async #begin(mode: IDBTransactionMode) {
    const transaction = (await this.#open()).transaction(STORES, mode);
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    return { at: (name: (typeof STORES)[number]) => transaction.objectStore(name), done };
  }

  #open(): Promise<IDBDatabase> {
    this.#database ??= new Promise((resolve, reject) => {
      const request = indexedDB.open("deltaprop-studio", 2);
      request.onupgradeneeded = () => {
        const { result } = request;
        for (const old of [...result.objectStoreNames]) result.deleteObjectStore(old);
        for (const name of STORES) result.createObjectStore(name);
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return this.#database;
  }
}

/** An entry of an earlier version of the page, with the settings that it did not have. */
const current = (entry: KeptRun): KeptRun => ({
  ...entry,
  setup: { ...DEFAULT_SETUP, ...currentOptions(entry.setup as StudioSetup) },
});

const MOST_KEPT = 20;

/** The entries that go when there are too many: the oldest that have no title, then the oldest. `open` stays. */
export function surplus(runs: readonly KeptRun[], open: string): readonly string[] {
  const oldest = runs.filter(({ id }) => id !== open).toSorted((a, b) => a.saved - b.saved);
  const order = [...oldest.filter(({ title }) => title === ""), ...oldest.filter(({ title }) => title !== "")];
  return order.slice(0, Math.max(0, runs.length - MOST_KEPT)).map(({ id }) => id);
}
