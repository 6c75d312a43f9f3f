// Who owns what among the threads of all ranks of a job. Rank r's threads stand next to each other, so its rows of a
// batch, and its rows of each W, are one run.
import { rowShare, weightShare } from "../../network/slices.ts";
import type { Rank } from "../backend.ts";

/** The ranks of a job: the number of this one, and how many threads each has. */
export type Ranks = { readonly rank: number; readonly threads: readonly number[] };

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

/** Rows of a W with `count` rows of one rank. */
export const weightsOfRank = (count: number, ranks: Ranks): Range => ofRank(weightShare, count, ranks);

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
