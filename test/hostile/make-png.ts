// Nasty PNG images, in folders named by their class, beside valid twins.
import { deflateSync } from "node:zlib";
import { type Picture, PNG_SIGNATURE, pngChunk, pngHeader, pngLines, writePng } from "../data/write-png.ts";
import { type Case, joined, patched } from "./case.ts";

const picture: Picture = { width: 3, height: 2, depth: 8, colour: 0, samples: [1, 2, 3, 4, 5, 6] };
const good = writePng(picture);
const lines = pngLines(picture);
const IEND = pngChunk("IEND");

const png = (name: string, bytes: Uint8Array, error?: Case["error"], file = "1.png"): Case => ({
  name,
  files: { "a/0.png": good, [`b/${file}`]: bytes },
  open: "",
  ...(error && { error }),
});
const of = (...chunks: readonly Uint8Array[]) => joined(PNG_SIGNATURE, ...chunks);
const image = (data: Uint8Array) => of(pngHeader(3, 2), pngChunk("IDAT", data), IEND);
const palette = (samples: readonly number[], ...extra: readonly Uint8Array[]) =>
  writePng({ ...picture, colour: 3, samples, extra });
const zlib = deflateSync(lines);

export const PNG: readonly Case[] = [
  png("two images", good),
  png("every filter, interlaced, 16 bits", writePng({ ...picture, depth: 16, filter: 4, interlace: true })),
  png(
    "a palette with alpha",
    palette([0, 1, 0, 1, 0, 1], pngChunk("PLTE", Uint8Array.of(0, 0, 0, 9, 9, 9)), pngChunk("tRNS", Uint8Array.of(0))),
  ),
  png(
    "a profile that is a bomb, and never opened",
    writePng({ ...picture, extra: [pngChunk("iCCP", joined("x\0\0", deflateSync(new Uint8Array(1e6))))] }),
  ),
  png(
    "data in many chunks",
    of(pngHeader(3, 2), ...[...zlib].map((byte) => pngChunk("IDAT", Uint8Array.of(byte))), IEND),
  ),
  png("nothing", new Uint8Array(0), ["BAD_PNG", "byte 0", "signature"]),
  png("a JPEG's first bytes", joined(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)), ["BAD_JPEG", "byte 0", "cut off"]),
  png("only a signature", of(), ["BAD_PNG", "byte 8", "cut short"]),
  png("no end", good.subarray(0, -12), ["BAD_PNG", /byte/, "cut short"]),
  png("a byte too few", good.subarray(0, -1), ["BAD_PNG", /byte/, "cut short"]),
  png("bytes after its end", joined(good, "PK\x03\x04"), ["BAD_PNG", /byte/, "Other bytes follow"]),
  png("65,535 × 65,535 pixels", of(pngHeader(65_535, 65_535), IEND), ["BAD_PNG", "byte 16", "the width"]),
  png("16,384 × 16,384 pixels", of(pngHeader(16_384, 16_384), pngChunk("IDAT", zlib), IEND), [
    "BAD_PNG",
    "byte 16",
    "number of pixels",
  ]),
  png("sides whose product wraps", of(pngHeader(2 ** 31, 2), pngChunk("IDAT", zlib), IEND), [
    "BAD_PNG",
    "byte 16",
    "the width",
  ]),
  png("no width", of(pngHeader(0, 2), pngChunk("IDAT", zlib), IEND), ["BAD_PNG", "byte 16", "the width"]),
  png("depth 3", of(pngHeader(3, 2, 3), IEND), ["BAD_PNG", "byte 24", "the depth of grey"]),
  png("colour type 5", of(pngHeader(3, 2, 8, 5), IEND), ["BAD_PNG", "byte 25", "the colour type"]),
  png("interlacing 2", of(pngHeader(3, 2, 8, 0, 2), IEND), ["BAD_PNG", "byte 28", "the interlacing"]),
  png("a wrong CRC of the header", patched(good, 29, [good[29]! ^ 1]), ["BAD_PNG", "byte 29", "CRC-32 of chunk IHDR"]),
  png("a wrong CRC of the data", patched(good, -13, [good.at(-13)! ^ 1]), ["BAD_PNG", /byte/, "CRC-32 of chunk IDAT"]),
  png("a chunk past the end", patched(good, 33, [0x7f, 0xff, 0xff, 0xff]), ["BAD_PNG", "byte 33", "a chunk's length"]),
  png("a chunk of −1 bytes", patched(good, 33, [0xff, 0xff, 0xff, 0xff]), ["BAD_PNG", "byte 33", "a chunk's length"]),
  png("two headers", of(pngHeader(3, 2), pngHeader(3, 2), pngChunk("IDAT", zlib), IEND), [
    "BAD_PNG",
    "byte 33",
    "IHDR",
  ]),
  png("no image", of(pngHeader(3, 2), IEND), ["BAD_PNG", /byte/, "in IDAT chunks"]),
  png(
    "data with a chunk between",
    of(
      pngHeader(3, 2),
      pngChunk("IDAT", zlib.subarray(0, 5)),
      pngChunk("tEXt"),
      pngChunk("IDAT", zlib.subarray(5)),
      IEND,
    ),
    ["BAD_PNG", /byte/, "next to the others"],
  ),
  png("a critical chunk that nobody knows", of(pngHeader(3, 2), pngChunk("ABCD"), pngChunk("IDAT", zlib), IEND), [
    "BAD_PNG",
    "byte 33",
    "chunk ABCD",
  ]),
  png("a bomb: ten million zeros", image(deflateSync(new Uint8Array(1e7))), [
    "BAD_PNG",
    "byte 33",
    "more bytes come out",
  ]),
  png("a row too few", image(deflateSync(lines.subarray(4))), ["BAD_PNG", "byte 33", "4 bytes come out"]),
  png("a wrong Adler-32", image(patched(zlib, -1, [zlib.at(-1)! ^ 1])), ["BAD_PNG", "byte 33", "damaged"]),
  png("data after the data", image(joined(zlib, "tail")), ["BAD_PNG", "byte 33", "other bytes"]),
  png("a filter that is none", image(deflateSync(patched(lines, 4, [5]))), ["BAD_PNG", "inflated byte 4", "0 to 4"]),
  png("no palette", palette([0, 0, 0, 0, 0, 0]), ["BAD_PNG", "byte 33", "a palette"]),
  png("a colour outside its palette", palette([0, 0, 0, 0, 0, 7], pngChunk("PLTE", Uint8Array.of(0, 0, 0))), [
    "BAD_PNG",
    /byte/,
    "colour 7 of a palette of 1",
  ]),
  png(
    "more alphas than colours",
    palette([0, 0, 0, 0, 0, 0], pngChunk("PLTE", Uint8Array.of(0, 0, 0)), pngChunk("tRNS", Uint8Array.of(1, 2))),
    ["BAD_PNG", /byte/, "tRNS"],
  ),
  png("another size", writePng({ ...picture, width: 2, height: 3 })),
  png("another kind of file", "text" as unknown as Uint8Array, undefined, "readme.txt"),
  png("a kind of picture that is not read", good, ["BAD_FOLDER", "name", "Convert it"], "1.heic"),
  png("an image of no class", good, ["BAD_FOLDER", "name", "lies in none"], "../0.png"),
  png("a folder in a class", good, ["BAD_FOLDER", "name", "images only"], "c/0.png"),
];
