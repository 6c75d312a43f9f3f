// Awkward nets: sizes that fill no vector, a partial last batch, every loss, optimizer and option of a step, L2,
// smoothing, weights. The same file trains them in Node and in browsers.
import {
  type Activation,
  type Dataset,
  defineNetwork,
  drawDigits,
  fromArrays,
  type Network,
  type TrainingOptions,
  train,
} from "../../../src/index.ts";
import { checkLoss, lossTask, outputsPerTarget } from "../../../src/network/losses.ts";

export const NETS: readonly (Partial<TrainingOptions> & {
  readonly hidden: readonly number[];
  readonly activation: Activation | readonly Activation[];
})[] = [
  { hidden: [33, 7], activation: "relu", optimizer: "sgd", weightDecay: 0.01 },
  { hidden: [17], activation: "tanh", optimizer: "momentum", labelSmoothing: 0.1 },
  {
    hidden: [9, 13, 5],
    activation: "leaky-relu",
    optimizer: "nesterov",
    classWeights: [1, 2, 0.5, 1, 0, 3, 1, 1, 1, 0.25],
  },
  { hidden: [31], activation: "sigmoid", optimizer: "adam", schedule: "cosine", initialization: "glorot" },
  {
    hidden: [],
    activation: "relu",
    optimizer: "adamw",
    weightDecay: 0.1,
    labelSmoothing: 0.05,
    classWeights: "balanced",
  },
  { hidden: [19, 11, 6, 13], activation: ["gelu", "mish", "elu", "silu"], optimizer: "adam" },
  { hidden: [21, 10], activation: ["selu", "softplus"], optimizer: "sgd", labelSmoothing: 0.05 },
  {
    hidden: [18],
    activation: "tanh",
    optimizer: "adam",
    loss: { name: "sigmoid-cross-entropy", labelWeights: [1, 2.5, 0.3] },
    labelSmoothing: 0.1,
    dropout: 0.3,
  },
  {
    hidden: [11, 6],
    activation: ["mish", "relu"],
    optimizer: "sgd",
    loss: { name: "focal", gamma: 1.5 },
    maxNorm: 0.8,
  },
  { hidden: [23], activation: "gelu", optimizer: "adamw", loss: "squared-error", averageDecay: 0.9, weightDecay: 0.1 },
  { hidden: [14, 5], activation: ["elu", "silu"], optimizer: "nesterov", loss: "absolute-error", clipNorm: 0.3 },
  { hidden: [15], activation: "softplus", optimizer: "momentum", loss: { name: "huber", threshold: 0.4 }, l1: 0.01 },
  { hidden: [10], activation: "selu", optimizer: "adam", loss: "quantile", inputNoise: 0.2 },
  { hidden: [], activation: "relu", optimizer: "sgd", loss: "poisson", clipNorm: 1 },
  { hidden: [13, 9], activation: ["leaky-relu", "sigmoid"], optimizer: "adam", loss: "gaussian", frontScale: 6 },
];

export type Trained = {
  readonly net: number;
  readonly engine: string;
  readonly threads: number;
  readonly parametersSha256: string;
  readonly losses: readonly number[]; // of the epochs
};

/** Targets of a digit where the loss is of numbers or labels: three of each. */
const NUMBERS = (digit: number) => [digit, (digit * digit) % 7, digit < 4 ? 0.25 : 3];
const LABELS = (digit: number) => [digit > 4, digit % 2 === 0, digit % 3 === 1].map(Number);

/**
 * Net number `net`, its 103 rows, and what it is trained with: three epochs in batches of 16, the last of 7. `digits`:
 * the rows.
 */
export function netRun(
  net: number,
  digits: Dataset,
): { readonly network: Network; readonly data: Dataset; readonly options: Partial<TrainingOptions> } {
  const { hidden, activation, ...options } = NETS[net]!;
  const loss = checkLoss(options.loss ?? "softmax-cross-entropy");
  const task = lossTask(loss);
  const targets = Array.from(digits.labels, task === "regress" ? NUMBERS : LABELS);
  const data = task === "classify" ? digits : fromArrays(digits.features as Uint8Array, targets, { task });
  const network = defineNetwork([784, ...hidden, data.classes.length * outputsPerTarget(loss)], activation);
  const adaptive = options.optimizer === "adam" || options.optimizer === "adamw";
  const base = { schedule: "constant", initialization: "glorot", weightDecay: adaptive ? 0 : 0.01 } as const;
  return { network, data, options: { ...base, ...options, seed: 7, epochs: 3, batchSize: 16, learningRate: 0.02 } };
}

/** Every net on every engine with every number of threads. */
export async function trainNets(engines: readonly string[], threadCounts: readonly number[]): Promise<Trained[]> {
  const { train: rows } = await drawDigits({ seed: 2, train: 103, test: 1 });
  const all: Trained[] = [];
  for (const engine of engines)
    for (const threads of threadCounts)
      for (const net of NETS.keys()) {
        const { network, data, options } = netRun(net, rows);
        const trained = await train(network, data, { ...options, engine, threads });
        const { parametersSha256, epochs } = trained;
        const losses = epochs.map((epoch) => epoch.trainLoss!);
        all.push({ net, engine: trained.engine, threads: trained.threads, parametersSha256, losses });
      }
  return all;
}
