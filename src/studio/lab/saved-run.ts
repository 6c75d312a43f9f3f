// The run saved for a reload, in the browser's database. A save is one transaction, so a load finds either the old run
// or the new one, complete.

import { currentOptions } from "../../training/old-spellings.ts";
import type { RunState } from "../../training/run-state.ts";
import { DEFAULT_SETUP, type StudioSetup } from "../state/setup.ts";
import type { CurveState } from "./curve.ts";
import type { EpochPoint, GivenFile } from "./protocol.ts";

export type SavedRun = {
  readonly format: 1;
  readonly setup: StudioSetup;
  readonly playing: boolean;
  readonly taught: number; // taught steps in the parameters
  readonly run: RunState;
  readonly curve: CurveState;
  readonly epochs: readonly EpochPoint[];
};

/** Stores one run. `files` null: the stored files stay. */
export interface RunStore {
  save(saved: SavedRun, files: readonly GivenFile[] | null): Promise<void>;
  load(): Promise<{ readonly saved: SavedRun; readonly files: readonly GivenFile[] } | undefined>;
  clear(): Promise<void>;
}

const STORE = "run";

/** In IndexedDB. Where the browser refuses it, as in private windows, every call rejects. */
export class DatabaseRunStore implements RunStore {
  #database: Promise<IDBDatabase> | undefined;

  async save(saved: SavedRun, files: readonly GivenFile[] | null): Promise<void> {
    const transaction = (await this.#open()).transaction(STORE, "readwrite");
    const store = transaction.objectStore(STORE);
    store.put(saved, "kept");
    if (files) store.put(files, "files");
    await settled(transaction);
  }

  async load(): ReturnType<RunStore["load"]> {
    const transaction = (await this.#open()).transaction(STORE, "readonly");
    const store = transaction.objectStore(STORE);
    const [saved, files] = [store.get("kept"), store.get("files")];
    await settled(transaction);
    if (saved.result?.format !== 1) return undefined;
    const setup = { ...DEFAULT_SETUP, ...currentOptions(saved.result.setup as StudioSetup) };
    return { saved: { ...saved.result, setup }, files: files.result ?? [] };
  }

  async clear(): Promise<void> {
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
