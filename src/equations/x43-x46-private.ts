// X43 … X46: the private step. The clipped sum against the gradients of single examples, the noise against the draws
// that were given, drawn rows against their distribution, and the accountant against an integral.
import { exp, log } from "../numerics/exp-log.ts";
import { INVERSE_ROOT_2PI } from "../numerics/normal.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { gamma } from "../numerics/rounding.ts";
import { insecureWords } from "../privacy/private-draws.ts";
import { widened } from "./ball.ts";
import { layerOffsets } from "./bounds.ts";
import type { Case } from "./case.ts";
import type { Evidence, Row } from "./rows.ts";
import { squaredGradient } from "./single-gradients.ts";
import { type Comparison, Tally } from "./tally.ts";

export const PRIVATE_ROWS: readonly Row[] = [
  {
    id: "X43",
    section: "X",
    latex: String.raw`\bar g = \frac1B \sum_i c_i\, g_i,\qquad c_i = \min\!\left(1, \frac{C}{\|g_i\|}\right)`,
    text: "ḡ = Σ_i c_i g_i / B, c_i = min(1, C/‖g_i‖)",
    remark: "Rows of δ are scaled, so no gradient of one example is formed; B is the expected number of rows.",
    check: (evidence) => each(evidence, clippedSum),
  },
  {
    id: "X44",
    section: "X",
    latex: String.raw`\nabla\theta = \bar g + \frac{\sigma C}{B}\,\xi,\qquad \xi \sim N(0, I)`,
    text: "∇θ = ḡ + σC/B · ξ, ξ ~ N(0, I)",
    remark: "Noise once a parameter (Abadi et al., 2016), whatever the number of threads.",
    check: (evidence) => each(evidence, noiseOnce),
  },
  {
    id: "X45",
    section: "X",
    latex: String.raw`P(i \in \text{batch}) = q \text{ for each row, independently}`,
    text: "each row is drawn with chance q, independently",
    remark: "Poisson sampling, which the accountant assumes: batches of a shuffle do not vary.",
    check: (evidence) => [drawnRows(evidence)],
  },
  {
    id: "X46",
    section: "X",
    latex: String.raw`A_\alpha = \int \mu_0(x)\left(1 - q + q\,e^{(2x-1)/2\sigma^2}\right)^\alpha dx`,
    text: "RDP(α) = ln A_α/(α − 1), A_α = ∫ μ₀(1 − q + q e^{(2x − 1)/2σ²})^α dx",
    remark: "The sampled Gaussian mechanism (Mironov, Talwar and Zhang, 2019), whole and fractional orders.",
    check: (evidence) => [divergences(evidence)],
  },
];

async function each(
  evidence: Evidence,
  compare: (evidence: Evidence, c: Case) => Promise<Comparison | undefined>,
): Promise<readonly Comparison[]> {
  const found: Comparison[] = [];
  for (const c of [evidence.main, ...evidence.shapes]) {
    const comparison = await compare(evidence, c);
    if (comparison) found.push(comparison);
  }
  return found;
}

/** ‖g_i‖ of each row alone, and its distance from the exact one. */
function normsOfSingles(c: Case): { v: number; e: number }[] {
  return c.singles.map((single) => {
    let [v, e] = [0, 0];
    for (let l = 1; l <= c.depth; l++) {
      const square = squaredGradient(c, single, l);
      v += square.v;
      e += square.e;
    }
    const size = Math.sqrt(v);
    return { v: size, e: widened(size === 0 ? Math.sqrt(e) : e / size) };
  });
}

/** C between the norms of the rows, so that some are clipped; B beside the rows at hand. */
function clippingOf(c: Case): { norm: number; expected: number } {
  const sizes = normsOfSingles(c)
    .map(({ v }) => v)
    .toSorted((a, b) => a - b);
  const middle = sizes[Math.floor((sizes.length - 1) / 2)]!;
  return { norm: middle > 1e-6 ? 1.01 * middle : 1, expected: c.rows + 2.5 };
}

const allRows = (c: Case) => Uint32Array.from({ length: c.rows }, (_, i) => i);

async function clippedSum({ implementation }: Evidence, c: Case): Promise<Comparison | undefined> {
  const { norm, expected: B } = clippingOf(c);
  const run = await implementation.open({ ...c.problem, clipping: { norm, expected: B } });
  const noisy = run.noisyStep !== undefined;
  const { gradients } = await run.gradients(allRows(c));
  await run.close();
  if (!noisy) return undefined; // an implementation of one's own may have no such step
  const source = "the bounds of the single gradients and of their norms, and γ_n of the sum";
  const tally = new Tally(`Σ c_i g_i/B of ${c.network.layers.join("-")} against gradients of single examples`, source);
  const factors = normsOfSingles(c).map(({ v, e }) => {
    const factor = v > norm ? norm / v : 1;
    return { v: factor, e: v + e > norm ? widened((2 * factor * e) / v) : 0 };
  });
  const rounding = gamma(c.rows + 8, implementation.precision);
  layerOffsets(c.network.layers).forEach(({ I, O, W, b }, index) => {
    const l = index + 1;
    for (let k = 0; k <= I; k++)
      for (let o = 0; o < O; o++) {
        const at = k < I ? W + k * O + o : b + o;
        let [sum, size, error] = [0, 0, 0];
        c.singles.forEach(({ observation, bounds }, i) => {
          const g = observation.gradients[at]!;
          const e = k < I ? bounds.dW(l, k, o) : bounds.db(l, o);
          sum += factors[i]!.v * g;
          size += factors[i]!.v * (Math.abs(g) + e);
          error += 2 * (factors[i]!.v * e + factors[i]!.e * (Math.abs(g) + e));
        });
        const tiny = 4 * c.rows * implementation.precision.tiny;
        tally.add(
          `layer ${l}, [${k},${o}]`,
          gradients[at]!,
          sum / B,
          widened((error + 2 * rounding * size) / B + tiny),
        );
      }
  });
  return tally.done();
}

const DEVIATION = 0.375;
const RATE = 0.5;

async function noiseOnce({ implementation, seed }: Evidence, c: Case): Promise<Comparison | undefined> {
  if (!implementation.coefficients) return undefined;
  const run = await implementation.open({ ...c.problem, clipping: clippingOf(c) });
  const { gradients } = await run.gradients(allRows(c));
  const random = new Random(seed, PURPOSE.check, 6);
  const noise = Float64Array.from({ length: gradients.length }, () => Math.fround(random.normal()));
  const constants = { optimizer: "sgd", weightDecay: 0, momentum: 0, beta1: 0, beta2: 0, epsilon: 1 } as const;
  const coefficients = implementation.coefficients(constants, Float64Array.of(RATE), 1);
  const after = await run.noisyStep?.(allRows(c), coefficients, noise, DEVIATION);
  await run.close();
  if (after === undefined) return undefined;
  const tally = new Tally(`θ after a noisy step of ${c.network.layers.join("-")}`, "γ_n of the step");
  const rounding = 8 * implementation.precision.roundoff;
  after.forEach((got, j) => {
    const [θ, g, ξ] = [c.problem.parameters[j]!, gradients[j]!, DEVIATION * noise[j]!];
    const size = Math.abs(θ) + RATE * (Math.abs(g) + Math.abs(ξ));
    tally.add(`θ[${j}]`, got, θ - RATE * (g + ξ), rounding * size + 8 * implementation.precision.tiny);
  });
  return tally.done();
}

const DRAWS = 5000;
const OF = 40;
const CHANCE = 0.125;

/** The size of a batch, its spread, and how often each row and one pair of rows are drawn. */
function drawnRows({ answers, seed }: Evidence): Comparison {
  const counts = new Float64Array(OF);
  let [sizes, squares, pairs] = [0, 0, 0];
  for (let step = 0; step < DRAWS; step++) {
    const drawn = answers.drawRows(insecureWords(seed, "check", 2 ** 20 + step), OF, CHANCE);
    for (const row of drawn) counts[row] = counts[row]! + 1;
    sizes += drawn.length;
    squares += drawn.length ** 2;
    pairs += Number(drawn.includes(0) && drawn.includes(OF - 1));
  }
  const tally = new Tally(`${DRAWS} batches of ${OF} rows`, "six standard errors");
  const spread = OF * CHANCE * (1 - CHANCE);
  const mean = sizes / DRAWS;
  tally.add("the mean size", mean, OF * CHANCE, 6 * Math.sqrt(spread / DRAWS));
  tally.add("the variance of the size", squares / DRAWS - mean * mean, spread, 6 * spread * Math.sqrt(2 / DRAWS));
  const share = (place: string, count: number, p: number) =>
    tally.add(place, count / DRAWS, p, 6 * Math.sqrt((p * (1 - p)) / DRAWS));
  share("both ends together", pairs, CHANCE ** 2);
  for (const [row, count] of counts.entries()) share(`row ${row}`, count, CHANCE);
  return tally.done();
}

const MECHANISMS = [
  [0.8, 0.02, 1.5],
  [0.8, 0.02, 7.25],
  [2, 0.25, 10.9],
  [1.1, 0.1, 2],
  [1.1, 0.1, 32],
  [5, 0.001, 1.1],
] as const;

/** RDP(α) against a trapezoid, whose error is below rounding for an integrand that falls off on both sides. */
function divergences({ answers }: Evidence): Comparison {
  const tally = new Tally(
    "RDP(α) against its integral",
    "10⁻¹¹ of 1 + RDP(α): rounding of 20,000 terms and of the series",
  );
  for (const [σ, q, α] of MECHANISMS) {
    const [from, to, pieces] = [-12 * σ, α + 12 * σ, 20_000];
    const h = (to - from) / pieces;
    let sum = 0;
    for (let k = 0; k <= pieces; k++) {
      const x = from + k * h;
      sum += exp(α * log(1 - q + q * exp((2 * x - 1) / (2 * σ * σ))) - (x * x) / (2 * σ * σ));
    }
    const expected = log((h * sum * INVERSE_ROOT_2PI) / σ) / (α - 1);
    const got = answers.renyiDivergence(σ, q, α);
    tally.add(`σ ${σ}, q ${q}, α ${α}`, got, expected, 1e-11 * (1 + expected));
  }
  return tally.done();
}
