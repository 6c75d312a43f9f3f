// The data of a set-up: drawn, fetched from the page's own host, or dropped; then the rows and labels that the set-up asks for.
import { type Dataset, type Source, selectRows } from "../../data/dataset.ts";
import { drawDigits } from "../../data/digits/digits.ts";
import { splitDataset } from "../../data/split.ts";
import { EnvironmentFailure, InvalidInput } from "../../errors.ts";
import { PURPOSE, Random } from "../../numerics/random.ts";
import { sha256 } from "../../numerics/sha256.ts";
import type { DataName, StudioSetup } from "../state/setup.ts";

/** The parts of a run; `heldOut` is the share taken from the training rows where the source has no test part. */
export type Rows = {
  readonly train: Dataset;
  readonly test: Dataset;
  readonly heldOut: number | null;
};

const HELD_OUT = 0.2; // as `deltaprop train` holds out

/** The sets that the page's own host has: data/index.json, which `deltaprop studio` serves and a web host may hold as a file. */
type Index = {
  readonly sets: readonly {
    readonly name: string;
    readonly classes: readonly string[];
    readonly files: readonly string[]; // training images, training labels, test images, test labels, in data/NAME/
  }[];
};

/** A set that needs no file of the visitor's. `base` is the page's folder. */
export async function fetchNamed(name: Exclude<DataName, "file">, base: string): Promise<Source> {
  if (name === "digits") return drawDigits({ seed: 1 });
  const index = JSON.parse(new TextDecoder().decode(await fetchBytes("data/index.json", base, name))) as Index;
  const set = index.sets.find((each) => each.name === name);
  if (!set) throw notHere(name);
  const [{ readIdx }, { datasetFromArrays }] = await Promise.all([
    import("../../data/formats/idx.ts"),
    import("../../data/formats/arrays.ts"),
  ]);
  const { classes, files } = set;
  const bytes = await Promise.all(files.map((file) => fetchBytes(`data/${name}/${file}`, base, name)));
  const part = async (of: string, first: number): Promise<Dataset> => {
    const [featuresFile, labelsFile] = [files[first]!, files[first + 1]!];
    const [images, labels] = [await readIdx(bytes[first]!, featuresFile), await readIdx(bytes[first + 1]!, labelsFile)];
    return datasetFromArrays(images, labels, {
      name: `${name} ${of}`,
      code: "BAD_IDX",
      featuresFile,
      labelsFile,
      classes,
    });
  };
  const parts = { train: await part("train", 0), test: await part("test", 2) };
  return { name, ...parts, sha256: await sha256(...bytes), warnings: [] };
}

async function fetchBytes(address: string, base: string, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await fetch(new URL(address, base)).catch((cause: unknown) => {
    throw new EnvironmentFailure("DATA_UNREACHABLE", "the page's host does not answer.", { file: name }, { cause });
  });
  if (!answer.ok) throw notHere(name);
  return new Uint8Array(await answer.arrayBuffer());
}

function notHere(name: string): InvalidInput {
  const reason =
    "the page's host does not have this set. Start `deltaprop studio` where the set is, or drop its four files here.";
  return new InvalidInput("DATA_NOT_FOUND", reason, { file: name });
}

/** The rows of a run of `setup` on `source`. */
export function rowsOf({ train: whole, test: given }: Source, { rows, randomLabels, seed }: StudioSetup): Rows {
  const [kept, held] = given
    ? [whole, given]
    : (splitDataset(whole, [1 - HELD_OUT, HELD_OUT], seed) as [Dataset, Dataset]);
  const share = rows / kept.rows;
  const few = rows > 0 && share < 1 ? splitDataset(kept, [share, 1 - share], seed)[0]! : kept;
  return { train: randomLabels ? drawLabels(few, seed) : few, test: held, heldOut: given ? null : HELD_OUT };
}

/** Every label drawn anew, all classes alike: there is nothing to learn but by heart. */
function drawLabels(data: Dataset, seed: number): Dataset {
  const random = new Random(seed, PURPOSE.sample);
  const { targets: _, ...rest } = selectRows(
    data,
    Uint32Array.from({ length: data.rows }, (_, i) => i),
  );
  return { ...rest, labels: rest.labels.map(() => random.integer(data.classes.length)) };
}
