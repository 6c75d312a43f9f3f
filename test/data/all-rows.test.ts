// Rows that are read when they are asked for: nothing on the way from a split to a report asks for all at once.
import { expect, test } from "vitest";
import { inScaleOf } from "../../src/cli/asked.ts";
import { worstExamples } from "../../src/cli/report/worst.ts";
import { withMeanWeight } from "../../src/cli/train/split-lines.ts";
import { alikeRowsWarning } from "../../src/data/alike-rows.ts";
import { type Dataset, storedDataset } from "../../src/data/dataset.ts";
import { asPlain } from "../../src/data/formats/table-format.ts";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { withSameClasses } from "../../src/data/join-parts.ts";
import { splitDataset } from "../../src/data/split.ts";
import { factsOf, rowStoreOf, withFacts } from "../../src/data/stored/row-store.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { Random } from "../../src/numerics/random.ts";
import { defaultHidden } from "../../src/training/defaults.ts";
import { evaluate } from "../../src/training/evaluate.ts";
import { planTraining } from "../../src/training/plan-training.ts";
import { openPlanned } from "../../src/training/trainer.ts";

const random = new Random(5, 1);
const rows = Array.from({ length: 400 }, (_, i) => [random.normal() + (i % 2), random.normal(), random.normal()]);
const whole = fromArrays(
  rows,
  rows.map((_, i) => "ab"[i % 2]!),
  { weights: rows.map((_, i) => 1 + (i % 3)) },
);

/** The same rows behind a store that gives some rows, and never all. */
function stored(data: Dataset): Dataset {
  const store = rowStoreOf(data);
  const all = () => {
    throw new Error("all rows at once");
  };
  return storedDataset(factsOf(data), {
    rows: store.rows,
    cols: store.cols,
    form: store.form,
    gathering: (wanted) => store.gathering(wanted),
    all,
  });
}

async function trained(data: Dataset, room?: number) {
  const parts = splitDataset(data, 0.25, 3);
  // a part has a store of its own
  const [train, test] = room === undefined ? parts : [stored(parts[0]), stored(parts[1])];
  const weighed = withMeanWeight(train, undefined, "rows").train;
  const others = withFacts(asPlain(test, train), { classes: ["b", "a"], labels: test.labels.map((c) => 1 - c) });
  const splits = withSameClasses({ train: weighed, test: others });
  expect(alikeRowsWarning(splits)).toEqual([]);
  const plan = planTraining((D, C) => defineNetwork([D, ...defaultHidden(train).map(() => 5), C]), splits, {
    epochs: 2,
    batchSize: 16,
    validation: 0.2,
  });
  const run = await openPlanned(plan, { room, engine: "wasm", threads: 1, takeFeatures: room !== undefined });
  try {
    await run.train();
    const { model, parametersSha256, test: figures } = await run.result();
    return {
      parametersSha256,
      figures,
      again: await evaluate(model, inScaleOf(model, test), { room }),
      worst: await worstExamples(model, test),
    };
  } finally {
    await run.close();
  }
}

test("rows behind a store that never gives all are split, weighed, trained on, tested and reported as those in an array", async () => {
  const [own, pieces] = [await trained(whole), await trained(stored(whole), 32 * 400 + 800)];
  expect(pieces).toEqual(own);
  expect(pieces.worst).toHaveLength(24);
});
