// Options that several commands share.
import { type Command, Option } from "commander";
import { ACTIVATIONS, type Activation } from "../network/network.ts";
import { list, threadCount } from "./arguments.ts";
import type { TableFlags } from "./table-flags.ts";

export type DataFlags = Omit<TableFlags, "label"> & {
  readonly label?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly strict?: true | undefined;
};
export type MachineFlags = { readonly engine: string; readonly threads?: number };
export type ModelFlags = { readonly activation?: Activation; readonly layerOrder?: string[] | undefined };

export function addData(command: Command): void {
  command
    .option("--label <column>", "the label column of a table, by name or position from 1")
    .option("--data-dir <folder>", "where the files of a named set are")
    .option("--strict", "stop with an error where the data would only be warned about");
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
