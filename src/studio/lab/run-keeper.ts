// What the lab does with the kept runs: which of them is its own, when it is saved, and what goes when there are many.
// A store that fails is ignored: the page works without one.

import type { Source } from "../../data/dataset.ts";
import { InvalidInput } from "../../errors.ts";
import { newestScore, testAccuracyOf } from "./epoch-points.ts";
import { type RunStore, type SavedRun, surplus } from "./kept-runs.ts";
import type { OpenRun } from "./open-run.ts";
import type { GivenFile, KeptRun } from "./protocol.ts";

/** Takes a kept run for one tab alone, until it is released; null where another tab has it. */
export type Claim = (id: string) => Promise<(() => void) | null>;

/** A run of this tab: its place among the kept ones. */
export type KeptPlace = { readonly id: string; readonly title: string; readonly release: () => void };

const SAVE_MS = 500; //   least time between two saves while playing …
const SAVE_SHARE = 20; // … and this many times as long as the last save took

export class RunKeeper {
  readonly #store: RunStore;
  readonly #claim: Claim;
  #keeping = true;
  #place: KeptPlace | undefined;
  #nextSave = 0; // performance.now() of the next save while playing

  constructor(store: RunStore, claim: Claim = async () => () => {}) {
    this.#store = store;
    this.#claim = claim;
  }

  /** A place for another run. */
  async newPlace(): Promise<KeptPlace> {
    const bytes = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0"));
    const id = bytes.join("");
    return { id, title: "", release: (await this.#claim(id)) ?? (() => {}) };
  }

  /** The place of a kept run; a new one, with a copy to be saved, where another tab has that run open. */
  async placeOf({ id, title = "" }: Pick<KeptRun, "id"> & { readonly title?: string }): Promise<KeptPlace> {
    if (this.#place?.id === id) return this.#place;
    const release = await this.#claim(id);
    return release ? { id, title, release } : this.newPlace();
  }

  /** The open run is now at `place`; the one before, if it never took a step, is not worth keeping. */
  async moveTo(place: KeptPlace, before: OpenRun | undefined): Promise<void> {
    const left = this.#place;
    this.#place = place;
    if (!left || left.id === place.id) return;
    if (before && before.run.progress.steps === 0 && before.drawn.taught === 0) await this.remove([left.id]);
    left.release();
  }

  load(id: string): ReturnType<RunStore["load"]> {
    return this.#store.load(id).catch(() => undefined);
  }

  list(): Promise<readonly KeptRun[]> {
    return this.#store.list().catch(() => []);
  }

  async rename(id: string, title: string): Promise<void> {
    if (this.#place?.id === id) this.#place = { ...this.#place, title };
    await this.#store.rename(id, title).catch(() => {});
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#store.remove(ids.filter((id) => id !== this.#place?.id)).catch(() => {});
  }

  /** Whether runs are kept from now on; if not, the open one goes, too. */
  async keep(on: boolean): Promise<void> {
    this.#keeping = on;
    if (!on && this.#place) await this.#store.remove([this.#place.id]).catch(() => {});
  }

  /** `files` null: those of an earlier save stay. */
  async save(open: OpenRun, playing: boolean, when: "now" | "if due", files: readonly GivenFile[] | null) {
    const begun = performance.now();
    const place = this.#place;
    if (!this.#keeping || !place || (when === "if due" && begun < this.#nextSave)) return;
    const save = async () => {
      await this.#store.save(savedRun(open, place, playing), files);
      if (files) await this.#store.remove(surplus(await this.#store.list(), place.id));
    };
    await save().catch(() => {});
    const now = performance.now();
    this.#nextSave = now + Math.max(SAVE_MS, SAVE_SHARE * (now - begun));
  }
}

function savedRun(open: OpenRun, { id, title }: KeptPlace, playing: boolean): SavedRun {
  const { setup, source, network, run, curve, epochs, drawn, model, changes } = open;
  const { epoch, steps, ended } = run.progress;
  const entry: KeptRun = {
    id,
    title,
    saved: Date.now(),
    data: { name: source.name, sha256: source.sha256 },
    setup,
    layers: network.layers,
    model,
    changes,
    taught: drawn.taught,
    epoch,
    steps,
    ended: ended !== null,
    testAccuracy: testAccuracyOf(epochs),
    testScore: newestScore(epochs),
  };
  return { entry, state: { playing, run: run.state(), curve: curve.state(), epochs: [...epochs] } };
}

/** Raises InvalidInput where a kept run's data are not those that are here now. */
export function refuseOtherData({ sha256 }: Source, { data }: KeptRun): void {
  if (sha256 === data.sha256) return;
  const hashes = `their SHA-256 is ${sha256.slice(0, 12)}…, that of the run's data ${data.sha256.slice(0, 12)}…`;
  const reason = `these data are no longer those of the run: ${hashes}. The run stays in the list.`;
  throw new InvalidInput("OTHER_DATA", reason, { file: data.name });
}
