// E35 … E37: mini-batches. The mean over disjoint batches is the gradient of the full batch, the variance of the
// estimator falls as 1/B, and ∇W and ∇b are divided by B once each.
import { defineNetwork } from "../network/network.ts";
import { initialize } from "../network/parameters.ts";
import { log } from "../numerics/exp-log.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { FLOAT64, gamma } from "../numerics/rounding.ts";
import { runningBounds } from "./bounds.ts";
import { type Case, targetRow } from "./case.ts";
import { batchAgainstDuals, type Evidence, type Row, RUNNING } from "./rows.ts";
import { type Comparison, Tally } from "./tally.ts";

/** Mini-batches drawn for each B. The 9 batch sizes make 511·DRAWS example gradients. */
const DRAWS = 128;
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256];

export const MINI_BATCH_ROWS: readonly Row[] = [
  {
    id: "E35",
    section: "3",
    latex: String.raw`E[\nabla \mathcal{L}] \approx \frac{1}{|B|} \sum_{(x_i, y_i) \in B} \nabla_\theta \mathcal{L}(f(x_i, \theta), y_i)`,
    text: "E[∇L] ≈ (1/B) Σ_i ∇L(f(x_i, θ), y_i)",
    remark: "Exact in the limit: the estimator's variance falls as 1/B.",
    check: async (evidence) => [await disjointBatches(evidence), await variance(evidence)],
  },
  {
    id: "E36",
    section: "3",
    latex: String.raw`\nabla_{b_l} \mathcal{L} = \frac{1}{|B|} \mathbf{1}\, \delta^l,\qquad \delta^l \in B \times K`,
    text: "∇b_l = (1/B) 1 δ^l, a sum over the batch",
    remark: "Checked on a full batch and on a smaller last one, which is divided by its own B.",
    check: ({ main }) => layers(main, "b"),
  },
  {
    id: "E37",
    section: "3",
    latex: String.raw`\nabla_{W_l} \mathcal{L} = \frac{1}{|B|} \sigma(z_{l-1})^T \delta^l`,
    text: "∇W_l = (1/B) σ(z_{l−1})ᵀ δ^l",
    remark: "The product already sums over the batch; only the division is left.",
    check: ({ main }) => layers(main, "W"),
  },
];

function layers(c: Case, kind: "W" | "b"): Comparison[] {
  return Array.from({ length: c.depth }, (_, i) => i + 1).flatMap((l) => [
    batchAgainstDuals(c, c.full, kind, l),
    batchAgainstDuals(c, c.partial, kind, l),
  ]);
}

/** The mean of ∇ over disjoint mini-batches of two rows against ∇ of the full batch; the bound is the sum of both. */
async function disjointBatches({ implementation, main }: Evidence): Promise<Comparison> {
  const size = main.rows % 2 === 0 ? 2 : 1;
  const count = main.rows / size;
  const run = await implementation.open({ ...main.problem, batchSize: size });
  const batches = [];
  for (let b = 0; b < count; b++)
    batches.push(await run.gradients(Uint32Array.from({ length: size }, (_, i) => b * size + i)));
  await run.close();
  const bounds = batches.map((observation, b) =>
    runningBounds(
      main.network,
      main.problem.parameters,
      observation,
      Array.from({ length: size }, (_, i) => targetRow(main.problem, b * size + i)),
      implementation.precision,
      main.loss,
    ),
  );
  const tally = new Tally(
    `mean of ${count} disjoint mini-batches of ${size} against the full batch`,
    `${RUNNING}, both sides`,
  );
  for (const { kind, layer: l, row, column } of main.directions.variables) {
    if (kind !== "W" && kind !== "b") continue;
    const at = main.packed(l, kind === "b" ? -1 : row, column);
    const boundOf = (b: (typeof bounds)[number]) => (kind === "W" ? b.dW(l, row, column) : b.db(l, column));
    let [mean, bound, reach] = [0, boundOf(main.full.bounds), 0];
    batches.forEach(({ gradients }, b) => {
      mean += gradients[at]! / count;
      reach += Math.abs(gradients[at]!) / count;
      bound += boundOf(bounds[b]!) / count;
    });
    bound += gamma(count + 1, FLOAT64) * reach;
    tally.add(`∇${kind}_${l}[${row},${column}]`, mean, main.full.observation.gradients[at]!, bound);
  }
  return tally.done();
}

/** The slope of ln Var over ln B, for gradients of mini-batches that are drawn with replacement. */
async function variance({ implementation, seed }: Evidence): Promise<Comparison> {
  const network = defineNetwork([6, 5, 5, 5, 3], "tanh"); // no dead units: no example dominates the variance
  const N = 64;
  const random = new Random(seed, PURPOSE.check, 4);
  const run = await implementation.open({
    network,
    parameters: Float64Array.from(initialize(network, "he", seed)),
    batchSize: SIZES.at(-1)!,
    features: Float64Array.from({ length: N * 6 }, () => Math.fround(random.normal())),
    labels: Int32Array.from({ length: N }, () => random.integer(3)),
  });
  const rows = Uint32Array.from({ length: N }, (_, i) => i);
  const mean = (await run.gradients(rows)).gradients;
  const points: { x: number; y: number; weight: number }[] = [];
  for (const B of SIZES) {
    let [second, fourth] = [0, 0];
    for (let draw = 0; draw < DRAWS; draw++) {
      const { gradients } = await run.gradients(Uint32Array.from({ length: B }, () => random.integer(N)));
      const distance = gradients.reduce((total, g, j) => total + (g - mean[j]!) ** 2, 0);
      second += distance / DRAWS;
      fourth += distance ** 2 / DRAWS;
    }
    points.push({ x: log(B), y: log(second), weight: (fourth / second ** 2 - 1) / DRAWS }); // weight: variance of y
  }
  await run.close();
  const center = points.reduce((total, { x }) => total + x, 0) / points.length;
  const spread = points.reduce((total, { x }) => total + (x - center) ** 2, 0);
  const slope = points.reduce((total, { x, y }) => total + (x - center) * y, 0) / spread;
  const error = Math.sqrt(points.reduce((total, { x, weight }) => total + (x - center) ** 2 * weight, 0)) / spread;
  const tally = new Tally(
    "slope of log variance over log B, B = 1 … 256",
    `±0.1 allowed; ${DRAWS} draws with replacement for each B, standard error of the slope ${error.toFixed(3)}`,
  );
  tally.add("slope", slope, -1, 0.1);
  return tally.done();
}
