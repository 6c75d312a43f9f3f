// `deltaprop data DATA`: shape, columns, classes, warnings and first examples of a data set.
import type { Command } from "commander";
import { cellText } from "../data/columns.ts";
import { contentHash } from "../data/content-hash.ts";
import type { Dataset, Source } from "../data/dataset.ts";
import { diskFiles } from "../data/disk-files.ts";
import { rowsOf, valuesOf } from "../data/stored/row-store.ts";
import { schemaOf } from "../data/table/schema.ts";
import { must, printable } from "../errors.ts";
import { type Overwrite, writeOnce } from "../files/output-file.ts";
import { resolveAugmentation } from "../training/augmentation.ts";
import { distortRows } from "../training/distort-rows.ts";
import { addAugment, readAugment } from "./augment-option.ts";
import { columnTable, learnedText, tableLines } from "./column-table.ts";
import { addData, addForce, type DataFlags } from "./command-options.ts";
import { loadData } from "./inputs.ts";
import { print, printJson } from "./program.ts";
import { addTable, addTask } from "./table-flags.ts";
import { clip, count, pad, percent, plural, table } from "./tables.ts";
import { widthOf } from "./wrap.ts";

type Flags = DataFlags & { readonly augment?: string } & {
  readonly json?: true;
  readonly schemaOut?: string;
} & Overwrite;

export function registerData(program: Command): void {
  const command = program
    .command("data")
    .description("shape, columns, classes, warnings and a few examples of a data set")
    .argument("<data>", "a named set, a folder or a file");
  addData(command);
  addTask(command);
  addTable(command);
  addAugment(command, "show examples as the first epochs of a training with it see them");
  addForce(command)
    .option("--schema-out <file>", "write what each column of a table is, to be edited and given back by --schema")
    .option("--json", "one JSON object instead of text")
    .action(run);
}

async function run(data: string, flags: Flags): Promise<void> {
  const augment = await readAugment(flags.augment);
  const { task = "found" } = flags;
  const source = await loadData(data, { ...flags, task });
  if (augment !== undefined) resolveAugmentation(augment, source.train);
  if (flags.schemaOut !== undefined) await writeSchema(source, flags.schemaOut, flags);
  const parts = partsIn(source);
  if (flags.json) {
    const { name, sha256, warnings, notes = [], train, validation, test } = source;
    const { cols, classes, image, featureNames } = train;
    const counts = Object.fromEntries(parts.map(({ part, rows: of }) => [part, of.values ? null : classCounts(of)]));
    const rows = { train: train.rows, validation: validation?.rows ?? null, test: test?.rows ?? null };
    const contentSha256: Record<string, string | null> = { train: null, validation: null, test: null };
    for (const { part, rows: of } of parts) contentSha256[part] = await contentOf(of);
    printJson({
      name,
      sha256,
      contentSha256,
      rows,
      features: cols,
      image: image ?? null,
      featureNames: featureNames ?? null,
      ...(train.task && { task: train.task }),
      classes,
      counts: { test: null, ...counts },
      ...(source.table && { label: source.table.labelName ?? null, columns: source.table.columns }),
      notes,
      warnings,
    });
    return;
  }
  const { train } = source;
  const { image, picture } = train;
  const inColor = picture?.color === "rgb" ? ` (color images, ${picture.height} × ${picture.width})` : "";
  const shape = image ? ` (grey images, ${image.height} × ${image.width})` : inColor;
  print(`${printable(source.name)}   sha256 ${source.sha256}`);
  for (const { part, rows } of parts)
    print(`content${part === "train" ? "" : ` of the ${part} part`}   SHA-256 ${await contentOf(rows)}`);
  print(parts.map(({ part, rows }) => `${plural(rows.rows, "row")} to ${PURPOSES[part]}`).join(", "));
  print(`${plural(train.cols, "feature")}${shape}, ${learnedText(train)}`);
  for (const note of source.notes ?? []) print(printable(note));
  print();
  const width = Math.min(widthOf(process.stdout), 80);
  if (source.table) {
    for (const line of tableLines(source, task).slice(0, 1)) print(`${line.trim()}\n`);
    for (const line of columnTable(source.table, train, width)) print(line);
    print();
  }
  for (const line of train.values ? targetTable(parts) : classTable(parts)) print(line);
  print();
  const shown = image || picture ? pictures(train, process.stdout.columns || 80, augment) : firstRows(source);
  for (const line of shown) print(line);
}

/** One number for the same rows in any file. */
const contentOf = (part: Dataset) => contentHash(part, diskFiles("").hasher());

async function writeSchema({ table, train }: Source, file: string, { missing, force }: Flags): Promise<void> {
  must(table !== undefined, "--schema-out", "left out for data that are no table", file);
  await writeOnce(file, `${JSON.stringify(schemaOf(table.columns, train, missing), undefined, 2)}\n`, { force });
}

function classCounts({ classes, labels }: Dataset): number[] {
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}

const MOST_CLASSES = 30; // rows of the table

type Part = { readonly part: keyof typeof PURPOSES; readonly rows: Dataset };

const PURPOSES = { train: "train on", validation: "judge each epoch", test: "test on" } as const;

const partsIn = (source: Source): Part[] =>
  (["train", "validation", "test"] as const).flatMap((part) => (source[part] ? [{ part, rows: source[part] }] : []));

/** Of numbers their range and mean in each part, of labels the rows that have them. */
function targetTable(parts: readonly Part[]): string[] {
  const { classes, task } = parts[0]!.rows;
  const T = classes.length;
  const lines = parts.flatMap(({ part, rows: { values, rows } }) =>
    classes.slice(0, MOST_CLASSES).map((name, j) => {
      let [sum, least, most] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let i = 0; i < rows; i++) {
        const x = values![i * T + j]!;
        sum += x;
        if (x < least) least = x;
        if (x > most) most = x;
      }
      const short = (x: number) => String(Number(x.toPrecision(4)));
      const figures = task === "regress" ? [least, sum / rows, most].map(short) : [count(sum), percent(sum / rows)];
      return [clip(name, 30), part, ...figures];
    }),
  );
  return table([
    task === "regress" ? ["target", "part", "least", "mean", "most"] : ["label", "part", "rows", "share"],
    ...lines,
  ]);
}

function classTable(parts: readonly Part[]): string[] {
  const counts = parts.map(({ rows }) => classCounts(rows));
  const { classes: names, rows: trained } = parts[0]!.rows;
  const lines = table([
    ["class", ...parts.map(({ part }) => part), "share"],
    ...names
      .slice(0, MOST_CLASSES)
      .map((name, c) => [clip(name, 30), ...counts.map((of) => count(of[c]!)), percent(counts[0]![c]! / trained)]),
  ]);
  return names.length > MOST_CLASSES ? [...lines, `… and ${names.length - MOST_CLASSES} more`] : lines;
}

const SHADES = " ░▒▓█";

/**
 * The first example of each class side by side, as many as fit, colors as their mean; one character for two pixels
 * above each other. With an augmentation, below them the same examples in the first epochs of a training.
 */
function pictures(data: Dataset, columns: number, augment: Parameters<typeof distortRows>[1] = "none"): string[] {
  const { width } = data.picture ?? data.image!;
  const fit = Math.max(1, Math.min(data.classes.length, Math.floor((columns + 1) / (width + 1))));
  const chosen = data.classes
    .map((_, c) => data.labels.indexOf(c))
    .filter((row) => row >= 0)
    .slice(0, fit);
  let largest = 1e-30;
  for (const value of valuesOf(data)) if (value > largest) largest = value;
  const rows = Uint32Array.from(chosen);
  const names = chosen.map((row) => pad(clip(data.classes[data.labels[row]!]!, width), width, "end")).join(" ");
  const lines = [names, ...drawn(rowsOf(data, rows), data, largest)];
  for (const epoch of augment === "none" ? [] : [1, 2, 3])
    lines.push(`in epoch ${epoch}`, ...drawn(distortRows(data, augment, rows, 1, epoch), data, largest));
  return lines;
}

/** Images side by side. */
function drawn(values: ArrayLike<number>, { picture, image: size, cols }: Dataset, largest: number): string[] {
  const { height, width } = picture ?? size!;
  const channels = cols / (height * width);
  const pixel = (image: number, y: number, x: number) => {
    if (y >= height) return 0;
    const at = ((image * height + y) * width + x) * channels;
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += values[at + c]!;
    return sum / channels;
  };
  const line = (image: number, y: number) =>
    Array.from({ length: width }, (_, x) => {
      const ink = (pixel(image, y, x) + pixel(image, y + 1, x)) / 2 / largest;
      return SHADES[Math.max(0, Math.min(4, Math.ceil(4 * ink)))];
    }).join("");
  const images = Array.from({ length: values.length / cols }, (_, image) => image);
  return Array.from({ length: Math.ceil(height / 2) }, (_, half) =>
    images.map((image) => line(image, 2 * half)).join(" "),
  );
}

const ROWS_SHOWN = 5;
const COLUMNS_SHOWN = 6;

function firstRows({ train: data, table: found }: Source): string[] {
  const shown = Math.min(COLUMNS_SHOWN, data.cols);
  const features = found?.columns.filter(({ role }) => role === "feature").map(({ name }) => name); // as in the file
  const names = Array.from({ length: shown }, (_, j) =>
    clip((features ?? data.featureNames)?.[j] ?? `column ${j + 1}`, 16),
  );
  const more = data.cols > shown ? ["…"] : [];
  const rows = Math.min(ROWS_SHOWN, data.rows);
  const values = rowsOf(
    data,
    Uint32Array.from({ length: rows }, (_, i) => i),
  );
  return table([
    [data.values ? data.classes.slice(0, 1).join() : "class", ...names, ...more],
    ...Array.from({ length: rows }, (_, i) => [
      data.values ? String(data.values[i * data.classes.length]) : clip(data.classes[data.labels[i]!]!, 20),
      ...names.map((_name, j) => clip(cellText(values[i * data.cols + j]!, data.columns?.[j]), 16)),
      ...more,
    ]),
  ]);
}
