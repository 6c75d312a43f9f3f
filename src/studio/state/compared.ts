// Kept runs whose curves lie over those of the open one, with what differs in their settings.
import { signal } from "@preact/signals";
import type { CurvePoint, EpochPoint, KeptRun } from "../lab/protocol.ts";
import { known, type PlainText, t } from "../language/words.ts";
import { localText } from "../parts/numbers.ts";
import type { StudioSetup } from "./setup.ts";
import { attempt, lab, setup, setupOf } from "./store.ts";

export type Compared = {
  readonly id: string;
  readonly name: string;
  readonly setup: StudioSetup;
  readonly points: readonly CurvePoint[];
  readonly epochs: readonly EpochPoint[];
};

const MOST = 3; // beside the open run: more lines are not told apart

export const compared = signal<readonly Compared[]>([]);

/** Lay the run over the open one, or take it away. */
export async function toggleCompared(run: KeptRun): Promise<void> {
  if (compared.value.some(({ id }) => id === run.id)) {
    compared.value = compared.value.filter(({ id }) => id !== run.id);
    return;
  }
  const curves = await attempt(() => lab.keptCurves(run.id));
  if (!curves) return;
  const name = run.title || run.data.name;
  compared.value = [...compared.value, { id: run.id, name, setup: setupOf(run), ...curves }].slice(-MOST);
}

/** Lay the kept run with that id over the open one, in place of runs with the open one's or its own settings. */
export async function layOver(id: string): Promise<void> {
  const run = (await attempt(() => lab.keptRuns()))?.find((each) => each.id === id);
  if (!run) return;
  const own = [setup.value, setupOf(run)].map((each) => JSON.stringify(each));
  compared.value = compared.value.filter((each) => !own.includes(JSON.stringify(each.setup)));
  if (own[0] !== own[1]) await toggleCompared(run);
}

const WORDS: Readonly<Record<string, PlainText | "η" | "B" | "λ">> = {
  learningRate: "η",
  batchSize: "B",
  weightDecay: "λ",
  augment: "distortions",
  hidden: "hidden layers",
  initialization: "first weights",
  randomLabels: "random labels",
  rows: "training rows",
};

/** What is other in that run's settings than in the open one's, in words. */
export function differences(other: StudioSetup): string {
  const now = setup.value;
  const names = (Object.keys(now) as (keyof StudioSetup)[]).filter((name) => `${now[name]}` !== `${other[name]}`);
  const text = (value: StudioSetup[keyof StudioSetup]) =>
    (typeof value === "number" ? localText(String(value)) : String(value)) || t("none");
  const words = names.map((name) =>
    t("{setting} {theirs} (here {ours})", {
      setting: known(WORDS[name] ?? name),
      theirs: text(other[name]),
      ours: text(now[name]),
    }),
  );
  return words.length > 0 ? words.join(", ") : t("the same settings");
}
