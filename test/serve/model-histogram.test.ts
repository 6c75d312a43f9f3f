// A histogram by model, beside the library's own of the same values.
import { Histogram, Registry } from "prom-client";
import { expect, test } from "vitest";
import { modelHistogram } from "../../src/serve/model-histogram.ts";

test("a histogram by model has the text of the library's own", async () => {
  const [ours, theirs] = [new Registry(), new Registry()];
  const about = { name: "wait_seconds", help: "how long" };
  const bounds = [0.001, 0.01, 0.1];
  const add = modelHistogram(ours, { ...about, bounds });
  const peer = new Histogram({ ...about, buckets: bounds, labelNames: ["model"], registers: [theirs] });
  for (const [model, value] of [
    ["a", 0.001],
    ["b", 0.05],
    ["a", 0.0005],
    ["a", 7],
    ["b", 0.1],
    ["a", 0.02],
  ] as const) {
    add(model, value);
    peer.observe({ model }, value);
  }
  const lines = async (registry: Registry) => (await registry.metrics()).trim().split("\n").sort();
  expect(await lines(ours)).toEqual(await lines(theirs));
});
