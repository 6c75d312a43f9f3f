// The doubt of an answer: its softmax at another temperature.

/** Probabilities at that temperature T: those of z/T. */
export function tempered(probabilities: Float64Array, T: number): Float64Array {
  const logs = probabilities.map((p) => Math.log(p) / T);
  const most = logs.reduce((high, log) => Math.max(high, log), Number.NEGATIVE_INFINITY);
  const powers = logs.map((log) => Math.exp(log - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
