// `train --private` as a user meets it: what it says, what it leaves in the folder, how it goes on, what it refuses.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { deltaprop, folder, jsonLines, writeTable } from "./run.ts";

const [home, remove] = folder();
afterAll(remove);
const JOB = "train digits --private --epsilon 8 --delta 1e-5 --hidden 4 --batch-size 500 --epochs 2".split(" ");
const record = (run: string) => JSON.parse(readFileSync(join(home, run, "run.json"), "utf8"));

test("a private run says its promise, what it spends and what it does not cover; its folder holds no seed of the noise", async () => {
  const { code, out, err } = await deltaprop(home, [...JOB, "--out", "one"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(
    / {2}private {2}ε 8 at δ 0.00001 for every training row: noise [\d.]+ × clip 1, each row drawn with 5.00 %/,
  );
  expect(out).toContain("figures of validation and test rows are exact");
  expect(out).toContain("this run cannot be repeated or verified");
  expect(out).toMatch(/epoch 1\/2 {2}spent ε \d\.\d+/);
  expect(out).toMatch(/ {2}spent {4}ε 7\.\d+ at δ 0.00001\n/);
  const files = readdirSync(join(home, "one"));
  const { options, epochParametersSha256 } = record("one");
  expect(options.private).toEqual({ epsilon: 8, delta: 1e-5, clip: 1, noise: expect.any(Number) });
  expect(epochParametersSha256).toHaveLength(2);
  const metrics = readFileSync(join(home, "one", "metrics.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  for (const line of metrics.map((text) => JSON.parse(text)))
    expect([line.trainLoss, line.trainAccuracy, typeof line.epsilon]).toEqual([null, null, "number"]);
  for (const file of files.filter((name) => name.endsWith(".safetensors"))) {
    const text = readFileSync(join(home, "one", file), "latin1");
    expect(text).not.toMatch(/insecureSeed|trained_on/);
  }
  const again = await deltaprop(home, ["verify", "one"]);
  expect([again.code, again.err]).toEqual([
    2,
    expect.stringContaining("NOT_PROMISED one: this run cannot be repeated from its record: it is private"),
  ]);
  const tested = await deltaprop(home, ["test", "one", "digits", "--json"]);
  expect(tested.code).toBe(0);
});

test("a private run that was stopped goes on: the accountant counts the steps before it", async () => {
  let sent = false;
  const cut = await deltaprop(
    home,
    [...JOB, "--epochs", "6", "--out", "two", "--json", "--checkpoint-minutes", "0"],
    (out, child) => {
      if (sent || !out.includes('"epoch":2,')) return;
      sent = true;
      child.kill("SIGINT");
    },
  );
  expect(cut.code).toBe(130);
  const on = await deltaprop(home, ["train", "--resume", "two", "--json"]);
  expect([on.code, on.err]).toEqual([0, ""]);
  const done = jsonLines(on).at(-1) as { privacy: { epsilon: number } };
  expect(done.privacy.epsilon).toBeGreaterThan(7);
  expect(done.privacy.epsilon).toBeLessThanOrEqual(8);
  const refused = await deltaprop(home, ["train", "--resume", "two", "--epsilon", "9"]);
  expect(refused.err).toMatch(/^error FIXED_OPTION --epsilon comes from the record/);
});

test("--insecure-seed says what it costs, marks the model, and gives the same bits again", async () => {
  const runs = [];
  for (const out of ["three", "four"]) runs.push(await deltaprop(home, [...JOB, "--insecure-seed", "7", "--out", out]));
  expect(runs[0]!.out).toContain("INSECURE: whoever knows --insecure-seed 7 can take the noise off again");
  expect(runs[0]!.out).toContain("INSECURE, as its draws came from a seed");
  expect(record("three").parametersSha256).toBe(record("four").parametersSha256);
  expect(readFileSync(join(home, "three", "model.safetensors"), "latin1")).toContain('\\"insecure\\":true');
});

test("what breaks the promise or leaves it open is refused before anything is written", async () => {
  writeTable(join(home, "t.csv"), 60);
  const refused = async (...words: string[]) => {
    const { code, err } = await deltaprop(home, [...words, "--out", "none"]);
    expect(code).toBe(2);
    return err;
  };
  const job = (without: string) => JOB.filter((word, k) => word !== without && JOB[k - 1] !== without);
  expect(await refused(...job("--epsilon"))).toMatch(/^error INVALID_ARGUMENT --epsilon must be given with --private/);
  expect(await refused(...job("--delta"))).toMatch(/^error INVALID_ARGUMENT --delta must be given with --private/);
  expect(await refused("train", "digits", "--clip", "2")).toMatch(/^error INVALID_ARGUMENT --clip must be left out/);
  expect(await refused(...JOB, "--noise-scale")).toMatch(/^error CONFLICTING_OPTION --noise-scale measures/);
  expect(await refused(...job("--delta"), "--delta", "0.01")).toMatch(/^error NOT_PRIVATE δ = 0.01 lets a run/);
  expect(await refused("train", "t.csv", ...JOB.slice(2))).toMatch(/^error NOT_PRIVATE a scaling fitted on/);
  expect(await refused(...job("--epsilon"), "--epsilon", "1e6")).toMatch(
    /^error PRIVACY_OUT_OF_REACH .* noise below 0.3/,
  );
  expect(readdirSync(home)).not.toContain("none");
});
