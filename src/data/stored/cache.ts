// Node only. Stored copies of data sets that memory has no room for: made once while their files are read, found again
// by the files' places, sizes and times, and taken only if the SHA-256 of source and copy are those of the making.
//
//   <cache>/<key>/head           its SHA-256; what the data set is, and how its rows are packed, in JSON
//                 train.rows …   blocks of rows        train.labels …   arrays of a number a row
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync } from "node:fs";
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { atOnce } from "../../engines/turns.ts";
import { EnvironmentFailure } from "../../errors.ts";
import { narrowIndices } from "../class-indices.ts";
import type { OnBytes } from "../counted-files.ts";
import { type Dataset, type Source, storedDataset } from "../dataset.ts";
import { ByteRows } from "./byte-rows.ts";
import { DiskSpace, storeFailure } from "./disk-space.ts";
import type { Keeping } from "./keeping.ts";
import { type BlockHead, PackedRows } from "./packed-rows.ts";
import { PackedStore } from "./packed-store.ts";
import { eachRows, factsOf, formOf, storeOf } from "./row-store.ts";

/** Where stored copies are, and from which size on they are made. */
export type CacheOptions = {
  /** A folder, which is made where it is missing. */
  readonly folder: string;
  /** Most bytes of a data set's rows in memory, ≥ 1. */
  readonly memory: number;
  /** The version of this program: another may read files in another way. */
  readonly version: string;
};

const FORMAT = 2;
const PARTS = ["train", "test", "validation"] as const;
const ARRAYS = ["labels", "weights", "groups", "times", "values"] as const;
const TYPES = { Uint8Array, Uint16Array, Int32Array, Float32Array, Float64Array } as const;

type ArrayHead = { readonly type: keyof typeof TYPES; readonly sha256: string };

type PartHead = {
  readonly facts: Omit<Dataset, "features" | "labels">;
  readonly form: "bytes" | "floats";
  /** Of floats: how each block is packed. */
  readonly blocks: readonly BlockHead[];
  readonly ends: readonly number[];
  readonly sha256: string;
  readonly arrays: Readonly<Partial<Record<(typeof ARRAYS)[number], ArrayHead>>>;
};

type Head = {
  readonly format: typeof FORMAT;
  /** Of all the source's files. */
  readonly files: string;
  readonly source: Omit<Source, (typeof PARTS)[number]>;
  readonly parts: Readonly<Partial<Record<(typeof PARTS)[number], PartHead>>>;
};

/** The stored copy of a source, or what it takes to make one. */
export class StoredCopy implements Keeping {
  readonly memory: number;
  readonly #folder: string;
  readonly #data: string;
  readonly #options: CacheOptions;
  readonly #making: string;
  #files = 0;
  #spaces: DiskSpace[] = [];

  private constructor(data: string, key: string, options: CacheOptions) {
    this.memory = options.memory;
    this.#data = data;
    this.#options = options;
    this.#folder = join(options.folder, key);
    this.#making = join(options.folder, `.${key}.${crypto.randomUUID()}.tmp`);
  }

  /** For the file or folder `data`, read with these choices. */
  static async of(data: string, choices: object, options: CacheOptions): Promise<StoredCopy> {
    const files = (await filesBelow(data)).map(({ path, size, time }) => [path, size, time]);
    const { folder: _, memory: __, version } = options;
    const words = JSON.stringify([FORMAT, version, resolve(data), choices, files]);
    return new StoredCopy(data, createHash("sha256").update(words).digest("hex").slice(0, 32), options);
  }

  /** The data set, if it was stored, and neither its source nor the copy has changed since. */
  async find(onBytes?: OnBytes): Promise<Source | undefined> {
    const text = await readFile(join(this.#folder, "head"), "utf8").catch(() => undefined);
    const [sum, json] = text?.split("\n") ?? [];
    if (json === undefined || hash(json) !== sum) return undefined;
    try {
      const head = JSON.parse(json) as Head;
      if (head.format !== FORMAT || head.files !== (await hashOfSource(this.#data, onBytes))) return undefined;
      const source = await this.#opened(head);
      if (source) return this.#told(source, "taken from the copy that was stored in");
    } catch {} // a copy that cannot be read is made again
    return undefined;
  }

  rows(): DiskSpace {
    return this.#space(`rows-${this.#files++}`);
  }

  scratch(): DiskSpace {
    const space = this.#space(`cells-${this.#files++}`);
    space.hide();
    return space;
  }

  #space(name: string): DiskSpace {
    try {
      if (this.#spaces.length === 0) mkdirSync(this.#making, { recursive: true });
    } catch (cause) {
      throw storeFailure(this.#options.folder, cause);
    }
    const space = new DiskSpace(join(this.#making, name));
    this.#spaces.push(space);
    return space;
  }

  /** Keep what was read, if any of its rows are on the disk. */
  async keep(source: Source): Promise<Source> {
    if (!PARTS.some((part) => source[part] && isOnDisk(source[part]))) return source;
    try {
      return await this.#keep(source);
    } catch (cause) {
      throw cause instanceof EnvironmentFailure ? cause : storeFailure(this.#folder, cause);
    }
  }

  async #keep(source: Source): Promise<Source> {
    const parts: Partial<Record<(typeof PARTS)[number], PartHead>> = {};
    const arrays: Partial<Record<(typeof PARTS)[number], RowArrays>> = {};
    const { train: _, test: __, validation: ___, ...rest } = source;
    for (const part of PARTS) {
      if (source[part] === undefined) continue;
      arrays[part] = arraysOf(source[part]);
      parts[part] = await this.#write(part, source[part], arrays[part]);
    }
    const head: Head = { format: FORMAT, files: await hashOfSource(this.#data), source: rest, parts };
    const json = JSON.stringify(head);
    await writeFile(join(this.#making, "head"), `${hash(json)}\n${json}`);
    for (const space of this.#spaces) space.close();
    await rm(this.#folder, { recursive: true, force: true });
    await rename(this.#making, this.#folder);
    const kept = (await this.#opened(head, arrays))!;
    return this.#told(kept, "stored in");
  }

  /** Remove what was not kept. */
  async end(): Promise<void> {
    for (const space of this.#spaces) space.close();
    if (this.#spaces.length > 0) await rm(this.#making, { recursive: true, force: true });
  }

  async #write(part: string, data: Dataset, held: RowArrays): Promise<PartHead> {
    const { labels: _, weights: __, groups: ___, times: ____, values: _____, ...facts } = factsOf(data) as Dataset;
    const { blocks, space } = this.#onDisk(data);
    space.move(join(this.#making, `${part}.rows`));
    const arrays: Partial<Record<(typeof ARRAYS)[number], ArrayHead>> = {};
    for (const name of ARRAYS) {
      const values = held[name];
      if (values === undefined) continue;
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      await writeFile(join(this.#making, `${part}.${name}`), bytes);
      arrays[name] = { type: values.constructor.name as ArrayHead["type"], sha256: hash(bytes) };
    }
    const sha256 = await hashOfFile(space.path);
    return { facts, form: formOf(data), blocks, ends: space.ends, sha256, arrays };
  }

  /** Rows on the disk, also those of a part that memory would have had room for. */
  #onDisk(data: Dataset): { readonly blocks: readonly BlockHead[]; readonly space: DiskSpace } {
    const store = storeOf(data);
    if (store instanceof PackedStore && store.packed.space instanceof DiskSpace)
      return { blocks: store.packed.heads, space: store.packed.space };
    if (store instanceof ByteRows && store.space instanceof DiskSpace) return { blocks: [], space: store.space };
    const space = this.rows();
    if (formOf(data) === "bytes") {
      const rows = new ByteRows(data.cols, space);
      const { cols } = data;
      const add = ({ features }: { features: Dataset["features"] }) => {
        for (let at = 0; at < features.length; at += cols) rows.add(features.subarray(at, at + cols) as Uint8Array);
      };
      atOnce(eachRows(data, add));
      rows.end();
      return { blocks: [], space };
    }
    const rows = new PackedRows(data.cols, space);
    atOnce(eachRows(data, ({ from, to, features }) => rows.append(Float64Array.from(features), to - from)));
    return { blocks: rows.heads, space };
  }

  /** The data set of a copy; the arrays of one that was just made are those `held`, and its sums are known. */
  async #opened(
    { source, parts }: Head,
    held?: Partial<Record<(typeof PARTS)[number], RowArrays>>,
  ): Promise<Source | undefined> {
    const opened: Partial<Record<(typeof PARTS)[number], Dataset>> = {};
    for (const part of PARTS) {
      const head = parts[part];
      if (head === undefined) continue;
      const path = join(this.#folder, `${part}.rows`);
      if (held === undefined && (await hashOfFile(path)) !== head.sha256) return undefined;
      const arrays: Record<string, unknown> = { ...held?.[part] };
      for (const [name, { type, sha256 }] of held ? [] : Object.entries(head.arrays)) {
        const bytes = await readArray(join(this.#folder, `${part}.${name}`));
        if (hash(bytes) !== sha256) return undefined;
        arrays[name] = new TYPES[type](bytes.buffer);
      }
      const { facts, form, blocks, ends } = head;
      const space = new DiskSpace(path, ends);
      const store =
        form === "bytes"
          ? new ByteRows(facts.cols, space, facts.rows)
          : new PackedStore(new PackedRows(facts.cols, space, blocks));
      opened[part] = storedDataset({ ...facts, ...arrays } as Dataset, store);
    }
    return { ...source, ...opened } as Source;
  }

  #told(source: Source, how: string): Source {
    const megabytes = Math.round(this.#options.memory / 2 ** 20);
    const note = `The rows take more than ${megabytes} MiB: they are ${how} ${this.#folder}, and read by pieces. --memory and --cache choose.`;
    return { ...source, notes: [...(source.notes ?? []), note] };
  }
}

type RowArrays = Partial<Pick<Dataset, (typeof ARRAYS)[number]>>;

/** The arrays of a number a row, the labels in as few bytes as they need. */
function arraysOf({ labels, weights, groups, times, values, classes }: Dataset): RowArrays {
  const bytes = classes.length <= 2 ** 8 ? 1 : classes.length <= 2 ** 16 ? 2 : 4;
  const others = { weights, groups, times, values };
  if (labels.BYTES_PER_ELEMENT <= bytes) return { labels, ...others };
  const narrow = narrowIndices(labels.length, classes.length);
  narrow.set(labels);
  return { labels: narrow, ...others };
}

/** A whole file in memory of its own, and never there twice. */
async function readArray(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const { size } = await stat(path);
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20, end: size })) {
    bytes.set(chunk as Uint8Array, at);
    at += (chunk as Uint8Array).length;
  }
  return bytes;
}

function isOnDisk(data: Dataset): boolean {
  const store = storeOf(data);
  const space = store instanceof PackedStore ? store.packed.space : store instanceof ByteRows ? store.space : undefined;
  return space instanceof DiskSpace;
}

export type FoundFile = { readonly path: string; readonly size: number; readonly time: number };

/** The files that a source is read from, in the order of their paths. */
export async function filesBelow(path: string): Promise<FoundFile[]> {
  const found = await stat(path);
  if (!found.isDirectory()) return [{ path, size: found.size, time: found.mtimeMs }];
  const names = (await readdir(path)).filter((name) => !name.startsWith("."));
  const all: FoundFile[] = [];
  for (const name of names.sort()) all.push(...(await filesBelow(join(path, name)).catch(() => [])));
  return all;
}

/** SHA-256 of each file's name and bytes. */
async function hashOfSource(data: string, onBytes?: OnBytes): Promise<string> {
  const hasher = createHash("sha256");
  for (const { path } of await filesBelow(data)) {
    hasher.update(`${path.slice(data.length)}\0`);
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      hasher.update(chunk);
      onBytes?.(chunk.length);
    }
  }
  return hasher.digest("hex");
}

async function hashOfFile(path: string): Promise<string> {
  const hasher = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hasher.update(chunk);
  return hasher.digest("hex");
}

const hash = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");
