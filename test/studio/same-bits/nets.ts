// Awkward nets: sizes that fill no vector, a partial last batch, every optimizer, L2, smoothing, class weights. The
// same file trains them in Node and in browsers.
import {
  type Activation,
  defineNetwork,
  drawDigits,
  type Network,
  type TrainingOptions,
  train,
} from "../../../src/index.ts";

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
];

export type Trained = {
  readonly net: number;
  readonly engine: string;
  readonly threads: number;
  readonly parametersSha256: string;
  readonly losses: readonly number[]; // of the epochs
};

/** Net number `net`, and what it is trained with: three epochs of 103 examples in batches of 16, the last of 7. */
export function netRun(net: number): { readonly network: Network; readonly options: Partial<TrainingOptions> } {
  const { hidden, activation, ...options } = NETS[net]!;
  const network = defineNetwork([784, ...hidden, 10], activation);
  const adaptive = options.optimizer === "adam" || options.optimizer === "adamw";
  const base = { schedule: "constant", initialization: "glorot", weightDecay: adaptive ? 0 : 0.01 } as const;
  return { network, options: { ...base, ...options, seed: 7, epochs: 3, batchSize: 16, learningRate: 0.02 } };
}

/** Every net on every engine with every number of threads. */
export async function trainNets(engines: readonly string[], threadCounts: readonly number[]): Promise<Trained[]> {
  const { train: rows } = await drawDigits({ seed: 2, train: 103, test: 1 });
  const all: Trained[] = [];
  for (const engine of engines)
    for (const threads of threadCounts)
      for (const net of NETS.keys()) {
        const { network, options } = netRun(net);
        const trained = await train(network, rows, { ...options, engine, threads });
        const { parametersSha256, epochs } = trained;
        const losses = epochs.map((epoch) => epoch.trainLoss!);
        all.push({ net, engine: trained.engine, threads: trained.threads, parametersSha256, losses });
      }
  return all;
}
