// Nasty JPEG, WebP, GIF and BMP pictures, in folders named by their class, beside a valid twin. All are called .png:
// what counts is the first bytes.
import { rgba, writeBmp, writeGif, writeJpeg, writeWebp } from "../data/write-pictures.ts";
import { pngHeader, writePng } from "../data/write-png.ts";
import { type Case, joined, patched } from "./case.ts";

const other = writePng({ width: 3, height: 2, depth: 8, colour: 0, samples: [1, 2, 3, 4, 5, 6] });
const noise = (k: number) => ((k + 3) * 2654435761) % 256;
const picture = rgba(12, 9, (x, y) => [noise(x + 13 * y), noise(7 * x), noise(y), 255]);

const of =
  (code: string) =>
  (name: string, bytes: Uint8Array, error?: readonly [at: string | RegExp, reason: string]): Case => ({
    name,
    files: { "a/0.png": other, "b/1.png": bytes },
    open: "",
    ...(error && { error: [code, ...error] as const }),
  });

/** A file that ends at 1, 2, … tenths of its length. */
const cuts = (one: ReturnType<typeof of>, bytes: Uint8Array): Case[] =>
  Array.from({ length: 9 }, (_, k) => {
    const length = Math.floor((bytes.length * (k + 1)) / 10);
    return one(`cut after ${k + 1} tenths`, bytes.subarray(0, length), [/^byte \d+$/, "cut off"]);
  });

const HUGE = "sides of 1 to 16384 and at most 16777216 pixels are read";

const jpeg = of("BAD_JPEG");
const wholeJpeg = await writeJpeg(picture);
const progressive = await writeJpeg(picture, { progressive: true });
const frame = wholeJpeg.findIndex((byte, k) => byte === 0xff && [0xc0, 0xc1, 0xc2].includes(wholeJpeg[k + 1]!));
const tables = wholeJpeg.findIndex((byte, k) => byte === 0xff && wholeJpeg[k + 1] === 0xdb);
export const JPEG: readonly Case[] = [
  jpeg("a picture", wholeJpeg),
  jpeg("a progressive picture", progressive),
  jpeg("a gray picture", await writeJpeg(picture, { color_space: 1 })),
  ...cuts(jpeg, wholeJpeg),
  jpeg("65,535 × 65,535 pixels", patched(wholeJpeg, frame + 5, [255, 255, 255, 255]), ["byte 0", HUGE]),
  jpeg("no width", patched(wholeJpeg, frame + 7, [0, 0]), ["byte 0", HUGE]),
  jpeg("16,000 × 1,000 pixels and data for 12", patched(wholeJpeg, frame + 5, [0x03, 0xe8, 0x3e, 0x80]), [
    "byte 0",
    "cut off, damaged",
  ]),
  jpeg("no quantization", patched(wholeJpeg, tables + 1, [0xfe]), ["byte 0", "cut off, damaged"]),
  jpeg("a depth of 16 bits", patched(wholeJpeg, frame + 4, [16]), ["byte 0", "cut off, damaged"]),
  jpeg("no components", patched(wholeJpeg, frame + 9, [0]), ["byte 0", "cut off, damaged"]),
];

const webp = of("BAD_WEBP");
const wholeWebp = await writeWebp(picture);
export const WEBP: readonly Case[] = [
  webp("a picture", wholeWebp),
  webp("a picture with alpha", await writeWebp(rgba(5, 4, (x, y) => [x, y, 9, 40 * x]))),
  ...cuts(webp, wholeWebp),
  webp("16,384 × 16,384 pixels", patched(wholeWebp, 21, [255, 255, 255, 15]), ["byte 0", HUGE]),
  webp("4,096 × 4,096 pixels and data for 12", patched(wholeWebp, 21, [0xff, 0xcf, 0xff, 0x03]), [
    "byte 0",
    "cut off, damaged",
  ]),
  webp("a chunk that nobody knows", patched(wholeWebp, 12, [0x58]), ["byte 0", "does not say its size"]),
];

const gif = of("BAD_GIF");
const palette = [0, 0xff0000, 0x00ff00, 0xffffff];
const indices = Array.from({ length: 108 }, (_, k) => noise(k) % 4);
const wholeGif = await writeGif(12, 9, palette, indices, { frames: 1 });
const inFrame = (...bytes: number[]) => joined(wholeGif.subarray(0, 25), Uint8Array.of(0x2c, ...bytes));
export const GIF: readonly Case[] = [
  gif("a picture", wholeGif),
  gif("two pictures", await writeGif(12, 9, palette, indices)),
  gif("a picture with a transparent color", await writeGif(12, 9, palette, indices, { transparent: 2 })),
  ...cuts(gif, wholeGif),
  gif("65,535 × 65,535 pixels", patched(wholeGif, 6, [255, 255, 255, 255]), ["byte 0", HUGE]),
  gif("a frame outside the picture", inFrame(9, 0, 0, 0, 12, 0, 9, 0, 0, 2, 1, 0b101, 0, 0x3b), [
    "byte 26",
    "lies outside",
  ]),
  gif("codes that end at once", inFrame(0, 0, 0, 0, 12, 0, 9, 0, 0, 2, 1, 0b101, 0, 0x3b), [/byte/, "damaged"]),
  gif("codes before they are in the table", inFrame(0, 0, 0, 0, 12, 0, 9, 0, 0, 2, 2, 0b111100, 0b111, 0, 0x3b), [
    /byte/,
    "damaged",
  ]),
  gif("codes of 13 bits", inFrame(0, 0, 0, 0, 12, 0, 9, 0, 0, 12, 1, 0b101, 0, 0x3b), [/byte/, "damaged"]),
  gif("a block that nobody knows", patched(wholeGif, 25, [0x77]), ["byte 25", "damaged"]),
  gif("no palette", joined(wholeGif.subarray(0, 10), Uint8Array.of(0, 0, 0), wholeGif.subarray(25)), [
    /byte/,
    "no palette",
  ]),
];

const bmp = of("BAD_BMP");
const rows = Array.from({ length: 9 }, (_, y) => Array.from({ length: 36 }, (_, x) => noise(x + 36 * y)));
const wholeBmp = writeBmp({ width: 12, height: 9, depth: 24, rows });
const eight = { width: 2, height: 1, depth: 8, palette: [[1, 2, 3, 0]] };
const number = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value | 0);
  return bytes;
};
export const BMP: readonly Case[] = [
  bmp("a picture", wholeBmp),
  bmp("a picture with a palette", writeBmp({ ...eight, rows: [[0, 0]] })),
  bmp(
    "a picture with masks",
    writeBmp({ width: 1, height: 1, depth: 16, rows: [[1, 2]], masks: [0xf800, 0x7e0, 0x1f] }),
  ),
  ...cuts(bmp, wholeBmp).filter(({ files }) => files["b/1.png"]!.length >= 26),
  bmp("2^30 × 9 pixels", patched(wholeBmp, 18, number(2 ** 30)), ["byte 0", HUGE]),
  bmp("a negative width", patched(wholeBmp, 18, number(-12)), ["byte 0", HUGE]),
  bmp("a height of −2^31", patched(wholeBmp, 22, number(2 ** 31)), ["byte 0", HUGE]),
  bmp("16,000 × 1,000 pixels and data for 12", patched(patched(wholeBmp, 18, number(16_000)), 22, number(1000)), [
    /byte/,
    "cut off",
  ]),
  bmp("3 bits a pixel", patched(wholeBmp, 28, [3]), ["byte 28", "3 bits a pixel"]),
  bmp("run lengths", patched(writeBmp({ ...eight, rows: [[0, 0]] }), 30, [1]), ["byte 30", "Save it as PNG"]),
  bmp("a color outside its palette", writeBmp({ ...eight, rows: [[0, 1]] }), [/byte/, "colour 1 of a palette of 1"]),
  bmp("pixels inside the header", patched(wholeBmp, 10, number(20)), [/byte/, "cut off"]),
  bmp("a header of 2^31 bytes", patched(wholeBmp, 14, number(2 ** 31)), [/byte/, "cut off"]),
  bmp("masks with holes", writeBmp({ width: 1, height: 1, depth: 16, rows: [[1, 2]], masks: [0x5, 2, 8] }), [
    "byte 54",
    "masks of channels",
  ]),
  bmp("a PNG's header behind a BMP's first bytes", joined("BM", pngHeader(3, 2)), [/byte/, ""]),
];
