// Options that several commands share.
import { type Command, Option } from "commander";
import { ACTIVATIONS, type Activation } from "../network/network.ts";
import { threadCount } from "./arguments.ts";

export type DataFlags = {
  readonly label?: string | undefined;
  readonly encoding?: string | undefined;
  readonly sheet?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly strict?: true | undefined;
};
export type MachineFlags = { readonly engine: string; readonly threads?: number };
export type ModelFlags = { readonly activation?: Activation };

export function addData(command: Command): void {
  addReading(command);
  command
    .option("--label <column>", "the label column of a table, by name or position from 1")
    .option("--data-dir <folder>", "where the files of a named set are")
    .option("--strict", "stop with an error where the data would only be warned about");
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

export function addModel(command: Command): Command {
  const names = ACTIVATIONS.join(", ");
  return command
    .argument("<model>", "a run's folder or a .safetensors file, ours or of PyTorch's nn.Sequential")
    .option("--activation <name>", `between the layers of a file that does not say: ${names} (default: relu)`);
}
