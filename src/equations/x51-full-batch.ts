// X51: the direction of L-BFGS by its two loops, against the dense inverse matrix that the same steps give.
import { dot, type Secant, secantOf } from "../numerics/minimize.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { FLOAT64, gamma } from "../numerics/rounding.ts";
import type { Evidence, Row } from "./rows.ts";
import { type Comparison, Tally } from "./tally.ts";

const SIZE = 7; //  parameters
const STEPS = 5; // remembered
const BOUND = "float64 rounding, relative to the terms of the sums with their signs left out";

export const FULL_BATCH_ROWS: readonly Row[] = [
  {
    id: "X51",
    section: "X",
    latex: String.raw`d = -H g,\qquad H \leftarrow (I - \rho s y^T)\, H\, (I - \rho y s^T) + \rho s s^T,\qquad \rho = 1 / s^T y`,
    text: "d = −Hg, H ← (I − ρsyᵀ)H(I − ρysᵀ) + ρssᵀ, ρ = 1/sᵀy",
    remark: "L-BFGS (Liu and Nocedal, 1989). H maps the last y to s, and d descends.",
    check: directions,
  },
];

type Matrix = readonly Float64Array[];

function directions({ answers, seed }: Evidence): Comparison[] {
  const random = new Random(seed, PURPOSE.check, 51);
  const draw = () => Float64Array.from({ length: SIZE }, () => random.normal());
  const roots = Array.from({ length: SIZE }, draw); // y = (RᵀR + I)s: of a convex quadratic
  const steps = Array.from({ length: STEPS }, () => {
    const s = draw();
    const images = roots.map((root) => dot(root, s));
    const y = s.map((x, k) => x + roots.reduce((sum, root, r) => sum + root[k]! * images[r]!, 0));
    const zero = new Float64Array(SIZE);
    return secantOf(s, zero, y, zero)!;
  });
  const [H, sizes] = denseInverse(steps);
  const rounding = gamma(20 * SIZE * STEPS, FLOAT64);
  const products = (row: number, x: Float64Array) => {
    const bound = x.reduce((sum, value, k) => sum + Math.abs(value) * sizes[row]![k]!, 0);
    return { value: dot(H[row]!, x), bound: rounding * bound };
  };
  const against = new Tally("d against −Hg of the dense inverse", BOUND);
  const secant = new Tally("−d for g = y of the last step, against s", BOUND);
  const falls = new Tally("the sign of ⟨d, g⟩", "exact");
  const last = steps.at(-1)!;
  for (let n = 0; n < 3; n++) {
    const g = draw();
    const d = answers.descent(g, steps);
    for (const [k, got] of d.entries()) {
      const { value, bound } = products(k, g);
      against.add(`d[${k}] of gradient ${n}`, got, -value, bound);
    }
    falls.add(`gradient ${n}`, Math.sign(dot(d, g)), -1, 0);
  }
  for (const [k, got] of answers.descent(last.y, steps).entries())
    secant.add(`s[${k}]`, -got, last.s[k]!, products(k, last.y).bound);
  return [against.done(), secant.done(), falls.done()];
}

/** H of the steps, oldest first, from ⟨s, y⟩/⟨y, y⟩ of the last; and the same of absolute values, for the bound. */
function denseInverse(steps: readonly Secant[]): readonly [Matrix, Matrix] {
  const { sy, y } = steps.at(-1)!;
  const diagonal = (value: number): Matrix =>
    Array.from({ length: SIZE }, (_, i) => Float64Array.from({ length: SIZE }, (_, j) => (i === j ? value : 0)));
  let [H, sizes] = [diagonal(sy / dot(y, y)), diagonal(sy / dot(y, y))];
  for (const { s, y, sy } of steps) {
    const V = diagonal(1).map((row, i) => row.map((one, j) => one - (s[i]! * y[j]!) / sy));
    const S = V.map((_, i) => s.map((x) => (s[i]! * x) / sy));
    H = updated(H, V, S);
    sizes = updated(
      sizes,
      V.map((row) => row.map(Math.abs)),
      S.map((row) => row.map(Math.abs)),
    );
  }
  return [H, sizes];
}

/** V H Vᵀ + S. */
function updated(H: Matrix, V: Matrix, S: Matrix): Matrix {
  const left = V.map((row) => H[0]!.map((_, j) => row.reduce((sum, v, k) => sum + v * H[k]![j]!, 0)));
  return left.map((row, i) => row.map((_, j) => dot(row, V[j]!) + S[i]![j]!));
}
