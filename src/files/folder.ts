// Node only. Making a folder, and seeing whether one is there.
import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { InvalidInput } from "../errors.ts";
import { writeFailure } from "./write-failure.ts";

/** Make a folder and its parents. Raises InvalidInput where something else is in the way, else EnvironmentFailure. */
export async function makeFolder(path: string): Promise<void> {
  // Step by step: Node's recursive mkdir never returns where a folder exists and yet nothing can be made in it, as in /proc.
  const missing: string[] = [];
  for (let folder = resolve(path); !(await isFolder(folder)); folder = dirname(folder)) missing.push(folder);
  for (const folder of missing.reverse())
    try {
      await mkdir(folder);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw writeFailure(path, cause, "Nothing was made.");
    }
}

/** Raises InvalidInput if something that is no folder is there. */
async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw writeFailure(path, cause, "Nothing was made.");
  }
  throw new InvalidInput("NOT_A_FOLDER", "a file is where this folder should be.", { file: path });
}
