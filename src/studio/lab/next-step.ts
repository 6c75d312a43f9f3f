// The next mini-batch without its step: the arrays of both passes, and the norms of the update.
import { packGradients } from "../../network/memory.ts";
import { packedLayers } from "../../network/parameters.ts";
import { optimizerCoefficients } from "../../training/optimizer.ts";
import { epochOrder } from "../../training/order.ts";
import type { Run } from "../../training/run.ts";
import { learningRates } from "../../training/schedule.ts";
import { lossTargets } from "./loss-targets.ts";
import type { OpenRun } from "./open-run.ts";
import type { LayerNorms, StepView } from "./protocol.ts";

/** Its rows and its optimizer coefficients; after the last epoch, those of one more epoch. */
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
export async function viewStep({ run, rows: { train }, modelInfo }: OpenRun): Promise<StepView> {
  const { session } = run;
  const { order, rate, step } = nextStep(run, train.rows);
  const { losses, predictions, layers } = await session.gradients(order);
  const parameters = session.readParameters() as Float32Array;
  const places = packedLayers(session.network);
  return {
    step,
    rows: Array.from(order, (row) => ({ part: "train", row })),
    labels: Int32Array.from(order, (row) => train.labels[row]!),
    targets: lossTargets(modelInfo, run.options.labelSmoothing, train, order),
    predictions,
    losses,
    learningRate: rate,
    layers: layers.map(({ norm: _, ...arrays }, l) => {
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

/** Norms of the next step: it is taken, measured, and undone by writing parameters and states back. */
export async function measureStep(run: Run, trainRows: number): Promise<readonly LayerNorms[]> {
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
  return packedLayers(session.network).map(({ W, b, outputs, gain }, l) => {
    const end = b + outputs + (gain === undefined ? 0 : 2 * outputs); // γ and β follow b
    const moved = before.slice(W, end).map((value, k) => after[W + k]! - value);
    const { output } = arrays[l]!;
    const units = Array.from({ length: outputs }, (_, o) => o);
    const isDead = (o: number) => order.every((_, row) => output[row * outputs + o] === 0);
    return {
      layer: l + 1,
      gradient: normOf(gradients.subarray(W, end)),
      update: normOf(moved),
      parameters: normOf(before.subarray(W, end)),
      dead: units.filter(isDead).length,
      units: outputs,
    };
  });
}

function normOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k]! * values[k]!;
  return Math.sqrt(sum);
}
