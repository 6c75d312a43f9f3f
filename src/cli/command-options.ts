// Options that several commands share.
import { type Command, Option } from "commander";
import { COLORS, FITS, MOST_ROW_SIDE, type PictureOptions } from "../data/pictures/picture-form.ts";
import { must } from "../errors.ts";
import { ACTIVATIONS, type Activation } from "../network/network.ts";
import { list, threadCount, wholeNumber } from "./arguments.ts";
import type { TableFlags } from "./table-flags.ts";

export type DataFlags = Omit<TableFlags, "label"> & {
  readonly label?: string | undefined;
  readonly encoding?: string | undefined;
  readonly sheet?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly strict?: true | undefined;
} & PictureFlags &
  MemoryFlags;

/** Of rows that may be more than memory holds. */
export type MemoryFlags = { readonly memory?: number | undefined; readonly cache?: string | undefined };

export type PictureFlags = Pick<PictureOptions, "size" | "color" | "fit" | "invert" | "transpose"> & {
  readonly onBad?: "stop" | "skip" | undefined;
  readonly arrays?: readonly string[] | undefined;
};
export type MachineFlags = { readonly engine: string; readonly threads?: number };
/** --activations: one name for each hidden layer. */
export function activationList(text: string): Option {
  return new Option("--activations <names>", text).conflicts("activation").argParser(
    list((name): Activation => {
      must((ACTIVATIONS as readonly string[]).includes(name), "--activations", `of ${ACTIVATIONS.join(", ")}`, name);
      return name as Activation;
    }),
  );
}

export type LayerFlags = { readonly layerNorm?: true | undefined; readonly residual?: true | undefined };

export const layerNorm = (): Option =>
  new Option("--layer-norm", "normalize each hidden layer over its units, with a learned gain and offset");

export const residual = (): Option =>
  new Option("--residual", "add to each hidden layer what it is given, between hidden layers of equal width");

export type ModelFlags = { readonly activation?: Activation; readonly layerOrder?: string[] | undefined };

export function addData(command: Command): void {
  addReading(command);
  command
    .option("--label <column>", "the label column of a table, by name or position from 1; several with commas between")
    .option("--data-dir <folder>", "where the files of a named set are")
    .option("--strict", "stop with an error where the data would only be warned about")
    .addOption(
      new Option("--size <size>", "of pictures, e.g. 28x28 (default: the one they have, or their median)").argParser(
        pictureSize,
      ),
    )
    .addOption(new Option("--color <kind>", "of pictures (default: grey)").choices(COLORS))
    .addOption(
      new Option("--fit <how>", "of pictures of other proportions: fill up, cut or distort (default: pad)").choices(
        FITS,
      ),
    )
    .option("--arrays <names>", "of an archive: features and labels, e.g. X,y or X,y,X_test,y_test", (text) =>
      text.split(","),
    );
  addPictureFlags(command);
  addMemory(command);
}

export function addMemory(command: Command): void {
  command
    .addOption(
      new Option("--memory <MiB>", "the most that rows may take in memory (default: 1024)").argParser(
        wholeNumber("--memory", 1, 2 ** 20),
      ),
    )
    .option("--cache <folder>", "where rows are stored that memory has no room for (default: the system's cache)");
}

const MEMORY = 1024; // MiB

/** The most bytes of rows in memory. */
export const roomOf = ({ memory = MEMORY }: MemoryFlags): number => memory * 2 ** 20;

/** Those that also a model is asked with. */
export function addPictureFlags(command: Command): void {
  command
    .option("--invert", "exchange dark and light of pictures")
    .option("--no-invert", "leave them as they are")
    .option("--transpose", "exchange rows and columns of IDX images (default: of EMNIST's)")
    .option("--no-transpose", "leave them as they are stored")
    .addOption(
      new Option("--on-bad <what>", "at a picture that cannot be read (default: stop)").choices(["stop", "skip"]),
    );
}

function pictureSize(text: string): { width: number; height: number } {
  const [, width, height] = /^([1-9]\d{0,3})[x×]([1-9]\d{0,3})$/.exec(text) ?? [];
  const size = { width: Number(width), height: Number(height) };
  const ok = size.width <= MOST_ROW_SIDE && size.height <= MOST_ROW_SIDE;
  must(ok, "--size", `a width and a height in [1, ${MOST_ROW_SIDE}] such as 28x28`, text);
  return size;
}

/** What the flags choose of pictures and archives; undefined where they choose nothing. */
export function readingOf({ size, color, fit, invert, transpose, onBad, arrays }: PictureFlags): {
  readonly pictures?: PictureOptions | undefined;
  readonly arrays?: readonly string[] | undefined;
} {
  const given = { size, color, fit, invert, transpose, skipBad: onBad === "skip" ? true : undefined };
  const chosen = Object.entries(given).filter(([, value]) => value !== undefined);
  return { pictures: chosen.length > 0 ? (Object.fromEntries(chosen) as PictureOptions) : undefined, arrays };
}

/** Data of their own for what training does not learn from. */
export function addParts(command: Command): void {
  command
    .option("--validation-data <data>", "rows to judge each epoch by, columns by name, instead of --validation")
    .option("--test-data <data>", "rows to test on, columns by name, instead of rows held out");
}

/** How the text or the workbook of a table is read. */
export function addReading(command: Command): void {
  command
    .option("--encoding <name>", "the encoding of a table of text, such as windows-1252 (default: utf-8 or utf-16)")
    .option("--sheet <name>", "the sheet of a workbook (default: the first)");
}

export function addMachine(command: Command): void {
  command
    .option("--engine <name>", "which kernels compute", "auto")
    .addOption(new Option("--threads <n>", "how many threads compute").argParser(threadCount("--threads")));
}

export function addForce(command: Command): Command {
  return command.option("--force", "replace a file that is there already");
}

/** For files whose layers' names and shapes leave their order open. */
export function layerOrder(): Option {
  return new Option(
    "--layer-order <names>",
    "the layers of a file that does not say, first to last, e.g. fc1,fc2,out",
  ).argParser(list((name) => name));
}

export function addModel(command: Command): Command {
  const names = ACTIVATIONS.join(", ");
  return command
    .argument("<model>", "a run's folder or a .safetensors file, ours or of PyTorch's nn.Sequential")
    .addOption(layerOrder())
    .option("--activation <name>", `between the layers of a file that does not say: ${names} (default: relu)`);
}
