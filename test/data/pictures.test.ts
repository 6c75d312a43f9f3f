// Decoders of pictures, and the way from a picture to a row of numbers.
import { describe, expect, test, vi } from "vitest";
import { decodePicture } from "../../src/data/pictures/decode.ts";
import type { Picture, PictureForm } from "../../src/data/pictures/picture-form.ts";
import { oddities, sizeOf } from "../../src/data/pictures/picture-tally.ts";
import { resize } from "../../src/data/pictures/resize.ts";
import { toRow } from "../../src/data/pictures/to-row.ts";
import { sha256 } from "../../src/numerics/sha256.ts";
import { type Bmp, rgba, writeBmp, writeGif, writeJpeg, writeWebp } from "./write-pictures.ts";
import { writePng } from "./write-png.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const channelsAt = ({ width, channels, pixels }: Picture, x: number, y: number) => [
  ...pixels.subarray((y * width + x) * channels, (y * width + x + 1) * channels),
];
const refusal = async (bytes: Bytes, name = "a.jpg") => {
  try {
    await decodePicture(bytes, name);
  } catch (error) {
    return (error as { line: string }).line;
  }
  throw new Error("it was read");
};

describe("a picture is decoded by its first bytes, whatever its name", () => {
  const ramp = rgba(9, 7, (x, y) => [20 * x, 30 * y, 100, 255]);
  test("JPEG: size, color within what compression does, gray as one channel", async () => {
    const picture = await decodePicture(await writeJpeg(ramp), "a.png");
    expect([picture.width, picture.height, picture.channels]).toEqual([9, 7, 3]);
    for (const [c, value] of channelsAt(picture, 8, 6).entries())
      expect(Math.abs(value - [160, 180, 100][c]!)).toBeLessThan(25);
    const gray = await decodePicture(
      await writeJpeg(
        rgba(5, 4, (x) => [50 * x, 50 * x, 50 * x, 255]),
        { color_space: 1 },
      ),
    );
    expect([gray.width, gray.height, gray.channels]).toEqual([5, 4, 1]);
  });
  test("a JPEG's bits are the same on every machine", async () => {
    const { pixels } = await decodePicture(await writeJpeg(ramp));
    expect(await sha256(pixels)).toBe("219735337c3861450e4cb9c6d199a5f7383faa9bc86f8d2f4e72f370b0dc167d");
  });
  test("WebP, with and without alpha, to the bit", async () => {
    const opaque = await decodePicture(await writeWebp(ramp), "a.webp");
    expect([opaque.channels, ...channelsAt(opaque, 3, 2)]).toEqual([3, 60, 60, 100]);
    const clear = await decodePicture(await writeWebp(rgba(4, 3, (x, y) => [9, 8, 7, x === 1 && y === 2 ? 0 : 255])));
    expect([clear.channels, channelsAt(clear, 1, 2)[3], ...channelsAt(clear, 0, 0)]).toEqual([4, 0, 9, 8, 7, 255]);
  });
  test("GIF: its first frame, and what is transparent", async () => {
    const palette = [0x0a0b0c, 0xff0000, 0x00ff00, 0xffffff];
    const plain = await decodePicture(await writeGif(3, 2, palette, [0, 1, 2, 3, 0, 1]), "a.gif");
    expect([plain.channels, ...plain.pixels.subarray(0, 9)]).toEqual([3, 10, 11, 12, 255, 0, 0, 0, 255, 0]);
    const clear = await decodePicture(await writeGif(3, 2, palette, [0, 1, 2, 3, 0, 1], { transparent: 1 }));
    expect([clear.channels, channelsAt(clear, 1, 0)[3], channelsAt(clear, 2, 0)]).toEqual([4, 0, [0, 255, 0, 255]]);
  });
  test("GIF of many colors, whose table of codes fills up, also interlaced", async () => {
    const palette = Array.from({ length: 256 }, (_, k) => k * 65_793);
    const indices = Array.from({ length: 90 * 83 }, (_, k) => (k * k * 7 + (k >> 3)) & 255);
    for (const interlaced of [false, true]) {
      const { channels, pixels } = await decodePicture(writeGif(90, 83, palette, indices, { interlaced }));
      expect([channels, indices.findIndex((index, p) => pixels[3 * p] !== index)]).toEqual([3, -1]);
    }
  });
  const two = [
    [0, 0, 0, 0],
    [7, 8, 9, 0],
  ];
  const lines = [
    [3, 2, 1],
    [6, 5, 4],
  ];
  const bmps: Readonly<Record<string, readonly [Bmp, number[]]>> = {
    "24 bits, from the bottom up": [
      {
        width: 1,
        height: 2,
        depth: 24,
        rows: lines,
      },
      [4, 5, 6, 1, 2, 3],
    ],
    "24 bits, from the top down": [
      {
        width: 1,
        height: 2,
        depth: 24,
        rows: lines,
        topDown: true,
      },
      [1, 2, 3, 4, 5, 6],
    ],
    "32 bits, whose fourth byte says nothing": [{ width: 1, height: 1, depth: 32, rows: [[3, 2, 1, 0]] }, [1, 2, 3]],
    "16 bits, 5 a channel": [{ width: 1, height: 1, depth: 16, rows: [[0x1f, 0x7c]] }, [255, 0, 255]],
    "16 bits of 5, 6 and 5": [
      { width: 1, height: 1, depth: 16, rows: [[0xe0, 0x07]], masks: [0xf800, 0x07e0, 0x001f] },
      [0, 255, 0],
    ],
    "1 bit and a palette": [
      {
        width: 3,
        height: 1,
        depth: 1,
        rows: [[0b01000000]],
        palette: [
          [0, 0, 9, 0],
          [255, 1, 2, 0],
        ],
      },
      [9, 0, 0, 2, 1, 255, 9, 0, 0],
    ],
    "4 bits and a palette": [
      {
        width: 2,
        height: 1,
        depth: 4,
        rows: [[0x10]],
        palette: two,
      },
      [9, 8, 7, 0, 0, 0],
    ],
    "8 bits and a palette": [
      {
        width: 1,
        height: 1,
        depth: 8,
        rows: [[1]],
        palette: two,
      },
      [9, 8, 7],
    ],
  };
  test.each(Object.keys(bmps))("BMP of %s", async (name) => {
    const [bmp, expected] = bmps[name]!;
    const { channels, pixels } = await decodePicture(writeBmp(bmp), "a.bmp");
    expect([channels, ...pixels]).toEqual([3, ...expected]);
  });
  test("decoding leaves no class ImageData behind and prints nothing", async () => {
    const log = vi.spyOn(console, "log");
    const both = [await writeJpeg(ramp), await writeWebp(ramp)];
    Reflect.deleteProperty(globalThis, "ImageData"); // of the encoders
    for (const bytes of both) await decodePicture(bytes);
    expect("ImageData" in globalThis).toBe(false);
    expect(log).not.toHaveBeenCalled();
  });
});

describe("a picture that is cut off or damaged is refused in plain words", () => {
  test.each(["JPEG", "WebP", "GIF", "BMP", "PNG"])("%s, at every tenth of its length", async (kind) => {
    const picture = rgba(40, 30, (x, y) => [(x * 37 + y * 91) & 255, (x * x * 3) & 255, (y * 7) & 255, 255]);
    const indices = Array.from({ length: 1200 }, (_, p) => (p * 7) % 4);
    const whole = {
      JPEG: () => writeJpeg(picture),
      WebP: () => writeWebp(picture),
      GIF: async () => writeGif(40, 30, [0, 1, 2, 0xffffff], indices),
      BMP: async () =>
        writeBmp({ width: 40, height: 30, depth: 24, rows: Array.from({ length: 30 }, () => new Array(120).fill(7)) }),
      PNG: async () => writePng({ width: 40, height: 30, depth: 8, colour: 0, samples: indices }),
    }[kind]!;
    const bytes = await whole();
    expect((await decodePicture(bytes, "a.png")).width).toBe(40);
    for (let tenth = 1; tenth < 10; tenth++) {
      const cut = bytes.slice(0, Math.floor((bytes.length * tenth) / 10));
      if (kind === "GIF" && tenth > 6) continue; // the first frame is whole
      expect(await refusal(cut, "a.png")).toMatch(
        new RegExp(`^error BAD_${kind.toUpperCase()} a.png:byte \\d+: .*cut (off|short)`),
      );
    }
  });
  test("a GIF whose codes end early", async () => {
    const bytes = await writeGif(4, 4, [0, 0xffffff], new Array(16).fill(1));
    const data = bytes.indexOf(0x2c) + 10;
    const ended = Uint8Array.from([...bytes.subarray(0, data), 2, 1, 0b101, 0, 0x3b]); // an end code at once
    expect(await refusal(ended, "a.gif")).toContain("the file is damaged: its codes do not make its pixels.");
  });
  test("a compressed BMP, with what to do", async () => {
    const bmp = writeBmp({ width: 1, height: 1, depth: 8, rows: [[0]], palette: [[0, 0, 0, 0]], compression: 1 });
    expect(await refusal(bmp, "a.bmp")).toContain("byte 30: compressed BMP is not read. Save it as PNG.");
  });
  test("no file at all, and another kind of file", async () => {
    expect(await refusal(new Uint8Array(0))).toBe("error BAD_PICTURE a.jpg:byte 0: the file is empty.");
    expect(await refusal(Uint8Array.from(Buffer.from("hello"), (x) => x))).toContain(
      "none of the pictures that are read, PNG, JPEG, WebP, GIF, BMP: it begins with the bytes 68 65 6c 6c 6f.",
    );
  });
  test("a size that is not read, before memory is taken for it", async () => {
    const bmp = writeBmp({ width: 1, height: 1, depth: 24, rows: [[1, 2, 3]] });
    new DataView(bmp.buffer).setInt32(18, 2 ** 30, true);
    expect(await refusal(bmp)).toContain("it declares 1073741824 × 1 pixels");
    const gif = await writeGif(2, 2, [0, 1], [0, 0, 0, 0]);
    new DataView(gif.buffer).setUint16(6, 65_535, true);
    new DataView(gif.buffer).setUint16(8, 65_535, true);
    expect(await refusal(gif)).toContain("it declares 65535 × 65535 pixels");
    const jpeg = await writeJpeg(rgba(8, 8, () => [1, 2, 3, 255]));
    const frame = jpeg.findIndex((byte, k) => byte === 0xff && (jpeg[k + 1] === 0xc0 || jpeg[k + 1] === 0xc2));
    new DataView(jpeg.buffer).setUint32(frame + 5, 0xffff_ffff);
    expect(await refusal(jpeg)).toContain("it declares 65535 × 65535 pixels");
  });
});

const picture = (width: number, height: number, channels: 1 | 2 | 3 | 4, pixels: readonly number[]): Picture => ({
  width,
  height,
  channels,
  pixels: Uint8Array.from(pixels),
});
const form = (more: Partial<PictureForm> = {}): PictureForm => ({
  width: 4,
  height: 4,
  color: "grey",
  fit: "pad",
  invert: false,
  white: 255,
  border: { mean: 0, deviation: 0 },
  ...more,
});

describe("resizing", () => {
  const shape = (width: number, height: number) => ({ width, height, channels: 1 });
  const whole = (width: number, height: number) => ({ left: 0, top: 0, width, height });
  test("shrinks to the mean of what a pixel covers", () => {
    const pixels = Uint8Array.of(0, 10, 20, 30, 40, 50, 60, 70);
    expect([...resize(pixels, shape(4, 2), whole(4, 2), 2, 1)]).toEqual([25, 45]);
    expect([...resize(Uint8Array.of(0, 90, 180), shape(3, 1), whole(3, 1), 2, 1)]).toEqual([30, 150]);
  });
  test("grows along straight lines, and leaves the same size alone", () => {
    expect([...resize(Uint8Array.of(0, 100), shape(2, 1), whole(2, 1), 4, 1)]).toEqual([0, 25, 75, 100]);
    const pixels = Uint8Array.of(7, 8, 9, 10);
    expect([...resize(pixels, shape(2, 2), whole(2, 2), 2, 2)]).toEqual([7, 8, 9, 10]);
  });
  test("a flat picture stays flat at every size", () => {
    for (const [w, h] of [
      [1, 1],
      [3, 7],
      [64, 5],
      [13, 13],
    ] as const)
      expect(new Set(resize(new Uint8Array(77).fill(201), shape(11, 7), whole(11, 7), w, h))).toEqual(new Set([201]));
  });
  test("proportions are kept: filled up with the border, or cut, or distorted", () => {
    const tall = picture(2, 4, 1, [9, 9, 0, 200, 0, 200, 9, 9]);
    const { row, facts } = toRow(tall, form());
    expect([...row.subarray(4, 8)]).toEqual([row[0], 0, 200, row[3]]);
    expect([facts.fitted, facts.resized]).toEqual([true, true]);
    expect([...toRow(tall, form({ fit: "crop", width: 2, height: 2 })).row]).toEqual([0, 200, 0, 200]);
    expect([...toRow(tall, form({ fit: "stretch", width: 2, height: 2 })).row]).toEqual([5, 105, 5, 105]);
  });
});

describe("transparency", () => {
  const ink = (value: number) => [value, 0, value, 255, value, 255, value, 0];
  test("dark ink lies on white, light ink on black", () => {
    const dark = toRow(picture(2, 2, 2, ink(0)), form({ width: 2, height: 2 }));
    expect([[...dark.row], dark.facts.ground]).toEqual([[255, 0, 0, 255], "white"]);
    const light = toRow(picture(2, 2, 2, ink(255)), form({ width: 2, height: 2 }));
    expect([[...light.row], light.facts.ground]).toEqual([[0, 255, 255, 0], "black"]);
  });
  test("an opaque picture with an alpha channel is as without", () => {
    const { row, facts } = toRow(picture(1, 1, 4, [10, 20, 30, 255]), form({ width: 1, height: 1, color: "rgb" }));
    expect([[...row], facts.ground]).toEqual([[10, 20, 30], undefined]);
  });
});

test("inverting exchanges dark and light, and gray fills three channels where color is wanted", () => {
  const gray = picture(2, 1, 1, [0, 200]);
  expect([...toRow(gray, form({ width: 2, height: 1, invert: true })).row]).toEqual([255, 55]);
  expect([...toRow(gray, form({ width: 2, height: 1, color: "rgb" })).row]).toEqual([0, 0, 0, 200, 200, 200]);
});

describe("the size of a set", () => {
  const size = (width: number, height = width) => ({ width, height });
  test("is the one that all have, else the median", () => {
    expect(sizeOf([size(28), size(28)], "grey")).toMatchObject({ width: 28, height: 28, origin: "the size they have" });
    expect(sizeOf([size(28), size(20), size(28)], "grey")).toMatchObject({
      width: 28,
      origin: "the median size (--size)",
    });
  });
  test("is no more than 64 × 64 in grey and 48 × 48 in color by default, and says how to keep it", () => {
    const { width, height, origin } = sizeOf([size(224)], "grey");
    expect([width, height, origin]).toEqual([64, 64, "theirs is 224 × 224; --size 224x224 keeps it"]);
    expect(sizeOf([size(640, 160)], "rgb")).toMatchObject({ width: 96, height: 24 });
  });
});

describe("a picture unlike the training's is told", () => {
  const facts = (pixels: readonly number[]) => toRow(picture(4, 4, 1, pixels), form()).facts;
  const sheet = (ground: number, ink: number) =>
    Array.from({ length: 16 }, (_, k) => ([5, 6, 9].includes(k) ? ink : ground));
  test("inverted", () => {
    expect(oddities(facts(sheet(0, 255)), form())).toEqual([]);
    expect(oddities(facts(sheet(255, 0)), form())).toEqual([
      "its border is light, that of the training's pictures dark: it looks inverted. --invert turns it.",
    ]);
    const photographs = form({ border: { mean: 100, deviation: 70 } });
    expect(oddities(facts(sheet(255, 0)), photographs)).toEqual([]);
  });
  test("blank", () => {
    expect(oddities(facts(sheet(255, 255)), form())).toEqual(["blank, all pixels are one color."]);
  });
  test("of another size and shape", () => {
    const wide = toRow(picture(8, 2, 1, sheet(0, 255)), form()).facts;
    expect(oddities(wide, form())).toEqual(["its 8 × 2 pixels were filled up with their border to 4 × 4."]);
  });
});
