// Jobs of several ranks, started by mpirun as a user does. The quick form: `npm run test:mpi` runs both MPIs, more
// ranks, threads, kills, and two hosts.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { drawDigits } from "../../src/data/digits/digits.ts";
import type { RankExchange } from "../../src/engines/engine.ts";
import { program } from "../cli/program.ts";
import { deltaprop, folder, jsonLines, writeTable } from "../cli/run.ts";
import { writeIdx } from "../data/write-idx.ts";
import { skipped } from "../needs.ts";
import { type JobEnd, jobWords, LAUNCHERS, type Launcher, type Started, startProgram, startRanks } from "./launch.ts";

const [first] = LAUNCHERS;
const mpi = first as Launcher;
const CLI = await program();
const mpiTest = test.skipIf(skipped("mpi", first !== undefined));
const beside = (name: string) => join(import.meta.dirname, name);

const [home, remove] = folder();
writeTable(join(home, "things.csv"), 203);
const { train } = await drawDigits({ train: 60, test: 1 });
writeFileSync(join(home, "few-images-idx3-ubyte"), writeIdx(8, [60, 28, 28], train.features));
writeFileSync(join(home, "few-labels-idx1-ubyte"), writeIdx(8, [60], train.labels));
afterAll(remove);

const TRAIN = ["train", "things.csv", "--hidden", "33,17", "--optimizer", "adam", "--json"];
const record = (run: string) => JSON.parse(readFileSync(join(home, run, "run.json"), "utf8"));
const env = { OMPI_MCA_odls_base_sigkill_timeout: "2" }; // seconds from SIGTERM to SIGKILL; 1 is short when busy
const ranks = (count: number, words: readonly string[], watch?: (out: string, job: Started) => void): Promise<JobEnd> =>
  startRanks(mpi, count, [CLI, ...words], { cwd: home, watch, env }).ended;

/** A module that has a rank's thread 0 throw in the middle of a step, once there is this file. */
const thrower = (file: string) => `import { existsSync } from "node:fs";
import threads from "node:worker_threads";
const { Worker, isMainThread } = threads;
const now = performance.now.bind(performance);
threads.Worker = class extends Worker {
  constructor(url, options) {
    super(url, { ...options, execArgv: ["--import", import.meta.filename] });
  }
};
if (!isMainThread) performance.now = () => {
  if (existsSync(${JSON.stringify(file)})) throw new Error("thrown on purpose");
  return now();
};
`;

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const bits = beside("bits-program.ts");
const SOME = ["wide", "bounded", "quantile", "joined", "scaled", "distorted"];
const alone = first && startProgram([process.execPath, bits, "2", "together", "reference"]).ended;

for (const [exchange, one, other] of [
  ["arrays", "together", "apart"],
  ["sums", "apart", "together"],
] as const)
  mpiTest(
    `ranks that compute with different engines and exchange ${exchange} give the bits of one process in all answers`,
    async () => {
      const { out } = (await alone)!;
      const job = await startRanks(mpi, 3, [bits, "1", `${one},${exchange}`, "native+wasm+reference"]).ended;
      expect(job.out.split("\n").length).toBeGreaterThan(25);
      expect([job.code, job.out]).toEqual([0, out]);
      const team = await startRanks(mpi, 2, [bits, "2", `${other},${exchange}`, "native+wasm", ...SOME]).ended;
      const lines = out.split("\n").filter((line) => SOME.includes(line.split(" ", 1)[0]!));
      expect([team.code, team.out.trim().split("\n")]).toEqual([0, lines]);
    },
  );

mpiTest("folds and a search on two ranks have the figures and hashes of one process", async () => {
  const words = ["things.csv", "--hidden", "9", "--epochs", "9", "--json"];
  const folds = ["cross-validate", ...words, "--folds", "3"];
  const scores = (out: string) => out.match(/^.*"event":"fold".*$/gm)?.toSorted();
  const alone = await deltaprop(home, folds);
  const job = await ranks(2, folds);
  expect([alone.code, job.code, scores(job.out)]).toEqual([0, 0, scores(alone.out)]);
  for (const [name, begun] of [
    ["one", await deltaprop(home, ["search", ...words, "--trials", "3", "--out", "one"])],
    ["two", await ranks(2, ["search", ...words, "--trials", "3", "--out", "two"])],
  ] as const)
    expect([name, begun.code]).toEqual([name, 0]);
  const trials = (run: string) => readFileSync(join(home, run, "trials.jsonl"), "utf8");
  expect(trials("two")).toBe(trials("one"));
});

mpiTest("a run on four ranks is the run of one process; its record says so, and anyone verifies it", async () => {
  const alone = await deltaprop(home, [...TRAIN, "--epochs", "3", "--out", "alone"]);
  const job = await ranks(4, [...TRAIN, "--epochs", "3", "--out", "four"]);
  expect([alone.code, job.code]).toEqual([0, 0]);
  const [start] = jsonLines({ ...alone, out: job.out }).filter(({ event }) => event === "start");
  expect(start).toMatchObject({ threads: 1, ranks: 4 });
  const [one, four] = [record("alone"), record("four")];
  expect(four).toMatchObject({ status: "complete", ranks: 4, threads: 1 });
  expect(one.ranks).toBeUndefined();
  for (const key of ["parametersSha256", "epochParametersSha256", "testLoss", "testAccuracy"])
    expect(four[key], key).toEqual(one[key]);
  expect(await deltaprop(home, ["verify", "four"])).toMatchObject({ code: 0 });
});

mpiTest("a distorted run on ranks, of which some have no rows, is that of one process, and says so", async () => {
  const words = ["train", "few-images-idx3-ubyte", "--hidden", "8", "--epochs", "2", "--batch-size", "3"];
  const all = [...words, "--augment", "rotation:12,shift:2,elastic:1,erase:0.5", "--json"];
  const alone = await deltaprop(home, [...all, "--out", "distorted"]);
  const job = await ranks(4, [...all, "--ranks", "4", "--out", "distorted-by-four"]);
  expect([alone.code, job.code]).toEqual([0, 0]);
  expect(job.err).toContain("a batch of 3 leaves 1 of 4 threads without rows; they share in the weights alone.");
  const [one, four] = [record("distorted"), record("distorted-by-four")];
  expect(four).toMatchObject({ ranks: 4, options: { augment: { rotation: 12, erase: 0.5 } } });
  for (const key of ["parametersSha256", "epochParametersSha256", "testLoss"]) expect(four[key], key).toEqual(one[key]);
});

mpiTest("numbers are learned on two ranks as in one process, through normalized and joined layers", async () => {
  const words = ["train", "things.csv", "--label", "mass", "--loss", "quantile", "--layer-norm", "--residual"];
  const all = [...words, "--hidden", "17,17", "--epochs", "3", "--json"];
  const alone = await deltaprop(home, [...all, "--out", "numbers"]);
  const job = await ranks(2, [...all, "--out", "numbers-of-two"]);
  expect([alone.code, job.code]).toEqual([0, 0]);
  const [start] = jsonLines({ ...alone, out: job.out }).filter(({ event }) => event === "start");
  const { kind, arraysBytes, sumsBytes } = start!.exchange as RankExchange;
  expect([kind, sumsBytes < arraysBytes]).toEqual(["sums", true]);
  const [one, two] = [record("numbers"), record("numbers-of-two")];
  expect(two).toMatchObject({ status: "complete", ranks: 2 });
  for (const key of ["parametersSha256", "epochParametersSha256", "testLoss"]) expect(two[key], key).toEqual(one[key]);
  expect(await ranks(2, ["verify", "numbers"])).toMatchObject({ code: 0 });
});

mpiTest(
  "SIGTERM to mpirun saves; the run goes on with other ranks, to the bits of a run that was never ended",
  async () => {
    const words = [...TRAIN.slice(0, -1), "--epochs", "5000", "--out", "ended", "--seed", "3"];
    let sent = false;
    const job = await ranks(3, words, (out, { kill }) => {
      if (!sent && (sent = /epoch +1\/5000 /.test(out))) kill("SIGTERM");
    });
    expect(job.out).toMatch(/interrupted in epoch [\s\S]*To go on: /);
    expect(record("ended")).toMatchObject({ status: "interrupted", ranks: 3 });
    expect(await ranks(2, ["train", "--resume", "ended", "--quiet"])).toMatchObject({ code: 0 });
    await deltaprop(home, [...TRAIN, "--epochs", "5000", "--out", "unended", "--seed", "3", "--quiet"]);
    expect(record("ended").parametersSha256).toBe(record("unended").parametersSha256);
  },
);

mpiTest("a rank that is stopped ends the job with a named error and exit 3, and the checkpoint resumes", async () => {
  const words = [...TRAIN, "--epochs", "20000", "--out", "stopped", "--checkpoint-minutes", "0.01"];
  let stopped: number | undefined;
  const job = await ranks(3, words, (_, { ranks }) => {
    if (stopped !== undefined || !existsSync(join(home, "stopped/checkpoint.safetensors"))) return;
    stopped = ranks()[1]!;
    process.kill(stopped, "SIGSTOP");
  });
  expect(stopped).toBeDefined();
  await expect.poll(() => isThere(stopped!)).toBe(false); // no rank is left behind
  expect([job.code, job.err]).toEqual([
    3,
    expect.stringMatching(/^error RANK_LOST (rank \d+ on \S+: )?no word from another rank/m),
  ]);
  expect(job.err).toMatch(/^saved: stopped.checkpoint\.safetensors, epoch \d+/m);
  let told = false; // a second signal would end it at once
  const signal = (out: string, child: { kill(signal: string): unknown }) => {
    if (told || !out.includes('"event":"epoch"')) return;
    told = true;
    child.kill("SIGINT");
  };
  const resumed = await deltaprop(home, ["train", "--resume", "stopped", "--json"], signal as never);
  expect(resumed.code).toBe(130);
  expect(record("stopped")).toMatchObject({ status: "interrupted" });
});

mpiTest(
  "ranks that were asked for different things, or for what has no work for ranks, are refused by name",
  async () => {
    const other = jobWords(mpi, [
      [1, [CLI, ...TRAIN, "--epochs", "2", "--out", "none"]],
      [1, [CLI, ...TRAIN, "--epochs", "3", "--out", "none", "--threads", "1"]],
    ]);
    const [different, unspread] = await Promise.all([startProgram(other, { cwd: home }).ended, ranks(2, ["check"])]);
    expect(different.err).toMatch(
      /^error RANKS_DISAGREE rank 1 on .* was asked for .*--epochs 3.*rank 0 for .*--epochs 2/m,
    );
    expect(different.err.match(/^error/gm)).toHaveLength(1);
    expect(unspread.err).toMatch(
      /^error WRONG_LAUNCHER check has no work for several ranks: train, test, verify, predict, cross-validate and search/m,
    );
    expect([different.code, unspread.code, existsSync(join(home, "none"))]).toEqual([2, 2, false]);
  },
);

mpiTest("a rank that cannot begin, or throws in the middle, ends the job with its name and exit 3", async () => {
  const words = [...TRAIN, "--epochs", "100000", "--out", "thrown", "--checkpoint-minutes", "0"];
  writeFileSync(join(home, "throws.mjs"), thrower(join(home, "thrown", "checkpoint.safetensors")));
  const without = jobWords(mpi, [
    [1, [CLI, ...TRAIN, "--out", "unbegun"]],
    [1, [CLI, ...TRAIN, "--out", "unbegun", "--engine", "none"]],
  ]);
  const thrown = jobWords(mpi, [
    [1, [CLI, ...words]],
    [1, ["--import", join(home, "throws.mjs"), CLI, ...words]],
  ]);
  const unbegun = await startProgram(without, { cwd: home }).ended;
  expect([unbegun.code, unbegun.err]).toEqual([3, expect.stringMatching(/^error RANK_FAILED rank 1 on .*"none"/m)]);
  const midway = await startProgram(thrown, { cwd: home }).ended;
  expect([midway.code, midway.err]).toEqual([3, expect.stringMatching(/^error \w+ rank 1 on .*thrown on purpose/m)]);
});

mpiTest("bad input ends all ranks with rank 0's one line and its exit code", async () => {
  const job = await ranks(3, ["train", "nothing.csv"]);
  expect([job.code, job.err.match(/^error .*/gm)]).toEqual([
    2,
    [expect.stringContaining("error DATA_NOT_FOUND nothing.csv")],
  ]);
});

mpiTest(
  "processes of which each is alone in its MPI are refused, instead of running the job each for itself",
  async () => {
    const size = { openmpi: "OMPI_COMM_WORLD_SIZE", mpich: "PMI_SIZE" }[mpi.kind];
    const rank = { openmpi: "OMPI_COMM_WORLD_RANK", mpich: "PMI_RANK" }[mpi.kind];
    const env = { [size]: "3", [rank]: "0" };
    const lone = await startProgram([process.execPath, CLI, ...TRAIN], { cwd: home, env }).ended;
    expect([lone.code, lone.err]).toEqual([
      2,
      expect.stringMatching(/^error WRONG_LAUNCHER started as one of 3 .* knows of 1/m),
    ]);
    const [few, none] = await Promise.all([
      ranks(2, [...TRAIN, "--ranks", "3", "--out", "none"]),
      deltaprop(home, [...TRAIN, "--ranks=3", "--out", "none"]),
    ]);
    expect(few.err.match(/^error .*/gm)).toEqual([
      expect.stringContaining("error WRONG_LAUNCHER --ranks 3: this job has 2 "),
    ]);
    expect(none.err).toMatch(
      /^error WRONG_LAUNCHER --ranks 3: this process was started alone\. Start it with mpirun -n 3/,
    );
    expect([few.code, none.code, existsSync(join(home, "none"))]).toEqual([2, 2, false]);
  },
);

mpiTest(
  "the addon refuses every wrong call, and each wait ends: in time, at its limit, or when it is told",
  async () => {
    const job = await startRanks(mpi, 3, [beside("addon-program.ts"), mpi.kind]).ended;
    const lines = job.out.split("\n").filter((line) => line !== "");
    const told = JSON.parse(lines[0]!);
    expect(told).toMatchObject({
      outcomes: Array.from({ length: 15 }, () => 0),
      added: true,
      right: true,
      untouched: true,
      word: [0, 9],
      all: [1, 1, 2, 2, 3, 3],
    });
    expect(told.refusals).toHaveLength(30);
    expect(told.refusals).not.toContain("TAKEN");
    expect(lines).toContain('{"rank":0,"outcome":1,"soon":true}');
    expect(lines).toContain('{"rank":1,"outcome":2,"soon":true}');
    expect(lines).toContain("the job is broken: it can only be aborted");
    expect(job.code).toBe(5);
  },
);
