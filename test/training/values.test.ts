import { expect, test } from "vitest";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/files/run/checkpoint.ts";
import { checkLoss, LOSSES, lossTask, outputsPerTarget } from "../../src/network/losses.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { Random } from "../../src/numerics/random.ts";
import { wilson } from "../../src/training/intervals.ts";
import { openRun } from "../../src/training/trainer.ts";
import { measureValues } from "../../src/training/value-metrics.ts";

const random = new Random(5, 4321);
const X = Array.from({ length: 50 }, () => [random.normal(), random.normal(), random.normal()]);

test.each(LOSSES.filter((name) => name !== "softmax-cross-entropy"))(
  "a run under %s, stopped after every few steps and gone on with on another engine, has the bits of one that was not",
  async (name) => {
    const task = lossTask(checkLoss(name)) as "regress" | "multilabel";
    const y = X.map(([a, b]) =>
      task === "regress" ? [Math.abs(a! + b!), Math.abs(b!)] : [Number(a! > 0), Number(b! > 0)],
    );
    const data = fromArrays(X, y, { task, weights: X.map((_, i) => 1 + (i % 3)) });
    const network = defineNetwork([3, 7, 5, 2 * outputsPerTarget(checkLoss(name))], ["gelu", "softplus"]);
    const options = { loss: name, epochs: 3, batchSize: 16, seed: 2, validation: 0.2, patience: 5 } as const;
    const whole = await openRun(network, data, { ...options, engine: "reference" });
    await whole.train();
    const wanted = await whole.result();
    await whole.close();
    let run = await openRun(network, data, { ...options, engine: "reference" });
    for (let turn = 1; (await run.train({ steps: 2 })) === "paused"; turn++) {
      const { state } = await decodeCheckpoint(
        await encodeCheckpoint({ network, run: "r", state: run.state() }),
        "a checkpoint",
      );
      await run.close();
      run = await openRun(network, data, { ...options, engine: ["wasm", "reference", "auto"][turn % 3]!, from: state });
    }
    const got = await run.result();
    await run.close();
    expect(got.parametersSha256).toBe(wanted.parametersSha256);
    const losses = (result: typeof got) => result.epochs.map((e) => [e.trainLoss, e.validationLoss, e.trainAccuracy]);
    expect(losses(got)).toEqual(losses(wanted));
    expect(got.model.loss).toEqual(checkLoss(name));
  },
);

test("figures are those of the definitions, worked out by hand", () => {
  const answers = [1, 2, 4].map((value) => ({ values: Float64Array.of(value) }));
  const { targets } = measureValues({ name: "squared-error" }, ["t"], [1, 3, 2], answers, [0, 0.5, 2]);
  // squares 0, 1, 4: mean 5/3 ± 1.96·√(13/3)/√3, of which the lower end is below 0
  const above = Math.sqrt(5 / 3 + (1.959964 * Math.sqrt(13 / 3)) / Math.sqrt(3));
  expect(targets[0]).toEqual({
    ...{ name: "t", rmse: Math.sqrt(5 / 3), mae: 1, r2: expect.closeTo(1 - 5 / 2, 12) },
    rmseInterval: [0, expect.closeTo(above, 6)],
    maeInterval: [0, expect.closeTo(1 + 1.959964 / Math.sqrt(3), 6)], // sizes 0, 1, 2
    r2Interval: [expect.any(Number), 1],
  });
  const p = [0.9, 0.8, 0.8, 0.3].map((value) => ({ values: Float64Array.of(value) }));
  const { labels, loss } = measureValues({ name: "focal" }, ["l"], [1, 1, 0, 0], p, [1, 2, 3, 6]);
  // pairs: 0.9 above both (2), 0.8 ties with one and is above the other (1½): 3½ of 4
  expect(labels[0]).toEqual({
    ...{ name: "l", support: 2, precision: 2 / 3, recall: 1, f1: 0.8, rocArea: 3.5 / 4 },
    prArea: 1 / 2 + (1 / 2) * (2 / 3),
    f1Interval: expect.any(Array),
    rocAreaInterval: expect.any(Array),
    prAreaInterval: wilson(1 / 2 + (1 / 2) * (2 / 3), 2),
  });
  expect(loss).toBe(3);
  const none = measureValues({ name: "focal" }, ["l"], [0, 0, 0, 0], p, [0, 0, 0, 0]).labels[0]!;
  expect([none.rocArea, none.prArea, none.recall]).toEqual([null, null, null]);
});
