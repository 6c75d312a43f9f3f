// `deltaprop report RUN`: one page about a finished run that opens anywhere, without a network.
import { join } from "node:path";
import type { Command } from "commander";
import { readBytes } from "../data/disk-files.ts";
import { InvalidInput } from "../errors.ts";
import { writeDurably } from "../files/disk.ts";
import { type Overwrite, refuseTaken } from "../files/output-file.ts";
import { fillReport, isReport } from "../files/report-page.ts";
import { addData, addForce, addMachine } from "./command-options.ts";
import { print, printJson } from "./program.ts";
import { gather, type ReportFlags } from "./report/gather.ts";
import { reportPage } from "./studio/built.ts";

type Flags = ReportFlags & Overwrite & { readonly out?: string; readonly json?: true };

export function registerReport(program: Command): void {
  const command = program
    .command("report")
    .description("one HTML page about a finished run: curves, mistakes, weights, hashes; opens without a network")
    .argument("<run>", "the folder of a run")
    .option("--data <name>", "the run's data, where they are not where they were");
  addData(command);
  addMachine(command);
  command.option("--out <file>", "where the page goes (default: report.html in the run's folder)");
  addForce(command).option("--json", "one JSON object instead of text").action(run);
}

async function run(folder: string, flags: Flags): Promise<void> {
  const out = flags.out ?? join(folder, "report.html");
  if (flags.out !== undefined || flags.force) await refuseTaken(out, flags);
  else await refuseOther(out);
  const template = await reportPage();
  const data = await gather(folder, flags);
  const page = fillReport(template, data);
  await writeDurably(out, page);
  if (flags.json) return printJson({ report: out, bytes: Buffer.byteLength(page), missing: data.missing });
  if (data.missing !== null) print(`without the test: ${data.missing}`);
  print(`report ${out}   ${(page.length / 1e6).toFixed(1)} MB`);
}

/** Raises InvalidInput if a file other than a report is at `out`, in the folder of the run. */
async function refuseOther(out: string): Promise<void> {
  const found = await readBytes(out, { most: MOST_BYTES, follow: false }).catch((error: unknown) => {
    if (error instanceof InvalidInput && error.code === "DATA_NOT_FOUND") return undefined;
    throw new InvalidInput("OUT_TAKEN", "what is there is no report. Choose another place with --out.", { file: out });
  });
  if (found && !isReport(new TextDecoder().decode(found.subarray(0, 200))))
    throw new InvalidInput(
      "OUT_TAKEN",
      "this file is no report. Choose another place with --out, or replace it with --force.",
      { file: out },
    );
}

const MOST_BYTES = 2 ** 27; // of a report; the largest that is written has some 20 MB
