// X22 … X29: losses beside softmax cross-entropy: ℓ, δ^L and every gradient of a small net against dual numbers, and
// δ^L and ∇ of single examples against central differences.
import type { Loss } from "../network/losses.ts";
import { gatherCase } from "./case.ts";
import {
  against,
  batchAgainstDuals,
  deltaAgainstDuals,
  type Evidence,
  type Row,
  RUNNING,
  singleAgainstDifferences,
} from "./rows.ts";
import { shapeProblem } from "./shape-problems.ts";
import { type Comparison, Tally } from "./tally.ts";

const ROWS = 6;

const row = (id: string, latex: string, text: string, remark: string, losses: readonly Loss[]): Row => ({
  id,
  section: "X",
  latex,
  text,
  remark,
  async check(evidence) {
    const found: Comparison[] = [];
    for (const loss of losses) found.push(...(await under(evidence, loss)));
    return found;
  },
});

export const MORE_LOSS_ROWS: readonly Row[] = [
  row(
    "X22",
    String.raw`\ell = -\sum_c w_c \left(t_c \log p_c + (1 - t_c) \log(1 - p_c)\right),\ p_c = \frac{1}{1 + e^{-z_c}}:\qquad \delta^L_c = w_c (p_c - t_c)`,
    "sigmoid cross-entropy: ℓ = −Σ w_c(t_c log p_c + (1 − t_c) log(1 − p_c)), δ^L = w(p − t)",
    "One label or several, each there or not. No σ′ is left: it cancels, as softmax's Jacobian does in E8.",
    [{ name: "sigmoid-cross-entropy" }, { name: "sigmoid-cross-entropy", labelWeights: [0.5, 2, 1, 3.25] }],
  ),
  row(
    "X23",
    String.raw`\ell = -\sum_c t_c (1 - p_c)^\gamma \log p_c + (1 - t_c)\, p_c^\gamma \log(1 - p_c)`,
    "focal loss: ℓ = −Σ t_c(1 − p_c)^γ log p_c + (1 − t_c)p_c^γ log(1 − p_c)",
    "Lin et al., ICCV 2017. δ^L = (1 − t)p^γ(p − γ(1 − p) log(1 − p)) − t(1 − p)^γ(1 − p − γ p log p). Checked at γ = 2 and 0.5.",
    [
      { name: "focal", gamma: 2 },
      { name: "focal", gamma: 0.5, labelWeights: [1, 2, 0.5, 1] },
    ],
  ),
  row(
    "X24",
    String.raw`\ell = \frac{1}{2} \lVert z - t \rVert^2:\qquad \delta^L = z - t`,
    "squared error: ℓ = ½‖z − t‖², δ^L = z − t",
    "Summed over the outputs, not their mean.",
    [{ name: "squared-error" }],
  ),
  row(
    "X25",
    String.raw`\ell = \sum_c |z_c - t_c|:\qquad \delta^L_c = \operatorname{sign}(z_c - t_c)`,
    "absolute error: ℓ = Σ|z_c − t_c|, δ^L = sign(z − t)",
    "0 where z = t.",
    [{ name: "absolute-error" }],
  ),
  row(
    "X26",
    String.raw`\ell_c = \frac{1}{2} r^2 \text{ if } |r| \le d, \text{ else } d\left(|r| - \frac{d}{2}\right),\ r = z_c - t_c:\qquad \delta^L_c = \max(-d, \min(d, r))`,
    "Huber loss: ½r² within d, else d(|r| − d/2); δ^L = r, held within ±d",
    "Huber, 1964. Checked at d = 1 and 0.25.",
    [
      { name: "huber", threshold: 1 },
      { name: "huber", threshold: 0.25 },
    ],
  ),
  row(
    "X27",
    String.raw`\ell = \sum_{j,q} \max\left(\tau_q (t_j - z_{jq}), (\tau_q - 1)(t_j - z_{jq})\right):\qquad \delta^L_{jq} = [z_{jq} > t_j] - \tau_q`,
    "quantile loss: ℓ = Σ max(τ(t − z), (τ − 1)(t − z)), δ^L = [z > t] − τ",
    "Koenker and Bassett, 1978. An output for each target and level; 0 where z = t.",
    [{ name: "quantile", levels: [0.1, 0.75] }],
  ),
  row(
    "X28",
    String.raw`\ell = \sum_c e^{z_c} - t_c z_c:\qquad \delta^L = e^z - t`,
    "Poisson: ℓ = Σ e^{z_c} − t_c z_c, δ^L = e^z − t",
    "z is the log of the mean; log t! is left out.",
    [{ name: "poisson" }],
  ),
  row(
    "X29",
    String.raw`\ell = \sum_j \frac{1}{2}\left(s_j + (m_j - t_j)^2 e^{-s_j}\right):\qquad \frac{\partial \ell}{\partial m} = (m - t) e^{-s},\ \frac{\partial \ell}{\partial s} = \frac{1}{2} - \frac{1}{2} (m - t)^2 e^{-s}`,
    "Gaussian: ℓ = Σ ½(s + (m − t)²e^{−s}); ∂ℓ/∂m = (m − t)e^{−s}, ∂ℓ/∂s = ½ − ½(m − t)²e^{−s}",
    "Nix and Weigend, 1994. Outputs in pairs, a mean m and the log s of a variance; ½ log 2π is left out.",
    [{ name: "gaussian" }],
  ),
];

async function under({ implementation, seed }: Evidence, loss: Loss): Promise<Comparison[]> {
  const problem = shapeProblem([5, 7, 6, 4], ["tanh", "relu"], ROWS, seed, loss);
  const c = await gatherCase(implementation, problem, undefined, seed);
  const losses = new Tally("ℓ of every example", RUNNING);
  c.examples.forEach((example, i) => {
    against(losses, `ℓ[${i}]`, c.full.observation.losses[i]!, c.full.bounds.losses[i]!, example.loss);
  });
  const layers = Array.from({ length: c.depth }, (_, i) => i + 1);
  return [
    losses.done(),
    ...layers.map((l) => deltaAgainstDuals(c, l)),
    ...layers.flatMap((l) => [batchAgainstDuals(c, c.full, "W", l), batchAgainstDuals(c, c.partial, "b", l)]),
    singleAgainstDifferences(c, "W", 1),
    singleAgainstDifferences(c, "b", c.depth),
  ];
}
