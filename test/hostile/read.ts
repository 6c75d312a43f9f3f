// How the tests of this folder read a case: in process, through the same functions as the command line.
import { readFileSync } from "node:fs";
import { loadSource } from "../../src/data/source.ts";
import { decodeModel } from "../../src/files/model/model-file.ts";
import type { Format } from "./case.ts";

export async function readCase(format: Format, path: string): Promise<unknown> {
  return format === "safetensors" ? decodeModel(readFileSync(path), path) : loadSource(path);
}
