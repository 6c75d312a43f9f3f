// Node only. The folder of a search: a record says which search it is and, at its end, what it found; its trials have a
// line a fit, on the disk before the next begins, so that the same search goes on after any end.
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { InvalidInput } from "../errors.ts";
import type { KnownFit } from "../search/halving-search.ts";
import { makeFolder, writeDurably, writeFailure } from "./disk.ts";
import { lockFolder } from "./run/lock.ts";
import { readIfThere } from "./run/run-folder.ts";

export const SEARCH_FILE = "search.json";
const TRIALS_FILE = "trials.jsonl";
const MOST = 2 ** 28; // bytes of either

/** What one search is; two with the same give the same trials. `trials`, its number of them, may grow. */
export type SearchIdentity = Readonly<Record<string, unknown>>;

/** A search's folder, held by this process until `close`. */
export class SearchFolder {
  readonly folder: string;
  /** Fits of the same search that are there already. */
  readonly known: readonly KnownFit[];
  readonly #release: () => Promise<void>;

  private constructor(folder: string, known: readonly KnownFit[], release: () => Promise<void>) {
    this.folder = folder;
    this.known = known;
    this.#release = release;
  }

  /**
   * Lock `folder` and read what is in it. Raises InvalidInput OUT_TAKEN where it holds something else, or another
   * search, with the first difference; BAD_SEARCH for a damaged one.
   */
  static async open(folder: string, identity: SearchIdentity): Promise<SearchFolder> {
    await makeFolder(folder);
    const release = await lockFolder(folder);
    try {
      const file = join(folder, SEARCH_FILE);
      const found = await readIfThere(file, { most: MOST });
      if (found === undefined) {
        const others = (await readdir(folder)).filter((name) => !name.startsWith("."));
        if (others.length > 0) throw taken(folder, "it holds other files");
        await writeDurably(join(folder, TRIALS_FILE), "");
        await writeDurably(file, textOf({ search: identity, status: "running" }));
        return new SearchFolder(folder, [], release);
      }
      refuseDifferent(folder, parse(found, file).search as SearchIdentity, identity);
      return new SearchFolder(folder, await keptFits(join(folder, TRIALS_FILE)), release);
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** Add a fit, synced. */
  async append(fit: KnownFit): Promise<void> {
    const path = join(this.folder, TRIALS_FILE);
    try {
      const file = await open(path, "a");
      try {
        await file.appendFile(`${JSON.stringify(fit)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw writeFailure(path, cause, "The fits before it are kept.");
    }
  }

  /** Write what was found: the same bytes however the search came here. */
  async end(identity: SearchIdentity, fits: readonly KnownFit[], found: object): Promise<void> {
    const lines = fits.map((fit) => `${JSON.stringify(fit)}\n`).join("");
    await writeDurably(join(this.folder, TRIALS_FILE), lines);
    await writeDurably(join(this.folder, SEARCH_FILE), textOf({ search: identity, status: "complete", ...found }));
  }

  close(): Promise<void> {
    return this.#release();
  }
}

const textOf = (record: object) => `${JSON.stringify(record, null, 2)}\n`;

function parse(bytes: Uint8Array, file: string): Record<string, unknown> {
  try {
    const record = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    if (typeof record?.search === "object" && record.search !== null) return record;
  } catch {
    // told below
  }
  throw new InvalidInput("BAD_SEARCH", "this is no record of a search.", { file });
}

const taken = (folder: string, what: string) =>
  new InvalidInput("OUT_TAKEN", `${what}. Choose another --out, or remove the folder.`, { file: folder });

function refuseDifferent(folder: string, found: SearchIdentity, wanted: SearchIdentity): void {
  const name = firstDifference(found, wanted);
  if (name === undefined) return;
  const [is, should] = [found, wanted].map((identity) => {
    const value = name.reduce<unknown>((all, key) => (isObject(all) ? all[key] : undefined), identity);
    return JSON.stringify(value) ?? "nothing";
  });
  throw taken(folder, `it holds another search: ${name.join(".")} is ${is} there, and ${should} here`);
}

const isObject = (value: unknown): value is SearchIdentity =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Where two objects first differ, in the objects within them, too. */
function firstDifference(a: SearchIdentity, b: SearchIdentity): readonly string[] | undefined {
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [x, y] = [a[key], b[key]];
    if (JSON.stringify(x) === JSON.stringify(y)) continue;
    return [key, ...((isObject(x) && isObject(y) && firstDifference(x, y)) || [])];
  }
  return undefined;
}

/** The whole lines; what a stop has torn at the end is removed. */
async function keptFits(file: string): Promise<KnownFit[]> {
  const text = new TextDecoder().decode((await readIfThere(file, { most: MOST })) ?? new Uint8Array(0));
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) await writeDurably(file, whole);
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line, i) => fitOf(line, file, i + 1));
}

function fitOf(line: string, file: string, number: number): KnownFit {
  try {
    const fit = JSON.parse(line) as KnownFit;
    const { trial, rung, epochs, score, loss, parametersSha256, values } = fit;
    const counts = [trial, rung, epochs].every((n) => Number.isInteger(n) && n >= 0);
    const figures = Number.isFinite(score) && (loss === null || Number.isFinite(loss));
    const named = typeof parametersSha256 === "string" && typeof values === "object" && values !== null;
    if (counts && figures && named) return fit;
  } catch {
    // told below
  }
  throw new InvalidInput("BAD_SEARCH", "this line is no fit of a search.", { file, at: `line ${number}` });
}
