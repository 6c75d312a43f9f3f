// The partners of a call's rows (X52), checked, and placed where the row pass reads them.
import { must } from "../errors.ts";
import type { Memory } from "../network/memory.ts";
import type { Plan } from "../network/plan.ts";
import { WARP_NUMBERS } from "../network/warp.ts";
import type { Mixes } from "./engine.ts";

/** A copy for `rows` rows. Raises InvalidInput unless there are mixes exactly where planned, each within its step. */
export function checkedMixes(
  mixes: Mixes | undefined,
  { batchSize, trained }: Pick<Plan, "batchSize" | "trained">,
  rows: number,
): Mixes | undefined {
  const planned = trained?.mix !== undefined;
  const wanted = planned ? "partners and shares, as the setup mixes rows" : "left out: the setup mixes no rows";
  must((mixes !== undefined) === planned, "mixes", wanted, mixes);
  if (!mixes) return undefined;
  const { partners, shares } = mixes;
  must(partners.length === rows, "mixes.partners", `${rows} positions`, partners.length);
  must(shares.length === rows, "mixes.shares", `${rows} numbers`, shares.length);
  for (const [at, partner] of partners.entries()) {
    const first = at - (at % batchSize);
    const inStep = partner >= first && partner < Math.min(rows, first + batchSize);
    must(inStep, `mixes.partners[${at}]`, "a position of the same step", partner);
  }
  const bad = shares.findIndex((share) => !(share >= 0 && share <= 1));
  must(bad < 0, `mixes.shares[${bad}]`, "a number in [0, 1]", shares[bad]);
  return { partners: partners.slice(), shares: shares.slice() };
}

/** Of the positions from `at` on, of whole steps. */
export const mixesAt = ({ partners, shares }: Mixes, at: number, count: number): Mixes => ({
  partners: partners.slice(at, at + count).map((partner) => partner - at),
  shares: shares.slice(at, at + count),
});

/** Write the partners' rows and shares, and of distorted images the numbers that the partners have themselves. */
export function placeMixes(
  { integers, doubles, floats }: Memory,
  { mix, order, warp }: NonNullable<Plan["trained"]>,
  { partners, shares }: Mixes,
): void {
  doubles.set(shares, mix!.shares);
  for (const [at, partner] of partners.entries()) {
    integers[mix!.partners.order + at] = integers[order + partner]!;
    const from = (warp?.numbers ?? 0) + partner * WARP_NUMBERS;
    if (warp) floats.copyWithin(mix!.partners.warp!.numbers + at * WARP_NUMBERS, from, from + WARP_NUMBERS);
  }
}
