// Softmax of a row of logits in float64 (E3), shifted by the largest logit so that no exp overflows. The kernels have
// their own, with the same operations in the same order.
import { exp } from "./exp-log.ts";

/**
 * The row z = logits[from …] of C logits: exp(β(z_c − max z)) [1×C], in `numerators` where that is given, their sum,
 * and argmax z, the first of equals. β = 1/T of a calibrated model.
 */
export function exponentials(
  logits: ArrayLike<number>,
  from = 0,
  C = logits.length,
  numerators = new Float64Array(C),
  beta = 1,
): { readonly numerators: Float64Array; readonly denominator: number; readonly argmax: number } {
  let argmax = 0;
  for (let c = 1; c < C; c++) if (logits[from + c]! > logits[from + argmax]!) argmax = c;
  const max = logits[from + argmax]!;
  let denominator = 0;
  for (let c = 0; c < C; c++) denominator += numerators[c] = exp(beta * (logits[from + c]! - max));
  return { numerators, denominator, argmax };
}

/** S(z) [1×C] of one row of logits. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const { numerators, denominator } = exponentials(logits);
  return numerators.map((e) => e / denominator);
}
