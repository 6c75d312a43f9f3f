// Pictures judged twice: by networks of their pixels and by networks of their oriented gradients. What one kind
// misreads the other often reads, so a label that both doubt is the likelier wrong.
import { checkDataset, type Dataset } from "../data/dataset.ts";
import { orientedGradients } from "../data/pictures/oriented-gradients.ts";
import { defineNetwork, type Network } from "../network/network.ts";
import type { ClassIndices } from "../network/targets.ts";
import { log } from "../numerics/exp-log.ts";
import { softmaxRows } from "../training/evaluate.ts";
import type { NetworkOf } from "../training/plan-training.ts";
import { type CrossValidation, type CrossValidationOptions, crossValidate, shareRight } from "./cross-validation.ts";

/** Of the rows as they are, and of pictures of bytes also of their oriented gradients, `gradientEpochs` long. */
export async function judgedViews(
  network: Network | NetworkOf,
  data: Dataset,
  options: CrossValidationOptions,
  gradientEpochs: number | undefined,
): Promise<readonly CrossValidation[]> {
  const edges = orientedGradients(checkDataset(data));
  if (!edges) return [await crossValidate(network, data, options)];
  const { folds = 5, members = 1, onEpoch } = options;
  const networks = folds * members;
  let [first, last] = [0, 0]; // epochs of each kind
  const pixels = await crossValidate(network, data, {
    ...options,
    onEpoch: (done, of) => {
      [first, last] = [of, gradientEpochs === undefined ? of : networks * gradientEpochs];
      onEpoch?.(done, first + last);
    },
  });
  const { seed, batchSize, learningRate, optimizer, weightDecay, epochs } = pixels.options;
  const strengths = await crossValidate(likewise(pixels.network), edges, {
    ...options,
    seed,
    batchSize,
    learningRate,
    optimizer,
    weightDecay,
    epochs: gradientEpochs ?? epochs,
    onEpoch: (done) => onEpoch?.(first + done, first + last),
  });
  return [pixels, strengths];
}

/** A network of the same hidden layers for other inputs. */
const likewise =
  ({ layers, activation, layerNorm, residual }: Network): NetworkOf =>
  (inputs) =>
    defineNetwork([inputs, ...layers.slice(1)], activation, { layerNorm, residual });

/** So sure of a class, or more, counts as this: no kind of network alone rules one out. */
const LEAST = 2 ** -20;

/** p ∝ the geometric mean of the views' p; of norms, influence and disagreement the mean. */
export function joinViews(views: readonly CrossValidation[], labels: ClassIndices): CrossValidation {
  const [first, second] = views;
  if (!first || !second) return first!;
  const C = first.network.layers.at(-1)!;
  const logits = first.probabilities.map(
    (p, at) => (log(Math.max(p, LEAST)) + log(Math.max(second.probabilities[at]!, LEAST))) / 2,
  );
  const { probabilities } = softmaxRows(logits, C);
  const mean = (key: "gradientNorms" | "selfInfluence" | "disagreement") =>
    first[key].map((value, row) => (value + second[key][row]!) / 2);
  return {
    ...first,
    probabilities,
    gradientNorms: mean("gradientNorms"),
    selfInfluence: mean("selfInfluence"),
    disagreement: mean("disagreement"),
    accuracy: shareRight(probabilities, labels, C),
  };
}
