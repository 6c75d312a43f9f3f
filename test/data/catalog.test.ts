import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CATALOG, cacheFolder, type NamedSet, readNamed } from "../../src/data/named/catalog.ts";
import { EnvironmentFailure, InvalidInput } from "../../src/errors.ts";
import { mirror, serve } from "./mirror.ts";
import { writeIdx } from "./write-idx.ts";

const names = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
];
const plain = [
  writeIdx(8, [2, 1, 3], [1, 2, 3, 4, 5, 6]),
  writeIdx(8, [2], [1, 0]),
  writeIdx(8, [1, 1, 3], [7, 8, 9]),
  writeIdx(8, [1], [1]),
];
const bodies = new Map(names.map((name, k) => [`${name}.gz`, gzipSync(plain[k] as Uint8Array)]));
const small = (url: string): NamedSet => ({
  classes: ["no", "yes"],
  mirrors: [url],
  files: [...bodies].map(([file, body]) => ({
    file,
    bytes: body.length,
    sha256: createHash("sha256").update(body).digest("hex"),
  })) as unknown as NamedSet["files"],
});
const server = () =>
  mirror((request, response) => serve(bodies.get((request.url as string).slice(1)) as Uint8Array, request, response));

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deltaprop-"));
});
afterEach(() => rm(folder, { recursive: true }));

const put = (at: string, which: readonly number[], gz: boolean) =>
  Promise.all(
    which.map((k) =>
      writeFile(
        join(at, `${names[k]}${gz ? ".gz" : ""}`),
        gz ? gzipSync(plain[k] as Uint8Array) : (plain[k] as Uint8Array),
      ),
    ),
  );

function check(source: Awaited<ReturnType<typeof readNamed>>): void {
  expect([...source.train.features, ...(source.test?.features ?? [])]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect([[...source.train.labels], [...(source.test?.labels ?? [])]]).toEqual([[1, 0], [1]]);
  expect([source.train.classes, source.test?.classes]).toEqual([
    ["no", "yes"],
    ["no", "yes"],
  ]);
}

describe("a named set", () => {
  test("is downloaded once, and then read from the cache", async () => {
    await using web = await server();
    check(await readNamed("small", small(web.url), { cache: folder }));
    check(await readNamed("small", small(web.url), { cache: folder }));
    expect(web.requests).toEqual([...bodies.keys()].map((file) => `/${file} whole`));
    expect((await readdir(join(folder, "small"))).sort()).toEqual([...bodies.keys()].sort());
  });

  test("is fetched again where its cached file was damaged", async () => {
    await using web = await server();
    await readNamed("small", small(web.url), { cache: folder });
    await writeFile(join(folder, "small", `${names[0]}.gz`), gzipSync(writeIdx(8, [2, 1, 3], [0, 0, 0, 0, 0, 0])));
    check(await readNamed("small", small(web.url), { cache: folder }));
    expect(web.requests.at(-1)).toBe(`/${names[0]}.gz whole`);
  });

  test("that cannot be fetched is a failure of the environment", async () => {
    await using web = await mirror((_, response) => response.writeHead(500).end());
    await expect(readNamed("small", small(web.url), { cache: folder })).rejects.toThrow(EnvironmentFailure);
  });

  test("is read from --data-dir, gzipped or not, in the folder or one of its name, without a request", async () => {
    await using web = await server();
    const inner = join(folder, "small");
    await mkdir(inner);
    await put(inner, [0, 1, 2, 3], true);
    check(await readNamed("small", small(web.url), { dataDir: folder }));
    await put(folder, [0, 1, 2, 3], false);
    check(await readNamed("small", small(web.url), { dataDir: folder }));
    expect(web.requests).toEqual([]);
  });

  test.each<[string, readonly number[], string]>([
    ["all files", [], "train-images-idx3-ubyte (or .gz) of small is not in this folder."],
    ["the training labels", [0, 2, 3], "train-labels-idx1-ubyte (or .gz) is missing beside train-images-idx3-ubyte."],
    ["the test images", [0, 1, 3], "t10k-images-idx3-ubyte (or .gz) is missing beside t10k-labels-idx1-ubyte."],
    ["the test part", [0, 1], "t10k-images-idx3-ubyte (or .gz) of small is not in this folder."],
  ])("without %s in --data-dir is refused by file name", async (_, which, reason) => {
    await put(folder, which, false);
    const error = await readNamed("small", small(""), { dataDir: folder }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InvalidInput);
    expect(error).toMatchObject({ code: "DATA_NOT_FOUND", file: folder, reason });
  });

  test("with a --data-dir that is none is refused", async () => {
    const error = await readNamed("small", small(""), { dataDir: join(folder, "none") }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "DATA_NOT_FOUND", file: join(folder, "none") });
  });
});

test("the catalog is complete: sizes, 64 hexadecimal digits, no sum twice, URLs that parse", () => {
  const sums = [...CATALOG.values()].flatMap((set) => set.files.map((file) => file.sha256));
  expect(new Set(sums).size).toBe(12);
  for (const set of CATALOG.values()) {
    expect(set.classes).toHaveLength(10);
    for (const { file, bytes, sha256 } of set.files) {
      expect([sha256, bytes > 4000]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), true]);
      for (const base of set.mirrors) expect(new URL(base + file).pathname.endsWith(`/${file}`)).toBe(true);
    }
  }
});

test("the cache lies where each system keeps caches, or where XDG_CACHE_HOME says", () => {
  expect(cacheFolder({}, "linux", "/home/a")).toBe("/home/a/.cache/deltaprop");
  expect(cacheFolder({ XDG_CACHE_HOME: "/x" }, "linux", "/home/a")).toBe("/x/deltaprop");
  expect(cacheFolder({ XDG_CACHE_HOME: "relative" }, "linux", "/home/a")).toBe("/home/a/.cache/deltaprop");
  expect(cacheFolder({}, "darwin", "/Users/a")).toBe("/Users/a/Library/Caches/deltaprop");
  expect(cacheFolder({ LOCALAPPDATA: "/L" }, "win32", "/U")).toBe("/L/deltaprop/cache");
});
