// What a prediction leaves to the collector: its answer. Counted in bytes, which no load of the machine changes.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { answersBy } from "../../src/classifier/answer.ts";
import { folder } from "../cli/run.ts";

const at = (file: string) => JSON.stringify(new URL(`../../src/${file}`, import.meta.url).href);

test("a prediction allocates little more than its answer, with every engine and without", () => {
  const [home, remove] = folder();
  try {
    writeFileSync(
      join(home, "count.mjs"),
      `
      import { classifierOf } from ${at("classifier/classifier.ts")};
      import { PlainClassifier } from ${at("classifier/plain-classifier.ts")};
      import { defineNetwork } from ${at("network/network.ts")};
      import { initialize } from ${at("network/parameters.ts")};
      const network = defineNetwork([4, 16, 3]);
      const parameters = initialize(network, "he", 1);
      const model = { network, parameters, classes: ["a", "b", "c"], scaling: { kind: "none" } };
      const made = ["auto", "wasm"].map((engine) => classifierOf(model, { engine }));
      for (const classifier of [...made, new PlainClassifier(model)]) {
        const ask = (times) => {
          for (let i = 0; i < times; i++) classifier.predict([5.1, 3.5, 1.4, 0.2]);
        };
        ask(50_000); // until it is compiled
        globalThis.gc();
        const before = process.memoryUsage().heapUsed;
        ask(20_000);
        console.log((process.memoryUsage().heapUsed - before) / 20_000);
      }`,
    );
    const flags = ["--expose-gc", "--max-semi-space-size=128", "--min-semi-space-size=128"]; // nothing is collected
    const bytes = execFileSync(process.execPath, [...flags, "count.mjs"], { cwd: home, encoding: "utf8" }).trim();
    const most = [500, 500, 1000]; // plain loops leave some numbers, too
    for (const [i, each] of bytes.split("\n").entries()) {
      expect(Number(each), bytes).toBeGreaterThan(50); // an answer
      expect(Number(each), bytes).toBeLessThan(most[i]!);
    }
  } finally {
    remove();
  }
});

test("a class of any name has its probability", () => {
  const classes = ["__proto__", "constructor", "7", "a"];
  const { probabilities, label } = answersBy({ classes })([3, 1, 1, 1]);
  expect(Object.keys(probabilities).sort()).toEqual([...classes].sort());
  expect(Object.values(probabilities).reduce((sum, p) => sum + p)).toBeCloseTo(1, 12);
  expect(label).toBe("__proto__");
  expect(Object.getOwnPropertyDescriptor(probabilities, "__proto__")?.value).toBeGreaterThan(0.5);
});

test("an answer is not changed by the next", () => {
  const ask = answersBy({ classes: ["a", "b"] });
  const first = ask([2, 0]);
  const kept = structuredClone(first);
  ask([0, 5]);
  expect(first).toEqual(kept);
});
