// Which training examples pushed an answer: TracIn, and influence with an EK-FAC inverse. No gradient is formed: all
// pairs of many examples are a few products of the matrices a and δ. Formulas and papers: docs/beyond-the-note.md.
import type { Dataset } from "../data/dataset.ts";
import { must } from "../errors.ts";
import {
  dampingOf,
  type KroneckerCurvature,
  type SeparableTerm,
  separableInverse,
} from "../gradients/kronecker-curvature.ts";
import type { Floats } from "../network/memory.ts";
import type { Model } from "../training/model.ts";
import { measureCurvature } from "./curvature.ts";
import { type ExampleOptions, exampleArrays, labelledRows, openExamples } from "./example-arrays.ts";
import { matrixProduct } from "./matrix-product.ts";

/** A model at some time of its training, and what its part of TracIn is multiplied by. */
export type TracInCheckpoint = {
  /** The model with its parameters at that time. */
  readonly model: Model;
  /** Σ η/B over the epochs that it stands for: then the sum is in units of log p. */
  readonly weight: number;
};

/** Options of `curvatureInfluence`. */
export type CurvatureOptions = ExampleOptions & {
  /** λ of a layer over the mean eigenvalue of its curvature, > 0. Default 10. */
  readonly damping?: number | undefined;
  /** Training rows, drawn, that curvature is measured on, an integer ≥ 1. Default 5,000, or all. */
  readonly curvatureRows?: number | undefined;
};

/**
 * TracIn (Pruthi et al., 2020): Σ_t w_t ⟨g_i(θ_t), g_j(θ_t)⟩ of each asked row j with each training row i, [m×n]. The
 * label of an asked row is the class whose log p is explained; positive: steps on row i raised it. Raises InvalidInput.
 */
export async function tracIn(
  checkpoints: readonly TracInCheckpoint[],
  train: Dataset,
  asked: Dataset,
  options: ExampleOptions = {},
): Promise<Float64Array> {
  must(Array.isArray(checkpoints) && checkpoints.length > 0, "checkpoints", "one or more", checkpoints);
  const sums = roomForPairs(train, asked);
  for (const { model, weight } of checkpoints) {
    must(Number.isFinite(weight), "the weight of a checkpoint", "a finite number", weight);
    const plain = model.network.layers.slice(1).map(() => undefined);
    await addPairs(sums, weight, model, train, asked, plain, options);
  }
  return sums;
}

/**
 * Influence (Koh and Liang, 2017) with an EK-FAC inverse (Grosse et al., 2023): g_iᵀ(F + λ)⁻¹g_j / n of each asked row
 * j with each training row i, [m×n]. The label of an asked row is the class whose log p is explained: it would fall by
 * about so much, had row i been left out of a training that ends where the gradient is 0. Raises InvalidInput.
 */
export async function curvatureInfluence(
  model: Model,
  train: Dataset,
  asked: Dataset,
  { damping = 10, curvatureRows, ...options }: CurvatureOptions = {},
): Promise<Float64Array> {
  must(damping > 0 && Number.isFinite(damping), "damping", "a finite number > 0", damping);
  const curvatures = await measureCurvature(model, train, curvatureRows, options);
  const bases = curvatures.map((curvature) => basisOf(curvature, dampingOf(curvature, damping)));
  const sums = roomForPairs(train, asked);
  await addPairs(sums, 1 / train.rows, model, train, asked, bases, options);
  return sums;
}

const MOST_PAIRS = 2 ** 28;

function roomForPairs(train: Dataset, asked: Dataset): Float64Array {
  const few = asked?.rows >= 1 && train?.rows * asked?.rows <= MOST_PAIRS;
  must(few, "asked", `rows, with training rows at most ${MOST_PAIRS} pairs`, asked?.rows, "Ask about fewer at once.");
  return new Float64Array(train.rows * asked.rows);
}

/** Coordinates of ā and δ in which a layer's inverse is a sum of products of a factor of each. */
type Basis = {
  readonly inputs: Turn;
  readonly outputs: Turn;
  readonly terms: readonly SeparableTerm[];
};

/** x ↦ x·W + b, [K×M] and [M]. */
type Turn = { readonly W: Float64Array; readonly b: Float64Array };

const TOLERANCE = 0.03; // of the inverse that is left out, as whitened examples see it

function basisOf(curvature: KroneckerCurvature, damping: number): Basis {
  const O = Math.sqrt(curvature.outputs.length);
  const K = Math.sqrt(curvature.inputs.length);
  const turn = (vectors: Float64Array, n: number, used: number): Turn => ({
    W: Float64Array.from({ length: used * n }, (_, at) => vectors[(at % n) * n + Math.floor(at / n)]!),
    b: Float64Array.from({ length: n }, (_, r) => (used < n ? vectors[r * n + used]! : 0)),
  });
  return {
    inputs: turn(curvature.inputs, K, K - 1),
    outputs: turn(curvature.outputs, O, O),
    terms: damping > 0 ? separableInverse(curvature, damping, TOLERANCE) : [], // 0: no row has a slope
  };
}

const BLOCK = 4096; // training rows at once

/** sums_ji += weight · Σ_l of ⟨g_i, g_j⟩ in layer l, in its basis where it has one; then of gains and offsets. */
async function addPairs(
  sums: Float64Array,
  weight: number,
  model: Model,
  train: Dataset,
  asked: Dataset,
  bases: readonly (Basis | undefined)[],
  options: ExampleOptions,
): Promise<void> {
  const known = labelledRows(model, train);
  const [n, m] = [known.rows, asked.rows];
  const { answers, gains: others } = await turnedAnswers(model, labelledRows(model, asked), bases, options);
  const session = await openExamples(model, known, options);
  try {
    for (let from = 0; from < n; from += BLOCK) {
      const count = Math.min(BLOCK, n - from);
      const { layers, gains } = await exampleArrays(session, { from, count, weights: known.weights });
      for (const [l, own] of gains.entries()) {
        const g = await allProducts(own, { values: others[l]!, count: m }, undefined, 0, options);
        for (let i = 0, at = 0; i < count; i++)
          for (let j = 0; j < m; j++, at++) sums[j * n + from + i]! += weight * g[at]!;
      }
      for (const [l, { input, delta }] of layers.entries()) {
        const basis = bases[l];
        const [x, y] = [await turned(input, basis?.inputs, options), await turned(delta, basis?.outputs, options)];
        for (const { left, right } of basis?.terms ?? [{ left: undefined, right: undefined }]) {
          const a = await allProducts(
            x,
            { values: answers[l]!.x, count: m },
            left,
            basis === undefined ? 1 : 0,
            options,
          );
          const d = await allProducts(y, { values: answers[l]!.y, count: m }, right, 0, options);
          for (let i = 0, at = 0; i < count; i++)
            for (let j = 0; j < m; j++, at++) sums[j * n + from + i]! += weight * a[at]! * d[at]!;
        }
      }
    }
  } finally {
    await session.close();
  }
}

/** The arrays of the asked rows, whose loss is −log p of their label, in each layer's basis; and of their gains. */
async function turnedAnswers(
  model: Model,
  known: Dataset,
  bases: readonly (Basis | undefined)[],
  { engine, signal }: ExampleOptions,
): Promise<{
  readonly answers: readonly { readonly x: Floats; readonly y: Floats }[];
  readonly gains: readonly Floats[];
}> {
  const session = await openExamples(model, known, { engine });
  try {
    const { layers, gains } = await exampleArrays(session, { from: 0, count: known.rows });
    const found: { x: Floats; y: Floats }[] = [];
    for (const [l, { input, delta }] of layers.entries())
      found.push({
        x: await turned(input, bases[l]?.inputs, { engine, signal }),
        y: await turned(delta, bases[l]?.outputs, { engine, signal }),
      });
    return { answers: found, gains };
  } finally {
    await session.close();
  }
}

const turned = async (rows: Floats, turn: Turn | undefined, options: ExampleOptions): Promise<Floats> =>
  turn === undefined ? rows : matrixProduct(rows, turn.W, turn.b, options);

/** Σ_k scale_k rows_ik others_jk + bias of every row with every other: [n×m]. */
function allProducts(
  rows: Floats,
  others: { readonly values: Floats; readonly count: number },
  scale: Float64Array | undefined,
  bias: 0 | 1,
  options: ExampleOptions,
): Promise<Floats> {
  const { values, count: m } = others;
  const K = values.length / m;
  const W = new Float64Array(K * m);
  for (let j = 0; j < m; j++)
    for (let k = 0; k < K; k++) W[k * m + j] = values[j * K + k]! * (scale === undefined ? 1 : scale[k]!);
  return matrixProduct(rows, W, new Float64Array(m).fill(bias), options);
}
