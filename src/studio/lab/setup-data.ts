// The data of a set-up: drawn or fetched from the page's own host, then reduced to the set-up's rows and labels.
import { type Dataset, type Source, selectRows } from "../../data/dataset.ts";
import { drawDigits } from "../../data/digits/digits.ts";
import { dividedWeights, meanWeight } from "../../data/mean-weights.ts";
import type { PlanarSet } from "../../data/planar/planar.ts";
import { holdOutTest, splitDataset, type TrainAndTest } from "../../data/split.ts";
import { numbersFrom } from "../../data/stored/row-store.ts";
import { EnvironmentFailure, InvalidInput } from "../../errors.ts";
import { PURPOSE, Random } from "../../numerics/random.ts";
import type { DataName, StudioSetup } from "../state/setup.ts";

/**
 * The sets that the page's own host has: data/index.json, which `deltaprop studio` serves and a web host may hold as a
 * file.
 */
type Index = {
  readonly sets: readonly {
    readonly name: string;
    readonly classes: readonly string[];
    /** Training images, training labels, test images, test labels, in data/NAME/. */
    readonly files: readonly string[];
  }[];
};

/** A set that needs no file of the visitor's. `base` is the page's folder. */
export async function fetchNamed(name: Exclude<DataName, "file" | PlanarSet>, base: string): Promise<Source> {
  if (name === "digits") return drawDigits({ seed: 1 });
  const index = JSON.parse(new TextDecoder().decode(await fetchBytes("data/index.json", base, name))) as Index;
  const set = index.sets.find((each) => each.name === name);
  if (!set) throw notHere(name);
  const [{ memoryFiles }, { readIdxSet }] = await Promise.all([
    import("../../data/memory-files.ts"),
    import("../../data/formats/idx-format.ts"),
  ]);
  const { classes, files } = set;
  const fetched = files.map(async (file) => ({
    name: file,
    bytes: await fetchBytes(`data/${name}/${file}`, base, name),
  }));
  return readIdxSet(memoryFiles(await Promise.all(fetched)), files, name, classes);
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
export function rowsOf(source: Source, { rows, randomLabels, seed }: StudioSetup): TrainAndTest {
  const { train, test, heldOut } = holdOutTest(source, seed);
  const share = rows / train.rows;
  const some = rows > 0 && share < 1 ? splitDataset(train, [share, 1 - share], seed)[0]! : train;
  const few = dividedWeights(some, meanWeight(some) || 1);
  return { train: randomLabels ? drawLabels(few, seed) : few, test, heldOut };
}

/** Labels drawn anew, each class equally likely, or numbers of other rows: they can be memorized, not learned. */
function drawLabels(data: Dataset, seed: number): Dataset {
  const random = new Random(seed, PURPOSE.sample);
  const { targets: _, ...rest } = selectRows(data, numbersFrom(0, data.rows));
  const T = data.classes.length;
  if (rest.values) {
    const from = random.shuffle(numbersFrom(0, data.rows));
    return { ...rest, values: rest.values.map((_, k) => data.values![from[Math.floor(k / T)]! * T + (k % T)]!) };
  }
  return { ...rest, labels: rest.labels.map(() => random.integer(T)) };
}
