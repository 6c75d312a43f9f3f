// X36 and X37: dropout and input noise. The draws are made here from their counters, so the kernel's must be those; the
// gradients of the network that they leave are held against dual numbers.
import type { Draws } from "../network/plan.ts";
import { log } from "../numerics/exp-log.ts";
import { PURPOSE, philox } from "../numerics/random.ts";
import { cosTurns, sinTurns } from "../numerics/trigonometry.ts";
import { Balls, exact } from "./ball.ts";
import type { Evidence, Row } from "./rows.ts";
import { shapeProblem } from "./shape-problems.ts";
import { againstDuals, oneHot, type SmallExample } from "./small-net.ts";
import { type Comparison, Tally } from "./tally.ts";

const SIZES = [5, 9, 6, 3];
const EPOCH = 3;
const SEED = 2 ** 40 + 5; // both words of the key
const ORDER = Uint32Array.of(5, 0, 3, 1, 4);

export const DRAW_ROWS: readonly Row[] = [
  {
    id: "X36",
    section: "X",
    latex: String.raw`a_l \leftarrow a_l \odot m_l,\quad \delta^l \leftarrow \delta^l \odot m_l,\qquad m = \frac{[u \ge p]}{1 - p},\qquad x \leftarrow x \odot m_0`,
    text: "a_l ← a_l ⊙ m_l, δ^l ← δ^l ⊙ m_l, m = [u ≥ p]/(1 − p); x ← x ⊙ m_0",
    remark: "Inverted dropout (Srivastava et al., JMLR 15, 2014); u from (seed, epoch, example, layer, unit).",
    check: (evidence) => drawn(evidence, { seed: SEED, dropout: 0.3, inputDropout: 0.4 }),
  },
  {
    id: "X37",
    section: "X",
    latex: String.raw`x \leftarrow x + \sigma n,\qquad n = \sqrt{-2 \ln u}\,(\cos 2\pi v, \sin 2\pi v)`,
    text: "x ← x + σn, n = √(−2 ln u)·(cos 2πv, sin 2πv)",
    remark: "Input noise (Bishop, Neural Computation 7, 1995); normal by Box and Muller (1958).",
    check: (evidence) => drawn(evidence, { seed: SEED, inputNoise: 0.25 }),
  },
];

async function drawn({ implementation, seed }: Evidence, draws: Draws): Promise<Comparison[]> {
  const problem = { ...shapeProblem(SIZES, "tanh", 6, seed), draws };
  const { parameters, features, labels } = problem;
  const run = await implementation.open(problem);
  const observation = await run.gradients(ORDER, { epoch: EPOCH });
  const without = await run.gradients(ORDER);
  await run.close();
  const words = (purpose: number, example: number, layer: number, unit: number) => {
    const block = new Uint32Array(4);
    const first = layer * 2 ** 20 + Math.floor(unit / 4);
    philox(block, [first, EPOCH, example, purpose], [SEED % 2 ** 32, Math.floor(SEED / 2 ** 32)]);
    return block;
  };
  const { dropout = 0, inputDropout = 0, inputNoise = 0 } = draws;
  const o = new Balls(implementation.precision);
  const kept = (p: number) => o.rounded(o.div(exact(1), exact(1 - p))).v;
  /** m of unit `unit` of a layer, in the precision of the implementation; inputs have the number of the last one. */
  const mask = (p: number, row: number, layer: number, unit: number) =>
    words(PURPOSE.dropout, row, layer, unit)[unit % 4]! >= p * 2 ** 32 ? kept(p) : 0;
  const D = SIZES[0]!;
  const examples = (epoch: boolean): SmallExample[] =>
    Array.from(ORDER, (row) => ({
      target: oneHot(labels[row]!, SIZES.at(-1)!),
      x: Array.from({ length: D }, (_, j) => {
        const value = exact(features[row * D + j]!);
        if (epoch && inputDropout > 0) return o.mul(value, exact(mask(inputDropout, row, SIZES.length - 2, j)));
        if (!epoch || inputNoise === 0) return value;
        const block = words(PURPOSE.inputNoise, row, 0, j);
        const pair = j % 4 < 2 ? 0 : 2;
        const [u, v] = [(block[pair]! + 1) / 2 ** 32, block[pair + 1]! / 2 ** 32];
        const n = Math.sqrt(-2 * log(u)) * (j % 2 === 0 ? cosTurns(v) : sinTurns(v));
        return o.rounded({ v: value.v + inputNoise * n, e: 2 ** -48 });
      }),
      masks: SIZES.slice(1, -1).map((O, l) =>
        Array.from({ length: O }, (_, unit) => (epoch ? mask(dropout, row, l, unit) : 1)),
      ),
    }));
  const net = { layers: SIZES, parameters };
  const source = "dual numbers of the network that is left, within twice the closed form's running error";
  const tally = new Tally(`∇θ and ℓ with the draws of epoch ${EPOCH}`, source);
  againstDuals(tally, implementation, net, examples(true), observation);
  const plain = new Tally("∇θ and ℓ without an epoch, where nothing is drawn", source);
  againstDuals(plain, implementation, net, examples(false), without);
  return [tally.done(), plain.done()];
}
