// X1 … X5, X16 … X21: each activation σ and σ′, at zeros of both signs and at tiny and large arguments.
import { type Activation, defineNetwork } from "../network/network.ts";
import { exact } from "./ball.ts";
import { activationError, derivativeError } from "./bounds.ts";
import { seed, slope } from "./dual.ts";
import { activate } from "./oracle.ts";
import { against, type Evidence, LOCAL, type Row } from "./rows.ts";
import { type Comparison, Tally } from "./tally.ts";

const row = (id: string, activation: Activation, latex: string, text: string, remark: string): Row => ({
  id,
  section: "X",
  latex,
  text,
  remark,
  check: (evidence) => probe(evidence, activation),
});

export const ACTIVATION_ROWS: readonly Row[] = [
  row(
    "X1",
    "relu",
    String.raw`\sigma(z) = \max(0, z),\qquad \sigma'(z) = [\sigma(z) > 0]`,
    "relu: σ(z) = max(0, z), σ′ = 1 where σ(z) > 0, else 0",
    "σ′(0) = 0. Blank pixels with zero biases meet z = 0 exactly, and libraries disagree here.",
  ),
  row(
    "X2",
    "leaky-relu",
    String.raw`\sigma(z) = z \text{ if } z > 0, \text{ else } \alpha z,\qquad \sigma'(z) = 1 \text{ or } \alpha`,
    "leaky-relu: σ(z) = z or αz, σ′ = 1 or α, α = 0.01",
    "σ′(0) = α. α is 0.01 rounded to float32.",
  ),
  row("X3", "tanh", String.raw`\sigma(z) = \tanh z,\qquad \sigma'(z) = 1 - \sigma(z)^2`, "tanh: σ′ = 1 − σ(z)²", ""),
  row(
    "X4",
    "sigmoid",
    String.raw`\sigma(z) = \frac{1}{1 + e^{-z}},\qquad \sigma'(z) = \sigma(z)(1 - \sigma(z))`,
    "sigmoid: σ′ = σ(z)(1 − σ(z))",
    "",
  ),
  row("X5", "identity", String.raw`\sigma(z) = z,\qquad \sigma'(z) = 1`, "identity: σ′ = 1", ""),
];

export const MORE_ACTIVATION_ROWS: readonly Row[] = [
  row(
    "X16",
    "selu",
    String.raw`\sigma(z) = \lambda z \text{ if } z > 0, \text{ else } \lambda\alpha(e^z - 1),\qquad \sigma'(z) = \lambda \text{ or } \sigma(z) + \lambda\alpha`,
    "selu: σ(z) = λz or λα(e^z − 1), σ′ = λ or σ(z) + λα",
    "σ′(0) = λα = 1.758…. Klambauer et al., NeurIPS 2017.",
  ),
  row(
    "X17",
    "elu",
    String.raw`\sigma(z) = z \text{ if } z > 0, \text{ else } e^z - 1,\qquad \sigma'(z) = 1 \text{ or } \sigma(z) + 1`,
    "elu: σ(z) = z or e^z − 1, σ′ = 1 or σ(z) + 1",
    "σ′(0) = 1. Clevert et al., ICLR 2016, with α = 1.",
  ),
  row(
    "X18",
    "gelu",
    String.raw`\sigma(z) = z\,\Phi(z),\qquad \sigma'(z) = \Phi(z) + z\,\varphi(z)`,
    "gelu: σ(z) = zΦ(z), σ′ = Φ(z) + zφ(z)",
    "σ′(0) = 1/2. Hendrycks and Gimpel, 2016; by the normal distribution itself, not its tanh approximation.",
  ),
  row(
    "X19",
    "silu",
    String.raw`\sigma(z) = z p,\ p = \frac{1}{1 + e^{-z}},\qquad \sigma'(z) = p + z p (1 - p)`,
    "silu: σ(z) = zp, σ′ = p + zp(1 − p), p = 1/(1 + e^{−z})",
    "σ′(0) = 1/2. Elfwing et al., 2018; swish with β = 1.",
  ),
  row(
    "X20",
    "mish",
    String.raw`\sigma(z) = z t,\ t = \tanh \ln(1 + e^z),\qquad \sigma'(z) = t + z (1 - t^2)\, \frac{1}{1 + e^{-z}}`,
    "mish: σ(z) = zt, σ′ = t + z(1 − t²)/(1 + e^{−z}), t = tanh ln(1 + e^z)",
    "σ′(0) = 3/5. Misra, BMVC 2020.",
  ),
  row(
    "X21",
    "softplus",
    String.raw`\sigma(z) = \ln(1 + e^z),\qquad \sigma'(z) = 1 - e^{-\sigma(z)}`,
    "softplus: σ(z) = ln(1 + e^z), σ′ = 1 − e^{−σ(z)}",
    "σ′(0) = 1/2. Dugas et al., NIPS 2000.",
  ),
];

const SCALE = 2 ** -20; // a power of two: exact products above the probe, and logits near 0

/** The network x → σ(x) → (σ(x)·2⁻²⁰, 0): δ¹ = δ²₀·2⁻²⁰·σ′(x), so δ¹ and δ² of any implementation give σ′. */
async function probe({ implementation }: Evidence, activation: Activation): Promise<Comparison[]> {
  const sizes = [0.001, 0.1, 0.5, 1, 2, 5, 9, 20, 90, 1e4, 1e-20, 1e-40].map(Math.fround);
  const points = [0, -0, ...sizes, ...sizes.map((z) => -z)];
  const n = points.length;
  const run = await implementation.open({
    network: defineNetwork([1, 1, 2], activation),
    parameters: Float64Array.of(1, 0, SCALE, 0, 0, 0),
    batchSize: n,
    features: Float64Array.from(points),
    labels: new Int32Array(n).fill(1),
  });
  const { outputs, deltas } = await run.gradients(Uint32Array.from({ length: n }, (_, i) => i));
  await run.close();
  const p = implementation.precision;
  const values = new Tally("σ(z)", LOCAL);
  const slopes = new Tally("σ′(z), read from δ^1", LOCAL);
  points.forEach((z, i) => {
    const place = `z = ${Object.is(z, -0) ? "-0" : z}`;
    const a = outputs[0]![i]!;
    const above = deltas[1]![i * 2]! * SCALE;
    const expected = activate(activation, seed(z, 0, 1), () => z > 0);
    const error = activationError(activation, 0, a, p);
    against(values, place, a, error, expected);
    const slopeError = derivativeError(activation, a, error, p, exact(z)).e + 2 * p.roundoff;
    const derivative = slope(expected, 0);
    const bound = Math.abs(above) * (slopeError + derivative.e) + 2 * p.tiny;
    slopes.add(place, deltas[0]![i]!, above * derivative.v, bound);
  });
  return [values.done(), slopes.done()];
}
