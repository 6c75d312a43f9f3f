// `npm run record -- NAME`: long trainings of MNIST, with distortions or without, by the command line, and for each a
// page of the test images that it still gets wrong, with what repeats it. Several seeds make a committee as well. A run
// that was interrupted goes on.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { pngAddress } from "../src/cli/pages/png-address.ts";
import { loadSource } from "../src/data/source.ts";
import { numbersFrom, rowsOf } from "../src/data/stored/row-store.ts";
import { loadModel, MODEL_FILE, saveModel } from "../src/files/run/run-folder.ts";
import { predict } from "../src/training/evaluate.ts";
import { joinModels } from "../src/training/joined-models.ts";
import type { Model } from "../src/training/model.ts";
import { hashOf } from "../src/training/training-result.ts";
import { CORRECTED } from "./corrected-labels.ts";
import { markdownTable } from "./report.ts";
import { median } from "./statistics.ts";

const DISTORTED = "--learning-rate 0.4 --batch-size 32 --augment digits";
/** Options of `deltaprop train` beside the data and the seed; docs/record.md has what each reached. */
const RUNS: Readonly<Record<string, string>> = {
  short: `--hidden 1000,500 --epochs 12 ${DISTORTED}`,
  small: `--hidden 1000,500 --epochs 400 ${DISTORTED}`,
  medium: `--hidden 1500,1000,500 --epochs 300 ${DISTORTED}`,
  large: `--hidden 2500,2000,1500,1000,500 --epochs 300 ${DISTORTED}`,
  plain: "--hidden 1024,1024 --epochs 120 --learning-rate 0.3 --dropout 0.4 --input-noise 0.3 --max-norm 3",
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "data-dir": { type: "string", default: "../shared/data/mnist" },
    seeds: { type: "string", default: "1" }, // with commas between; a committee of two or more
    validation: { type: "string", default: "0" }, // the share to choose on; 0 for the run that is tested
    out: { type: "string", default: "runs" }, // each run in record-NAME-SEED there
    threads: { type: "string" },
  },
});
const [name = ""] = positionals;
const options = RUNS[name];
if (options === undefined) {
  console.error(`npm run record -- NAME, with NAME one of ${Object.keys(RUNS).join(", ")}; got "${name}".`);
  process.exit(2);
}
const { "data-dir": dataDir, validation, threads } = values;
const seeds = values.seeds.split(",");
const main = resolve(import.meta.dirname, "../src/cli/main.ts");
const machine = ["--data-dir", dataDir, ...(threads === undefined ? [] : ["--threads", threads])];
const { test } = await loadSource("mnist", { dataDir });
const pixels = rowsOf(test!, numbersFrom(0, test!.rows));
const truth = Array.from(test!.labels, (label) => test!.classes[label]!);

type Row = {
  readonly what: string;
  readonly errors: number;
  readonly corrected: number;
  readonly seconds?: number;
  readonly sha256: string;
};
const rows: Row[] = [];
const models: Model[] = [];
for (const seed of seeds) {
  const out = resolve(values.out, `record-${name}-${seed}`);
  const asked = [...options.split(" "), "--validation", validation, "--seed", seed];
  const begun = existsSync(join(out, "run.json"));
  const words = begun ? ["--resume", out, ...machine] : ["mnist", ...asked, ...machine, "--out", out];
  const { status } = spawnSync(process.execPath, [main, "train", ...words], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  const { seconds, threads: used } = JSON.parse(readFileSync(join(out, "run.json"), "utf8"));
  const { model } = await loadModel(out);
  const how = `${Math.round(seconds)} s on ${used} threads: \`deltaprop train mnist ${asked.join(" ")}\``;
  rows.push({ ...(await judge(model, out, `${name}, seed ${seed}`, how)), seconds });
  models.push(model);
}
if (models.length > 1) {
  const middle = (of: "errors" | "corrected") => median(rows.map((row) => row[of]));
  const medians = { what: "median of them", errors: middle("errors"), corrected: middle("corrected"), sha256: "" };
  const folder = resolve(values.out, `record-${name}-committee`);
  mkdirSync(folder, { recursive: true });
  const committee = joinModels(models);
  await saveModel(join(folder, MODEL_FILE), committee);
  const what = `${name}, committee of seeds ${seeds.join(", ")}`;
  rows.push(medians, await judge(committee, folder, what, "the mean of their outputs"));
}
const table = rows.map(({ what, errors, corrected, seconds, sha256 }) => {
  const percent = (100 * errors) / truth.length;
  const sampling = Math.sqrt((percent * (100 - percent)) / truth.length);
  const took = seconds === undefined ? "" : `${Math.round(seconds)}`;
  return [what, `${errors}`, `${percent.toFixed(2)} ± ${sampling.toFixed(2)}`, `${corrected}`, took, sha256];
});
const heads = ["", `errors of ${truth.length}`, "%, ± sampling", "with ten labels corrected", "seconds", "SHA-256"];
for (const line of markdownTable([heads, ...table])) console.log(line);

/** Test a model and write a page of the images that it gets wrong beside it. */
async function judge(model: Model, folder: string, what: string, how: string): Promise<Row> {
  const { classes } = await predict(model, pixels);
  const answers = Array.from(classes, (k) => model.classes[k]!);
  const wrong = truth.flatMap((right, row) => (answers[row] === right ? [] : [row]));
  const corrected = truth.filter((label, row) => answers[row] !== (CORRECTED.get(row) ?? label)).length;
  const sha256 = await hashOf(model.parameters);
  const lines = [
    `# ${what}: ${wrong.length} errors of ${truth.length}`,
    "",
    `${corrected} with ten labels corrected. ${how}`,
    "",
    `SHA-256 of the parameters: ${sha256}`,
    "",
    ...wrong.map((row) => {
      const picture = pngAddress(Uint8Array.from(pixels.subarray(row * 784, (row + 1) * 784)), 28, 28, 1);
      return `<img src="${picture}" width="56" title="test image ${row}"> ${truth[row]} taken for ${answers[row]}`;
    }),
  ];
  const page = join(folder, "wrong.md");
  writeFileSync(page, `${lines.join("\n")}\n`);
  console.error(`${lines[0]!.slice(2)}; their pictures are in ${page}`);
  return { what, errors: wrong.length, corrected, sha256 };
}
