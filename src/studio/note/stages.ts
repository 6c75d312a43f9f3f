// One training step in stages: the arrays that each stage computes, its operands, and its equation.
import type { LossName } from "../../network/losses.ts";
import type { Quantity, QuantityKind } from "../lab/quantity.ts";
import { DELTA_TEX } from "./loss-forms.ts";

export type Stage = {
  readonly title: string; //             `$…$` is LaTeX
  readonly equation: string; //          "" where the note has none
  readonly latex: string; //             with the layer's number
  readonly explanation: string;
  readonly makes: readonly Quantity[];
  readonly uses: readonly Quantity[];
};

const of = (kind: QuantityKind, layer: number): Quantity => ({ kind, layer, batch: true });

/** The output of layer l: activations, or the logits. */
const out = (l: number, L: number): Quantity => of(l === L ? "z" : "a", l);

/** Every array of a step, in the order of the stages, parameters first. */
export function arraysOfStep(depth: number, loss: LossName = "softmax-cross-entropy"): readonly Quantity[] {
  const layers = Array.from({ length: depth }, (_, k) => k + 1);
  return [
    ...layers.flatMap((l) => [of("W", l), of("b", l)]),
    ...stagesOf(depth, loss)
      .slice(0, -1)
      .flatMap(({ makes }) => makes),
  ];
}

/** Gather, forward layer by layer, softmax or another loss, δ from the last layer down, gradients, update. */
export function stagesOf(depth: number, loss: LossName = "softmax-cross-entropy"): readonly Stage[] {
  const up = Array.from({ length: depth }, (_, k) => k + 1);
  const down = up.toReversed();
  const L = depth;
  return [
    {
      title: "Gather",
      equation: "",
      latex: String.raw`X,\ Y`,
      explanation: `The next mini-batch: B rows of the data, and ${loss === "softmax-cross-entropy" ? "a row for each true class" : "their targets as the loss takes them"}.`,
      makes: [of("a", 0), of("y", L)],
      uses: [],
    },
    ...up.map((l) => ({
      title: l === L ? (loss === "softmax-cross-entropy" ? "Logits" : "Outputs") : `Forward, layer ${l}`,
      equation: "E9",
      latex: forward(l, L),
      explanation:
        l === L
          ? "The last layer has no activation: its output is f(x)."
          : "Each row times the weights, plus the bias; then the activation.",
      makes: [out(l, L)],
      uses: [of("a", l - 1), of("W", l), of("b", l)],
    })),
    ...(loss === "softmax-cross-entropy" ? ofSoftmax(L) : ofOther(L, loss)),
    ...down.slice(1).map((l) => ({
      title: String.raw`Error of layer ${l}, $\delta^{${l}}$`,
      equation: "E17",
      latex: String.raw`\delta^{${l}} = (\delta^{${l + 1}} W_{${l + 1}}^T) \odot \sigma'(z_{${l}})`,
      explanation: "The error above, sent back through the weights; σ′ is read from the activation.",
      makes: [of("delta", l)],
      uses: [of("delta", l + 1), of("W", l + 1), of("a", l)],
    })),
    ...up.map((l) => ({
      title: `Gradients of layer ${l}`,
      equation: "E37",
      latex: String.raw`\nabla_{W_{${l}}} = \tfrac{1}{B}\, ${l === 1 ? "X^T" : String.raw`\sigma(z_{${l - 1}})^T`} \delta^{${l}},\quad \nabla_{b_{${l}}} = \tfrac{1}{B}\, \mathbf{1}\, \delta^{${l}}`,
      explanation: "What went in, times the error: the product sums over the mini-batch, 1/B makes it a mean.",
      makes: [of("dW", l), of("db", l)],
      uses: [of("a", l - 1), of("delta", l)],
    })),
    {
      title: "Update",
      equation: "",
      latex: String.raw`\theta \leftarrow \theta - \eta\, \nabla_\theta L`,
      explanation: "Every weight moves against its gradient. This really is done: the run is one step further.",
      makes: up.flatMap((l) => [of("W", l), of("b", l)]),
      uses: up.flatMap((l) => [of("dW", l), of("db", l)]),
    },
  ];
}

const ofSoftmax = (L: number): readonly Stage[] => [
  {
    title: "Softmax",
    equation: "E3",
    latex: `S(z_{${L}})`,
    explanation: "Each row of logits becomes a row of probabilities. The loss is minus the log of the true one’s.",
    makes: [of("S", L)],
    uses: [of("z", L)],
  },
  {
    title: String.raw`Error of layer ${L}, $\delta^{${L}}$`,
    equation: "E10",
    latex: String.raw`\delta^{${L}} = S(z_{${L}}) - Y`,
    explanation: "The whole softmax Jacobian has gone: the error is what was said minus what is true.",
    makes: [of("delta", L)],
    uses: [of("S", L), of("y", L)],
  },
];

const ofOther = (L: number, loss: Exclude<LossName, "softmax-cross-entropy">): readonly Stage[] => [
  {
    title: String.raw`Error of layer ${L}, $\delta^{${L}}$`,
    equation: "E19",
    latex: String.raw`\delta^{${L}} = ${DELTA_TEX[loss]}`,
    explanation: "How this run’s loss changes with each output: all that a loss adds to the recursion.",
    makes: [of("delta", L)],
    uses: [of("z", L), of("y", L)],
  },
];

function forward(l: number, L: number): string {
  const input = l === 1 ? "X" : String.raw`\sigma(z_{${l - 1}})`;
  const z = `${input} W_{${l}} + b_{${l}}`;
  return l === L ? `z_{${l}} = ${z}` : String.raw`z_{${l}} = ${z},\quad \sigma(z_{${l}})`;
}
