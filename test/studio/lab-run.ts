// A lab whose run is played to its end, and the proof that the command line gives that run again.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { Lab } from "../../src/studio/lab/lab.ts";
import type { LabEvent } from "../../src/studio/lab/protocol.ts";
import { commandOf } from "../../src/studio/train/command-line.ts";
import { deltaprop } from "../cli/run.ts";
import { memoryStore } from "./memory-store.ts";

type Opened = Awaited<ReturnType<Lab["open"]>>;

export function labToPlay() {
  let finished = () => {};
  const told: LabEvent[] = []; // to the page
  const lab = new Lab({
    base: "http://127.0.0.1/",
    store: memoryStore(),
    versions: {},
    emit: (event) => {
      told.push(event);
      if (event.event === "progress" && event.progress.ended && !event.progress.playing) finished();
    },
  });
  const playOut = () =>
    new Promise<void>((done) => {
      finished = done;
      void lab.play();
    });
  return { lab, playOut, told };
}

/**
 * Expect `verify` to repeat the record, and the page's own command, in `place` beside the data, to give its parameters
 * after every epoch. `run`: a new folder, in which the record and the model are left. Returns run.json of the command.
 */
export async function expectRepeated(place: string, run: string, lab: Lab, found: Opened, data: string) {
  await mkdir(run, { recursive: true });
  const record = await lab.record();
  await writeFile(join(run, "run.json"), record);
  await writeFile(join(run, "model.safetensors"), (await lab.exportModel("safetensors")).bytes);
  const verified = await deltaprop(place, ["verify", run, "--data", data, "--engine", "wasm"]);
  expect(verified.code, verified.err).toBe(0);

  const command = commandOf(found.setup, found.layers, found.file)!;
  const words = command.match(/'[^']*'|\S+/g)!.map((word) => word.replaceAll("'", ""));
  const trained = await deltaprop(place, [...words.slice(2), "--engine", "wasm", "--out", `${run}-again`]);
  expect(trained.code, trained.err).toBe(0);
  const repeated = JSON.parse(await readFile(join(`${run}-again`, "run.json"), "utf8"));
  expect(repeated.epochParametersSha256).toEqual(JSON.parse(record).epochParametersSha256);
  return repeated;
}
