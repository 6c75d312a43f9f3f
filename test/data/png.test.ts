import { describe, expect, test } from "vitest";
import { readPng } from "../../src/data/formats/png.ts";
import { type Picture, pngChunk, writePng } from "./write-png.ts";

/** Deterministic samples of any depth. */
const noise = (n: number, depth: number) => Array.from({ length: n }, (_, k) => ((k + 3) * 2654435761) % 2 ** depth);
const grey = async (picture: Picture) => [...(await readPng(writePng(picture))).values];
const luma = (r: number, g: number, b: number) => Math.round((19595 * r + 38470 * g + 7471 * b) / 65536);

describe("every colour type, depth, filter and interlacing", () => {
  const kinds = [
    ...([1, 2, 4, 8, 16] as const).map((depth) => [0, depth] as const),
    ...([8, 16] as const).flatMap((depth) => [[2, depth] as const, [4, depth] as const, [6, depth] as const]),
  ];
  test.each(kinds)("colour type %i of depth %i gives the grey that its samples say", async (colour, depth) => {
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
          const byte = (k: number) => Math.round(((samples[k] as number) * 255) / (2 ** depth - 1));
          const expected = Array.from({ length: width * height }, (_, p) => {
            const s = (c: number) => byte(p * channels + c);
            const value = channels < 3 ? s(0) : luma(s(0), s(1), s(2));
            return channels % 2 === 0 ? Math.round((value * s(channels - 1)) / 255) : value;
          });
          const shape = `${width}×${height} ${interlace} ${filter}`;
          expect([shape, await grey({ width, height, depth, colour, samples, interlace, filter })]).toEqual([
            shape,
            expected,
          ]);
        }
  });
  test.each([1, 2, 4, 8] as const)("a palette of depth %i is looked up, with its alpha over black", async (depth) => {
    const colours = 2 ** depth;
    const palette = Uint8Array.from(noise(3 * colours, 8));
    const samples = noise(15, depth);
    const extra = [pngChunk("PLTE", palette), pngChunk("tRNS", Uint8Array.of(0, 51))];
    const expected = samples.map((k) => {
      const value = luma(palette[3 * k] as number, palette[3 * k + 1] as number, palette[3 * k + 2] as number);
      return k === 0 ? 0 : k === 1 ? Math.round(value / 5) : value;
    });
    for (const interlace of [false, true])
      expect(await grey({ width: 5, height: 3, depth, colour: 3, samples, extra, interlace })).toEqual(expected);
  });
  test("a colour declared transparent becomes black", async () => {
    const extra = [pngChunk("tRNS", Uint8Array.of(0, 7))];
    expect(await grey({ width: 3, height: 1, depth: 8, colour: 0, samples: [7, 8, 7], extra })).toEqual([0, 8, 0]);
    const rgb = [pngChunk("tRNS", Uint8Array.of(0, 1, 0, 2, 0, 3))];
    expect(await grey({ width: 2, height: 1, depth: 8, colour: 2, samples: [1, 2, 3, 9, 9, 9], extra: rgb })).toEqual([
      0, 9,
    ]);
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
