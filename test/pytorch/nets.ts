// Random nets over every loss, activation and depth, for a comparison with another library: all that enters a batch's
// gradients, drawn from a seed.
import type { Setup } from "../../src/engines/engine.ts";
import { checkLoss, LOSSES, type Loss, type LossName, lossTask, outputsPerTarget } from "../../src/network/losses.ts";
import { ACTIVATIONS, type Activation, defineNetwork, parameterCount } from "../../src/network/network.ts";
import { Random } from "../../src/numerics/random.ts";

const PURPOSE = 777;
const LEAST = 20; // nets, two of each loss among them

/** A net, its parameters [W₁, b₁, …, s] and its batch, with the loss's options as a reader of JSON needs them. */
export type RandomNet = {
  readonly setup: Setup & { readonly loss: Loss; readonly features: Float64Array };
  readonly parameters: Float64Array;
  readonly activations: readonly Activation[]; // of the hidden layers
};

/** Nets 0 … n − 1, n ≥ 20: each loss and each activation occurs, depths run from 1 to 5 layers. */
export function randomNets(n: number, seed: number): readonly RandomNet[] {
  return Array.from({ length: Math.max(LEAST, n) }, (_, k) => randomNet(k, seed));
}

function randomNet(k: number, seed: number): RandomNet {
  const random = new Random(seed, PURPOSE, k);
  const hidden = k % 5;
  const some = <T>(chance: number, value: T) => (random.uniform() < chance ? value : undefined);
  const columns = 1 + random.integer(4);
  const loss = randomLoss(LOSSES[k % LOSSES.length]!, columns, random);
  const outputs = lossTask(loss) === "classify" ? 2 + random.integer(5) : columns * outputsPerTarget(loss);
  const layers = [1 + random.integer(9), ...Array.from({ length: hidden }, () => 1 + random.integer(12)), outputs];
  const activations = layers.slice(1, -1).map((_, h) => ACTIVATIONS[(5 * k + h) % ACTIVATIONS.length]!);
  const network = defineNetwork(layers, activations);
  const rows = 1 + random.integer(16);
  const frontScale = k % 6 === 5 ? 6 : undefined;
  const count = parameterCount(network) + (frontScale === undefined ? 0 : layers[0]!);
  const wide = k % 7 === 0 && hidden < 2 ? 3 : 1; // some with outputs far from 0
  return {
    activations,
    parameters: Float64Array.from({ length: count }, () => wide * 0.6 * random.normal()),
    setup: {
      network,
      loss,
      frontScale,
      batchSize: rows,
      features: Float64Array.from({ length: rows * layers[0]! }, () => random.normal()),
      ...randomTargets(loss, rows, outputs, columns, random),
      draws: some(0.7, {
        seed: k,
        dropout: k % 2 === 0 ? 0 : 0.3,
        inputNoise: k % 3 === 0 && frontScale === undefined ? 0.2 : 0,
      }),
      inputDelta: frontScale === undefined,
    },
  };
}

function randomLoss(name: LossName, labels: number, random: Random): Loss {
  const weights = { labelWeights: Array.from({ length: labels }, () => random.between(0, 3)) };
  switch (name) {
    case "huber":
      return checkLoss({ name, threshold: random.between(0.2, 2) });
    case "quantile":
      return checkLoss({ name, levels: [random.between(0.01, 0.5), random.between(0.5, 0.99)] });
    case "focal":
      return checkLoss({ name, gamma: random.between(0, 4), ...weights });
    case "sigmoid-cross-entropy":
      return checkLoss({ name, ...weights });
    default:
      return checkLoss(name);
  }
}

type Targets = Pick<Setup, "labels" | "targets" | "weightedTargets" | "labelSmoothing" | "classWeights">;

/** Classes, probability rows or numbers, with smoothing and weights where the loss has them. */
function randomTargets(loss: Loss, rows: number, outputs: number, columns: number, random: Random): Targets {
  const task = lossTask(loss);
  const labelSmoothing = task !== "regress" && random.uniform() < 0.5 ? random.between(0, 0.3) : undefined;
  if (task === "classify") {
    const classWeights =
      random.uniform() < 0.5 ? Array.from({ length: outputs }, () => random.between(0, 3)) : undefined;
    if (random.uniform() < 0.5)
      return {
        labels: Int32Array.from({ length: rows }, () => random.integer(outputs)),
        labelSmoothing,
        classWeights,
      };
    const targets = Float64Array.from({ length: rows * outputs }, () => random.uniform() + 0.01);
    for (let i = 0; i < rows; i++) {
      const row = targets.subarray(i * outputs, (i + 1) * outputs);
      const sum = row.reduce((a, b) => a + b);
      for (let c = 0; c < outputs; c++) row[c] = row[c]! / sum;
    }
    return { targets, labelSmoothing, classWeights };
  }
  const weightedTargets = random.uniform() < 0.5;
  const soft = random.uniform() < 0.3;
  const value = () => {
    if (task === "multilabel") return soft ? random.uniform() : random.integer(2);
    return loss.name === "poisson" ? random.integer(6) : 2 * random.normal();
  };
  const width = columns + Number(weightedTargets);
  const targets = Float64Array.from({ length: rows * width }, (_, at) =>
    at % width < columns ? value() : random.between(0, 2),
  );
  return { targets, weightedTargets, labelSmoothing };
}
