// The two arrays a layer of single examples, a_{l−1} and δ^l, by a session's own passes.

import type { Dataset } from "../data/dataset.ts";
import { numbersFrom } from "../data/stored/row-store.ts";
import type { EngineChoice, Session } from "../engines/engine.ts";
import { chooseEngine } from "../engines/registry.ts";
import { must } from "../errors.ts";
import { emptyLike, type Floats, type NormArrays } from "../network/memory.ts";
import { alignDataset, checkModel, type Model, mustClassify, sessionFeatures } from "../training/model.ts";
import type { TrainingOptions } from "../training/options.ts";
import { classWeightsOf } from "../training/trainer.ts";
import { sessionTargets } from "../training/value-targets.ts";

/** The loss that was minimized, and on what to compute. */
export type ExampleOptions = {
  /** "auto" (default), "native", "wasm" or "reference". */
  readonly engine?: EngineChoice | undefined;
  /** ε of the loss that was minimized, in [0, 1). Default 0. */
  readonly labelSmoothing?: number | undefined;
  /** Class weights of that loss. Default "none". */
  readonly classWeights?: TrainingOptions["classWeights"] | undefined;
  /** An abort rejects with its reason. Default: none. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * a_{l−1} [n×I] and δ^l [n×O] of each layer, first to last, and the logits; of each layer that normalizes ∇γ and ∇β of
 * every row, (n ⊙ ∂ℓ/∂h, ∂ℓ/∂h) [n×2O].
 */
export type ExampleArrays = {
  readonly layers: readonly { readonly input: Floats; readonly delta: Floats }[];
  readonly gains: readonly Floats[];
  readonly logits: Floats;
};

const AT_ONCE = 256; // rows of one pass

/** Rows in the model's columns and classes. Raises InvalidInput for soft targets or one class. */
export function labelledRows(model: Model, data: Dataset): Dataset {
  checkModel(model);
  mustClassify(model, "influence");
  const soft = "left out: influence follows one label a row, and these rows have probabilities";
  must(data?.targets === undefined, `the soft targets of ${data?.name}`, soft, data?.targets);
  must(model.classes.length > 1, "the classes of the model", "two or more", model.classes.length);
  return alignDataset(model, data);
}

/** Raises InvalidInput for a model with gains and offsets: the curvature is of W and b alone. */
export function refuseNormalized({ network }: Model): void {
  const plain = "a model without layer normalization: its curvature is that of W and b alone";
  must(!network.layerNorm, "the model", plain, "one with it", "TracIn and representer points take it.");
}

/** A session over `known`, rows aligned with the model, at the model's parameters. The caller closes it. */
export async function openExamples(
  model: Model,
  known: Dataset,
  { engine = "auto", labelSmoothing, classWeights = "none" }: ExampleOptions,
  exampleNorms = false,
): Promise<Session> {
  const session = await chooseEngine(engine).open({
    network: model.network,
    batchSize: Math.min(AT_ONCE, known.rows),
    ...sessionFeatures(known, model.scaling),
    ...(model.loss
      ? {
          loss: model.loss,
          targets: sessionTargets(known.values!, known.classes.length, model.targetScaling, undefined),
        }
      : { labels: known.labels }),
    labelSmoothing,
    classWeights: classWeightsOf({ classWeights }, known),
    exampleNorms,
    threads: 1,
  });
  session.writeParameters(model.parameters);
  return session;
}

/** The arrays of rows from … from + count − 1. δ of a row carries its weight, where rows have weights. */
export async function exampleArrays(
  session: Session,
  { from, count, weights }: { from: number; count: number; weights?: ArrayLike<number> | undefined },
): Promise<ExampleArrays> {
  const parts: ExampleArrays[] = [];
  for (let at = 0; at < count; at += session.batchSize) {
    const order = numbersFrom(from + at, Math.min(session.batchSize, count - at));
    const { layers } = await session.gradients(order);
    const norms = layers.flatMap(({ norm }) => norm ?? []);
    if (weights) for (const { delta } of [...layers, ...norms]) weigh(delta, order, weights);
    parts.push({
      layers: layers.map(({ input, delta }) => ({ input, delta })),
      gains: norms.map((norm) => gainGradients(norm, order.length)),
      logits: layers.at(-1)!.output,
    });
  }
  return {
    gains: parts[0]!.gains.map((_, l) => joined(parts.map(({ gains }) => gains[l]!))),
    layers: parts[0]!.layers.map((_, l) => ({
      input: joined(parts.map(({ layers }) => layers[l]!.input)),
      delta: joined(parts.map(({ layers }) => layers[l]!.delta)),
    })),
    logits: joined(parts.map(({ logits }) => logits)),
  };
}

/** ∇γ and ∇β of each of n rows, side by side. */
function gainGradients({ normalized, delta }: NormArrays, n: number): Floats {
  const O = delta.length / n;
  const out = emptyLike(delta, 2 * delta.length);
  for (let i = 0; i < n; i++)
    for (let o = 0; o < O; o++) {
      out[2 * i * O + o] = normalized[i * O + o]! * delta[i * O + o]!;
      out[(2 * i + 1) * O + o] = delta[i * O + o]!;
    }
  return out;
}

function weigh(delta: Floats, order: Uint32Array, weights: ArrayLike<number>): void {
  const O = delta.length / order.length;
  order.forEach((row, r) => {
    for (let o = 0; o < O; o++) delta[r * O + o]! *= weights[row]!;
  });
}

/** Arrays one after another. */
export function joined(parts: readonly Floats[]): Floats {
  const out = emptyLike(
    parts[0]!,
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
