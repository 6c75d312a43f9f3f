// The run that survives a reload, in the browser's own database. One transaction a save: what is read back is an old run or the new
// one, never half of each.

import { currentOptions } from "../../training/old-spellings.ts";
import type { RunState } from "../../training/run-state.ts";
import { DEFAULT_SETUP, type StudioSetup } from "../state/setup.ts";
import type { CurveState } from "./curve.ts";
import type { EpochPoint, GivenFile } from "./protocol.ts";

export type Kept = {
  readonly format: 1;
  readonly setup: StudioSetup;
  readonly playing: boolean;
  readonly taught: number; // lessons that the parameters hold
  readonly run: RunState;
  readonly curve: CurveState;
  readonly epochs: readonly EpochPoint[];
};

/** Where a run is kept. `files` are stored only when given: null leaves those that are there. */
export interface Keeper {
  save(kept: Kept, files: readonly GivenFile[] | null): Promise<void>;
  load(): Promise<{ readonly kept: Kept; readonly files: readonly GivenFile[] } | undefined>;
  forget(): Promise<void>;
}

const STORE = "run";

/** Kept in IndexedDB. A browser that refuses (private windows do) keeps nothing, and the page works without. */
export class DatabaseKeeper implements Keeper {
  #database: Promise<IDBDatabase> | undefined;

  async save(kept: Kept, files: readonly GivenFile[] | null): Promise<void> {
    const transaction = (await this.#open()).transaction(STORE, "readwrite");
    const store = transaction.objectStore(STORE);
    store.put(kept, "kept");
    if (files) store.put(files, "files");
    await settled(transaction);
  }

  async load(): ReturnType<Keeper["load"]> {
    const transaction = (await this.#open()).transaction(STORE, "readonly");
    const store = transaction.objectStore(STORE);
    const [kept, files] = [store.get("kept"), store.get("files")];
    await settled(transaction);
    if (kept.result?.format !== 1) return undefined;
    const setup = { ...DEFAULT_SETUP, ...currentOptions(kept.result.setup as StudioSetup) };
    return { kept: { ...kept.result, setup }, files: files.result ?? [] };
  }

  async forget(): Promise<void> {
    const transaction = (await this.#open()).transaction(STORE, "readwrite");
    transaction.objectStore(STORE).clear();
    await settled(transaction);
  }

  #open(): Promise<IDBDatabase> {
    this.#database ??= new Promise((resolve, reject) => {
      const request = indexedDB.open("deltaprop-studio", 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return this.#database;
  }
}

function settled(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
