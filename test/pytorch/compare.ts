// What an engine makes of a random net beside what PyTorch makes of it: every value, δ, ∇W and ∇b.
import type { EngineName, StepResults } from "../../src/engines/engine.ts";
import { chooseEngine } from "../../src/engines/registry.ts";
import type { BatchArrays } from "../../src/network/memory.ts";
import { LEAKY_SLOPE } from "../../src/network/network.ts";
import type { RandomNet } from "./nets.ts";

type Ours = StepResults & BatchArrays;

/** Both passes of the net's batch. */
export async function gradientsOf({ setup, parameters }: RandomNet, engine: EngineName): Promise<Ours> {
  const opened = chooseEngine(engine);
  await using session = await opened.open(setup);
  session.writeParameters(opened.floatBytes === 8 ? parameters : Float32Array.from(parameters));
  const order = Uint32Array.from({ length: setup.batchSize }, (_, i) => i);
  return await session.gradients(order, setup.draws && { epoch: 1 });
}

/** The net and its batch as the other side reads them: what was drawn for the batch is told, not drawn again. */
export function question({ setup, parameters, activations }: RandomNet, { layers }: Ours): object {
  const { network, batchSize, loss, labels, targets, labelSmoothing, classWeights, weightedTargets, draws } = setup;
  const { features, frontScale } = setup;
  const p = draws?.dropout ?? 0;
  const kept = (a: number) => (a === 0 ? 0 : 1 / (1 - p));
  const width = targets && targets.length / batchSize;
  return {
    ...{ layers: network.layers, activations, leakySlope: LEAKY_SLOPE, parameters: [...parameters], rows: batchSize },
    X: [...(frontScale === undefined ? layers[0]!.input : features)], // a scaled input is ours, and has no noise here
    masks: p > 0 ? layers.slice(1).map(({ input }) => Array.from(input, kept)) : null,
    ...{ loss, labelSmoothing: labelSmoothing ?? 0, classWeights: classWeights ?? null, weightedTargets },
    labels: labels ? [...labels] : null,
    targets: targets
      ? Array.from({ length: batchSize }, (_, i) => [...targets.subarray(i * width!, (i + 1) * width!)])
      : null,
  };
}

/** The greatest |difference| of each array, over the greatest number of the array. */
export function differences(ours: Ours, theirs: Readonly<Record<string, readonly number[]>>): Map<string, number> {
  const arrays: Record<string, ArrayLike<number> | undefined> = { losses: ours.losses, x: ours.inputDelta };
  for (const [l, { output, delta, dW, db }] of ours.layers.entries())
    Object.assign(arrays, { [`a${l + 1}`]: output, [`delta${l + 1}`]: delta, [`dW${l + 1}`]: dW, [`db${l + 1}`]: db });
  if (ours.scaleGradient) arrays.ds = ours.scaleGradient;
  const out = new Map<string, number>();
  for (const [name, array] of Object.entries(arrays)) {
    const other = theirs[name];
    if (array === undefined) continue;
    if (other?.length !== array.length) throw new Error(`${name}: ${array.length} numbers beside ${other?.length}`);
    const scale = other.reduce((most, value) => Math.max(most, Math.abs(value)), Number.MIN_VALUE);
    out.set(
      name,
      other.reduce((worst, value, i) => greater(worst, Math.abs(value - array[i]!) / scale), 0),
    );
  }
  return out;
}

/** The greater, a NaN before any number. */
const greater = (a: number, b: number): number => (a >= b || Number.isNaN(a) ? a : b);
