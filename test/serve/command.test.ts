// `deltaprop serve` as a user starts it: the answers of `deltaprop predict`, reload of a replaced model, SIGTERM,
// and what it refuses to start with.
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deltaprop, folder, jsonLines, writeTable } from "../cli/run.ts";
import { signalTest } from "../needs.ts";

const [home, remove] = folder();
beforeAll(async () => {
  writeTable(join(home, "t.csv"), 60);
  for (const seed of ["1", "2"])
    await deltaprop(home, ["train", "t.csv", "--out", `run-${seed}`, "--epochs", "2", "--seed", seed]);
});
afterAll(remove);

/** Start it on a free port, do `work` with its address, send SIGTERM, and give what it printed. */
async function serving(words: string[], work: (url: string, hup: () => void) => Promise<void>) {
  let asked: Promise<void> | undefined;
  const ended = await deltaprop(home, ["serve", ...words, "--port", "0"], (out, child) => {
    const url = /^http:\/\/\S+$/m.exec(out)?.[0];
    if (url === undefined || asked !== undefined || !out.includes("Ctrl-C")) return;
    asked = work(url, () => child.kill("SIGHUP")).finally(() => child.kill("SIGTERM"));
  });
  await asked;
  return ended;
}

const ROW = { width: 50_000, height: 0.5, depth: -1, mass: 2 };
const ask = async (url: string, path: string, headers: Record<string, string> = {}) =>
  fetch(url + path, { method: "POST", body: JSON.stringify(ROW), headers });

signalTest("its answer is byte for byte that of predict --json, and SIGTERM ends it with 143", async () => {
  writeFileSync(join(home, "one.csv"), "mass,width,height,depth\n2,50000,0.5,-1\n");
  const [told] = jsonLines(await deltaprop(home, ["predict", "run-1", "one.csv", "--json"]));
  const { file: _, row: __, ...answer } = told!;
  let body = "";
  let page = "";
  const ended = await serving(["run-1"], async (url) => {
    body = await (await ask(url, "/predict")).text();
    page = await (await fetch(url)).text();
  });
  expect(body).toBe(JSON.stringify(answer));
  expect(page).toContain("<title>Deltaprop serves</title>");
  expect(page).toContain("connect-src 'self'");
  expect([ended.code, ended.out]).toEqual([
    143,
    expect.stringMatching(
      /^http:\/\/127\.0\.0\.1:\d+\nrun-1: 4 columns → 3 classes, trained on t\nCtrl-C ends it\.\n$/,
    ),
  ]);
});

signalTest(
  "--reload serves a model that has replaced another, at SIGHUP, and keeps the elder where it cannot",
  async () => {
    const model = join(home, "m.safetensors");
    copyFileSync(join(home, "run-1", "model.safetensors"), model);
    const answers: string[] = [];
    const ended = await serving(["--name", `m=${model}`, "--reload"], async (url, hup) => {
      const version = async () =>
        ((await (await fetch(`${url}/v2/models/m`)).json()) as { versions: string[] }).versions[0];
      answers.push(await (await ask(url, "/predict")).text());
      copyFileSync(join(home, "run-2", "model.safetensors"), model);
      hup();
      await expect.poll(version).not.toBe("1");
      answers.push(await (await ask(url, "/predict")).text());
      writeFileSync(model, "no model");
      hup();
      await expect
        .poll(async () => (await fetch(`${url}/metrics`)).text())
        .toMatch(/deltaprop_reload_failures_total\{model="m"\} [1-9]/);
      answers.push(await (await ask(url, "/predict")).text());
    });
    expect(answers[0]).not.toBe(answers[1]);
    expect(answers[2]).toBe(answers[1]);
    expect(ended.err).toMatch(/warning m stays as it was: /);
  },
);

test.each([
  [[], 2, /MISSING_ARGUMENT|INVALID_ARGUMENT/],
  [["nothing-here"], 2, /^error FILE_NOT_FOUND /],
  [["run-1", "--name", "run-1=run-2"], 2, /^error CONFLICTING_OPTION two runs would be served as run-1\. /],
  [["run-1", "--name", "a/b=run-2"], 2, /^error INVALID_ARGUMENT --name must be NAME=RUN/],
  [["run-1", "--host", "0.0.0.0"], 2, /^error CONFLICTING_OPTION --host 0\.0\.0\.0 is reached from other machines/],
  [
    ["run-1", "--token-file", "one.csv"],
    2,
    /^error INVALID_ARGUMENT one\.csv: the token in --token-file must be one line/,
  ],
  [["run-1", "--batch-ms", "-1"], 2, /^error INVALID_ARGUMENT --batch-ms must be a number in \[0, 1000\]/],
])("serve %j ends with %i and says why", async (words, code, why) => {
  const ended = await deltaprop(home, ["serve", ...words]);
  expect([ended.code, ended.out]).toEqual([code, ""]);
  expect(ended.err).toMatch(why);
});
