// `deltaprop export MODEL --onnx FILE …`: a model for other programs; every file is verified before it is reported.
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Command } from "commander";
import { selectRows } from "../data/dataset.ts";
import { CATALOG, locateNamed } from "../data/named/catalog.ts";
import { must, printable } from "../errors.ts";
import { EXPORT_FORMATS, exampleCount, exportModel } from "../files/export/export-model.ts";
import { moduleTypes } from "../files/export/js-types.ts";
import { withOddRows } from "../files/export/raw-rows.ts";
import {
  answer,
  comparedWords,
  type ExportExamples,
  type ExportFeatures,
  type ExportFormat,
} from "../files/export/verify-export.ts";
import type { ExportCheck } from "../files/model/metadata.ts";
import { type Overwrite, refuseOther, writeOnce } from "../files/output-file.ts";
import { findRun } from "../files/run/run-folder.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { alignFeatures, columnCount, type Model } from "../training/model.ts";
import { addData, addForce, addModel, type DataFlags, type ModelFlags } from "./command-options.ts";
import { loadTestRows, openModel } from "./inputs.ts";
import { print } from "./program.ts";
import { recordedFlags } from "./recorded-flags.ts";
import { count, plural } from "./tables.ts";

type Flags = DataFlags &
  ModelFlags &
  Overwrite & {
    readonly onnx?: string;
    readonly safetensors?: string;
    readonly js?: string;
    readonly half?: true;
    readonly json?: string;
    readonly data?: string;
  };

const NOTES = `
Each file is verified on 1,000 examples before it is reported, and the result is written into it: ONNX in an installed
onnxruntime-node or onnxruntime-web, else by our own evaluation of the file; a module in a worker thread; the others read back.
The examples are those of --data; else of the data the model was trained on, if it is found here; else random. A file with other
predictions is deleted, and the command ends with 4. An existing file is replaced by a different one with --force alone.`;

export function registerExport(program: Command): void {
  const command = addModel(
    program
      .command("export")
      .description("a model as ONNX, safetensors, a JavaScript module or JSON, each verified before it is reported"),
  )
    .option("--onnx <file>", "ONNX: scaling and softmax inside, class names in the metadata")
    .option("--safetensors <file>", "safetensors with PyTorch's names and layout")
    .option("--js <file>", "one ES module that needs nothing else, and its types beside it; .js or .mjs")
    .option("--half", "with --js: weights in 16 bits, half the size")
    .option("--json <file>", "JSON for people to read")
    .option("--data <data>", "what to check the files on");
  addData(command);
  addForce(command);
  command.addHelpText("after", NOTES).action(run);
}

async function run(path: string, flags: Flags): Promise<void> {
  const wanted: [ExportFormat, string][] = [];
  if (flags.onnx !== undefined) wanted.push([EXPORT_FORMATS.onnx, flags.onnx]);
  if (flags.safetensors !== undefined) wanted.push([EXPORT_FORMATS.safetensors, flags.safetensors]);
  if (flags.js !== undefined)
    wanted.push([flags.half ? EXPORT_FORMATS["16-bit module"] : EXPORT_FORMATS.module, flags.js]);
  if (flags.json !== undefined) wanted.push([EXPORT_FORMATS.json, flags.json]);
  must(wanted.length > 0, "export", "told what to write: --onnx, --safetensors, --js or --json", "nothing");
  must(flags.js !== undefined || !flags.half, "--half", "given with --js", "no --js");
  must(flags.js === undefined || MODULE.test(flags.js), "--js", "a name that ends in .js or .mjs", flags.js);
  const files = wanted.map(([, file]) => file);
  must(new Set(files).size === files.length, "the files", "different", files);

  const { model, file: source } = await openModel(path, flags);
  const rows = await chooseExamples(model, source, flags);
  const features = withOddRows(model, rows.features);
  const odd = features === rows.features ? "" : ", and rows made odd";
  const chosen = { features, data: rows.data + odd };
  const examples: ExportExamples = { ...chosen, answers: await answer(model, chosen.features) };
  print(`checked on ${plural(examples.features.length / columnCount(model), "example")}: ${printable(examples.data)}`);
  const types = flags.js?.replace(MODULE, ".d.$1ts");
  const declarations = moduleTypes(model);
  if (types !== undefined) await refuseOther(types, declarations, flags);
  const checked = await exportModel(wanted, model, examples, flags);
  for (const [k, file] of files.entries()) print(await reportLine(file, checked[k]!, model));
  if (types === undefined) return;
  await writeOnce(types, declarations, flags);
  print(`${types}  types of ${flags.js}`);
}

const MODULE = /\.(m?)js$/;

async function reportLine(
  file: string,
  { runner, largestDifference, limit, labelChanges }: ExportCheck,
  model: Model,
): Promise<string> {
  const { size } = await stat(file);
  const off = largestDifference === 0 ? "0" : `${short(largestDifference)} (limit ${short(limit)})`;
  const [what, changed] = comparedWords(model);
  return `${file}  ${count(size)} bytes; in ${runner}: largest difference of a ${what} ${off}${changed ? `, ${labelChanges} ${changed} changed` : ""}`;
}

const short = (x: number) => String(Number(x.toPrecision(2)));

/** Up to 1,000 rows, evenly spread: of --data, of the data the model comes from, or random ones. */
async function chooseExamples(model: Model, file: string, flags: Flags): Promise<Omit<ExportExamples, "answers">> {
  const n = exampleCount(model);
  const found =
    flags.data === undefined ? await findRows(model, file, flags) : await loadTestRows(flags.data, flags, model);
  if (found === undefined)
    return { features: randomFeatures(model, n), data: "random inputs, as its data were not found" };
  const { rows, which, source } = found;
  const taken = Math.min(n, rows.rows);
  const spread = Uint32Array.from({ length: taken }, (_, i) => Math.floor((i * rows.rows) / taken));
  const { features } = alignFeatures(model, selectRows(rows, spread));
  return { features, data: `${source.name}, ${which}` };
}

/**
 * Test rows of the data that the model was trained on, compared by SHA-256: found where the run.json beside the model
 * says, or under the data's name in the working directory. Never downloads.
 */
async function findRows(
  model: Model,
  file: string,
  flags: Flags,
): Promise<Awaited<ReturnType<typeof loadTestRows>> | undefined> {
  const { trainedOn } = model;
  if (!trainedOn) return undefined;
  const run = (await findRun(dirname(file)).catch(() => undefined))?.data;
  const dataDir = flags.dataDir ?? run?.dataDir ?? undefined;
  const here = ["", ".csv", ".tsv", ".txt", ".csv.gz", ".parquet", ".json", ".jsonl", ".arff", ".npy", ".npz"].map(
    (end) => trainedOn.name + end,
  );
  for (const data of [...(run ? [run.from] : []), ...here]) {
    const set = CATALOG.get(data);
    if (set && !(await locateNamed(data, set, { dataDir }))) continue;
    const place = { ...(run && recordedFlags(run)), ...flags, dataDir };
    const found = await loadTestRows(data, place, model).catch(() => undefined);
    if (found?.source.sha256 === trainedOn.sha256) return found;
  }
  return undefined;
}

/** Seeded rows in the range of the training data. */
function randomFeatures(model: Model, rows: number): ExportFeatures {
  const random = new Random(1, PURPOSE.examples);
  const { scaling } = model;
  const cols = columnCount(model);
  return Float64Array.from({ length: rows * cols }, (_, k) => {
    if (scaling.kind === "columns") {
      const column = scaling.columns[k % cols]!;
      if (column.levels) return random.integer(column.levels.length + 1) - 1;
      if (column.kind === "category") return -1;
      if (column.kind === "boolean") return random.integer(2);
      const x = column.mean + column.deviation * random.normal();
      return column.kind === "date" ? Math.round(x) : x;
    }
    if (scaling.kind === "divide") return Math.floor(random.between(0, scaling.by + 1));
    if (scaling.kind === "none") return Math.fround(random.normal());
    return scaling.mean[k % cols]! + scaling.deviation[k % cols]! * random.normal();
  });
}
