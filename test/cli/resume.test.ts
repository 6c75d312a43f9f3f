// Stopping, killing, resuming and verifying runs, as a user does: processes and signals.
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { program } from "./program.ts";
import { deltaprop, type Ended, folder, jsonLines, writeTable } from "./run.ts";

const [home, remove] = folder();
const path = (...parts: string[]) => join(home, ...parts);
const record = (run: string) => JSON.parse(readFileSync(path(run, "run.json"), "utf8"));
const JOB = ["train", "things.csv", "--hidden", "9", "--epochs", "12", "--batch-size", "16", "--validation", "0.2"];
const whole = () => record("whole").parametersSha256;

/**
 * Start the job in `run` with a checkpoint after every step, and send `signal` once it has told of an epoch; several
 * may be sent.
 */
function stopped(run: string, ...signals: NodeJS.Signals[]): Promise<Ended> {
  let sent = false;
  return deltaprop(home, [...JOB, "--out", run, "--json", "--checkpoint-minutes", "0"], (out, child) => {
    if (sent || !out.includes('"epoch":2,')) return;
    sent = true;
    for (const signal of signals) child.kill(signal);
  });
}

beforeAll(async () => {
  writeTable(path("things.csv"), 150);
  expect((await deltaprop(home, [...JOB, "--out", "whole"])).code).toBe(0);
  expect((await stopped("cut", "SIGINT")).code).toBe(130);
});
afterAll(remove);

test("SIGINT and SIGTERM save the step at hand, end with 130 and 143, and say how to go on; the rest gives the same bits", async () => {
  expect(record("cut")).toMatchObject({ status: "interrupted", testAccuracy: null });
  cpSync(path("cut"), path("on"), { recursive: true });
  const on = await deltaprop(home, ["train", "--resume", "on", "--engine", "reference", "--threads", "2", "--json"]);
  expect([on.code, on.err]).toEqual([0, ""]);
  expect(jsonLines(on).find(({ event }) => event === "start")?.epoch).toBeGreaterThan(1);
  expect(record("on").epochParametersSha256).toEqual(record("whole").epochParametersSha256);
  expect(readdirSync(path("on")).sort()).toEqual(["metrics.jsonl", "model.safetensors", "run.json"]);

  const { code, out } = await stopped("term", "SIGTERM");
  expect(code).toBe(143);
  expect(jsonLines({ code, out, err: "" }).at(-1)).toMatchObject({ event: "interrupted", out: "term" });
});

test("a killed run goes on from its last checkpoint to the same bits, and leaves no lock or temporary file", async () => {
  expect((await stopped("killed", "SIGKILL")).code).toBeNull();
  expect(record("killed")).toMatchObject({ status: "running", parametersSha256: null });
  expect(existsSync(path("killed", ".lock-1"))).toBe(true);
  writeFileSync(path("killed", `.checkpoint.safetensors.${crypto.randomUUID()}.tmp`), "half a save");
  appendFileSync(path("killed", "metrics.jsonl"), '{"epoch":3,"ste');
  const on = await deltaprop(home, ["train", "--resume", "killed"]);
  expect([on.code, on.err]).toEqual([0, ""]);
  expect(on.out).toMatch(/resumed {2}in epoch \d+, after \d+ of its 6 steps/);
  expect(record("killed").parametersSha256).toBe(whole());
  expect(readdirSync(path("killed")).sort()).toEqual(["metrics.jsonl", "model.safetensors", "run.json"]);
  const lines = readFileSync(path("killed", "metrics.jsonl"), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

test("a damaged checkpoint is named and the one before it used; with both damaged nothing is touched", async () => {
  cpSync(path("cut"), path("damaged"), { recursive: true });
  truncateSync(path("damaged", "checkpoint.safetensors"), 3000);
  const on = await deltaprop(home, ["train", "--resume", "damaged", "--quiet"]);
  expect(on.code).toBe(0);
  expect(on.err).toMatch(
    /^warning BAD_SAFETENSORS damaged\/checkpoint\.safetensors:(?!.*checkpoint\.safetensors:).* Resuming from damaged\/checkpoint\.safetensors\.previous\.\n$/,
  );
  expect(record("damaged").parametersSha256).toBe(whole());

  cpSync(path("cut"), path("lost"), { recursive: true });
  truncateSync(path("lost", "checkpoint.safetensors"), 0);
  const bytes = readFileSync(path("lost", "checkpoint.safetensors.previous"));
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path("lost", "checkpoint.safetensors.previous"), bytes);
  const { code, err } = await deltaprop(home, ["train", "--resume", "lost"]);
  expect(code).toBe(2);
  expect(err).toMatch(/^error BAD_SAFETENSORS lost\/checkpoint\.safetensors:byte 0: .*\n$/);
  expect(readdirSync(path("lost"))).toContain("checkpoint.safetensors.previous");
});

test("two trainers in one folder: the second is refused, and a lock whose process is gone is taken over", async () => {
  let second: Promise<Ended> | undefined;
  const long = ["train", "things.csv", "--epochs", "100000", "--out", "shared", "--json"];
  const first = await deltaprop(home, long, (out, child) => {
    if (second || !out.includes('"epoch":1,')) return;
    second = deltaprop(home, long).finally(() => child.kill("SIGTERM"));
  });
  const { code, err } = await second!;
  expect(code).toBe(3);
  expect(err).toMatch(/^error FOLDER_IN_USE shared\/\.lock-1: process \d+ is training in this folder/);
  expect(first.code).toBe(143);
});

test("what would change the run, is not its data, or is no run, is refused", async () => {
  const refused = async (words: readonly string[], message: RegExp) => {
    const { code, out, err } = await deltaprop(home, ["train", ...words]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(message);
  };
  writeTable(path("more.csv"), 151);
  await refused(["--resume", "cut", "--epochs", "3"], /FIXED_OPTION --epochs comes from the record/);
  await refused(["more.csv", "--resume", "cut"], /OTHER_DATA more\.csv: these data differ from the run.s: SHA-256/);
  await refused(["--resume", "cut", "--engine", "reference-float64"], /FIXED_OPTION cut: it is of a run in float32/);
  await refused(["--resume", "things.csv"], /NO_RUN|NOT_A_FOLDER/);
  await refused([], /MISSING_ARGUMENT/);
  renameSync(path("things.csv"), path("moved.csv"));
  await refused(["--resume", "cut"], /DATA_NOT_FOUND .*things\.csv: .* Name the data before --resume/);
  renameSync(path("moved.csv"), path("things.csv"));

  cpSync(path("cut"), path("mixed"), { recursive: true });
  writeFileSync(
    path("mixed", "run.json"),
    JSON.stringify({ ...record("cut"), options: { ...record("cut").options, seed: 2 } }),
  );
  await refused(
    ["--resume", "mixed"],
    /BAD_CHECKPOINT mixed\/checkpoint\.safetensors: this checkpoint is of another run/,
  );
});

test("a complete run has nothing to resume, and its model is looked at", async () => {
  const done = await deltaprop(home, ["train", "--resume", "whole"]);
  expect([done.code, done.err]).toEqual([0, ""]);
  expect(done.out).toContain(`this run is complete: whole/model.safetensors, SHA-256 of its parameters ${whole()}`);
  cpSync(path("whole"), path("rotten"), { recursive: true });
  const bytes = readFileSync(path("rotten", "model.safetensors"));
  bytes[bytes.length - 3]! ^= 4;
  writeFileSync(path("rotten", "model.safetensors"), bytes);
  const { code, err } = await deltaprop(home, ["train", "--resume", "rotten"]);
  expect(code).toBe(2);
  expect(err).toMatch(/^error DAMAGED rotten\/model\.safetensors:layers\.1\.bias: /);
});

test("a reader that goes away ends the run in order with 141, and its checkpoint is named", async () => {
  const main = await program();
  const job = [...JOB, "--out", "piped"].map((word) => (word === "12" ? "100000" : word));
  const line = `'${process.execPath}' '${main}' ${job.join(" ")} | head -1; exit "\${PIPESTATUS[0]}"`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", line], { cwd: home, encoding: "utf8" });
  expect([status, stdout.split("\n").length]).toEqual([141, 2]);
  expect(stderr.replace(/^stopping: .*\n/, "")).toMatch(
    /^saved: piped\/checkpoint\.safetensors, epoch \d+, .* --resume piped\n$/,
  );
});

test("verify trains again from the record alone, and names the first epoch that differs", async () => {
  const same = await deltaprop(home, ["verify", "whole", "--json", "--engine", "wasm"]);
  expect([same.code, same.err]).toEqual([0, ""]);
  expect(jsonLines(same).at(-1)).toEqual({ event: "verified", epochs: 12, parametersSha256: whole(), run: "whole" });

  cpSync(path("whole"), path("forged"), { recursive: true });
  const hashes = record("whole").epochParametersSha256;
  writeFileSync(
    path("forged", "run.json"),
    JSON.stringify({ ...record("whole"), epochParametersSha256: hashes.with(4, hashes[5]) }),
  );
  const other = await deltaprop(home, ["verify", "forged"]);
  expect(other.code).toBe(4);
  expect(other.err).toMatch(
    /^error NOT_REPRODUCED forged: the parameters after epoch 5 differ from the record: SHA-256 /,
  );
  expect(other.out).toContain("epoch  5/12  DIFFERENT");

  writeFileSync(path("forged", "run.json"), JSON.stringify({ ...record("whole"), testLoss: 0.5 }));
  expect((await deltaprop(home, ["verify", "forged"])).err).toMatch(/NOT_REPRODUCED forged: the test loss is/);
});

test("verify takes the epochs of a killed run from its metrics, whose torn last line does not count", async () => {
  cpSync(path("cut"), path("torn"), { recursive: true });
  writeFileSync(
    path("torn", "run.json"),
    JSON.stringify({ ...record("cut"), status: "running", epochParametersSha256: [] }),
  );
  appendFileSync(path("torn", "metrics.jsonl"), '{"epoch":9,');
  renameSync(path("things.csv"), path("moved.csv"));
  const ended = await deltaprop(home, ["verify", "torn", "--json", "--data", "moved.csv"]);
  renameSync(path("moved.csv"), path("things.csv"));
  expect([ended.code, ended.err]).toEqual([0, ""]);
  expect(jsonLines(ended).at(-1)?.epochs).toBe(record("cut").epochParametersSha256.length);
  rmSync(path("torn", "metrics.jsonl"));
  expect((await deltaprop(home, ["verify", "torn"])).err).toMatch(
    /NOTHING_TO_VERIFY torn: no epoch of this run has ended/,
  );
});
