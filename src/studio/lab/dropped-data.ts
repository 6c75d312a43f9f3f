// Dropped files as a data set, a model, or both. The reader of data sets is the command line's; a page loads it with
// the first drop.
import { alikeRowsWarning } from "../../data/alike-rows.ts";
import type { Source } from "../../data/dataset.ts";
import { PICTURE_ENDING } from "../../data/pictures/header.ts";
import type { ReadFilesOptions } from "../../data/read-files.ts";
import { InvalidInput, must } from "../../errors.ts";
import { decodeModel } from "../../files/model/model-file.ts";
import type { Model } from "../../training/model.ts";
import { AS_FOUND, readOptions } from "../state/reading.ts";
import type { GivenFile } from "./protocol.ts";

/** The contents of a drop. `model` is a network to start from. */
export type Dropped = { readonly source?: Source | undefined; readonly model?: Model | undefined };

export const isModel = ({ name }: Pick<GivenFile, "name">): boolean => /\.safetensors$/i.test(name);
export const isHidden = ({ name }: GivenFile): boolean => /(^|\/)\./.test(name);

/** Raises InvalidInput, naming the file. */
export async function readDropped(files: readonly GivenFile[], choices = AS_FOUND): Promise<Dropped> {
  const seen = files.filter((file) => !isHidden(file));
  must(seen.length > 0, "the drop", "at least one file", seen.length, "", {}, "DATA_NOT_FOUND");
  const [modelFile, second] = seen.filter(isModel);
  if (second) throw new InvalidInput("UNKNOWN_FORMAT", "one model at a time can be opened.", { file: second.name });
  const data = seen.filter((file) => !isModel(file));
  const decoded = modelFile && (await decodeModel(new Uint8Array(modelFile.bytes), modelFile.name));
  return { source: data.length > 0 ? await readData(data, readOptions(choices)) : undefined, model: decoded?.model };
}

/**
 * Single files are read together; of a dropped folder, or several, or of pictures and what lists them, what belongs
 * together is found by its names.
 */
export async function readData(dropped: readonly GivenFile[], options: ReadFilesOptions): Promise<Source> {
  const [{ memoryFiles }, { readSource }] = await Promise.all([
    import("../../data/memory-files.ts"),
    import("../../data/read-files.ts"),
  ]);
  const files = memoryFiles(dropped.map(({ name, bytes }) => ({ name, bytes: new Uint8Array(bytes) })));
  const names = dropped.map(({ name }) => name);
  const loose = names.some((name) => !name.includes("/"));
  const together = loose && !(names.length > 1 && names.some((name) => PICTURE_ENDING.test(name))) ? names : undefined;
  const source = await readSource(files, together, { ...options, others: "models in .safetensors" });
  return source.test ? { ...source, warnings: [...source.warnings, ...alikeRowsWarning(source)] } : source;
}
