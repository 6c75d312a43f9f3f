import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { datasetFromArrays } from "../../src/data/formats/arrays.ts";
import { parseIdx, readIdx } from "../../src/data/formats/idx.ts";
import { InvalidInput } from "../../src/errors.ts";
import { writeIdx } from "./write-idx.ts";

const pixels = Array.from({ length: 3 * 2 * 4 }, (_, k) => (k * 37) % 256);
const images = writeIdx(8, [3, 2, 4], pixels);
const labels = writeIdx(8, [3], [2, 0, 1]);

async function refusal(work: () => unknown): Promise<InvalidInput> {
  try {
    await work();
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
  throw new Error("it was read");
}

function patched(at: number, ...values: number[]): Uint8Array<ArrayBuffer> {
  const bytes = images.slice();
  bytes.set(values, at);
  return bytes;
}

test("images and labels become one dataset of bytes, plain or gzipped", async () => {
  for (const pack of [
    (bytes: Uint8Array<ArrayBuffer>) => bytes,
    (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)),
  ]) {
    const data = datasetFromArrays(await readIdx(pack(images)), await readIdx(pack(labels)), {
      name: "three",
      code: "BAD_IDX",
    });
    expect(data).toEqual({
      name: "three",
      features: Uint8Array.from(pixels),
      rows: 3,
      cols: 8,
      labels: Int32Array.of(2, 0, 1),
      classes: ["0", "1", "2"],
      image: { height: 2, width: 4 },
      picture: expect.objectContaining({ height: 2, width: 4, color: "grey", white: 255 }),
    });
  }
});

test("every element type comes back exactly, big-endian", () => {
  const values: Record<number, fc.Arbitrary<number>> = {
    8: fc.nat(255),
    9: fc.integer({ min: -128, max: 127 }),
    11: fc.integer({ min: -32768, max: 32767 }),
    12: fc.integer(),
    13: fc.float(),
    14: fc.double(),
  };
  for (const [code, value] of Object.entries(values))
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(value),
        (shape, stream) => {
          const numbers = [...stream.take(shape.reduce((a, b) => a * b))];
          const read = parseIdx(writeIdx(Number(code), shape, numbers));
          expect(read.shape).toEqual(shape);
          expect([...read.values]).toEqual(numbers);
        },
      ),
      { numRuns: 30, seed: 1 },
    );
});

describe("a damaged file is refused, and says at which byte", () => {
  test.each<[string, Uint8Array<ArrayBuffer>, string, string]>([
    ["empty", new Uint8Array(0), "byte 0", "at least 4 bytes"],
    ["two bytes", images.slice(0, 2), "byte 0", "at least 4 bytes"],
    ["another magic", patched(0, 0x89, 0x50, 0x4e, 0x47), "byte 0", '"89 50 4e 47"'],
    ["an unknown element type", patched(2, 0x0a), "byte 0", '"00 00 0a 03"'],
    ["a little-endian magic", patched(0, 3, 8, 0, 0), "byte 0", '"03 08 00 00"'],
    ["no dimension", patched(3, 0), "byte 3", "1 to 8"],
    ["200 dimensions", patched(3, 200), "byte 3", "1 to 8"],
    ["sizes cut", images.slice(0, 10), "byte 4", "at least 16 bytes"],
    ["a size of zero", patched(8, 0, 0, 0, 0), "byte 8", "at least 1"],
    ["a product that wraps 2^32 to the right length", patched(4, 0x80, 0, 0, 3), "byte 4", "at most 4294967296"],
    ["a product beyond 2^64", patched(4, ...Array(12).fill(255)), "byte 4", "79228162458924105385300197391"],
    ["one byte short", images.slice(0, -1), "byte 39", "cut short"],
    ["one byte long", Uint8Array.of(...images, 7), "byte 40", "Other bytes follow"],
  ])("%s", async (_, bytes, at, reason) => {
    const error = await refusal(() => readIdx(bytes, "images.idx"));
    expect([error.code, error.file, error.at]).toEqual(["BAD_IDX", "images.idx", at]);
    expect(error.message).toContain(reason);
  });

  test("cut at any byte", () => {
    for (let n = 0; n < images.length; n++) expect(() => parseIdx(images.subarray(0, n))).toThrow(InvalidInput);
  });
});

/** Without node:zlib the inflating is what a browser does. */
const PLATFORMS = [
  ["Node", () => {}],
  ["a browser", () => vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never)],
] as const;

describe.each(PLATFORMS)("in %s a gzip", (_platform, arrange) => {
  beforeEach(() => void arrange());
  afterEach(() => vi.restoreAllMocks());
  test("of many chunks gives the bytes that were packed, in memory of their own", async () => {
    const values = Uint8Array.from({ length: 3e5 }, (_, i) => (i * i) % 251);
    const { shape, values: got } = await readIdx(new Uint8Array(gzipSync(writeIdx(8, [3, 1e5], values))));
    expect([shape, got]).toEqual([[3, 1e5], values]);
    expect(got.buffer.byteLength - got.byteLength).toBeLessThan(100);
  });
  test("of a few bytes shares its memory with nobody", async () => {
    const { values } = await readIdx(new Uint8Array(gzipSync(images)));
    expect(values.buffer).not.toBe(Buffer.from("x").buffer);
  });
});

describe.each(PLATFORMS)("in %s a damaged gzip is refused", (_platform, arrange) => {
  beforeEach(() => void arrange());
  afterEach(() => vi.restoreAllMocks());
  const packed = new Uint8Array(gzipSync(images));
  const flip = (at: number) => packed.with(at, (packed[at] as number) ^ 1);
  const bomb = writeIdx(8, [2, 1000, 1000], new Uint8Array(2e6));
  test.each<[string, Uint8Array<ArrayBuffer>, string]>([
    ["cut inside", packed.slice(0, 30), "cut short"],
    ["cut in its trailer", packed.slice(0, -1), "cut short"],
    ["only its first two bytes", packed.slice(0, 2), "cut short"],
    ["with a wrong CRC", flip(packed.length - 8), "damaged"],
    ["with a wrong length", flip(packed.length - 1), "damaged"],
    ["with a flipped bit of data", flip(20), "damaged"],
    ["followed by junk", Uint8Array.of(...packed, 1, 2, 3), "followed by other bytes"],
    ["followed by a second member", Uint8Array.of(...packed, ...packed), "followed by other bytes"],
    [
      "holding one byte more than declared",
      new Uint8Array(gzipSync(Uint8Array.of(...images, 0))),
      "more bytes come out",
    ],
    ["holding one byte less than declared", new Uint8Array(gzipSync(images.subarray(0, -1))), "39 bytes come out"],
    [
      "a bomb: 2 MB behind a header of 40 bytes",
      new Uint8Array(gzipSync(Buffer.concat([images, bomb]))),
      "more bytes come out",
    ],
    [
      "many chunks and more of them than declared",
      new Uint8Array(gzipSync(Buffer.concat([writeIdx(8, [3, 1e5], new Uint8Array(3e5)), new Uint8Array(1e5)]))),
      "more bytes come out than the 300012",
    ],
    [
      "a promise gzip cannot keep",
      new Uint8Array(gzipSync(patched(4, 0, 0x10, 0, 0))),
      "cannot hold the 8388624 bytes",
    ],
  ])("%s", async (_, bytes, reason) => {
    const error = await refusal(() => readIdx(bytes, "images.gz"));
    expect([error.code, error.file]).toEqual(["BAD_GZIP", "images.gz"]);
    expect(error.message).toContain(reason);
  });

  test("a bad header inside gzip is an IDX error", async () => {
    expect((await refusal(() => readIdx(new Uint8Array(gzipSync("not idx at all"))))).code).toBe("BAD_IDX");
  });
});

describe("images and labels that do not belong together are refused", () => {
  const names = { name: "x", code: "BAD_IDX" as const, featuresFile: "images", labelsFile: "labels" };
  const pair = (i: Uint8Array, l: Uint8Array, classes?: string[]) =>
    refusal(() => datasetFromArrays(parseIdx(i), parseIdx(l), { ...names, classes }));

  test("other counts", async () => {
    const error = await pair(images, writeIdx(8, [4], [0, 1, 2, 0]));
    expect(error.line).toBe(
      "error BAD_IDX labels:shape: labels must be 3 values, got 4. images has 3 rows: do the two belong together?",
    );
  });
  test("a label beyond the classes", async () => {
    const error = await pair(images, writeIdx(8, [3], [0, 12, 1]), ["a", "b", "c"]);
    expect(error.line).toBe("error BAD_IDX labels:label 1: labels[1] must be a class in [0, 3), got 12.");
  });
  test("a fractional label, and a negative one where classes are counted", async () => {
    expect((await pair(images, writeIdx(12, [3], [0, -1, 1]), ["a", "b"])).message).toContain("got -1");
    expect((await pair(images, writeIdx(13, [3], [0, 0.5, 1]))).message).toContain("got 0.5");
  });
  test("the two files swapped", async () => {
    expect((await pair(labels, images)).message).toContain(
      "features must be rows in an array of 2 or more dimensions, got [3].",
    );
  });
  test("a feature that is not a finite number", async () => {
    const error = await pair(writeIdx(13, [3, 1], [1, Number.NaN, 2]), labels);
    expect(error.message).toContain("features[1, 0] must be a finite float32 number");
  });
});
