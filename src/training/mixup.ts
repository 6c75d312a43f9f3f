// Mixup (Zhang, Cissé, Dauphin and Lopez-Paz, ICLR 2018): what each row of a step is mixed with. A function of (seed,
// epoch, position in the epoch's order), and partners are of the same step: so neither threads, nor ranks, nor rows
// that are read by pieces, nor where a run was interrupted changes one.
import type { Mixes } from "../engines/engine.ts";
import { log } from "../numerics/exp-log.ts";
import { expm1 } from "../numerics/expm1-log1p.ts";
import { PURPOSE, philox } from "../numerics/random.ts";
import { cosTurns } from "../numerics/trigonometry.ts";

const WORDS = 2 ** 32;

/** The mixes of positions [from, until) of an epoch's order, in steps of `batchSize` rows that begin at `from`. */
export function mixesOf(
  { mixup, batchSize }: { readonly mixup: number; readonly batchSize: number },
  seed: number,
  epoch: number,
  from: number,
  until: number,
): Mixes {
  const count = until - from;
  const [partners, shares] = [new Uint32Array(count), new Float64Array(count)];
  const key = [seed >>> 0, Math.floor(seed / WORDS) >>> 0] as const;
  const words = new Uint32Array(4);
  for (let at = 0; at < count; at++) {
    const position = from + at;
    philox(words, [position >>> 0, Math.floor(position / WORDS), epoch >>> 0, PURPOSE.mixup], key);
    const first = at - (at % batchSize);
    partners[at] = first + Math.floor((words[0]! / WORDS) * Math.min(batchSize, count - first));
    shares[at] = largerShare(mixup, words[1]!, words[2]!);
  }
  return { partners, shares };
}

/**
 * max(λ, 1 − λ) of λ ~ Beta(α, α), from two words. With w = u^(−1/α) − 1 and c = cos 2πv, t√(2α) for t = c√w is
 * Student's with 2α degrees of freedom (Bailey, Math. Comp. 62, 1994), so λ = ½ + ½t/√(1 + t²) is beta. With |c| the
 * row is the larger part of its pair: a pair of rows is drawn either way round as often.
 */
function largerShare(alpha: number, word: number, other: number): number {
  const w = expm1((0 - log((word + 1) / WORDS)) / alpha); // +0 for u = 1
  const c = Math.abs(cosTurns((other + 0.5) / WORDS)); // never 0
  return 0.5 + (0.5 * c) / Math.sqrt(1 / w + c * c);
}
