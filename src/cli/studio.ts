// `deltaprop studio`: the web page, served from inside the package on this machine alone.
import { stat } from "node:fs/promises";
import { type Command, Option } from "commander";
import { unreadable } from "../data/disk-files.ts";
import { InvalidInput } from "../errors.ts";
import { wholeNumber } from "./arguments.ts";
import { print } from "./program.ts";
import { gracefully } from "./shutdown.ts";
import { openInBrowser } from "./studio/browser.ts";
import { studioPage } from "./studio/built.ts";
import { startStudio, USUAL_PORT } from "./studio/server.ts";
import { dataFiles } from "./studio/static-files.ts";

type Flags = { readonly port?: number; readonly dataDir?: string; readonly open: boolean };

export function registerStudio(program: Command): void {
  program
    .command("studio")
    .description("a page in the browser that trains a network and shows every equation with its numbers")
    .addOption(
      new Option("--port <n>", `where to listen on 127.0.0.1 (default: ${USUAL_PORT}, or a free one)`).argParser(
        wholeNumber("--port", 1, 65_535),
      ),
    )
    .option("--data-dir <folder>", "where the files of named sets are; the cache is looked into as well")
    .option("--no-open", "print the address without opening a browser")
    .addHelpText("after", "\nNothing leaves this machine. Ctrl-C ends it.")
    .action(run);
}

async function run({ port, dataDir, open }: Flags): Promise<void> {
  if (dataDir !== undefined) await refuseNoFolder(dataDir);
  const page = await studioPage();
  const { files, index } = await dataFiles({ dataDir });
  const studio = await startStudio(new Map([...page, ...files]), port);
  await gracefully(
    async (signal) => {
      print(studio.url);
      print(`data: digits${index.sets.map(({ name }) => `, ${name}`).join("")}, or your own files. Ctrl-C ends it.`);
      if (open && process.stdout.isTTY) openInBrowser(studio.url);
      await new Promise((stopped) => signal.addEventListener("abort", stopped, { once: true }));
      await studio.close();
      signal.throwIfAborted();
    },
    () => "the studio was ended with requests open.",
  );
}

async function refuseNoFolder(dataDir: string): Promise<void> {
  const found = await stat(dataDir).catch((error: unknown) => {
    throw unreadable(dataDir, error);
  });
  if (!found.isDirectory()) throw new InvalidInput("NOT_A_FOLDER", "--data-dir must be a folder.", { file: dataDir });
}
