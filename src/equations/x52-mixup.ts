// X52: rows mixed with their partners. The mixed rows are made here from the data; the gradients of the network at them
// are held against dual numbers.
import { Balls, exact } from "./ball.ts";
import type { Evidence, Row } from "./rows.ts";
import { shapeProblem } from "./shape-problems.ts";
import { againstDuals, oneHot, type SmallExample } from "./small-net.ts";
import { type Comparison, Tally } from "./tally.ts";

const SIZES = [5, 9, 6, 3];
const SMOOTHING = 0.25;
const ORDER = Uint32Array.of(5, 0, 3, 1, 4);
const PARTNERS = Uint32Array.of(2, 0, 4, 1, 0); // positions in the order: of row 3, itself, row 4, itself, row 5
const SHARES = Float64Array.of(0.8125, 0.7, 1, 0.5, 0.55);

export const MIX_ROWS: readonly Row[] = [
  {
    id: "X52",
    section: "X",
    latex: String.raw`x \leftarrow \lambda x + (1 - \lambda) x',\quad t \leftarrow \lambda t + (1 - \lambda) t',\qquad \delta^L = \textstyle(\sum_c t_c) S - t`,
    text: "x ← λx + (1 − λ)x′, t ← λt + (1 − λ)t′",
    remark: "Mixup (Zhang, Cissé, Dauphin and Lopez-Paz, ICLR 2018): each row with another one of its step.",
    check: mixed,
  },
];

async function mixed({ implementation, seed }: Evidence): Promise<Comparison[]> {
  const problem = { ...shapeProblem(SIZES, "tanh", 6, seed), mix: true, labelSmoothing: SMOOTHING };
  const { parameters, features, labels } = problem;
  const run = await implementation.open(problem);
  const observation = await run.gradients(ORDER, { epoch: 1, mixes: { partners: PARTNERS, shares: SHARES } });
  const without = await run.gradients(ORDER);
  await run.close();
  const [D, C] = [SIZES[0]!, SIZES.at(-1)!];
  const o = new Balls(implementation.precision);
  const wide = new Balls();
  const target = (row: number) =>
    oneHot(labels[row]!, C).map(({ v }) =>
      o.rounded(wide.add(exact((1 - SMOOTHING) * v), wide.div(exact(SMOOTHING), exact(C)))),
    );
  const inputs = (row: number) => Array.from(features.subarray(row * D, (row + 1) * D), exact);
  const examples = (mixing: boolean): SmallExample[] =>
    Array.from(ORDER, (row, i) => {
      const [share, other] = [mixing ? SHARES[i]! : 1, ORDER[PARTNERS[i]!]!];
      const both = (own: ReturnType<typeof exact>, its: ReturnType<typeof exact>) =>
        o.rounded(wide.add(wide.mul(exact(share), own), wide.mul(exact(1 - share), its)));
      const [its, theirs] = [inputs(other), target(other)];
      return {
        x: inputs(row).map((value, j) => both(value, its[j]!)),
        target: target(row).map((value, c) => both(value, theirs[c]!)),
      };
    });
  const net = { layers: SIZES, parameters };
  const source = "dual numbers of the network at the mixed rows, within twice the closed form's running error";
  const tally = new Tally("∇θ and ℓ of mixed rows", source);
  againstDuals(tally, implementation, net, examples(true), observation);
  const plain = new Tally("∇θ and ℓ without an epoch, where nothing is mixed", source);
  againstDuals(plain, implementation, net, examples(false), without);
  return [tally.done(), plain.done()];
}
