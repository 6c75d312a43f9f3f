// What ranks of a job give each other in a training step: the arrays of rows, or sums of gradients, whichever is less.
import type { Batch, Plan, View } from "../../network/plan.ts";
import type { RankExchange } from "../engine.ts";

const LOSS_BYTES = 12; // a loss and a prediction of each row

/** The arrays of the row pass that are gathered, by its stages: what ∇θ of all rows is formed from. */
export function gatheredRows({ layers, inputDelta, front }: Batch): readonly (readonly View[])[] {
  const last = layers.at(-1)!;
  const below = layers.slice(0, -1);
  const there = (views: readonly (View | undefined)[]) => views.flatMap((view) => view ?? []);
  const stages = [
    ...below.map(({ output, passed, norm }) => there([output, passed, norm?.step?.normalized])),
    [last.output, last.delta],
    ...below.toReversed().map(({ delta, norm }) => there([delta, norm?.step?.delta])),
  ];
  stages.at(-1)!.push(...there([inputDelta, front?.delta]));
  return stages;
}

/**
 * What `ranks` ranks exchange in a step of B rows. Arrays: a and δ of all rows, then the rows of W that a rank updated.
 * Sums: ∇θ from rank to rank, then from the last one to all.
 */
export function exchangeOf(plan: Plan, ranks: number, wanted?: RankExchange["kind"]): RankExchange {
  const { batch, batchSize, floatBytes, gradients } = plan;
  const total = (views: readonly View[], size: (view: View) => number) =>
    views.reduce((sum, view) => sum + size(view), 0);
  const S = total(gatheredRows(batch).flat(), ({ stride }) => stride);
  const W = total(
    batch.layers.map(({ dW }) => dW),
    ({ rows, stride }) => rows * stride,
  );
  const bytes = (floats: number) => Math.round(((ranks - 1) / ranks) * (floatBytes * floats + LOSS_BYTES * batchSize));
  const [arraysBytes, sumsBytes] = [bytes(batchSize * S + W), bytes(2 * gradients.length)];
  return { kind: wanted ?? (sumsBytes < arraysBytes ? "sums" : "arrays"), arraysBytes, sumsBytes };
}
