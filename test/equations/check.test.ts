import { beforeAll, describe, expect, test } from "vitest";
import { chooseEngine } from "../../src/engines/registry.ts";
import { type CheckReport, checkNote } from "../../src/equations/check-note.ts";
import { htmlReport } from "../../src/equations/check-page.ts";
import { jsonReport, textReport } from "../../src/equations/check-report.ts";
import { engineImplementation, referenceImplementation } from "../../src/equations/implementation.ts";
import { ROWS } from "../../src/equations/note.ts";
import { shapeProblem } from "../../src/equations/shape-problems.ts";
import type { Activation } from "../../src/network/network.ts";
import { optimizerCoefficients } from "../../src/training/optimizer.ts";

const withoutVariance = ROWS.filter(({ id }) => id !== "E35"); // it takes longest
const failed = (report: CheckReport) =>
  report.rows.flatMap(({ id, comparisons }) => comparisons.filter((c) => !c.pass).map((c) => ({ id, ...c })));

test("the rows are E1 … E37 in the note's order, then X1 …", () => {
  const ids = ROWS.map(({ id }) => id);
  expect(ids.slice(0, 37)).toEqual(Array.from({ length: 37 }, (_, i) => `E${i + 1}`));
  expect(ids.slice(37)).toEqual(Array.from({ length: ids.length - 37 }, (_, i) => `X${i + 1}`));
});

describe("the note's four-layer shape in float64", () => {
  let report: CheckReport;
  beforeAll(async () => {
    const problem = shapeProblem([20, 16, 16, 16, 10], "relu", 8, 1);
    report = await checkNote(referenceImplementation({ coefficients: optimizerCoefficients }), problem, { seed: 1 });
  });

  test("every row passes, and none is without numbers", () => {
    expect(failed(report)).toEqual([]);
    expect(report.rows.filter(({ verdict }) => verdict !== "pass")).toEqual([]);
    expect(report.sampled).toBe(report.parameters);
  });

  test("every gradient is compared with both oracles at every parameter, but for differences at kinks", () => {
    for (const [id, size] of [
      ["E25", 160],
      ["E28", 256],
      ["E31", 256],
      ["E34", 320],
    ] as const) {
      const [duals, differences] = report.rows.find((row) => row.id === id)!.comparisons;
      expect(duals!.numbers).toBe(8 * size);
      expect(differences!.numbers + differences!.skipped).toBe(8 * size);
      expect(differences!.skipped).toBeLessThan(size);
    }
    const tensor = report.rows.find(({ id }) => id === "E12")!.comparisons[0]!;
    expect(tensor.numbers).toBe(8 * 10 * 16 * 10); // B examples of C×H×C
  });

  test("bounds are sharp: dual numbers are held to less than 10⁻¹¹ on every gradient", () => {
    for (const { comparisons } of report.rows.slice(22, 34)) expect(comparisons[0]!.absolute.bound).toBeLessThan(1e-11);
  });

  test("the terminal's table keeps to 100 columns", () => {
    const lines = textReport(report).split("\n");
    expect(lines.filter((line) => [...line].length > 100)).toEqual([]);
    expect(lines.at(-1)).toBe(`${ROWS.length} rows pass, 0 fail`);
  });

  test("the JSON parses back to the same rows", () => {
    const parsed = JSON.parse(jsonReport(report)) as CheckReport & { event: string };
    expect(parsed.event).toBe("check");
    expect(parsed.rows).toEqual(JSON.parse(JSON.stringify(report.rows)));
  });

  test("the page typesets every row, is one file, and asks nothing of the network", async () => {
    const page = await htmlReport(report);
    expect(page.match(/<math/g)!.length).toBe(ROWS.length);
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|src=/);
    expect(page.replaceAll("http://www.w3.org/1998/Math/MathML", "")).not.toMatch(/https?:/);
    expect(page).toContain(`All ${ROWS.length} rows hold`);
  });

  test("the page escapes what it is given", async () => {
    const page = await htmlReport({ ...report, subject: `<b onclick="x">&'` });
    expect(page).toContain("&#60;b onclick=&#34;x&#34;&#62;&#38;&#39;");
  });
});

const CASES: [string, number[], Activation, number][] = [
  ["no hidden layer", [7, 5], "relu", 5],
  ["one class", [3, 9, 1], "leaky-relu", 4],
  ["one unit", [6, 1, 4], "sigmoid", 3],
  ["six layers", [9, 8, 7, 6, 5, 4, 3], "tanh", 4],
  ["one example", [6, 5, 5, 5, 3], "identity", 1],
];

test.for(CASES)("float32 and float64 kernels pass with %s", async ([, layers, activation, rows]) => {
  for (const floatBytes of [4, 8] as const) {
    const implementation = referenceImplementation({ floatBytes, coefficients: optimizerCoefficients });
    const problem = shapeProblem(layers, activation, rows, 5);
    const report = await checkNote(implementation, problem, { seed: 5, rows: withoutVariance });
    expect(failed(report)).toEqual([]);
    const absent = report.rows.filter(({ verdict }) => verdict === "absent").map(({ id }) => id);
    if (layers.length >= 5) expect(absent).toEqual([]);
  }
});

test("float32's bounds are of its size: float64's would fail, and errors use over a thousandth of them", async () => {
  const problem = shapeProblem([20, 16, 16, 16, 10], "relu", 8, 2);
  const report = await checkNote(referenceImplementation({ floatBytes: 4 }), problem, {
    seed: 2,
    rows: withoutVariance,
  });
  expect(failed(report)).toEqual([]);
  const gradient = report.rows.find(({ id }) => id === "E34")!.comparisons[0]!;
  expect(gradient.absolute.error).toBeGreaterThan(1e-9);
  expect(gradient.ratio).toBeGreaterThan(1e-3);
});

test("a network whose logits are far beyond exp's range passes too", async () => {
  const problem = shapeProblem([6, 5, 5, 4], "relu", 5, 1);
  const parameters = problem.parameters.map((θ) => Math.fround(1e5 * θ));
  for (const floatBytes of [4, 8] as const) {
    const implementation = referenceImplementation({ floatBytes });
    const report = await checkNote(implementation, { ...problem, parameters }, { seed: 1, rows: withoutVariance });
    expect(failed(report)).toEqual([]);
  }
});

test("numbers that are not finite fail", async () => {
  const problem = shapeProblem([6, 5, 5, 4], "relu", 5, 1);
  const parameters = problem.parameters.map((θ) => Math.fround(1e38 * θ));
  const implementation = referenceImplementation({ floatBytes: 4 });
  const report = await checkNote(implementation, { ...problem, parameters }, { seed: 1, rows: withoutVariance });
  expect(report.pass).toBe(false);
});

test("a sample looks at about as many parameters as were asked for, from every array", async () => {
  const problem = shapeProblem([20, 16, 16, 16, 10], "relu", 4, 1);
  const report = await checkNote(referenceImplementation({}), problem, { seed: 1, sample: 80, rows: withoutVariance });
  expect(failed(report)).toEqual([]);
  expect(report.sampled).toBe(80);
  expect(report.rows.find(({ id }) => id === "X10")!.verdict).toBe("absent"); // no coefficients were handed in
});

test("an engine's session is an implementation like any other", async () => {
  const implementation = engineImplementation(chooseEngine("reference"), { coefficients: optimizerCoefficients });
  expect(implementation.precision.roundoff).toBe(2 ** -24);
  const problem = shapeProblem([6, 5, 5, 5, 4], "relu", 5, 3);
  const report = await checkNote(implementation, problem, { seed: 3, rows: withoutVariance });
  expect(failed(report)).toEqual([]);
  expect(report.subject).toBe("engine reference");
});
