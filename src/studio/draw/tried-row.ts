// The row of a table that the visitor makes, as signals: a row of the data to begin with, and the network's answer to
// the row as it is now.
import { batch, effect, signal } from "@preact/signals";
import type { AttributionMethod } from "../../insights/attributions.ts";
import type { RowAnswer, TriedColumn } from "../lab/row-api.ts";
import { type Look, Looker } from "../state/attention.ts";
import { attempt, lab, opened, place, tick } from "../state/store.ts";
import { whetherItWentOn } from "../state/went-on.ts";

export const columns = signal<readonly TriedColumn[]>([]);

/** [D], by the levels of the model; null until a row of the data is there. */
export const row = signal<Float64Array | null>(null);
export const answer = signal<RowAnswer | null>(null);

/** The class, number or label of the pushes; null: the predicted class, or the first number or label. */
export const pushedTarget = signal<number | null>(null);
export const method = signal<AttributionMethod>("integrated");

/** Begin with the chosen example, and again whenever another one is chosen; gives how to stop. */
export function followPlace(): () => void {
  return effect(() => {
    const [found, at] = [opened.value, place.value];
    if (!found) return;
    void Promise.all([lab.triedColumns(), lab.modelRow(at)])
      .then(([known, values]) => {
        if (opened.peek() !== found) return;
        batch(() => {
          columns.value = known;
          row.value = values;
          answer.value = null;
          pushedTarget.value = null;
        });
      })
      .catch(() => {}); // another set-up was opened meanwhile
  });
}

export function setValue(j: number, value: number): void {
  if (row.value) row.value = row.value.with(j, value);
}

const answers = new Looker();

/** Keep the answer that of the row, its target and the parameters; gives how to stop. */
export function followRow(): () => void {
  const wentOn = whetherItWentOn(tick);
  const stop = effect(() => {
    for (const each of [row, pushedTarget]) each.value;
    answers.look(ask, !wentOn());
  });
  return () => {
    stop();
    answers.leave();
  };
}

const ask: Look = async () => {
  const now = row.peek();
  const found = now && (await attempt(() => lab.answerRow(now, pushedTarget.peek() ?? undefined)));
  const T = found && (found.values?.values ?? found.probabilities).length;
  if (!found || T !== opened.peek()?.classes.length) return null;
  return () => {
    answer.value = found;
  };
};
