// Nasty IDX, IDX.gz, NPY and NPZ files beside valid twins.
import { deflateRawSync, gzipSync } from "node:zlib";
import { writeIdx } from "../data/write-idx.ts";
import { writeNpy } from "../data/write-npy.ts";
import { writeZip, type ZipEntry, type ZipOptions } from "../data/write-zip.ts";
import { type Case, joined, oneFile, patched } from "./case.ts";

const images = writeIdx(8, [3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
const labels = writeIdx(8, [3], [0, 1, 0]);

const idx = (name: string, bytes: Uint8Array, error?: Case["error"]): Case => ({
  name,
  files: { "images-idx3-ubyte": bytes, "labels-idx1-ubyte": labels },
  open: "images-idx3-ubyte",
  ...(error && { error }),
});
const idxLabels = (name: string, bytes: Uint8Array, error?: Case["error"]): Case => ({
  name,
  files: { "images-idx3-ubyte": images, "labels-idx1-ubyte": bytes },
  open: "images-idx3-ubyte",
  ...(error && { error }),
});
const sizes = (...of: readonly number[]) => {
  const head = Buffer.alloc(4 + 4 * of.length);
  head.set([0, 0, 8, of.length]);
  of.forEach((size, d) => {
    head.writeUInt32BE(size, 4 + 4 * d);
  });
  return joined(head, new Uint8Array(12));
};

export const IDX: readonly Case[] = [
  idx("a small set", images),
  idx("floats instead of bytes", writeIdx(0x0d, [3, 2, 2], new Array(12).fill(0.5))),
  idx("signed bytes", writeIdx(9, [3, 2, 2], new Array(12).fill(255))),
  idx("nothing", new Uint8Array(0), ["BAD_IDX", "byte 0", "at least 4 bytes"]),
  idx("half a header", images.subarray(0, 9), ["BAD_IDX", "byte 4", "at least 16 bytes"]),
  idx("a byte too few", images.subarray(0, -1), ["BAD_IDX", "byte 27", "It is cut short"]),
  idx("a byte too many", joined(images, "\0"), ["BAD_IDX", "byte 28", "Other bytes follow"]),
  idx("another magic number", patched(images, 0, [1]), ["BAD_IDX", "byte 0", "magic number"]),
  idx("a type that is none", patched(images, 2, [0x0a]), ["BAD_IDX", "byte 0", "magic number"]),
  idx("no dimensions", patched(images, 3, [0]), ["BAD_IDX", "byte 3", "number of dimensions"]),
  idx("255 dimensions", patched(images, 3, [255]), ["BAD_IDX", "byte 3", "number of dimensions"]),
  idx("sizes whose product is 0 in 32 bits", sizes(65_536, 65_536, 1), [
    "BAD_IDX",
    "byte 4",
    "at most 4294967296 bytes",
  ]),
  idx("sizes whose product is 0 in 64 bits", sizes(2 ** 31, 2 ** 31, 4), ["BAD_IDX", "byte 4", "18446744073709551632"]),
  idx("sizes over 2^53", sizes(...new Array(8).fill(2 ** 32 - 1)), ["BAD_IDX", "byte 4", "at most"]),
  idx("a size of 0", sizes(3, 0, 2), ["BAD_IDX", "byte 8", "at least 1"]),
  idx("little-endian sizes", patched(images, 4, [3, 0, 0, 0]), ["BAD_IDX", "byte 28", "It is cut short"]),
  idx("a NaN", writeIdx(0x0d, [3, 2, 2], [Number.NaN, ...new Array(11).fill(1)]), [
    "BAD_IDX",
    "row 1 column 1",
    "1 of 12 values",
  ]),
  idx("a pickle", joined("\x80\x04\x95cos\nsystem\n"), ["BAD_IDX", "byte 0", "magic number"]),
  idxLabels("labels of other rows", writeIdx(8, [2], [0, 1]), ["BAD_IDX", "shape", "3 values"]),
  idxLabels("labels below and above zero", writeIdx(9, [3], [0, 1, -1])),
  idxLabels("half a label", writeIdx(0x0d, [3], [0, 1, 0.5]), ["BAD_IDX", "label 2", "an integer"]),
  idxLabels("an infinite label", writeIdx(0x0e, [3], [0, 1, Infinity]), ["BAD_IDX", "label 2", "an integer"]),
];

const packed = gzipSync(images);
const gz = (name: string, bytes: Uint8Array, error?: Case["error"]): Case => ({
  name,
  files: { "images-idx3-ubyte.gz": bytes, "labels-idx1-ubyte.gz": gzipSync(labels) },
  open: "images-idx3-ubyte.gz",
  ...(error && { error }),
});

export const IDX_GZ: readonly Case[] = [
  gz("a small set", packed),
  gz("a set that was never compressed", images),
  gz("half of it", packed.subarray(0, packed.length >> 1), ["BAD_GZIP", "byte 0", "cut short"]),
  gz("a byte too few", packed.subarray(0, -1), ["BAD_GZIP", "byte 0", "cut short"]),
  gz("only the header", packed.subarray(0, 10), ["BAD_GZIP", "byte 0", "cut short"]),
  gz("a wrong CRC", patched(packed, -8, [packed.at(-8)! ^ 1]), ["BAD_GZIP", "byte 0", "damaged"]),
  gz("a wrong length", patched(packed, -1, [1]), ["BAD_GZIP", "byte 0", "damaged"]),
  gz("other bytes after it", joined(packed, "tail"), ["BAD_GZIP", "byte 0", "other bytes"]),
  gz("two members", joined(packed, packed), ["BAD_GZIP", "byte 0", "other bytes"]),
  gz("an unknown method", patched(packed, 2, [9]), ["BAD_GZIP", "byte 0", "damaged"]),
  gz("a bomb: ten million zeros after the image", gzipSync(joined(images, new Uint8Array(1e7))), [
    "BAD_GZIP",
    "byte 0",
    "more bytes come out",
  ]),
  gz("a header that promises 4 GiB", gzipSync(sizes(2 ** 31, 1, 1)), ["BAD_GZIP", "byte 0", "cannot hold"]),
  gz("a gzip in a gzip", gzipSync(packed), ["BAD_IDX", "byte 0", "magic number"]),
  gz("nothing, compressed", gzipSync(""), ["BAD_IDX", "byte 0", "at least 4 bytes"]),
  gz("damaged data", patched(packed, 12, [0xff, 0xff, 0xff]), ["BAD_GZIP", "byte 0", "damaged"]),
];

const x = writeNpy("f4", [3, 2], [1, 2, 3, 4, 5, 6]);
const y = writeNpy("i8", [3], [0, 1, 0]);
const npy = (name: string, bytes: Uint8Array, error?: Case["error"], target: Uint8Array = y): Case => ({
  name,
  files: { "X.npy": bytes, "y.npy": target },
  open: "X.npy",
  ...(error && { error }),
});
const headed = (header: string, version?: 1 | 2 | 3) =>
  writeNpy("f4", [3, 2], [1, 2, 3, 4, 5, 6], { header, ...(version && { version }) });

export const NPY: readonly Case[] = [
  npy("a small set", x),
  npy("big-endian, Fortran order", writeNpy("f8", [3, 2], [1, 3, 5, 2, 4, 6], { big: true, fortran: true })),
  npy("a header in version 3", writeNpy("f4", [3, 2], [1, 2, 3, 4, 5, 6], { version: 3 })),
  npy("nothing", new Uint8Array(0), ["BAD_NPY", "byte 0", "must begin with"]),
  npy("only its magic", x.subarray(0, 8), ["BAD_NPY", "byte 8", "at least 12 bytes"]),
  npy("a byte too few", x.subarray(0, -1), ["BAD_NPY", /^byte \d+$/, "cut short"]),
  npy("a byte too many", joined(x, "\0"), ["BAD_NPY", /^byte \d+$/, "Other bytes follow"]),
  npy("a pickle", headed("{'descr': '|O', 'fortran_order': False, 'shape': (3, 2), }"), [
    "BAD_NPY",
    "byte 10",
    "Pickled objects",
  ]),
  npy("a bare pickle", joined("\x80\x04\x95cos\nsystem\n"), ["BAD_NPY", "byte 0", "must begin with"]),
  npy("a structured type", headed("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }"), [
    "BAD_NPY",
    /byte/,
    "structured types",
  ]),
  npy(
    "code for a header",
    headed("{'descr': __import__('os').system('id'), 'fortran_order': False, 'shape': (3, 2)}"),
    ["BAD_NPY", /byte/, "a plain dtype"],
  ),
  npy("a key twice", headed("{'descr': '<f4', 'descr': '<f4', 'shape': (3, 2), }"), ["BAD_NPY", /byte/, "each once"]),
  npy("a key too many", headed("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), 'x': 1, }"), [
    "BAD_NPY",
    /byte/,
    "its end",
  ]),
  npy("__proto__ for a key", headed("{'__proto__': '<f4', 'fortran_order': False, 'shape': (3, 2), }"), [
    "BAD_NPY",
    /byte/,
    "one of 'descr'",
  ]),
  npy("a negative size", headed("{'descr': '<f4', 'fortran_order': False, 'shape': (-3, -2), }"), [
    "BAD_NPY",
    /byte/,
    "a shape such as",
  ]),
  npy(
    "sizes whose product wraps",
    headed("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 6), }"),
    ["BAD_NPY", /byte/, "cut short"],
  ),
  npy("sizes over 2^53", headed("{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999999, 9), }"), [
    "BAD_NPY",
    /byte/,
    "cut short",
  ]),
  npy("ten dimensions", headed(`{'descr': '<f4', 'fortran_order': False, 'shape': (${"1, ".repeat(9)}6), }`), [
    "BAD_NPY",
    "byte 10",
    "number of dimensions",
  ]),
  npy("a header longer than the file", patched(x, 8, [0xff, 0x26]), ["BAD_NPY", "byte 8", "inside the file"]),
  npy("a header over 10,000 bytes", headed(`${" ".repeat(10_001)}{`, 2), ["BAD_NPY", "byte 8", "at most 10000"]),
  npy("a version to come", patched(x, 6, [9]), ["BAD_NPY", "byte 6", "1.0, 2.0 or 3.0"]),
  npy("complex numbers", headed("{'descr': '<c8', 'fortran_order': False, 'shape': (3, 1), }"), [
    "BAD_NPY",
    "byte 10",
    "floats of 16 to 64 bits",
  ]),
  npy("a NaN", writeNpy("f4", [3, 2], [1, 2, Number.NaN, 4, 5, 6]), ["BAD_NPY", "row 2 column 1", "1 of 6 values"]),
  npy("a number beyond float32", writeNpy("f8", [3, 2], [1, 2, 3, 1e39, 5, 6]), [
    "BAD_NPY",
    "row 2 column 2",
    "finite float32",
  ]),
  npy("a label beyond 2^53", x, ["BAD_NPY", /byte/, "within"], patched(y, -8, [1, 0, 0, 0, 0, 0, 32, 0])),
  npy("labels below and above zero", x, undefined, writeNpy("i8", [3], [0, 1, -1])),
  npy("text for features", headed("{'descr': '<U2', 'fortran_order': False, 'shape': (3, 1), }"), [
    "BAD_NPY",
    "byte 0",
    "must be numbers, got text",
  ]),
  npy("a text of 100,000 characters", headed("{'descr': '<U100000', 'fortran_order': False, 'shape': (99999999,), }"), [
    "BAD_NPY",
    /byte/,
    "cut short",
  ]),
  npy("a text of no length", headed("{'descr': '<U0', 'fortran_order': False, 'shape': (3,), }"), [
    "BAD_NPY",
    "byte 10",
    'got "<U0"',
  ]),
  npy(
    "labels of rows with a NaN",
    x,
    ["BAD_NPY", /^row 2/, "must be"],
    writeNpy("f4", [3, 2], [0, 1, Number.NaN, 1, 1, 0]),
  ),
];

const entry = (name: string, data: Uint8Array, more: Partial<ZipEntry> = {}): ZipEntry => ({ name, data, ...more });
const npz = oneFile("set.npz");
const both = (more: Partial<ZipEntry>, options?: ZipOptions) =>
  writeZip([entry("x.npy", x, more), entry("y.npy", y)], options);
const good = writeZip([entry("x.npy", x), entry("y.npy", y, { deflate: true })]);

export const NPZ: readonly Case[] = [
  npz("stored and deflated", good),
  npz(
    "by Keras' names",
    writeZip([entry("x_train.npy", x), entry("y_train.npy", y), entry("x_test.npy", x), entry("y_test.npy", y)]),
  ),
  npz("nothing", new Uint8Array(0), ["BAD_ZIP", "byte 0", "the end record"]),
  npz("no entries", writeZip([]), ["BAD_NPZ", "directory", "needs x and y"]),
  npz("the first half", good.subarray(0, good.length >> 1), ["BAD_ZIP", /byte/, "the end record"]),
  npz("a byte after it", joined(good, "\0"), ["BAD_ZIP", /byte/, "the end record"]),
  npz("bytes before it", joined("#!/bin/sh\n", good), ["BAD_ZIP", /byte/, "the directory"]),
  npz("a comment", both({}, { comment: "hello" }), ["BAD_ZIP", /byte/, "the end record"]),
  npz("a wrong CRC", both({ crc: 1 }), ["BAD_ZIP", 'entry "x.npy"', "CRC-32"]),
  npz("a size too small", both({ deflate: true, size: 8 }), ["BAD_ZIP", 'entry "x.npy"', "more bytes come out"]),
  npz("a size too large", both({ deflate: true, size: 1000 }), ["BAD_ZIP", 'entry "x.npy"', "bytes come out"]),
  npz("a size of 4 GiB", both({ deflate: true, size: 2 ** 32 - 2 }), ["BAD_ZIP", 'entry "x.npy"', "cannot hold"]),
  npz("a size in ZIP64", both({ size: 2 ** 32 - 1, packed: 2 ** 32 - 1 }), [
    "BAD_ZIP",
    'entry "x.npy"',
    "less than 4 GiB",
  ]),
  npz(
    "a bomb: ten million zeros",
    writeZip([entry("x.npy", joined(x, new Uint8Array(1e7)), { deflate: true, size: 128, crc: 0 }), entry("y.npy", y)]),
    ["BAD_ZIP", 'entry "x.npy"', "more bytes come out"],
  ),
  npz("a name twice", writeZip([entry("x.npy", x), entry("x.npy", x), entry("y.npy", y)]), [
    "BAD_ZIP",
    'entry "x.npy"',
    "once",
  ]),
  npz("entries that overlap", writeZip([entry("x.npy", x), entry("y.npy", y, { offset: 0 })]), [
    "BAD_ZIP",
    /entry/,
    "the gap after its data",
  ]),
  npz("a hole", both({}, { gap: new Uint8Array(7) }), ["BAD_ZIP", /entry/, "the gap after its data"]),
  npz("an offset outside", both({ offset: 2 ** 31 }), ["BAD_ZIP", /entry/, "without holes or overlaps"]),
  npz("encryption", both({ flags: 1 }), ["BAD_ZIP", 'entry "x.npy"', "not encrypted"]),
  npz("another method", both({ method: 12 }), ["BAD_ZIP", 'entry "x.npy"', "stored or deflate"]),
  npz("another name in its place", both({ localName: "z.npy" }), ["BAD_ZIP", 'entry "x.npy"', "as in the directory"]),
  npz("65,535 entries", both({}, { count: 65_535 }), ["BAD_ZIP", /byte/, "at most 1024"]),
  npz("an entry too many", both({}, { count: 3 }), ["BAD_ZIP", /byte/, "inside the directory"]),
  npz("a name that is not UTF-8", writeZip([{ name: Uint8Array.of(0xff, 0xfe), data: x }]), [
    "BAD_ZIP",
    /byte/,
    "not UTF-8",
  ]),
  npz("a path out of the archive", writeZip([entry("../x.npy", x), entry("y.npy", y)]), [
    "BAD_NPZ",
    "directory",
    "needs x and y",
  ]),
  npz("__proto__ for a name", writeZip([entry("__proto__.npy", x), entry("y.npy", y)]), [
    "BAD_NPZ",
    "directory",
    "__proto__",
  ]),
  npz("two pairs", writeZip([entry("x.npy", x), entry("y.npy", y), entry("X.npy", x)]), [
    "BAD_NPZ",
    "directory",
    "more than one pair",
  ]),
  npz("a pickle", both({ data: joined(headed("{'descr': '|O', 'fortran_order': False, 'shape': (3, 2), }")) }), [
    "BAD_NPY",
    "byte 10",
    "Pickled objects",
  ]),
  npz(
    "deflated data with a tail",
    writeZip([
      { name: "x.npy", data: joined(deflateRawSync(x), "tail"), method: 8, size: x.length },
      entry("y.npy", y),
    ]),
    ["BAD_ZIP", 'entry "x.npy"', "other bytes"],
  ),
];
