import { describe, expect, test } from "vitest";
import { readPng } from "../../src/data/formats/png.ts";
import { readGrey } from "./read-grey.ts";
import { type Picture, pngChunk, writePng } from "./write-png.ts";

/** Deterministic samples of any depth. */
const noise = (n: number, depth: number) => Array.from({ length: n }, (_, k) => ((k + 3) * 2654435761) % 2 ** depth);
const pixels = async (picture: Picture) => {
  const { channels, pixels: bytes } = await readPng(writePng(picture));
  return [channels, ...bytes];
};
const grey = async (picture: Picture) => [...(await readGrey(writePng(picture))).values];

describe("every colour type, depth, filter and interlacing", () => {
  const kinds = [
    ...([1, 2, 4, 8, 16] as const).map((depth) => [0, depth] as const),
    ...([8, 16] as const).flatMap((depth) => [[2, depth] as const, [4, depth] as const, [6, depth] as const]),
  ];
  test.each(kinds)("colour type %i of depth %i gives the bytes that its samples say", async (colour, depth) => {
    const channels = { 0: 1, 2: 3, 4: 2, 6: 4 }[colour];
    for (const [width, height] of [
      [1, 1],
      [3, 2],
      [7, 9],
      [8, 8],
      [13, 5],
    ] as const)
      for (const interlace of [false, true])
        for (const filter of [0, 1, 2, 3, 4]) {
          const samples = noise(width * height * channels, depth);
          const expected = samples.map((sample) => Math.round((sample * 255) / (2 ** depth - 1)));
          const shape = `${width}×${height} ${interlace} ${filter}`;
          const read = await pixels({ width, height, depth, colour, samples, interlace, filter });
          expect([shape, ...read]).toEqual([shape, channels, ...expected]);
        }
  });
  test.each([1, 2, 4, 8] as const)("a palette of depth %i is looked up, with its alpha", async (depth) => {
    const colours = 2 ** depth;
    const palette = Uint8Array.from(noise(3 * colours, 8));
    const samples = noise(15, depth);
    const plain = [pngChunk("PLTE", palette)];
    const extra = [...plain, pngChunk("tRNS", Uint8Array.of(0, 51))];
    const color = (k: number) => [...palette.subarray(3 * k, 3 * k + 3)];
    for (const interlace of [false, true]) {
      const picture = { width: 5, height: 3, depth, colour: 3, samples, interlace } as const;
      expect(await pixels({ ...picture, extra: plain })).toEqual([3, ...samples.flatMap(color)]);
      const alpha = (k: number) => (k === 0 ? 0 : k === 1 ? 51 : 255);
      expect(await pixels({ ...picture, extra })).toEqual([4, ...samples.flatMap((k) => [...color(k), alpha(k)])]);
    }
  });
  test("a colour declared transparent gets an alpha of 0", async () => {
    const extra = [pngChunk("tRNS", Uint8Array.of(0, 7))];
    const picture = { width: 3, height: 1, depth: 8, colour: 0, samples: [7, 8, 7], extra } as const;
    expect(await pixels(picture)).toEqual([2, 7, 0, 8, 255, 7, 0]);
    const rgb = [pngChunk("tRNS", Uint8Array.of(0, 1, 0, 2, 0, 3))];
    const two = { width: 2, height: 1, depth: 8, colour: 2, samples: [1, 2, 3, 9, 9, 9], extra: rgb } as const;
    expect(await pixels(two)).toEqual([4, 1, 2, 3, 0, 9, 9, 9, 255]);
  });
  test("colors become their brightness, rounded as Pillow does", async () => {
    const samples = noise(27, 8);
    const luma = (k: number) =>
      Math.round((19595 * samples[k]! + 38470 * samples[k + 1]! + 7471 * samples[k + 2]!) / 65536);
    const expected = Array.from({ length: 9 }, (_, p) => luma(3 * p));
    expect(await grey({ width: 3, height: 3, depth: 8, colour: 2, samples })).toEqual(expected);
  });
});

test("text, profiles and other chunks that are not the image change nothing", async () => {
  const extra = [
    pngChunk("tEXt", Buffer.from("a\0b")),
    pngChunk("iCCP", Buffer.from("x\0\0garbage")),
    pngChunk("gAMA", new Uint8Array(4)),
  ];
  expect(await grey({ width: 2, height: 1, depth: 8, colour: 0, samples: [1, 2], extra })).toEqual([1, 2]);
});
