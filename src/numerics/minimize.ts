// The minimum of a smooth convex function by L-BFGS with backtracking (Nocedal and Wright, Numerical Optimization,
// 7.2).

/** A function's value and slope at x. */
export type Slope = { readonly value: number; readonly gradient: Float64Array };

/** How far to go. */
export type MinimizeLimits = {
  /** The largest |∂f/∂x_k| at which it stops. */
  readonly tolerance: number;
  /** The most evaluations. */
  readonly evaluations: number;
};

const MEMORY = 12; // steps that are remembered
/** Of the fall that the slope promises, what a step must bring. */
export const ENOUGH = 1e-4;

/** A step s, the change y of the gradient along it, and ⟨s, y⟩ > 0. */
export type Secant = { readonly s: Float64Array; readonly y: Float64Array; readonly sy: number };

/** x near the minimum, from `start`; the function may give the event loop turns. */
export async function minimize(
  at: (x: Float64Array) => Promise<Slope>,
  start: Float64Array,
  { tolerance, evaluations }: MinimizeLimits,
): Promise<Float64Array> {
  let x = start;
  let { value, gradient } = await at(x);
  const steps: Secant[] = [];
  for (let spent = 1; spent < evaluations && gradient.some((g) => Math.abs(g) > tolerance); ) {
    const direction = descent(gradient, steps);
    const promised = dot(direction, gradient);
    let t = steps.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(dot(gradient, gradient)));
    for (;;) {
      const next = x.map((value, k) => value + t * direction[k]!);
      const found = await at(next);
      spent++;
      if (found.value <= value + ENOUGH * t * promised) {
        const step = secantOf(next, x, found.gradient, gradient);
        if (step) steps.push(step);
        if (steps.length > MEMORY) steps.shift();
        x = next;
        ({ value, gradient } = found);
        break;
      }
      t /= 2;
      if (spent >= evaluations || t < 2 ** -40) return x; // no better within rounding
    }
  }
  return x;
}

/** The step from one point to the next; undefined where the function does not curve upwards along it. */
export function secantOf(
  next: ArrayLike<number>,
  last: ArrayLike<number>,
  nextGradient: Float64Array,
  gradient: Float64Array,
): Secant | undefined {
  const s = Float64Array.from(gradient, (_, k) => next[k]! - last[k]!);
  const y = nextGradient.map((g, k) => g - gradient[k]!);
  const sy = dot(s, y);
  return sy > 0 ? { s, y, sy } : undefined;
}

/**
 * X51: −H∇f by two loops over the remembered steps, oldest first (Liu and Nocedal, Math. Programming 45, 1989).
 */
export function descent(gradient: Float64Array, steps: readonly Secant[]): Float64Array {
  const q = gradient.slice();
  const alphas = steps.toReversed().map(({ s, y, sy }) => {
    const alpha = dot(s, q) / sy;
    for (let k = 0; k < q.length; k++) q[k]! -= alpha * y[k]!;
    return alpha;
  });
  const last = steps.at(-1);
  const scale = last ? last.sy / dot(last.y, last.y) : 1;
  for (let k = 0; k < q.length; k++) q[k]! *= scale;
  for (const [i, { s, y, sy }] of steps.entries()) {
    const beta = dot(y, q) / sy;
    const alpha = alphas[steps.length - 1 - i]!;
    for (let k = 0; k < q.length; k++) q[k]! += (alpha - beta) * s[k]!;
  }
  return q.map((value) => -value);
}

/** Σ a_k b_k in index order. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}
