// Bounds on the rounding of ℓ and δ^L at given outputs, of every loss (docs/bounds.md).
import type { Loss } from "../network/losses.ts";
import { FLOAT64, gamma, type Precision } from "../numerics/rounding.ts";
import { type Ball, widened } from "./ball.ts";
import { seed, slope } from "./dual.ts";
import { crossEntropy, lossOf } from "./oracle-losses.ts";

/**
 * Bounds on the rounding of ℓ and δ^L at given outputs. Both sides compute in float64 with operations of the same size,
 * so twice the radius of the definition over dual numbers, and 16 roundoffs of it, cover both; t and δ are stored in p.
 */
export function lossBounds(
  objective: Loss,
  outputs: Float64Array,
  targets: readonly Ball[],
  p: Precision,
): { delta: Float64Array; loss: number } {
  const C = outputs.length;
  const stored = targets.map(({ v, e }) => ({ v, e: 2 * e + (e === 0 ? 0 : p.roundoff * (Math.abs(v) + e) + p.tiny) }));
  const { e, v, ...rest } = lossOf(
    objective,
    Array.from(outputs, (z, c) => seed(z, c, C)),
    stored,
  );
  const delta = Float64Array.from({ length: C }, (_, c) => {
    const d = slope({ v, e, ...rest }, c);
    const size = Math.abs(d.v) + d.e;
    return widened(2 * d.e + p.roundoff * size + 16 * FLOAT64.roundoff * (1 + size) + p.tiny);
  });
  return { delta, loss: widened(2 * e + 16 * FLOAT64.roundoff * (1 + Math.abs(v))) };
}

/**
 * Bounds on the rounding of δ^L = (Σt)S − t and ℓ at given logits. Every engine computes them in float64 with the
 * operations of crossEntropy, so twice its radius covers the errors of both sides; t and δ are stored in precision p.
 */
export function softmaxBounds(
  logits: readonly Ball[],
  targets: readonly Ball[],
  p: Precision,
): { mass: number; deltas: { S: number; e: number }[]; loss: number } {
  const { S, loss } = crossEntropy(logits, targets);
  const stored = targets.map(({ v, e }) => 2 * e + p.roundoff * (v + e) + (v === 0 ? 0 : p.tiny));
  const mass = targets.reduce((total, { v }) => total + v, 0);
  const massError = stored.reduce((x, y) => x + y, 0) + gamma(targets.length, FLOAT64) * mass;
  const deltas = S.map(({ v, e }, c) => {
    const t = targets[c]!.v;
    const rounding = (3 * FLOAT64.roundoff + p.roundoff) * (mass * v + t) + p.tiny;
    return { S: Math.min(1, v + e), e: widened((mass + massError) * 2 * e + v * massError + stored[c]! + rounding) };
  });
  const worst = logSizes(logits).reduce((total, size, c) => total + stored[c]! * size, 0);
  return { mass, deltas, loss: widened(2 * loss.e + worst) };
}

/** Bounds on |log S_c| ≤ max z − z_c + log C. */
function logSizes(logits: readonly Ball[]): number[] {
  const top = Math.max(...logits.map(({ v }) => v));
  return logits.map(({ v }) => top - v + logits.length); // log C < C
}
