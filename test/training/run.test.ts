// A run that stops and goes on: wherever it was stopped, and on whatever it goes on, it ends with the bits of the run
// that never stopped.
import { expect, test } from "vitest";
import { InvalidInput } from "../../src/errors.ts";
import { OPTIMIZERS } from "../../src/gradients/kernels.ts";
import { defineNetwork } from "../../src/network/network.ts";
import type { TrainingOptions } from "../../src/training/options.ts";
import { planTraining } from "../../src/training/plan-training.ts";
import type { EpochSums, RunState } from "../../src/training/run-state.ts";
import { openRun, type RunOptions, train } from "../../src/training/trainer.ts";
import {
  Diverged,
  type EpochRecord,
  type TrainEvent,
  type TrainingResult,
} from "../../src/training/training-result.ts";
import { blobs } from "./blobs.ts";

const network = defineNetwork([5, 7, 3]);
const data = { train: blobs(47, { cols: 5, spread: 3 }), test: blobs(20, { cols: 5, spread: 3, stream: 1 }) };
// 47 rows, 12 of them to validate: 35 in batches of 8 are four whole ones and a last of three
const everything: RunOptions = {
  ...{ epochs: 4, batchSize: 8, learningRate: 0.05, initialization: "he", weightDecay: 0.01, labelSmoothing: 0.1 },
  ...{ classWeights: "balanced", validation: 0.25, patience: 2, schedule: "cosine", warmupEpochs: 1 },
};
const machines = [
  { engine: "auto", threads: 1 },
  { engine: "wasm", threads: 1 },
  { engine: "reference", threads: 1 },
  { engine: "reference", threads: 3 },
] as const;

/** All that a run leaves but for the time it took and where. */
function bits({ model, parametersSha256, stopReason, keptEpoch, epochs, test: figures }: TrainingResult) {
  return {
    parameters: model.parameters,
    parametersSha256,
    stopReason,
    keptEpoch,
    figures,
    epochs: epochs.map(timeless),
  };
}

function timeless({ seconds: _, examplesPerSecond: __, ...rest }: EpochRecord) {
  return rest;
}

/** From `from` for `steps` steps; the state then. */
async function part(options: RunOptions & { readonly from?: RunState }, steps: number): Promise<RunState> {
  const run = await openRun(network, data, options);
  try {
    await run.train({ steps });
    return run.state();
  } finally {
    await run.close();
  }
}

async function rest(options: RunOptions & { readonly from?: RunState }): Promise<TrainingResult> {
  const run = await openRun(network, data, options);
  try {
    await run.train();
    return await run.result();
  } finally {
    await run.close();
  }
}

test.each(OPTIMIZERS)(
  "with %s, a run stopped after any of its steps and reopened elsewhere ends with the same bits",
  async (optimizer) => {
    const options = { ...everything, optimizer };
    const whole = bits(await train(network, data, { ...options, engine: "reference" }));
    const steps = whole.epochs.at(-1)!.steps;
    expect(steps).toBeGreaterThan(10);
    for (let step = 1; step <= steps; step++) {
      const from = await part({ ...options, engine: "reference" }, step);
      const machine = machines[step % 3]!;
      expect(bits(await rest({ ...options, ...machine, from })), `stopped after step ${step}`).toEqual(whole);
    }
  },
);

test("a run cut after every single step, each time to go on with another engine or number of threads, ends with the same bits", async () => {
  const options: RunOptions = { ...everything, optimizer: "adam" };
  const whole = await train(network, data, { ...options, engine: "reference" });
  let from: RunState | undefined;
  for (let step = 1; step <= whole.epochs.at(-1)!.steps; step++)
    from = await part({ ...options, ...machines[step % machines.length]!, ...(from && { from }) }, 1);
  expect(bits(await rest({ ...options, from: from! }))).toEqual(bits(whole));
});

test("in float64 too, and a state is never taken in the other precision", async () => {
  const options = { ...everything, optimizer: "momentum", engine: "reference-float64" } as const;
  const from = await part(options, 7);
  expect(bits(await rest({ ...options, from }))).toEqual(bits(await train(network, data, options)));
  await expect(rest({ ...options, engine: "reference", from })).rejects.toThrow(/from\.parameters must be float32/);
});

test("epochs, progress and steps say where the run stands, and the next rows are those it then takes", async () => {
  const events: TrainEvent[] = [];
  const options = { ...everything, engine: "reference", patience: null, onEvent: (e: TrainEvent) => events.push(e) };
  const run = await openRun(network, data, options);
  const seen = new Set<number>();
  for (let step = 0; step < 5; step++) {
    expect(run.progress).toEqual({ epoch: 1, step, steps: step, stepsPerEpoch: 5, ended: null });
    const rows = run.nextRows();
    expect(rows.length).toBe(step < 4 ? 8 : 3);
    for (const row of rows) seen.add(row);
    expect(await run.train({ steps: 1 })).toBe("paused");
    const { input } = run.session.arrays(rows.length).layers[0]!;
    // after the epoch's last step the arrays are those of the validation rows
    if (step < 4) expect(input).toEqual((await run.session.gradients(rows)).layers[0]!.input);
  }
  expect(seen.size).toBe(35);
  expect(run.progress).toEqual({ epoch: 2, step: 0, steps: 5, stepsPerEpoch: 5, ended: null });
  expect(await run.train()).toBe("finished");
  expect(run.progress).toEqual({ epoch: 5, step: 0, steps: 20, stepsPerEpoch: 5, ended: "finished" });
  expect(run.nextRows().length).toBe(0);
  expect(await run.train()).toBe("finished");
  expect(events.filter(({ event }) => event === "start").length).toBe(1);
  expect(events.filter(({ event }) => event === "epoch").length).toBe(4);
  await run.close();
});

test("progress shows the mean loss of the last steps, those before a pause too", async () => {
  const shown: number[] = [];
  const onEvent = (e: TrainEvent) => e.event === "progress" && shown.push(e.loss!);
  const run = await openRun(network, data, { ...everything, engine: "reference", onEvent });
  for (const steps of [2, 1]) {
    await run.train({ steps });
    const { tally } = run.state();
    expect(shown.at(-1)).toBeCloseTo((tally as EpochSums).lossSum / (steps === 2 ? 16 : 24), 12);
  }
  await run.close();
});

test("a state with the epoch's rows, as earlier versions kept them, goes on to the same figures as one with their sums", async () => {
  const options: RunOptions = { ...everything, engine: "reference" };
  const whole = await train(network, data, options);
  const run = await openRun(network, data, options);
  const [losses, order]: [number[], number[]] = [[], []];
  for (let step = 0; step < 3; step++) {
    const rows = run.nextRows();
    order.push(...rows);
    await run.train({ steps: 1 });
    losses.push(...run.session.readLosses(0, rows.length));
  }
  const { tally, ...rest3 } = run.state();
  await run.close();
  const { labels } = planTraining(network, data, everything as Partial<TrainingOptions>).splits.train;
  const { hits } = tally as EpochSums;
  const predictions = Int32Array.from(order, (row, i) => (labels[row]! + (i < hits ? 0 : 1)) % 3);
  const from = { ...rest3, tally: { losses: Float64Array.from(losses), predictions } };
  expect(hits).toBeGreaterThan(0);
  expect(bits(await rest({ ...options, from }))).toEqual(bits(whole));
});

test("a result can be asked for at any time and changes nothing", async () => {
  const options: RunOptions = { ...everything, epochs: 60, learningRate: 0.5, engine: "reference" };
  const run = await openRun(network, data, options);
  await run.train({ steps: 7 });
  const { stopReason, keptEpoch, test: figures, epochs } = await run.result();
  expect([stopReason, keptEpoch, figures, epochs.length]).toEqual(["interrupted", 1, null, 1]);
  expect(await run.train()).toBe("early");
  const before = run.state();
  const first = await run.result();
  expect(first.keptEpoch).toBe(first.epochs.length - 2);
  expect(first.test).not.toBeNull();
  expect(run.state()).toEqual(before);
  expect(bits(await run.result())).toEqual(bits(first));
  expect(bits(first)).toEqual(bits(await train(network, data, options)));
  await run.close();
});

test("one walk at a time, and no state in the middle of it", async () => {
  const run = await openRun(network, data, { ...everything, engine: "reference", threads: 2 });
  const walk = run.train();
  expect(() => run.state()).toThrow(/at rest/);
  await expect(run.train()).rejects.toThrow(/at rest/);
  await walk;
  await run.close();
});

test("numbers that run away end a run for good, and it says with what it was left", async () => {
  const run = await openRun(network, data, {
    ...everything,
    schedule: "constant",
    learningRate: 1e30,
    engine: "reference",
  });
  await expect(run.train()).rejects.toThrow(Diverged);
  expect(run.progress.ended).toBe("stopped");
  expect(await run.train()).toBe("stopped");
  expect((await run.result()).stopReason).toBe("stopped");
  await run.close();
});

test("the state of another run is refused by name", async () => {
  const options: RunOptions = { ...everything, optimizer: "adam", engine: "reference" };
  const from = await part(options, 7);
  const refuse = (change: Partial<RunState>, what: RegExp) =>
    expect(rest({ ...options, from: { ...from, ...change } })).rejects.toThrow(
      expect.objectContaining({ constructor: InvalidInput, message: expect.stringMatching(what) }),
    );
  await refuse({ epoch: 6 }, /from\.epoch/);
  await refuse({ step: 5 }, /from\.step/);
  await refuse({ step: Number.NaN }, /from\.step/);
  await refuse({ parameters: new Float32Array(3) }, /from\.parameters/);
  await refuse({ states: from.states.slice(1) }, /states must be 2 arrays/);
  await refuse({ tally: { lossSum: Number.NaN, hits: 0 } }, /from\.tally\.lossSum/);
  await refuse({ tally: { lossSum: 1, hits: 17 } }, /from\.tally\.hits/);
  const rows = { losses: new Float64Array(16), predictions: new Int32Array(16) };
  await refuse({ tally: { ...rows, losses: new Float64Array(15) } }, /from\.losses/);
  await refuse({ tally: { ...rows, predictions: new Int32Array(17) } }, /from\.predictions/);
  await refuse({ epochs: [] }, /from\.epochs/);
  await refuse({ best: { ...from.best, epoch: 2 } }, /from\.best\.epoch/);
});
