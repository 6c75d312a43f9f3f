// What some tests need beyond Node. Where it is missing they are skipped, and the end of the run says what to do about
// it; where $DELTAPROP_REQUIRE names it, as in `mnist,native,browser`, they run all the same and fail.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "vitest";

/** How to come by each. */
const HOW = {
  mnist:
    "the four files of MNIST: put them into ../shared/data/mnist beside the checkout, or set DELTAPROP_DATA to their folder",
  native:
    "the native engine: install a C compiler (on Debian: apt-get install gcc libc6-dev), then npm run build:native",
  mpi: "an MPI: install one (on Debian: apt-get install openmpi-bin libopenmpi-dev), then npm run build:mpi",
  browser: "a browser: set CHROMIUM to one (on Debian: apt-get install chromium)",
  firefox: "a second browser: set FIREFOX to a Firefox (on Debian: apt-get install firefox-esr)",
  tritonclient:
    "NVIDIA's tritonclient: install tritonclient[http] for python3, or set TRITONCLIENT to the src/python/library of its source (on Debian: apt-get install python3-geventhttpclient python3-rapidjson python3-numpy)",
} as const;
export type Need = keyof typeof HOW;

const FILES = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"];

/** The folder of MNIST's files, there or not: $DELTAPROP_DATA, else the one beside the checkout. */
export const MNIST = process.env.DELTAPROP_DATA || resolve(import.meta.dirname, "../../shared/data/mnist");

export const haveMnist = (folder = MNIST): boolean =>
  FILES.every((file) => existsSync(join(folder, `${file}-ubyte.gz`)));

/**
 * Whether $DELTAPROP_REQUIRE names it. A word that is no need is a mistake that would make a run weaker, so it is
 * refused.
 */
export function required(need: Need, list = process.env.DELTAPROP_REQUIRE ?? ""): boolean {
  const words = list.split(",").filter((word) => word !== "");
  const unknown = words.find((word) => !Object.hasOwn(HOW, word));
  if (unknown !== undefined)
    throw new Error(`DELTAPROP_REQUIRE names ${unknown}; it takes ${Object.keys(HOW).join(", ")}`);
  return words.includes(need);
}

/** Whether tests with this need are to be skipped, and then says why: it is missing and not required. */
export function skipped(need: Need, there: boolean, list = process.env.DELTAPROP_REQUIRE ?? ""): boolean {
  if (required(need, list) || there) return false;
  console.warn(`SKIPPED tests that need ${HOW[need]}`);
  return true;
}

/** `test`, skipped on Windows, where a program cannot be sent a signal: it is ended at once. */
export const signalTest = test.skipIf(process.platform === "win32");
