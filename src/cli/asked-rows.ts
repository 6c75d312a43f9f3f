// Rows of any kind of file that a model is asked about, in the model's order of columns and codes.
import { diskFile } from "../data/disk-files.ts";
import type { LabelArray } from "../data/formats/arrays.ts";
import { readFeatures, readSource } from "../data/read-files.ts";
import { loadUncompared } from "../data/source.ts";
import { valuesOf, withFacts } from "../data/stored/row-store.ts";
import { InvalidInput, must } from "../errors.ts";
import { alignedRows, columnCount, columnsOf, type Model, type TrainedOn } from "../training/model.ts";
import {
  type Asked,
  asInTraining,
  askedPictures,
  holdsPictures,
  type OnRawRow,
  type RawRows,
  refuseOtherScale,
  refuseOtherShape,
} from "./asked.ts";
import { type DataFlags, type MemoryFlags, type PictureFlags, readingOf } from "./command-options.ts";
import { storeFor } from "./inputs.ts";
import { isStandardInput, standardInput } from "./stdin-data.ts";

type AskedFlags = PictureFlags &
  MemoryFlags &
  Pick<DataFlags, "encoding" | "sheet"> & { readonly keep?: readonly string[] | undefined };

/**
 * The raw rows [n×D] of a file, whatever its labels, or of all pictures of a folder; `-` is standard input. Raises
 * InvalidInput.
 */
export async function loadFeatures(word: string, model: Model, flags: AskedFlags = {}): Promise<Asked> {
  const file = isStandardInput(word) ? "-" : word;
  if (file !== "-" && (await holdsPictures(file))) return askedPictures(file, model, flags);
  const { files, path } = file === "-" ? await standardInput() : diskFile(file);
  const { pictures, arrays } = readingOf(flags);
  const array = await readFeatures(files, path, { pictures, arrays: arrays?.slice(0, 1) });
  const asked =
    array === undefined
      ? await tableRows(file, model, flags)
      : { file, rows: arrayRows(array, columnCount(model), model, file) };
  if (array !== undefined) must(flags.keep === undefined, "--keep", "left out for an array", flags.keep, "", { file });
  refuseOtherScale(model, valuesOf(asked.rows), file);
  return asked;
}

function arrayRows({ shape, values, names }: LabelArray, D: number, model: Model, file: string): RawRows {
  const perRow = shape.slice(1).reduce((product, size) => product * size, 1);
  const expected = `rows of ${D} values, as the model takes`;
  const fits = shape.length >= 2 && shape[0]! >= 1 && perRow === D && names === undefined;
  must(fits, "the array", expected, names ? "text" : shape, "", { file });
  if (shape.length === 3 || (shape.length === 4 && shape[3] === 1)) refuseOtherShape(model, shape.slice(1, 3), file);
  const kept = values instanceof Uint8Array || values instanceof Float32Array;
  return { features: kept ? values : Float64Array.from(values), rows: shape[0]!, cols: D };
}

/** A table with the model's columns among its own; without a header they are all it has, but for the label. */
async function tableRows(file: string, model: Model, flags: AskedFlags): Promise<Asked> {
  const { encoding, sheet, keep, onBad } = flags;
  const { trainedOn, classes } = model;
  const without = trainedOn?.label ?? undefined;
  const { pictures } = readingOf(asInTraining(model, flags)); // of a Parquet file of pictures
  const choices = { label: null, known: columnsOf(model), classes, without, encoding, sheet, pictures, keep, onBad };
  const read = async (onRow?: OnRawRow) => {
    const options = { ...choices, onRow };
    if (file !== "-") return loadUncompared(file, { ...options, store: onRow ? undefined : storeFor(flags) });
    const { files, path } = await standardInput();
    return readSource(files, [path], options);
  };
  const {
    train,
    table,
    sha256,
    notes: stored = [],
  } = await read().catch((error: unknown) => {
    throw withSkipping(error, onBad);
  });
  const own = sha256 === trainedOn?.sha256 ? [seenWords(trainedOn)] : [];
  const notes = [...own, ...(table?.notes ?? []), ...stored].map((found) => `${file}: ${found}`);
  const rows = alignedRows(model, withFacts(train, { name: file }));
  const { rejected = [], kept } = table ?? {};
  const asked = { file, rows, notes, kept: keep && kept };
  if (rejected.length === 0) return asked;
  const bad = new Set(rejected.map(({ index }) => index));
  const numbers = Array.from({ length: train.rows + bad.size }, (_, i) => i + 1).filter((n) => !bad.has(n - 1));
  const reread = async (onRow: OnRawRow) => (await read(onRow)).table?.header === true;
  return { ...asked, numbers, rejected: { rows: rejected, reread } };
}

/** That these rows are those of training, in words. */
function seenWords({ heldOut }: TrainedOn): string {
  const seen = heldOut === null ? "All rows" : `${Number((100 * (1 - heldOut.fraction)).toPrecision(3))} % of the rows`;
  const rest = heldOut === null ? "" : " `deltaprop test` takes the others alone.";
  return `The model was trained on this table. ${seen} are known to it, so these answers flatter it.${rest}`;
}

/** The refusal of a row says how to go on without it. */
function withSkipping(error: unknown, onBad: PictureFlags["onBad"]): unknown {
  if (!(error instanceof InvalidInput) || onBad !== undefined || !error.code.startsWith("BAD_")) return error;
  const ofRow = /^row \d+ column /.test(error.at ?? "") || error.reason.startsWith("the row has ");
  if (!ofRow) return error;
  const reason = `${error.reason} --on-bad skip leaves such rows out.`;
  return new InvalidInput(error.code, reason, { file: error.file, at: error.at }, { cause: error });
}
