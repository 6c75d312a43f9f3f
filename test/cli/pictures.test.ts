// Pictures and arrays through the command line: what is said about them, and what a model does with others.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeNpy } from "../data/write-npy.ts";
import { png as storedPng, write as storePictures } from "../data/write-parquet-pictures.ts";
import { rgba, writeJpeg } from "../data/write-pictures.ts";
import { writePng } from "../data/write-png.ts";
import { writeZip } from "../data/write-zip.ts";
import { deltaprop, folder, jsonLines } from "./run.ts";

const SIDE = 6;
const [home, remove] = folder();
afterAll(remove);

/** A bar, upright or lying, of light ink on dark. */
const bar = (k: number, lying: boolean, [ground, ink] = [0, 255]) =>
  Array.from({ length: SIDE * SIDE }, (_, p) => {
    const [along, across] = lying ? [p % SIDE, Math.floor(p / SIDE)] : [Math.floor(p / SIDE), p % SIDE];
    return across === 1 + (k % 4) && along > 0 && along < SIDE - 1 ? ink! : ground!;
  });
const png = (samples: readonly number[], width = SIDE, height = SIDE) =>
  writePng({ width, height, depth: 8, colour: 0, samples });
const put = (path: string, bytes: Uint8Array | string) => {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), bytes);
};
const quick = ["--hidden", "16", "--epochs", "150"];
const ten = Array.from({ length: 10 }, (_, k) => k);

beforeAll(async () => {
  for (const k of ten) {
    put(`set/upright/${k}.png`, png(bar(k, false)));
    put(`set/lying/${k}.png`, png(bar(k, true)));
  }
  put("set/lying/Thumbs.db", "");
  put("asked/a.png", png(bar(2, true)));
  put(
    "asked/deep/b.jpg",
    await writeJpeg(rgba(SIDE, SIDE, (x, y) => new Array(3).fill(bar(1, false)[y * SIDE + x]).concat(255))),
  );
  put("inverted.png", png(bar(2, true, [255, 0])));
  put("blank.png", png(new Array(36).fill(9)));
  put("wide.png", png(bar(2, true), 12, 3));
  const pixels = ten.flatMap((k) => [...bar(k, false), ...bar(k, true)]);
  const y = writeNpy(
    "u1",
    [20, 1],
    ten.flatMap(() => [1, 2]),
  );
  put(
    "odd.npz",
    writeZip([
      { name: "arr_0.npy", data: writeNpy("u1", [20, SIDE, SIDE], pixels) },
      { name: "arr_1.npy", data: y },
    ]),
  );
  const fractions = writeNpy(
    "f4",
    [20, SIDE, SIDE],
    pixels.map((value) => value / 255),
  );
  put(
    "fractions.npz",
    writeZip([
      { name: "x_train.npy", data: fractions },
      { name: "y_train.npy", data: y },
    ]),
  );
  put("bytes.npy", writeNpy("u1", [20, SIDE, SIDE], pixels));
  put(
    "fractions.npy",
    writeNpy(
      "f4",
      [20, SIDE, SIDE],
      pixels.map((value) => value / 510),
    ),
  );
  put("other.npy", writeNpy("u1", [20, 12, 3], pixels));
});

describe("a model of pictures", () => {
  beforeAll(async () => {
    const { code, out, err } = await deltaprop(home, ["train", "set", ...quick, "--out", "P"]);
    expect([code, err.replace(/^warning \d+ test rows are also.*\n/m, "")]).toEqual([0, ""]);
    expect(out).toContain("20 pictures as 6 × 6 in grey, the size they have.");
    expect(out).toContain("1 file that is no picture was left out: Thumbs.db.");
  });
  test("names each picture of a folder by its file", async () => {
    const { code, out } = await deltaprop(home, ["predict", "P", "asked"]);
    expect([code, out.replace(/ +[\d.]+ %/g, "")]).toEqual([
      0,
      `${join("asked", "a.png")}  lying\n${join("asked", "deep", "b.jpg")}  upright\n`,
    ]);
    const lines = jsonLines(await deltaprop(home, ["predict", "P", "asked", "--json"]));
    expect(lines.map(({ file, row }) => [file, row])).toEqual([
      [join("asked", "a.png"), 1],
      [join("asked", "deep", "b.jpg"), 1],
    ]);
  });
  test("tells a picture that looks inverted, and turns it where that is wanted", async () => {
    const { out, err } = await deltaprop(home, ["predict", "P", "inverted.png"]);
    expect(err).toBe(
      "warning inverted.png: its border is light, that of the training's pictures dark: it looks inverted. --invert turns it.\n",
    );
    expect(out).toContain("inverted.png");
    const turned = await deltaprop(home, ["predict", "P", "inverted.png", "--invert"]);
    const upright = await deltaprop(home, ["predict", "P", join("set", "lying", "2.png")]);
    expect([turned.err, turned.out.split("  ").slice(1)]).toEqual(["", upright.out.split("  ").slice(1)]);
  });
  test("tells a blank one, and one of another shape with as many pixels", async () => {
    const { err } = await deltaprop(home, ["predict", "P", "blank.png", "wide.png"]);
    expect(err).toBe(
      "warning blank.png: blank, all pixels are one color.\nwarning wide.png: its 12 × 3 pixels were filled up with their border to 6 × 6.\n",
    );
  });
  test("refuses arrays of another scale or shape, and takes their like", async () => {
    expect((await deltaprop(home, ["predict", "P", "bytes.npy"])).code).toBe(0);
    const scale = await deltaprop(home, ["predict", "P", "fractions.npy"]);
    expect([scale.code, scale.err]).toEqual([
      2,
      "error OTHER_SCALE fractions.npy holds fractions within 0 … 1, but this model divides by 255: it was trained on bytes within 0 … 255. Multiply by 255.\n",
    ]);
    const shape = await deltaprop(home, ["predict", "P", "other.npy"]);
    expect([shape.code, shape.err]).toEqual([
      2,
      "error WRONG_COLUMNS other.npy:shape: its pictures are 3 × 12 pixels; this model was trained on 6 × 6.\n",
    ]);
  });
});

test("size and color are kept in the record and in the model: verify, test and predict read as training did", async () => {
  const trained = await deltaprop(home, [
    "train",
    "set",
    ...quick,
    "--size",
    "4x5",
    "--color",
    "rgb",
    "--fit",
    "crop",
    "--out",
    "C",
  ]);
  expect(trained.out).toContain(
    "20 pictures as 4 × 5 in color (RGB), as chosen, 20 resized, 20 of other proportions cut.",
  );
  const verified = await deltaprop(home, ["verify", "C"]);
  expect([verified.code, verified.out]).toEqual([0, expect.stringContaining("reproduced bit for bit")]);
  const tested = await deltaprop(home, ["test", "C", "set"]);
  expect([tested.code, tested.out]).toEqual([0, expect.stringContaining("the rows held out of training")]);
  expect((await deltaprop(home, ["predict", "C", "asked"])).code).toBe(0);
});

test("a model of fractions takes a picture as fractions", async () => {
  await deltaprop(home, ["train", "fractions.npz", ...quick, "--out", "F"]);
  const [array] = jsonLines(await deltaprop(home, ["predict", "F", "fractions.npz", "--json"]));
  const [picture] = jsonLines(await deltaprop(home, ["predict", "F", join("set", "upright", "0.png"), "--json"]));
  expect(picture!.probabilities).toEqual(array!.probabilities);
  expect(Object.keys(picture!.probabilities as object)).toEqual(["1", "2"]);
  const { code, err } = await deltaprop(home, ["predict", "F", "bytes.npy"]);
  expect([code, err]).toEqual([2, expect.stringContaining("OTHER_SCALE bytes.npy holds whole numbers up to 255")]);
});

test("odd names of an archive are chosen by --arrays, and data says what was found", async () => {
  const refused = await deltaprop(home, ["data", "odd.npz"]);
  expect([refused.code, refused.err]).toEqual([
    2,
    expect.stringContaining('got ["arr_0", "arr_1"]. --arrays X,y names features and labels.'),
  ]);
  const [found] = jsonLines(await deltaprop(home, ["data", "odd.npz", "--arrays", "arr_0,arr_1", "--json"]));
  expect(found).toMatchObject({
    classes: ["1", "2"],
    image: { width: SIDE, height: SIDE },
    notes: ["Labels are 1 … 2: the 2 that occur are the classes."],
  });
});

test("a model that was not trained on pictures says so", async () => {
  put(
    "t.csv",
    `a,b,k\n${Array.from({ length: 20 }, (_, i) => `${(i * 3) % 7},${(i * 7) % 5},${i % 2 ? "x" : "y"}`).join("\n")}\n`,
  );
  await deltaprop(home, ["train", "t.csv", ...quick, "--out", "T"]);
  const { code, err } = await deltaprop(home, ["predict", "T", "blank.png"]);
  expect([code, err]).toEqual([
    2,
    "error WRONG_COLUMNS blank.png: this model was not trained on pictures: it takes rows of 2 numbers.\n",
  ]);
});

test("a Parquet file of pictures is asked about as its training read it", async () => {
  const rows = Array.from({ length: 24 }, (_, k) => ({ picture: storedPng(k + 1), label: BigInt(k % 2) }));
  writeFileSync(join(home, "animals.parquet"), storePictures(rows));
  const words = ["train", "animals.parquet", "--invert", "--size", "8x8", "--hidden", "6", "--epochs", "3"];
  expect((await deltaprop(home, [...words, "--out", "animals"])).code).toBe(0);
  const asked = await deltaprop(home, ["predict", "animals", "animals.parquet", "--json"]);
  const told = await deltaprop(home, ["predict", "animals", "animals.parquet", "--invert", "--json"]);
  const upright = await deltaprop(home, ["predict", "animals", "animals.parquet", "--no-invert", "--json"]);
  expect([asked.code, jsonLines(asked).length]).toEqual([0, 24]);
  expect(asked.out).toBe(told.out);
  expect(asked.out).not.toBe(upright.out);
});
