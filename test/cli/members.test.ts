// `train --members`: runs beside each other, and their ensemble as one model.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { deltaprop, folder } from "./run.ts";

const [home, remove] = folder();
afterAll(remove);
const JOB = ["train", "moons", "--members", "3", "--hidden", "4", "--epochs", "40", "--out", "all"];
const told = (name: string) => JSON.parse(readFileSync(join(home, "all", name), "utf8"));

test("an ensemble killed in its second member goes on, and its members verify and differ", async () => {
  let sent = false;
  await deltaprop(home, [...JOB, "--checkpoint-minutes", "0", "--json"], (out, child) => {
    const second = out.split('"event":"start"')[2];
    if (!sent && second?.includes('"event":"epoch"')) sent = child.kill("SIGKILL");
  });
  expect(sent).toBe(true);
  const before = readFileSync(join(home, "all", "member-1", "model.safetensors"));
  const { code, out, err } = await deltaprop(home, JOB);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^this run is complete/m); // the first
  expect(out).toMatch(/^ {2}resumed {2}in epoch/m);
  expect(out).toContain("ensemble of 3 members, the mean of their outputs");
  expect(readFileSync(join(home, "all", "member-1", "model.safetensors"))).toEqual(before);
  const { members, parametersSha256 } = told("members.json");
  expect(new Set(members.map((one: { parametersSha256: string }) => one.parametersSha256)).size).toBe(3);
  expect(out).toContain(parametersSha256);
  const verified = await deltaprop(home, ["verify", "all/member-3"]);
  expect([verified.code, verified.err]).toEqual([0, ""]);
  const again = await deltaprop(home, [...JOB, "--quiet"]);
  expect([again.code, told("members.json").parametersSha256]).toEqual([0, parametersSha256]);
});

test("an ensemble is tested and exported as any model is", async () => {
  const tested = await deltaprop(home, ["test", "all", "moons", "--json"]);
  expect([tested.code, tested.err]).toEqual([0, ""]);
  const exported = await deltaprop(home, ["export", "all", "--onnx", "all.onnx", "--js", "all.mjs"]);
  expect([exported.code, exported.err]).toEqual([0, ""]);
});

test("an ensemble is no run, and says what is one", async () => {
  const { code, err } = await deltaprop(home, ["verify", "all"]);
  expect([code, err]).toEqual([
    2,
    expect.stringContaining(
      `error NO_RUN all: this is an ensemble. Each of its members is a run, such as ${join("all", "member-1")}`,
    ),
  ]);
});

test.each([
  ["another network", ["--hidden", "5"], "error OUT_TAKEN all/member-1: this folder holds a different run"],
  ["private training", ["--private", "--epsilon", "1", "--delta", "0.01"], "--members must be left out with --private"],
  ["a temperature", ["--calibrate", "--validation", "0.2"], "--members must be left out with --calibrate"],
  ["one member", ["--members", "1"], "--members must be "],
])("an ensemble with %s is refused in words", async (_, words, reason) => {
  const { code, err } = await deltaprop(home, [...JOB, ...words]);
  expect([code, err]).toEqual([2, expect.stringContaining(reason)]);
});
