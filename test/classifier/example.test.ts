// The lines of the README's face, as a program writes them, from the public entrances.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fit, fromArrays, fromRows, openTrainer } from "../../src/index.ts";
import { load, save } from "../../src/node.ts";
import { COLUMNS, flowers } from "./flowers.ts";

const { X, y } = flowers(300);
const later = flowers(90, 1);
const held = flowers(60, 2);

async function* stream() {
  for (let at = 0; at < 90; at += 30)
    yield fromArrays(later.X.slice(at, at + 30), later.y.slice(at, at + 30), { columns: COLUMNS });
}

test("every line of the example works", async () => {
  const folder = mkdtempSync(join(tmpdir(), "example-"));
  const file = join(folder, "flowers.safetensors");
  const { signal } = new AbortController();
  const epochs: number[] = [];
  const onEpoch = async ({ epoch }: { epoch: number }) => void epochs.push(epoch);
  const scaling = "standardize";
  try {
    const data = fromArrays(X, y, { columns: COLUMNS });
    const model = await fit(data, {
      hidden: [64, 64],
      optimizer: "adam",
      scaling,
      validation: 0.1,
      patience: 5,
      signal,
      onEpoch,
    });
    const { label, probability, probabilities } = model.predict(X[0]!);
    const { labels, probabilities: all } = await model.predictMany(held.X);
    const { accuracy } = await model.evaluate(fromArrays(held.X, held.y));
    const rows = later.X.map(([sl, sw, pl, pw], i) => ({ kind: later.y[i], pw, pl, sw, sl }));
    const better = await fit(fromRows(rows, { label: "kind" }), { from: model, epochs: 3 });
    await using trainer = await openTrainer({ from: better });
    for await (const batch of stream()) await trainer.partialFit(batch);
    await save(trainer.classifier(), file);
    const back = await load(file);

    expect([label, probabilities[label]]).toEqual([y[0], probability]);
    expect([labels.length, all.length]).toEqual([60, 180]);
    expect(labels.filter((name, i) => name === held.y[i]).length / 60).toBe(accuracy);
    expect(accuracy).toBeGreaterThan(0.9);
    expect(epochs).toEqual(model.history.map(({ epoch }) => epoch));
    expect((await back.evaluate(fromArrays(held.X, held.y))).accuracy).toBeGreaterThan(0.9);
    expect(back.columns).toEqual(COLUMNS);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
