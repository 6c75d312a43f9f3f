import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readNpy } from "../../src/data/formats/npy.ts";
import { InvalidInput } from "../../src/errors.ts";
import { writeNpy } from "./write-npy.ts";

const good = writeNpy("f4", [2, 3], [1, 2, 3, 4, 5, 6]);

function patched(at: number, ...values: number[]): Uint8Array {
  const bytes = good.slice();
  bytes.set(values, at);
  return bytes;
}

function refusal(bytes: Uint8Array): InvalidInput {
  try {
    readNpy(bytes, "x.npy");
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
  throw new Error("it was read");
}

const numbers = {
  f4: fc.float({ noDefaultInfinity: true }),
  f8: fc.double(),
  u1: fc.nat(255),
  i4: fc.integer(),
  i8: fc.maxSafeInteger(),
};

test.each(["f4", "f8", "u1", "i4", "i8"] as const)("any %s array comes back exactly, in either byte order", (dtype) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
      fc.boolean(),
      fc.constantFrom(1, 2, 3),
      fc.infiniteStream<number>(numbers[dtype]),
      (shape, big, version, stream) => {
        const values = [...stream.take(shape.reduce((a, b) => a * b, 1))];
        const read = readNpy(writeNpy(dtype, shape, values, { big, version: version as 1 | 2 | 3 }));
        expect(read.shape).toEqual(shape);
        expect([...read.values]).toEqual(values);
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});

test("Fortran order is turned into rows", () => {
  const { shape, values } = readNpy(writeNpy("f8", [2, 3], [1, 4, 2, 5, 3, 6], { fortran: true }));
  expect(shape).toEqual([2, 3]);
  expect([...values]).toEqual([1, 2, 3, 4, 5, 6]);
  const cube = readNpy(writeNpy("i4", [2, 2, 2], [0, 4, 2, 6, 1, 5, 3, 7], { fortran: true }));
  expect([...cube.values]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test("files that NumPy 2.4.6 wrote are read", () => {
  const fromNumpy = (base64: string) => readNpy(Buffer.from(base64, "base64"));
  const fortran = fromNumpy(
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAAAAAAAAOg/AAAAAAAA0D8AAAAAAADwPwAAAAAAAOA/AAAAAAAA9D8=",
  );
  expect(fortran).toEqual({ dtype: "float64", shape: [2, 3], values: Float64Array.of(0, 0.25, 0.5, 0.75, 1, 1.25) });
  const int64 = fromNumpy(
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAAAAAAAP7/////////AwAAAAAAAAAAAAAAAAEAAA==",
  );
  expect(int64).toEqual({ dtype: "int64", shape: [2, 2], values: Float64Array.of(1, -2, 3, 2 ** 40) });
  const scalar = fromNumpy(
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAACBA",
  );
  expect(scalar).toEqual({ dtype: "float32", shape: [], values: Float32Array.of(2.5) });
});

test("keys in another order and double quotes are the same header", () => {
  const header = `{"shape":(2,3),"fortran_order":False,"descr":"<f4"}`;
  expect(readNpy(writeNpy("f4", [2, 3], [1, 2, 3, 4, 5, 6], { header })).shape).toEqual([2, 3]);
});

describe("a damaged or hostile file is refused with its place", () => {
  const withHeader = (header: string) => writeNpy("f4", [2, 3], [1, 2, 3, 4, 5, 6], { header });
  test.each<[string, Uint8Array, string, string]>([
    ["an empty file", new Uint8Array(0), "byte 0", "must begin with"],
    ["another magic", patched(1, 0x58), "byte 0", "must begin with"],
    ["magic alone", good.subarray(0, 8), "byte 8", "at least 12 bytes"],
    ["version 9", patched(6, 9), "byte 6", '"9.0"'],
    ["a header longer than the file", patched(8, 0xff, 0x20), "byte 8", "inside the file"],
    ["a header over 10,000 bytes", patched(8, 0xff, 0xff), "byte 8", "at most 10000"],
    ["a header of 4 GiB", writeNpy("f4", [1], [1], { version: 2 }).fill(255, 8, 12), "byte 8", "at most 10000"],
    ["one byte missing", good.subarray(0, -1), "byte 128", "cut short"],
    ["one byte too many", Uint8Array.of(...good, 0), "byte 128", "Other bytes follow"],
    [
      "a pickled object",
      withHeader("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }"),
      "byte 10",
      "Pickled",
    ],
    ["complex numbers", withHeader("{'descr': '<c8', 'fortran_order': False, 'shape': (2, 3), }"), "byte 10", '"<c8"'],
    [
      "an unordered float",
      withHeader("{'descr': '|f4', 'fortran_order': False, 'shape': (2, 3), }"),
      "byte 10",
      '"|f4"',
    ],
    ["an empty dtype", withHeader("{'descr': '', 'fortran_order': False, 'shape': (2, 3), }"), "byte 10", 'got ""'],
    [
      "a record type",
      withHeader("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), }"),
      "byte 20",
      "structured",
    ],
    ["a key twice", withHeader("{'descr': '<f4', 'descr': '<f4', 'shape': (2, 3), }"), "byte 27", "each once"],
    [
      "a fourth key",
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'x': 1}"),
      "byte 66",
      "its end }",
    ],
    ["a missing key", withHeader("{'descr': '<f4', 'fortran_order': False}"), "byte 49", "a comma"],
    [
      "an expression",
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1+2), }"),
      "byte 60",
      "a shape",
    ],
    [
      "a negative size",
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, -3), }"),
      "byte 60",
      "a shape",
    ],
    [
      "a number for a tuple",
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (6), }"),
      "byte 10",
      "a tuple",
    ],
    [
      "sizes beyond 2^64",
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }"),
      "byte 128",
      "73786976294838206592",
    ],
    [
      "1 for a boolean",
      withHeader("{'descr': '<f4', 'fortran_order': 1, 'shape': (2, 3), }"),
      "byte 44",
      "True or False",
    ],
    [
      "a call after the header",
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }; exit()"),
      "byte 66",
      "its end }",
    ],
    ["an integer that float64 cannot hold", writeNpy("i8", [1], [2 ** 53]), "byte 128", "2^53"],
  ])("%s", (_, bytes, at, reason) => {
    const error = refusal(bytes);
    expect(error.code).toBe("BAD_NPY");
    expect(error.file).toBe("x.npy");
    expect(error.message).toContain(reason);
    expect(error.at).toBe(at);
  });

  test("cut at any byte", () => {
    for (let length = 0; length < good.length; length++) expect(refusal(good.subarray(0, length)).code).toBe("BAD_NPY");
  });

  test("or with any bit of the header flipped, it is refused or says something else, and never crashes", () => {
    for (let bit = 0; bit < 128 * 8; bit++) {
      const bytes = good.slice();
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      try {
        expect(readNpy(bytes).values).toHaveLength(6);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidInput);
      }
    }
  });
});
