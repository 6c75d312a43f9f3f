import { execFile } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { ColdStart } from "../bench/cold-start.ts";
import { calmness, describeColumns } from "../bench/columns.ts";
import type { Launch } from "../bench/contender.ts";
import { judge, judgeStarts } from "../bench/goals.ts";
import { compareLosses, type Result } from "../bench/rounds.ts";
import { median, spread, uncertainty } from "../bench/statistics.ts";
import { workFolder, writeWork } from "../bench/work.ts";

const configuration = { H: 128, B: 32 };
const result = (name: string, kind: Launch["kind"], seconds: number, losses: (number | null)[]): Result => {
  const launch: Launch = { name, threads: 1, kind, command: ["true"] };
  return { launch, version: "1", configuration, seconds: spread([seconds]), flops: 1e9, others: 0, losses };
};

test("the median of an even count lies between the two middle values, and order does not matter", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([9, 1, 5])).toBe(5);
  expect(() => median([])).toThrow(RangeError);
});

test("half of the measurements lie between the quartiles, and one disturbed window moves neither", () => {
  const { low, high, best, count } = spread([10, 11, 12, 13, 1000]);
  expect({ low, high, best, count }).toEqual({ low: 11, high: 13, best: 10, count: 5 });
  expect(uncertainty(spread([10, 11, 12, 13, 1000]))).toBeCloseTo(1 / 12);
});

test("a contender whose loss falls otherwise is named with the step, and other work is not compared", () => {
  const ours = result("native", "ours", 1, [2.4, 2.1, 0.8]);
  const close = result("peer", "peer", 1, [2.4004, 2.1, 0.815]);
  const off = result("liar", "peer", 1, [2.4, 2.2, 0.82]);
  const other = result("brain.js", "other-work", 1, [0.1, 0.1, 0.1]);
  const cut = result("slow", "peer", 1, [2.4, null, null]);
  const complaints = compareLosses([ours, close, off, other, cut]);
  expect(complaints.map((line) => line.split(":")[0])).toEqual([
    "liar, 1 thread(s), 128x32, step 5",
    "liar, 1 thread(s), 128x32, step 50",
  ]);
});

test("the bench's inputs are mostly 0 as images are, and none of them is where it is asked for dense ones", () => {
  for (const dense of [false, true]) {
    const folder = workFolder();
    const zeros = writeWork(folder, [configuration], dense);
    const bytes = readFileSync(join(folder, "pool.u8"));
    rmSync(folder, { recursive: true });
    expect(bytes.includes(0)).toBe(!dense);
    expect(zeros > 0.7).toBe(!dense);
  }
});

test("a goal is judged against the fastest of its peers", () => {
  const peers = [result("jax-js", "wasm-peer", 3, []), result("tfjs", "wasm-peer", 2, [])];
  expect(judge([result("wasm", "ours-wasm", 1, []), ...peers], [configuration])).toEqual([
    expect.stringMatching(/^reached: 2\.00 of 1\.9 .*against tfjs$/),
  ]);
  expect(judge([result("wasm", "ours-wasm", 1.5, []), ...peers], [configuration])[0]).toMatch(/^MISSED: 1\.33/);
});

test("a column whose limits stand below their best in the run is named, and its goals are marked", () => {
  const at = (H: number, one: Result): Result => ({ ...one, configuration: { H, B: 32 } });
  const calm = [result("limit", "limit", 1, []), result("wasm", "ours-wasm", 1, [])];
  const low = [
    result("limit", "limit", 1.25, []),
    result("wasm", "ours-wasm", 1, []),
    result("tfjs", "wasm-peer", 2, []),
  ];
  const results = [...calm.map((one) => at(256, one)), ...low.map((one) => at(128, one))];
  const calmOf = calmness(results);
  expect(Object.fromEntries(calmOf)).toEqual({ "256x32": 1, "128x32": 0.8 });
  const columns = [256, 128].map((H) => ({
    threads: 1,
    configuration: { H, B: 32 },
    calm: calmOf.get(`${H}x32`)!,
    tries: 3,
  }));
  expect(describeColumns(columns)).toEqual([
    expect.stringMatching(/^measured again \(256, 32\).* 100 % .*after 3 tries/),
    expect.stringMatching(/^DISTURBED \(128, 32\).* 80 % .*say little/),
  ]);
  expect(judge(results, [{ H: 128, B: 32 }], columns)).toEqual([expect.stringMatching(/tfjs \(disturbed\)$/)]);
});

test("a cold start is judged on two threads against the fastest OpenBLAS, and a mark that was not reached is missed", () => {
  const start = (name: string, threads: number, epoch: number, mark: number | null): ColdStart => ({
    launch: { name, threads, kind: name === "wasm" ? "ours-wasm" : "ours", command: ["true"] },
    epoch: spread([epoch]),
    testing: spread([0.05]),
    toMarks: [mark === null ? null : spread([mark]), null],
    epochsToMarks: [2, null],
    accuracies: [0.95],
    peakMegabytes: 100,
  });
  const peers = [start("C on OpenBLAS", 2, 2, 3), start("C on OpenBLAS, Haswell kernel", 2, 1, 3)];
  const installed = {
    firstStepMs: spread([151]),
    runs: [{ threads: 1, peakMegabytes: spread([249]), seconds: spread([3]) }],
  };
  const starts = [start("native", 1, 0.1, 1), start("native", 2, 1.1, null), start("wasm", 2, 2.1, 4), ...peers];
  expect(judgeStarts(starts, installed)).toEqual([
    expect.stringMatching(/^MISSED: 1\.10 of at most 1, .*Haswell kernel/),
    expect.stringMatching(/^MISSED: 2\.10 of at most 1\.9, .*wasm/),
    expect.stringMatching(/^MISSED: Infinity of at most 2 s, 97 %/),
    expect.stringMatching(/^reached: 50 of at most 60 ms/),
    expect.stringMatching(/^MISSED: 151 of at most 150 ms/),
    expect.stringMatching(/^reached: 249 of at most 250 MB.*1 thread/),
  ]);
});

test("the smoke run measures our engines in processes of their own, and their losses agree to the bit", async () => {
  const main = fileURLToPath(new URL("../bench/main.ts", import.meta.url));
  const options = ["--smoke", "--engines", "wasm,reference", "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...options]);
  const report = JSON.parse(stdout) as {
    results: {
      name: string;
      threads: number;
      H: number;
      B: number;
      us: { median: number; best: number };
      gflops: number;
      examplesPerSecond: number;
      losses: number[];
    }[];
  };
  const ours = report.results.filter(({ name }) => !name.startsWith("limit"));
  expect(ours.map(({ name, threads }) => `${name} ${threads}`)).toEqual([
    "wasm 1",
    "reference 1",
    "wasm 2",
    "reference 2",
  ]);
  for (const { losses, H, B, us, gflops, examplesPerSecond } of ours) {
    expect(losses).toEqual(ours[0]!.losses);
    expect(losses[2]).toBeLessThan(losses[0]!);
    // The speeds are a step's work over the time beside them. Each parameter costs a product and a sum in z, in δ and
    // in ∇; the first layer's weights have no δ below them.
    const work = 2 * B * (2 * 784 * H + 3 * (H + 2 * (H * H + H) + H * 10 + 10));
    expect(gflops * us.median).toBeCloseTo(work / 1e3, 3);
    expect(examplesPerSecond * us.median).toBeCloseTo(B * 1e6, 3);
    expect(us.best).toBeLessThanOrEqual(us.median);
  }
});
