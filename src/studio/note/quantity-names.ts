// Quantities in words: symbol, meaning, and the equation that computes each of them, with its operands. Layers are
// those of the open network.
import type { Quantity, QuantityKind } from "../lab/quantity.ts";

/** The symbol in LaTeX. */
export function symbolOf({ kind, layer: l, batch }: Quantity): string {
  const x = batch ? "X" : "x";
  const symbols: Record<QuantityKind, string> = {
    a: l === 0 ? x : String.raw`\sigma(z_{${l}})`,
    aT: l === 0 ? `${x}^T` : String.raw`\sigma(z_{${l}})^T`,
    W: `W_{${l}}`,
    WT: `W_{${l}}^T`,
    b: `b_{${l}}`,
    z: `z_{${l}}`,
    slope: String.raw`\sigma'(z_{${l}})`,
    diagonal: String.raw`\mathrm{diag}(\sigma'(z_{${l}}))`,
    delta: String.raw`\delta^{${l}}`,
    dW: String.raw`\nabla_{W_{${l}}}`,
    db: String.raw`\nabla_{b_{${l}}}`,
    y: batch ? "Y" : "y",
    S: `S(z_{${l}})`,
    loss: batch ? "L" : String.raw`\ell`,
    exp: String.raw`\exp(z_i)`,
    expSum: String.raw`\textstyle\sum_j \exp(z_j)`,
    lossByS: String.raw`\partial\ell/\partial S`,
    jacobian: String.raw`\partial S/\partial z`,
    jacobianOff: String.raw`\partial S_i/\partial z_k`,
    jacobianDiagonal: String.raw`\partial S_i/\partial z_i`,
    identity: "I",
    tensor: String.raw`\partial f/\partial W_{${l}}`,
    ones: String.raw`\mathbf{1}`,
    share: "1/B",
  };
  return symbols[kind];
}

/** The symbol as plain text, for labels and for reading aloud. */
export function plainOf({ kind, layer: l, batch }: Quantity): string {
  const x = batch ? "X" : "x";
  const symbols: Record<QuantityKind, string> = {
    a: l === 0 ? x : `σ(z_${l})`,
    aT: l === 0 ? `${x}ᵀ` : `σ(z_${l})ᵀ`,
    W: `W_${l}`,
    WT: `W_${l}ᵀ`,
    b: `b_${l}`,
    z: `z_${l}`,
    slope: `σ′(z_${l})`,
    diagonal: `diag(σ′(z_${l}))`,
    delta: `δ^${l}`,
    dW: `∇W_${l}`,
    db: `∇b_${l}`,
    y: batch ? "Y" : "y",
    S: `S(z_${l})`,
    loss: batch ? "L" : "ℓ",
    exp: "exp(z_i)",
    expSum: "Σ exp(z_j)",
    lossByS: "∂ℓ/∂S",
    jacobian: "∂S/∂z",
    jacobianOff: "∂S_i/∂z_k, i ≠ k",
    jacobianDiagonal: "∂S_i/∂z_i",
    identity: "I",
    tensor: `∂f/∂W_${l}`,
    ones: "1",
    share: "1/B",
  };
  return symbols[kind];
}

/** Its meaning in a few words; `softmax`: whether the loss is the note's. */
export function meaningOf({ kind, layer: l, batch }: Quantity, depth: number, softmax = true): string {
  const of = batch ? ", one row for each example of the next mini-batch" : "";
  const targets = `the targets as the loss takes them: numbers scaled to mean 0 and deviation 1, labels 1 or 0${of}`;
  const meanings: Record<QuantityKind, string> = {
    a: l === 0 ? `the input${of}` : `the activations of layer ${l}${of}`,
    aT: l === 0 ? `the input as a column${of}` : `the activations of layer ${l} as a column${of}`,
    W: `the weights of layer ${l}`,
    WT: `the weights of layer ${l}, transposed`,
    b: `the bias of layer ${l}`,
    z: l === depth ? `f(x), the ${softmax ? "logits" : "outputs"}${of}` : `layer ${l} before its activation`,
    slope: `the slope of the activation at each unit of layer ${l}`,
    diagonal: "those slopes on the diagonal of a matrix; in training it is never built",
    delta: `the error of layer ${l}: how the loss changes with each of its z${of}`,
    dW: batch
      ? `the mean gradient of the weights of layer ${l}`
      : `this example's gradient of the weights of layer ${l}`,
    db: batch ? `the mean gradient of the bias of layer ${l}` : `this example's gradient of the bias of layer ${l}`,
    y: softmax ? (batch ? "the true classes, one row for each example" : "1 at the true class, 0 elsewhere") : targets,
    S: `softmax, the probability of each class${of}`,
    loss: batch ? "the mean loss of the next mini-batch" : "the loss of this example",
    exp: "shifted by the largest logit, so that none overflows; the quotient stays the same",
    expSum: "the sum that makes them probabilities, with the same shift",
    lossByS: "how the loss changes with each probability",
    jacobian: "how each probability changes with each logit",
    jacobianOff: "one class's probability and another's logit; the diagonal is left out",
    jacobianDiagonal: "each class's probability and its own logit",
    identity: "the unit matrix: each output has its own bias",
    tensor: `one slice of a C × H × C tensor: the weights to the ${softmax ? "true class" : "first output"}. All its other rows are zero`,
    ones: "a row of ones: it sums over the mini-batch",
    share: "what makes the sum a mean",
  };
  return meanings[kind];
}

/** The equation that computes a quantity and its operands; `by` is "" for one that is `given`. */
export type Origin = { readonly by: string; readonly given: string; readonly from: readonly Quantity[] };

export function originOf(quantity: Quantity, depth: number, softmax = true): Origin {
  const { kind, layer: l, batch } = quantity;
  const q = (of: QuantityKind, layer = l): Quantity => ({ kind: of, layer, batch });
  // a parameter: the same for an example and for a mini-batch
  const own = (of: QuantityKind, layer = l): Quantity => ({ kind: of, layer, batch: false });
  const made = (by: string, ...from: Quantity[]): Origin => ({ by, given: "", from });
  const given = (text: string): Origin => ({ by: "", given: text, from: [] });
  switch (kind) {
    case "a":
      if (l === 0) return given("a row of the data, scaled");
      return batch ? made("E9", q("a", l - 1), own("W"), own("b")) : made("E9", q("z"));
    case "z":
      return made("E9", q("a", l - 1), own("W"), own("b"));
    case "aT":
      return made(l === depth ? "E37" : "E22", q("a"));
    case "W":
    case "b":
      return given("drawn from the seed, and moved against the gradient by every step since");
    case "WT":
      return made("E14", own("W"));
    case "slope":
      return made("E15", q("a"));
    case "diagonal":
      return made("E15", q("slope"));
    case "delta":
      if (l === depth) return softmax ? made("E10", q("S"), q("y")) : made("E19", q("z"), q("y"));
      return made("E17", q("delta", l + 1), own("WT", l + 1), q("slope"));
    case "dW":
      return made(batch ? "E37" : "E22", q("aT", l - 1), q("delta"));
    case "db":
      return made(batch ? "E36" : "E21", q("delta"));
    case "y":
      return given(softmax ? "the label in the data" : "the targets in the data");
    case "S":
      return made("E3", q("z"));
    case "loss":
      return softmax ? made("E2", q("S", depth), q("y", depth)) : given("the run's own loss, which stands below E8");
    case "exp":
      return made("E3", q("z"));
    case "expSum":
      return made("E3", q("exp"));
    case "lossByS":
      return made("E6", q("y"), q("S"));
    case "jacobian":
      return made("E7", q("S"));
    case "jacobianOff":
      return made("E4", q("S"));
    case "jacobianDiagonal":
      return made("E5", q("S"));
    case "identity":
      return given("z is a sum, and b stands in it once");
    case "tensor":
      return made("E12", q("a", l - 1));
    case "ones":
    case "share":
      return given("the size of the mini-batch");
  }
}
