// `npm run record -- NAME`: a long training of MNIST, with distortions or without, by the command line, and the page of
// the test images that it still gets wrong, with what repeats it. A run that was interrupted goes on.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { pngAddress } from "../src/cli/pages/png-address.ts";
import { loadSource } from "../src/data/source.ts";
import { numbersFrom, rowsOf } from "../src/data/stored/row-store.ts";
import { loadModel } from "../src/files/run/run-folder.ts";
import { predict } from "../src/training/evaluate.ts";

const PLAIN = "--hidden 1024,1024 --epochs 100 --batch-size 32 --learning-rate 0.1 --label-smoothing 0.1";
/** Options of `deltaprop train` beside the data and the seed; docs/record.md has what each reached. */
const RUNS: Readonly<Record<string, readonly string[]>> = {
  short: "--hidden 1000,500 --epochs 12 --learning-rate 0.1 --augment digits".split(" "),
  small: "--hidden 1000,500 --epochs 150 --learning-rate 0.1 --augment digits".split(" "),
  medium: "--hidden 1500,1000,500 --epochs 160 --learning-rate 0.1 --augment digits".split(" "),
  large: "--hidden 2500,2000,1500,1000,500 --epochs 300 --learning-rate 0.1 --augment digits".split(" "),
  plain: `${PLAIN} --dropout 0.2 --input-dropout 0.2`.split(" "),
  mixed: `${PLAIN} --mixup 0.2 --input-dropout 0.2`.split(" "),
  thinned: `${PLAIN} --input-dropout 0.3`.split(" "),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "data-dir": { type: "string", default: "../shared/data/mnist" },
    seed: { type: "string", default: "1" },
    validation: { type: "string", default: "0" }, // the share to choose on; 0 for the run that is tested
    out: { type: "string" },
    threads: { type: "string" },
  },
});
const [name = ""] = positionals;
const options = RUNS[name];
if (options === undefined) {
  console.error(`npm run record -- NAME, with NAME one of ${Object.keys(RUNS).join(", ")}; got "${name}".`);
  process.exit(2);
}
const { "data-dir": dataDir, seed, validation, threads } = values;
const out = resolve(values.out ?? join("runs", `record-${name}-${seed}`));
const main = resolve(import.meta.dirname, "../src/cli/main.ts");
const machine = ["--data-dir", dataDir, ...(threads === undefined ? [] : ["--threads", threads])];
const asked = [...options, "--validation", validation, "--seed", seed];
const words = existsSync(join(out, "run.json")) ? ["--resume", out, ...machine] : ["mnist", ...asked, ...machine];
const place = existsSync(join(out, "run.json")) ? [] : ["--out", out];
const { status } = spawnSync(process.execPath, [main, "train", ...words, ...place], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

const record = JSON.parse(readFileSync(join(out, "run.json"), "utf8"));
const { model } = await loadModel(out);
const { test } = await loadSource("mnist", { dataDir });
const pixels = rowsOf(test!, numbersFrom(0, test!.rows));
const { classes } = await predict(model, pixels);
const wrong = Array.from(classes.keys()).filter((row) => classes[row] !== test!.labels[row]);
const share = wrong.length / test!.rows;
const lines = [
  `# ${name}, seed ${seed}: ${wrong.length} errors of ${test!.rows.toLocaleString("en")}`,
  "",
  `${(100 * share).toFixed(2)} ± ${(100 * Math.sqrt((share * (1 - share)) / test!.rows)).toFixed(2)} % (sampling), ${Math.round(record.seconds)} s on ${record.threads} threads.`,
  "",
  `\`deltaprop train mnist ${asked.join(" ")}\``,
  "",
  `SHA-256 of the parameters: ${record.parametersSha256}`,
  "",
  ...wrong.map((row) => {
    const picture = pngAddress(Uint8Array.from(pixels.subarray(row * 784, (row + 1) * 784)), 28, 28, 1);
    return `<img src="${picture}" width="56" title="test image ${row}"> ${test!.classes[test!.labels[row]!]} taken for ${test!.classes[classes[row]!]}`;
  }),
];
const page = join(out, "wrong.md");
writeFileSync(page, `${lines.join("\n")}\n`);
console.log(`${lines[0]!.slice(2)}; their pictures are in ${page}`);
