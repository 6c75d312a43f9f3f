// The README and the two pages it goes on in: every example and every command in them runs, in its order, and prints
// what is written here or there. What is not run is listed with its reason.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { program } from "./cli/program.ts";
import { rgba, writeJpeg } from "./data/write-pictures.ts";
import { writePng } from "./data/write-png.ts";
import { haveMnist, MNIST, skipped } from "./needs.ts";

const ROOT = resolve(import.meta.dirname, "..");
const PAGES = ["README.md", "docs/command-line.md", "docs/typescript.md"];
const PROGRAM = await program();
const PYTHON = process.env.PYTHON ?? "python3";

const blocks = PAGES.flatMap((page) =>
  [...readFileSync(join(ROOT, page), "utf8").matchAll(/^```(\w*)\n(.*?)^```/gms)].map(([, language, text]) => ({
    language: language!,
    text: text!,
  })),
);
const commandsOf = (text: string) =>
  text
    .split("\n")
    .flatMap((line) => line.replace(/ +#.*/, "").split(" && "))
    .filter((line) => line !== "");

const NOT_RUN = new Map([
  ["npm ci", "it would replace the packages that this test runs on; .ci/run and the workflows begin with it"],
  ["npm test", "this is it"],
  ["mpirun -n 4 deltaprop train mnist --threads 8", "it needs an MPI; the tests in ranks/ start mpirun"],
  ["deltaprop serve runs/flowers", "it serves until it is stopped; serve/command.test.ts starts and stops it"],
]);

/** What each command prints, among the rest. One seed gives one result, so these are exact. */
const PRINTED: Record<string, readonly (string | RegExp)[]> = {
  // the README's picture shows this run
  "npm start": [...picture().matchAll(/>( {2}(?:test|sha256) [^<]*)</g)].map(([, line]) => line!),
  "deltaprop data digits": ["10,000 rows to train on, 2,000 rows to test on", "9      1,000   200  10.00 %"],
  "deltaprop train digits --hidden 64,64 --epochs 4 --out runs/small": blocks
    .filter(({ language }) => language === "text")
    .flatMap(({ text }) => text.trimEnd().split("\n")),
  "deltaprop test runs/small digits": [
    "accuracy 96.75 %   loss 0.1106   2,000 rows",
    "macro mean        0.9676  0.9675  0.9675  0.9597 … 0.9753  2,000",
  ],
  "deltaprop check": [/^E37 .* pass$/m, /^X1 .* pass$/m, /^\d+ rows pass, 0 fail$/m],
  "deltaprop check --html check.html": [/^\d+ rows pass, 0 fail$/m, "page     check.html"],
  "deltaprop engines": [/^wasm +\d+\.\d +\d+\.\d$/m, "GFLOP/s, training 784-128-128-128-10 with batches of 32"],
  "deltaprop train mnist --layers 784,128,128,128,10 --batch-size 32 --data-dir mnist": [
    "  test     accuracy 96.52 %, loss 0.1146, on 10,000 rows not trained on",
    "  sha256   acd4bb775f110ea1c0e87f3595f2200d7cb57f220e1c9cf1cb5cd902a14abe4c (parameters)",
  ],
  "deltaprop data flowers.csv --label species": [/^species +category +0 +3 +\w+ +label$/m],
  "deltaprop train flowers.csv --label species --out runs/flowers": [
    "  test     accuracy 100.00 %, loss 0.0007929, on 24 rows not trained on",
    "  sha256   2780e4ada5d07f6fa70c0417cd7bd2441ebbb9b2dd84eacae7f8266ab43b72a5 (parameters)",
  ],
  "deltaprop predict runs/flowers new-flowers.csv": [
    "new-flowers.csv:1  daisy  99.92 %\nnew-flowers.csv:2  iris  99.91 %\nnew-flowers.csv:3  tulip  99.97 %\n",
  ],
  "deltaprop explain runs/flowers new-flowers.csv --importance flowers.csv --html why.html": [
    /^new-flowers\.csv:1 {2}daisy /m,
    /^column +loss rises by +accuracy falls by$/m,
  ],
  "deltaprop batch-size flowers.csv --label species --steps 30": [/Recommended: --batch-size \d+$/m],
  "deltaprop learning-rate flowers.csv --label species": [/^Recommended: --learning-rate \S+ with/m],
  "deltaprop influence runs/flowers --of 17 --html who.html": [/^page +who\.html$/m],
  "deltaprop cross-validate flowers.csv --label species --epochs 30": ["accuracy"],
  "deltaprop search flowers.csv --label species --trials 9 --epochs 30": ["train it"],
  "deltaprop mislabelled flowers.csv --label species --top 10 --html labels.html": [
    /^\d+ labels? looks? wrong by confident learning; no row was changed$/m,
    "page     labels.html",
  ],
  "deltaprop train photos --color rgb --out runs/photos": [
    "20 pictures as 8 × 8 in color (RGB), the size they have.",
    "  test     accuracy 100.00 %",
  ],
  "deltaprop predict runs/photos holiday/ portrait.jpg": [
    /^holiday.1\.png {2}day .*\nholiday.2\.png {2}night .*\nportrait\.jpg {2}day /m,
  ],
  "deltaprop train --resume runs/small": [/^this run is complete: .*99db913cabf6c2d94aed909ebb97a85b772cea9f82cfaccf/m],
  "deltaprop verify runs/small": [
    "epoch 1/4  same  e88c4ae9a45c1547e70ebb28c00809a903a7e960b0c4c1ad761fbda1f13d1a22",
    "reproduced bit for bit: the parameters after 4 epochs, the model and its figures",
  ],
  "deltaprop report runs/small": [/^report runs.small.report\.html +\d\.\d MB$/m],
  "deltaprop export runs/small --onnx small.onnx --js small.js": [
    /^small\.onnx .* 0 classes changed$/m,
    /^small\.js .*largest difference of a probability 0, 0 classes changed$/m,
    "small.d.ts  types of small.js",
  ],
};

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "deltaprop-readme-"));
  writeFileSync(join(folder, "flowers.csv"), flowers(40));
  writeFileSync(join(folder, "new-flowers.csv"), flowers(5));
  for (const part of ["photos/day", "photos/night", "holiday"]) mkdirSync(join(folder, part), { recursive: true });
  for (let k = 0; k < 10; k++)
    for (const time of ["day", "night"] as const)
      writeFileSync(join(folder, "photos", time, `${k}.png`), photograph(time, k));
  writeFileSync(join(folder, "holiday", "1.png"), photograph("day", 40));
  writeFileSync(join(folder, "holiday", "2.png"), photograph("night", 41));
  writeFileSync(join(folder, "portrait.jpg"), await writeJpeg(rgba(30, 30, (x, y) => [...light("day", x + y), 255])));
  mkdirSync(join(folder, "mnist"));
  if (haveMnist()) cpSync(MNIST, join(folder, "mnist"), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

const node = (...args: string[]) => execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" });

const examples = blocks.filter(({ language }) => language === "ts").map(({ text }, i) => ({ i: i + 1, text }));
test.each(examples)("TypeScript example $i prints the comments under its calls of console.log", ({ i, text }) => {
  const file = join(folder, `example-${i}.ts`);
  const entry = (name = "index") => JSON.stringify(pathToFileURL(join(ROOT, `src/${name}.ts`)).href);
  writeFileSync(
    file,
    text.replace(/from "deltaprop(?:\/(\w+))?"/g, (_, name: string | undefined) => `from ${entry(name)}`),
  );
  const written = [...text.matchAll(/^\/\/ (.*)$/gm)].map(([, line]) => line);
  expect(written).not.toEqual([]);
  expect(node(file).trimEnd().split("\n")).toEqual(written);
});

const commands = blocks.filter(({ language }) => ["", "sh"].includes(language)).flatMap(({ text }) => commandsOf(text));

test("every command is run here, or it is named with the reason why not", () => {
  const known = [...Object.keys(PRINTED), ...NOT_RUN.keys()];
  expect([...new Set(commands)].sort()).toEqual(known.sort());
  for (const [command, printed] of Object.entries(PRINTED)) expect(printed, command).not.toEqual([]);
});

const run = [...new Set(commands)].filter((command) => command in PRINTED);
const noMnist = run.some((command) => command.includes("mnist")) && skipped("mnist", haveMnist());
for (const command of run)
  test.skipIf(noMnist && command.includes("mnist"))(`\`${command}\` prints what it should`, { timeout: 90_000 }, () => {
    const words = wordsOf(command);
    if (command.includes("mnist")) words.push("--epochs", "1");
    const printed = node(PROGRAM, ...words);
    for (const part of PRINTED[command]!)
      if (typeof part === "string") expect(printed).toContain(part);
      else expect(printed).toMatch(part);
  });

test.each(blocks.filter(({ language }) => language === "python"))(
  "Python reads the model of `npm start`",
  ({ text }) => {
    try {
      execFileSync(PYTHON, ["-c", "import torch, safetensors"], { stdio: "ignore" });
    } catch {
      return console.warn(`SKIPPED the README's Python: ${PYTHON} has no torch and safetensors. Nothing requires it.`);
    }
    execFileSync(
      PYTHON,
      [
        "-c",
        `${text}\nassert net(torch.zeros(1, 784)).shape == (1, 10)`.replace(
          "import torch.nn",
          "import torch, torch.nn",
        ),
      ],
      {
        cwd: folder,
      },
    );
  },
);

test("no block is in a language that nothing here runs", () => {
  expect(new Set(blocks.map(({ language }) => language))).toEqual(new Set(["", "sh", "ts", "text", "python"]));
});

/** The words after the program's name; `npm start` is what package.json says. */
function wordsOf(command: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: { start: string } };
  const [program, ...words] = (
    command === "npm start" ? scripts.start.replace("node scripts/start.mjs", "deltaprop") : command
  ).split(" ");
  expect(program).toBe("deltaprop");
  return words;
}

/** Its text has spaces that no viewer joins. */
function picture(): string {
  return readFileSync(join(ROOT, "docs/training.svg"), "utf8").replaceAll("\u00a0", " ");
}

/** Three kinds of made-up flowers in unscaled columns, `each` of every kind. */
function flowers(each: number): string {
  const kinds = ["daisy", "iris", "tulip"];
  const rows = Array.from(
    { length: 3 * each },
    (_, i) => `${1200 + 300 * (i % 3) + ((i * 37) % 11)},${0.02 * (i % 3) + 0.001 * (i % 7)},${kinds[i % 3]}`,
  );
  return ["petals_mm2,stem_m,species", ...rows].join("\n");
}

/** A sky: blue by day, dark by night, and never twice the same. */
const light = (time: "day" | "night", k: number): number[] =>
  (time === "day" ? [90, 150, 230] : [20, 20, 60]).map((value, c) => value + ((k * (7 + c)) % 20));

function photograph(time: "day" | "night", k: number) {
  const samples = Array.from({ length: 64 }, (_, p) => light(time, p * k + p)).flat();
  return writePng({ width: 8, height: 8, depth: 8, colour: 2, samples });
}
