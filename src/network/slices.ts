// Slices of a step for the threads of a team: rows of the batch for the row pass, rows of ∇W and columns of ∇b for the
// weight pass. The bits of the result do not depend on them.
import { normRows } from "./layer-norm.ts";
import { type Batch, type Layer, PAD, type Plan, type Span, type View } from "./plan.ts";

/**
 * A slice of the weight pass: rows of each ∇W_l and columns of each ∇b_l, ∇γ_l and ∇β_l, and of the scale of the inputs
 * where that is learned, with the parameters they update.
 */
export type WeightSlice = {
  readonly weights: readonly {
    readonly W: View;
    readonly dW: View;
    readonly input: View;
    readonly delta: View;
    readonly squares?: View | undefined;
    readonly spans: ParameterSpans;
    readonly noise?: ParameterSpans | undefined;
    readonly part: number; // the number of the part of all W that these rows lie in
  }[];
  readonly biases: readonly {
    readonly db: View;
    readonly delta: View;
    readonly squares?: View | undefined;
    readonly spans: ParameterSpans;
    readonly noise?: ParameterSpans | undefined; // ∇θ in the place of θ, the noise in that of ∇θ, where it is planned
  }[];
  readonly gains: readonly ScaleSlice[]; // the β beside them are among the biases: db is ∇β, delta is ∂ℓ/∂h
  readonly scale?: ScaleSlice | undefined;
};

/** Columns of a learned scale: of the inputs with x and δ⁰ of every row, of a normalization with n and ∂ℓ/∂h. */
export type ScaleSlice = {
  readonly gradient: View;
  readonly input: View;
  readonly delta: View;
  readonly squares?: View | undefined;
  readonly spans: ParameterSpans;
  readonly noise?: ParameterSpans | undefined;
};

/** The elements of θ, ∇θ and the optimizer's state of one update: the same range of each block. */
export type ParameterSpans = {
  readonly parameters: Span;
  readonly gradients: Span;
  readonly states: readonly Span[];
  readonly average?: Span | undefined;
  readonly decays: boolean; // whether λ applies (X9): to weights, not to biases
};

const rowsOf = (v: View, from: number, to: number): View => ({
  ...v,
  offset: v.offset + from * v.stride,
  rows: to - from,
});
/** Columns [from, to) of a matrix: a view onto the same memory. */
export const colsOf = (v: View, from: number, to: number): View => ({ ...v, offset: v.offset + from, cols: to - from });

/** Rows [from, to) of a batch: views onto the same memory. */
export function rowSlice(batch: Batch, from: number, to: number): Batch {
  const rows = (view: View) => rowsOf(view, from, to);
  return {
    input: rows(batch.input),
    targets: rows(batch.targets),
    losses: rows(batch.losses),
    predictions: rows(batch.predictions),
    loss: batch.loss,
    partners: batch.partners && { input: rows(batch.partners.input), targets: rows(batch.partners.targets) },
    layers: batch.layers.map(
      (l): Layer => ({
        ...l,
        input: rows(l.input),
        output: rows(l.output),
        slopes: l.slopes && rows(l.slopes),
        mask: l.mask && rows(l.mask),
        norm: l.norm && normRows(l.norm, rows),
        passed: l.passed && rows(l.passed),
        joined: l.joined && rows(l.joined),
        delta: rows(l.delta),
        norms: l.norms && rows(l.norms),
      }),
    ),
    inputMask: batch.inputMask && rows(batch.inputMask),
    inputDelta: batch.inputDelta && rows(batch.inputDelta),
    front: batch.front && {
      ...batch.front,
      scaled: rows(batch.front.scaled),
      delta: batch.front.delta && rows(batch.front.delta),
    },
  };
}

/** Rows of [0, count) for thread `thread` of `threads`: whole micro-tiles of 4 rows if each thread gets one. */
export function rowShare(count: number, thread: number, threads: number): readonly [from: number, to: number] {
  return share(count, thread, threads, count >= 4 * threads ? 4 : 1);
}

/** Rows of a W with `count` rows for thread `thread` of `threads` in the weight pass. */
export function weightShare(count: number, thread: number, threads: number): readonly [from: number, to: number] {
  return share(count, thread, threads, 8);
}

/** Columns of a W, or of its b, for thread `thread` of `threads`. */
export function columnShare(count: number, thread: number, threads: number): readonly [from: number, to: number] {
  return share(count, thread, threads, PAD);
}

/**
 * The slice of thread `thread` of `threads` in the weight pass of a batch of `rows` examples, or of these of its rows.
 * `team`: the threads that share the biases, where those of W are the threads of several processes.
 */
export function weightSlice(
  plan: Plan,
  rows: number | readonly [from: number, to: number],
  thread: number,
  threads: number,
  team: { readonly thread: number; readonly threads: number } = { thread, threads },
  parts: readonly WeightPart[] = wholeWeights(plan),
): WeightSlice {
  const { layers, input: x, front } = rowSlice(plan.batch, ...(typeof rows === "number" ? ([0, rows] as const) : rows));
  const spansOf = (view: View, at: number, length: number, decays: boolean): ParameterSpans => {
    const start = view.offset - plan.gradients.offset + at;
    const span = (block: Span): Span => ({ offset: block.offset + start, length });
    return {
      parameters: span(plan.parameters),
      gradients: span(plan.gradients),
      states: plan.states.map(span),
      average: plan.average && span(plan.average),
      decays,
    };
  };
  const noiseOf = ({ gradients }: ParameterSpans): ParameterSpans | undefined =>
    plan.clipping && {
      parameters: gradients,
      gradients: { ...gradients, offset: gradients.offset - plan.gradients.offset + plan.clipping.noise.offset },
      states: [],
      decays: false,
    };
  const columns = (gradient: View, input: View, delta: View, all: View | undefined): readonly ScaleSlice[] => {
    const [from, to] = columnShare(gradient.cols, team.thread, team.threads);
    if (from === to) return [];
    const spans = spansOf(gradient, from, Math.ceil((to - from) / PAD) * PAD, false);
    const squares = all && rowsOf(all, from, to);
    const [g, x, d] = [gradient, input, delta].map((view) => colsOf(view, from, to)) as [View, View, View];
    return [{ gradient: g, input: x, delta: d, squares, spans, noise: noiseOf(spans) }];
  };
  return {
    scale: front && columns(front.gradient!, x, front.delta!, front.squares)[0],
    weights: parts.flatMap(({ layer, from: first, to: end }, part) => {
      const { W, dW, input, delta, squares } = layers[layer]!;
      const [from, to] = weightShare(end - first, thread, threads).map((row) => first + row) as [number, number];
      if (from === to) return [];
      const spans = spansOf(dW, from * dW.stride, (to - from) * dW.stride, true);
      const rows = (view: View) => rowsOf(view, from, to);
      const sums = squares && rows(squares);
      const noise = noiseOf(spans);
      return [{ W: rows(W), dW: rows(dW), input: colsOf(input, from, to), delta, squares: sums, spans, noise, part }];
    }),
    biases: layers.flatMap(({ db, delta, biasSquares, norm }) => {
      const biases = [{ db, delta, squares: biasSquares }];
      if (norm?.step)
        biases.push({ db: norm.step.gradients.offset, delta: norm.step.delta, squares: norm.step.squares?.offset });
      return biases.flatMap(({ db, delta, squares }) => {
        const [from, to] = columnShare(db.cols, team.thread, team.threads);
        if (from === to) return [];
        const spans = spansOf(db, from, Math.ceil((to - from) / PAD) * PAD, false);
        const noise = noiseOf(spans);
        const sums = squares && rowsOf(squares, from, to);
        return [{ db: colsOf(db, from, to), delta: colsOf(delta, from, to), squares: sums, spans, noise }];
      });
    }),
    gains: layers.flatMap(({ norm }) =>
      norm?.step
        ? columns(norm.step.gradients.gain, norm.step.normalized, norm.step.delta, norm.step.squares?.gain)
        : [],
    ),
  };
}

/** Rows [from, to) of a W: threads share each part by itself, and parts are done one after another. */
export type WeightPart = { readonly layer: number; readonly from: number; readonly to: number };

/** Each W as one part. */
export const wholeWeights = ({ batch }: Plan): readonly WeightPart[] =>
  batch.layers.map(({ dW }, layer) => ({ layer, from: 0, to: dW.rows }));

/** A slice cut into the work queue's units: its weights of one layer each, and all biases with the last. */
export function byLayer({ weights, biases, gains, scale }: WeightSlice): readonly WeightSlice[] {
  const last = Math.max(0, weights.length - 1);
  return [
    ...weights.slice(0, last).map((layer) => ({ weights: [layer], biases: [], gains: [] })),
    { weights: weights.slice(last), biases, gains, scale },
  ];
}

/** An even part of [0, count) in whole tiles. The parts of all threads cover the range once; a part may be empty. */
function share(count: number, thread: number, threads: number, tile: number): readonly [from: number, to: number] {
  const tiles = Math.ceil(count / tile);
  const at = (t: number) => Math.min(count, Math.floor((tiles * t) / threads) * tile);
  return [at(thread), at(thread + 1)];
}
