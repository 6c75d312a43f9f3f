// What the pupil's own runs of a lesson did: the open one, and those that this browser keeps.
import type { CurvePoint, EpochPoint } from "../lab/protocol.ts";
import { known, t } from "../language/words.ts";
import { epochs, failure, lab, opened, points, progress, setup, setupOf } from "../state/store.ts";
import { type Lesson, runOf } from "./lessons.ts";

export type PlayedRun = {
  readonly name: string;
  readonly steps: number;
  readonly broken: boolean; // a number became infinite
  readonly points: readonly CurvePoint[];
  readonly epochs: readonly EpochPoint[];
};

/** Those that took a step, in the lesson's order; behind them the open run if it is none of the lesson's. */
export async function playedRuns(lesson: Lesson): Promise<readonly PlayedRun[]> {
  const kept = await lab.keptRuns();
  const here = runOf(lesson, setup.value);
  const own: PlayedRun | null =
    (progress.value?.steps ?? 0) > 0
      ? {
          name: t("The open run"),
          steps: progress.value!.steps,
          broken: failure.value?.code === "NOT_FINITE",
          points: points.value,
          epochs: epochs.value,
        }
      : null;
  const played: PlayedRun[] = [];
  for (const run of lesson.runs) {
    const name = known(run.name);
    if (own && run === here) {
      played.push({ ...own, name });
      continue;
    }
    const found = kept.find((each) => each.id !== opened.value?.id && runOf(lesson, setupOf(each)) === run);
    const curves = found && (await lab.keptCurves(found.id));
    if (curves) played.push({ name, steps: found.steps, broken: false, ...curves });
  }
  return own && !here ? [...played, own] : played;
}
