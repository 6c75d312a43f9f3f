// Integrated gradients by a quadrature that knows its own error. Along the line from x′ to x the integral of the slope
// ∇f·(x − x′) over any piece is the difference of f at its ends, so a piece that misses it, e.g. at a kink of ReLU, is
// cut in two.

/** f and ∇f at points x′ + t(x − x′) of a line. */
export type LineValues = {
  /** f at each t. */
  readonly values: ArrayLike<number>;
  /** ∇f [D] at each t. */
  readonly gradients: readonly ArrayLike<number>[];
};

/** How far the quadrature goes. */
export type PathLimits = {
  /** The largest sum of the pieces' errors, relative to 1 + |f(x) − f(x′)|. */
  readonly tolerance: number;
  /** The most points of one line. */
  readonly points: number;
};

/** ∫₀¹ ∇f dt along a line, and how well it closes. */
export type PathIntegral = {
  /** [D]; times (x − x′) it is the integrated gradients. */
  readonly mean: Float64Array;
  /** f(x) − f(x′). */
  readonly difference: number;
  /** Σ_j (x − x′)_j mean_j − (f(x) − f(x′)): completeness holds to this. */
  readonly gap: number;
};

const PIECES = 8; // at first
const HALF = Math.sqrt(0.15); //           Gauss–Legendre on [0, 1], three points: ½, ½ ± √15/10
const NODES = [0.5 - HALF, 0.5, 0.5 + HALF] as const;
const WEIGHTS = [5 / 18, 4 / 9, 5 / 18] as const;

type Piece = {
  readonly from: number;
  readonly to: number;
  readonly ends: readonly [number, number];
  readonly mean: Float64Array; // of ∇f over the piece
  readonly miss: number; //       |its integral − the difference of f|
};

/** The mean gradient along x′ + t(x − x′), `step` = x − x′ [D] (X32). */
export async function integrateGradient(
  step: ArrayLike<number>,
  evaluate: (ts: readonly number[]) => Promise<LineValues>,
  { tolerance, points }: PathLimits,
): Promise<PathIntegral> {
  const cuts = Array.from({ length: PIECES + 1 }, (_, k) => k / PIECES);
  const { values } = await evaluate(cuts);
  const difference = values[PIECES]! - values[0]!;
  const limit = tolerance * (1 + Math.abs(difference));
  let spent = cuts.length;
  let done: Piece[] = [];
  let open: Omit<Piece, "mean" | "miss">[] = cuts
    .slice(1)
    .map((to, k) => ({ from: cuts[k]!, to, ends: [values[k]!, values[k + 1]!] }));
  for (;;) {
    const at = await evaluate(open.flatMap(({ from, to }) => NODES.map((node) => from + node * (to - from))));
    spent += 3 * open.length;
    done = [...done, ...open.map((piece, k) => measured(piece, step, at.gradients.slice(3 * k, 3 * k + 3)))];
    const share = limit / (2 * done.length);
    const bad = done.filter(({ miss, from, to }) => miss > share && to - from > 2 ** -45);
    const missed = done.reduce((sum, { miss }) => sum + miss, 0);
    if (missed <= limit || bad.length === 0 || spent + 7 * bad.length > points) break;
    const middles = bad.map(({ from, to }) => (from + to) / 2);
    const { values: inner } = await evaluate(middles);
    spent += bad.length;
    done = done.filter((piece) => !bad.includes(piece));
    open = bad.flatMap(({ from, to, ends }, k) => [
      { from, to: middles[k]!, ends: [ends[0], inner[k]!] as const },
      { from: middles[k]!, to, ends: [inner[k]!, ends[1]] as const },
    ]);
  }
  const mean = new Float64Array(step.length);
  for (const piece of done) for (let j = 0; j < mean.length; j++) mean[j]! += (piece.to - piece.from) * piece.mean[j]!;
  return { mean, difference, gap: dot(mean, step) - difference };
}

function measured(
  { from, to, ends }: Omit<Piece, "mean" | "miss">,
  step: ArrayLike<number>,
  gradients: readonly ArrayLike<number>[],
): Piece {
  const mean = new Float64Array(step.length);
  gradients.forEach((gradient, n) => {
    for (let j = 0; j < mean.length; j++) mean[j]! += WEIGHTS[n]! * gradient[j]!;
  });
  return { from, to, ends, mean, miss: Math.abs((to - from) * dot(mean, step) - (ends[1] - ends[0])) };
}

function dot(a: Float64Array, b: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}
