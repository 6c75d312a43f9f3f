// `train --from RUN`: the model that a run goes on from, and new rows in its columns, classes and scaling.
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { type GoingOn, goingOn } from "../../classifier/go-on.ts";
import type { Source } from "../../data/dataset.ts";
import { readBytes } from "../../data/disk-files.ts";
import type { TableChoices } from "../../data/formats/format.ts";
import type { TrainAndTest } from "../../data/split.ts";
import { InvalidInput, must, show } from "../../errors.ts";
import type { RecordedStart } from "../../files/run/run-record.ts";
import { lossTask } from "../../network/losses.ts";
import { columnsOf, type Model } from "../../training/model.ts";
import { openModel } from "../inputs.ts";
import { note, warn } from "../program.ts";
import { choicesOf, type TableFlags } from "../table-flags.ts";
import { clip } from "../tables.ts";

/** A model to go on from, and what a record says of it. */
export type StartModel = { readonly model: Model; readonly record: RecordedStart };

/** Raises InvalidInput OTHER_DATA where the file is not the one `recorded`. */
export async function openStart(path: string, recorded?: RecordedStart): Promise<StartModel> {
  const { model, file } = await openModel(path);
  const sha256 = createHash("sha256")
    .update(await readBytes(file))
    .digest("hex");
  if (recorded && recorded.sha256 !== sha256) {
    const reason = `this is not the model that the run went on from: SHA-256 ${sha256}, recorded ${recorded.sha256}. Point to it with --from.`;
    throw new InvalidInput("OTHER_DATA", reason, { file });
  }
  return { model, record: { from: resolve(path), sha256 } };
}

/** A table is read by the model's columns; what is said of others than label, group, time and weight is refused. */
export function choicesFor({ trainedOn, ...model }: Model, flags: TableFlags): TableChoices {
  const { label: told, task, encoding, sheet, missing, group, time, weight, ...settled } = choicesOf(flags);
  for (const [name, value] of Object.entries(settled))
    must(
      value === undefined,
      `--${name === "kinds" ? "schema" : name}`,
      "left out with --from: the model keeps its columns",
      value,
    );
  const { loss, classes } = model;
  const learned = loss === undefined ? "classify" : lossTask(loss);
  must([undefined, "found", learned].includes(task), "--task", `left out, or ${learned} as the model`, task);
  const label = told ?? trainedOn?.label ?? (loss && classes.join(","));
  const like = { label, encoding, sheet, missing, group, time, weight, known: columnsOf(model) };
  if (loss) return { ...like, task: lossTask(loss), classes };
  const categorical = typeof label === "string" ? [label] : []; // few rows must not make a measurement of it
  return { ...like, categorical };
}

/** The rows in the form of the model, which is widened by new classes; both are said. */
export function goOn(
  { model }: StartModel,
  parts: TrainAndTest,
  source: Source,
  flags: TableFlags & { readonly seed?: number | undefined },
  file: string,
): GoingOn {
  for (const found of source.table?.notes ?? []) note(`${file}: ${found}`);
  warnOfSeen(model, source, flags, file);
  const gone = rowsOfModel(model, parts, file);
  const { added } = gone;
  if (added.length > 0) {
    const names = added.slice(0, 5).map((name) => show(name));
    const more = added.length > 5 ? ` and ${added.length - 5} more` : "";
    const are = added.length === 1 ? "class is new: it gets an output" : "classes are new: they get outputs";
    note(`${file}: the ${are} of the last layer, which starts from 0: ${names.join(", ")}${more}.`);
  }
  return gone;
}

function rowsOfModel(model: Model, parts: TrainAndTest, file: string): GoingOn {
  try {
    return goingOn(model, parts);
  } catch (error) {
    if (!(error instanceof InvalidInput) || error.file !== undefined) throw error;
    throw new InvalidInput(error.code, error.reason, { file, at: error.at }, { cause: error });
  }
}

/** Rows that the model was trained on test nothing. */
function warnOfSeen(
  { trainedOn }: Model,
  { sha256, test }: Source,
  { seed = 1, ...flags }: TableFlags & { readonly seed?: number | undefined },
  file: string,
): void {
  if (trainedOn?.sha256 !== sha256 || test) return;
  const { heldOut, table = {} } = trainedOn;
  const now = choicesOf(flags);
  const same = (["group", "time", "missing", "sheet"] as const).every((name) => now[name] === table[name]);
  if (heldOut?.seed === seed && same) return;
  const by = Object.entries(table).map(([name, value]) => ` --${name} ${value}`);
  const keep = heldOut ? ` --seed ${heldOut.seed}${by.join("")} holds out the same rows again.` : "";
  warn(`${file}: the model of --from was trained on rows that this run tests on.${keep}`);
}

export const startLine = ({ record, model }: StartModel): string =>
  `  start    ${clip(record.from, 60)}${model.trainedOn ? `, trained on ${clip(model.trainedOn.name, 30)}` : ""}`;
