// The mini-batch that would come next, looked at without taking the step: its arrays, and what the update would change.
import type { Dataset } from "../../data/dataset.ts";
import { packGradients } from "../../network/memory.ts";
import { packedLayers } from "../../network/parameters.ts";
import { optimizerCoefficients } from "../../training/optimizer.ts";
import { epochOrder } from "../../training/order.ts";
import type { Run } from "../../training/run.ts";
import { learningRates } from "../../training/schedule.ts";
import type { Norms, StepView } from "./protocol.ts";

/** Its rows and its coefficients. After the last epoch: of the epoch that would follow. */
function nextStep({ options, progress }: Run, trainRows: number) {
  const { epoch, step, steps, stepsPerEpoch } = progress;
  const { batchSize: B, epochs } = options;
  const order = epochOrder(trainRows, options.seed, epoch).slice(step * B, (step + 1) * B);
  const rate = learningRates({ ...options, epochs: Math.max(epoch, epochs), stepsPerEpoch }, epoch)[step]!;
  return {
    order,
    rate,
    step: steps + 1,
    coefficients: optimizerCoefficients(options, Float64Array.of(rate), steps + 1),
  };
}

/** Both passes of the next mini-batch, no update. */
export async function viewStep(run: Run, train: Dataset): Promise<StepView> {
  const { session } = run;
  const { order, rate, step } = nextStep(run, train.rows);
  const { losses, predictions, layers } = await session.gradients(order);
  const parameters = session.readParameters() as Float32Array;
  const places = packedLayers(session.network);
  return {
    step,
    rows: Array.from(order, (row) => ({ part: "train", row })),
    labels: Int32Array.from(order, (row) => train.labels[row]!),
    predictions,
    losses,
    learningRate: rate,
    layers: layers.map((arrays, l) => {
      const { inputs, outputs, W, b } = places[l]!;
      return {
        ...(arrays as Float32Arrays<typeof arrays>),
        layer: l + 1,
        I: inputs,
        O: outputs,
        W: parameters.slice(W, b),
        b: parameters.slice(b, b + outputs),
      };
    }),
  };
}

type Float32Arrays<T> = { readonly [K in keyof T]: Float32Array };

/** The next step taken, measured, and taken back. */
export async function measureStep(run: Run, trainRows: number): Promise<readonly Norms[]> {
  const { session } = run;
  const { order, coefficients } = nextStep(run, trainRows);
  const before = session.readParameters();
  const states = session.readStates();
  const { layers: arrays } = await session.gradients(order); // a step of plain SGD leaves no ∇W
  const gradients = packGradients(arrays);
  await session.train(order, coefficients);
  const after = session.readParameters();
  session.writeParameters(before);
  session.writeStates(states);
  return packedLayers(session.network).map(({ W, b, outputs }, l) => {
    const end = b + outputs;
    const moved = before.slice(W, end).map((value, k) => after[W + k]! - value);
    const dead = arrays[l]!.output;
    const units = Array.from({ length: outputs }, (_, o) => o);
    const isDead = (o: number) => order.every((_, row) => dead[row * outputs + o] === 0);
    return {
      ...{ layer: l + 1, gradient: normOf(gradients.subarray(W, end)), update: normOf(moved) },
      ...{ parameters: normOf(before.subarray(W, end)), units: outputs },
      dead: units.filter(isDead).length,
    };
  });
}

function normOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k]! * values[k]!;
  return Math.sqrt(sum);
}
