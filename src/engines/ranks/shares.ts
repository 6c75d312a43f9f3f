// Who owns what among the threads of all ranks of a job. Rank r's threads stand next to each other, so its rows of a
// batch, and its rows of each W, are one run.
import { MOST_PARTS, type Plan, type Span } from "../../network/plan.ts";
import { rowShare, type WeightPart, weightShare, wholeWeights } from "../../network/slices.ts";
import type { Rank } from "../backend.ts";

/** The ranks of a job: the number of this one, and how many threads each has. */
export type Ranks = {
  readonly rank: number;
  readonly threads: readonly number[];
  /**
   * Whether they are on several machines. Then what is done of a step is on its way while the rest is computed; within
   * one machine it is copied by processors that have other work.
   */
  readonly apart?: boolean | undefined;
  /** Whether sums of gradients go from rank to rank in a training step, in place of activations and errors to all. */
  readonly sums?: boolean | undefined;
};

type Range = readonly [from: number, to: number];
type Share = (count: number, thread: number, threads: number) => Range;

/** The place of a rank's thread among those of all ranks. */
export function placeAmong({ rank, threads }: Ranks, thread: number): Rank {
  const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);
  return { thread: sum(threads.slice(0, rank)) + thread, threads: sum(threads) };
}

/** The run of [0, count) that the threads of a rank own together. */
function ofRank(share: Share, count: number, ranks: Ranks): Range {
  const first = placeAmong(ranks, 0);
  const last = placeAmong(ranks, ranks.threads[ranks.rank]! - 1);
  return [share(count, first.thread, first.threads)[0], share(count, last.thread, last.threads)[1]];
}

/** Rows of a batch, or positions of an order, of one rank; none where there are more threads than rows. */
export const rowsOfRank = (count: number, ranks: Ranks): Range => ofRank(rowShare, count, ranks);

/** Rows of a part of a W that are one rank's. */
export function weightsOfRank({ from, to }: Pick<WeightPart, "from" | "to">, ranks: Ranks): Range {
  const [first, end] = ofRank(weightShare, to - from, ranks);
  return [from + first, from + end];
}

const PART = 2 ** 18; // bytes of W: less would make more messages than the time they save
const TILE = 8; //       rows that a thread's share is a multiple of

/** The parts in which ranks give away their rows of all W, in order: a large W is on its way before it is complete. */
export function weightParts(plan: Plan, { threads, apart }: Ranks): readonly WeightPart[] {
  if (!apart) return wholeWeights(plan);
  const { batch, floatBytes } = plan;
  const even = TILE * threads.reduce((all, count) => all + count, 0);
  return batch.layers.flatMap(({ dW }, layer) => {
    const bytes = floatBytes * dW.rows * dW.stride;
    const wanted = Math.max(1, Math.min(MOST_PARTS, Math.floor(bytes / PART), Math.floor(dW.rows / even)));
    const rows = Math.ceil(dW.rows / wanted / even) * even;
    const count = Math.ceil(dW.rows / rows);
    return Array.from({ length: count }, (_, part) => ({
      layer,
      from: part * rows,
      to: Math.min(dW.rows, (part + 1) * rows),
    }));
  });
}

const WORTH_SUMS = 2 ** 22; // operations on a part that outlast its message several times
const MOST_SUMS = 2 ** 28; //  floats of a part
const A_RANK = 8; //           parts of all ∇θ, for each rank: few ranks then wait while the first part is on its way

/** The parts of ∇θ that go from rank to rank, in order: where each lies, and the rows of all W in it. */
export type SumParts = { readonly spans: readonly Span[]; readonly weights: readonly WeightPart[] };

export function sumParts({ batch, batchSize, gradients }: Plan, { threads }: Pick<Ranks, "threads">): SumParts {
  const most = gradients.length / (A_RANK * threads.length);
  const worth = (WORTH_SUMS * threads.length) / (2 * batchSize); // a rank adds up B/R rows of it
  const wanted = Math.min(MOST_SUMS, Math.max(worth, most));
  const even = TILE * Math.max(...threads);
  const weights: WeightPart[] = [];
  const spans: Span[] = [];
  const last = gradients.offset + gradients.length;
  let offset = gradients.offset;
  for (const [layer, { dW }] of batch.layers.entries()) {
    const rows = Math.max(1, Math.floor(wanted / dW.stride / even)) * even;
    for (let from = 0; from < dW.rows; from += rows) {
      const to = Math.min(dW.rows, from + rows);
      weights.push({ layer, from, to });
      // what follows a W goes with its last rows
      const end = to < dW.rows ? dW.offset + to * dW.stride : (batch.layers[layer + 1]?.dW.offset ?? last);
      if (end - offset < wanted && end < last) continue;
      spans.push({ offset, length: end - offset });
      offset = end;
    }
  }
  return { spans, weights };
}

/** A thread's part of the rows of a batch that its rank does not own: the threads of a rank share them. */
export function othersRows(count: number, ranks: Ranks, { thread, threads }: Rank): Range[] {
  const [from, to] = rowsOfRank(count, ranks);
  const [a, b] = rowShare(from, thread, threads);
  const [c, d] = rowShare(count - to, thread, threads);
  const parts: Range[] = [
    [a, b],
    [to + c, to + d],
  ];
  return parts.filter(([first, end]) => end > first);
}
