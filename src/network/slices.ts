// How a step is shared out: a slice of rows for the row pass, a slice of weights for the weight pass. Which bits come out never depends on it.
import type { Batch, Layer, Plan, Span, View } from "./plan.ts";
import { PAD } from "./plan.ts";

/** What one thread does in the weight pass: rows of each ∇W_l and columns of each ∇b_l, with the parameters they update. */
export type WeightSlice = {
  readonly weights: readonly {
    readonly W: View;
    readonly dW: View;
    readonly input: View;
    readonly delta: View;
    readonly spans: ParameterSpans;
  }[];
  readonly biases: readonly { readonly db: View; readonly delta: View; readonly spans: ParameterSpans }[];
};

/** The runs of θ, ∇θ and the optimizer's state that one `update` sweeps; they lie alike in their blocks. */
export type ParameterSpans = {
  readonly parameters: Span;
  readonly gradients: Span;
  readonly states: readonly Span[];
  readonly decays: boolean; // L2 is for weights, not biases
};

const rowsOf = (v: View, from: number, to: number): View => ({
  ...v,
  offset: v.offset + from * v.stride,
  rows: to - from,
});
const colsOf = (v: View, from: number, to: number): View => ({ ...v, offset: v.offset + from, cols: to - from });

/** Rows [from, to) of a batch: views onto the same memory. */
export function rowSlice(batch: Batch, from: number, to: number): Batch {
  const rows = (view: View) => rowsOf(view, from, to);
  return {
    input: rows(batch.input),
    targets: rows(batch.targets),
    losses: rows(batch.losses),
    predictions: rows(batch.predictions),
    layers: batch.layers.map(
      (l): Layer => ({ ...l, input: rows(l.input), output: rows(l.output), delta: rows(l.delta) }),
    ),
    ...(batch.inputDelta && { inputDelta: rows(batch.inputDelta) }),
  };
}

/** Thread `thread` of `threads`' share of the rows [0, count): whole tiles of 4 where there are enough. */
export function rowShare(count: number, thread: number, threads: number): readonly [from: number, to: number] {
  return share(count, thread, threads, count >= 4 * threads ? 4 : 1);
}

/** Thread `thread` of `threads`' share of the weight pass of a batch of `rows` examples. */
export function weightSlice(plan: Plan, rows: number, thread: number, threads: number): WeightSlice {
  const { layers } = rowSlice(plan.batch, 0, rows);
  const spansOf = (view: View, at: number, length: number, decays: boolean): ParameterSpans => {
    const start = view.offset - plan.gradients.offset + at;
    const span = (block: Span): Span => ({ offset: block.offset + start, length });
    return {
      parameters: span(plan.parameters),
      gradients: span(plan.gradients),
      states: plan.states.map(span),
      decays,
    };
  };
  return {
    weights: layers.flatMap(({ W, dW, input, delta }) => {
      const [from, to] = share(dW.rows, thread, threads, 8);
      if (from === to) return [];
      const spans = spansOf(dW, from * dW.stride, (to - from) * dW.stride, true);
      const rows = (view: View) => rowsOf(view, from, to);
      return [{ W: rows(W), dW: rows(dW), input: colsOf(input, from, to), delta, spans }];
    }),
    biases: layers.flatMap(({ db, delta }) => {
      const [from, to] = share(db.cols, thread, threads, PAD);
      if (from === to) return [];
      const spans = spansOf(db, from, Math.ceil((to - from) / PAD) * PAD, false);
      return [{ db: colsOf(db, from, to), delta: colsOf(delta, from, to), spans }];
    }),
  };
}

/** A slice of weights in pieces that threads can take from each other: its rows of one layer each, and all biases with the last. */
export function byLayer({ weights, biases }: WeightSlice): readonly WeightSlice[] {
  const last = Math.max(0, weights.length - 1);
  return [
    ...weights.slice(0, last).map((layer) => ({ weights: [layer], biases: [] })),
    { weights: weights.slice(last), biases },
  ];
}

/** An even share of [0, count) in whole tiles; shares cover the range exactly and may be empty. */
function share(count: number, thread: number, threads: number, tile: number): readonly [from: number, to: number] {
  const tiles = Math.ceil(count / tile);
  const at = (t: number) => Math.min(count, Math.floor((tiles * t) / threads) * tile);
  return [at(thread), at(thread + 1)];
}
