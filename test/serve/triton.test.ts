// A client that others wrote: NVIDIA's tritonclient for Python asks the server, in JSON and in binary.
import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { predict } from "../../src/training/evaluate.ts";
import { skipped } from "../needs.ts";
import { blobs } from "../training/blobs.ts";
import { numbers, post, serve, words } from "./models.ts";

const PYTHON = process.env.PYTHON ?? "/usr/bin/python3";
const env = { ...process.env, PYTHONPATH: process.env.TRITONCLIENT ?? process.env.PYTHONPATH };
const there = spawnSync(PYTHON, ["-c", "import tritonclient.http, numpy"], { env }).status === 0;

test.skipIf(skipped("tritonclient", there))(
  "tritonclient is told what predict says, in JSON and in binary",
  async () => {
    const models = { numbers: await numbers(), words: await words() };
    const serving = await serve(models);
    const { features } = blobs(5, { stream: 8 });
    const rows = Array.from({ length: 5 }, (_, i) => [...features.subarray(4 * i, 4 * i + 4)]);
    const script = join(import.meta.dirname, "triton_client.py");
    const words2 = [
      { size: 0.5, kind: "ü", rank: "low", on: true, day: "2026-03-11" },
      { size: -1, kind: null, rank: "high", on: false, day: "2026-08-02" },
    ];
    const { stdout } = await promisify(execFile)(PYTHON, [script, `127.0.0.1:${serving.port}`, JSON.stringify(rows)], {
      env,
    });
    const told = JSON.parse(stdout) as Record<string, unknown>;
    const named = (await (await post(`${serving.url}/predict/words`, words2)).json()) as {
      rows: { class: string; probabilities: Record<string, number> }[];
    };
    const own = await predict(models.numbers, features);
    const classes = Array.from(own.classes, (c) => models.numbers.classes[c]);
    const ofNumbers = [
      classes,
      [...own.classes],
      rows.map((_, i) => [...own.probabilities.subarray(3 * i, 3 * i + 3)]),
    ];
    const ofWords = [
      named.rows.map((row) => row.class),
      named.rows.map((row) => models.words.classes.indexOf(row.class)),
      named.rows.map((row) => Object.values(row.probabilities)),
    ];
    expect(told).toEqual({
      live: true,
      ready: true,
      extensions: ["binary_tensor_data"],
      inputs: [{ name: "features", datatype: "FP64", shape: [-1, 4] }],
      json: [ofNumbers, ofWords],
      binary: [ofNumbers, ofWords],
      refused: ["400", 'the shape of input "features" must be [rows, 4], got [5, 3].'],
    });
    await serving.stop();
  },
);
