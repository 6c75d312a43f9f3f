// Sets of pictures: folders of classes, parts, lists of files, and what is said about them.
import { describe, expect, test } from "vitest";
import { memoryFiles } from "../../src/data/memory-files.ts";
import type { PictureOptions } from "../../src/data/pictures/picture-form.ts";
import { readSource } from "../../src/data/read-files.ts";
import { rgba, writeJpeg } from "./write-pictures.ts";
import { writePng } from "./write-png.ts";

type Files = Readonly<Record<string, Uint8Array | string>>;

/** A gray square of `side` pixels with a lighter spot that depends on `k`. */
const gray = (k: number, side = 6, [ground, ink] = [0, 200]) =>
  writePng({
    width: side,
    height: side,
    depth: 8,
    colour: 0,
    samples: Array.from({ length: side * side }, (_, p) =>
      p === side + 1 + (k % 3) || p === 2 * side + 2 ? ink! : ground!,
    ),
  });
const colored = (r: number, g: number, b: number) =>
  writePng({
    width: 4,
    height: 4,
    depth: 8,
    colour: 2,
    samples: Array.from({ length: 48 }, (_, k) => (k < 3 ? 0 : [r, g, b][k % 3]!)),
  });
const read = (files: Files, pictures?: PictureOptions, more: object = {}, path?: string) =>
  readSource(
    memoryFiles(
      Object.entries(files).map(([name, bytes]) => ({
        name: `set/${name}`,
        bytes: typeof bytes === "string" ? new TextEncoder().encode(bytes) : new Uint8Array(bytes),
      })),
    ),
    path === undefined ? undefined : [path],
    { pictures, ...more },
  );
const two: Files = { "a/1.png": gray(0), "a/2.png": gray(1), "b/1.png": gray(2), "b/2.png": gray(3) };

describe("a folder of classes", () => {
  test("says how its pictures were read", async () => {
    const { train, notes, warnings } = await read(two);
    expect([train.rows, train.image, train.classes]).toEqual([4, { width: 6, height: 6 }, ["a", "b"]]);
    expect(notes).toEqual(["4 pictures as 6 × 6 in grey, the size they have."]);
    expect(warnings).toEqual([]);
  });
  test("may hold pictures of other sizes: the median is taken", async () => {
    const { train, notes } = await read({ ...two, "b/3.png": gray(0, 3) });
    expect([train.rows, train.image]).toEqual([5, { width: 6, height: 6 }]);
    expect(notes).toEqual(["5 pictures as 6 × 6 in grey, the median size (--size), 1 resized."]);
  });
  test("takes the size, the color and the fit that are chosen", async () => {
    const wide = writePng({ width: 8, height: 4, depth: 8, colour: 0, samples: new Array(32).fill(9).with(12, 90) });
    const { train, notes } = await read(
      { ...two, "b/3.png": wide },
      { size: { width: 4, height: 4 }, color: "rgb", fit: "crop" },
    );
    expect([train.cols, train.image, train.picture?.color]).toEqual([48, undefined, "rgb"]);
    expect(notes).toEqual(["5 pictures as 4 × 4 in color (RGB), as chosen, 5 resized, 1 of other proportions cut."]);
  });
  test("may hold files that are no pictures, which are counted", async () => {
    const { train, notes } = await read({
      ...two,
      "a/Thumbs.db": "x",
      "b/Thumbs.db": "x",
      "desktop.ini": "",
      "README.txt": "",
    });
    expect(train.rows).toBe(4);
    expect(notes?.[1]).toBe("4 files that are no pictures were left out: README.txt, desktop.ini, Thumbs.db (2).");
  });
  test("may hold a JPEG that is called .png", async () => {
    const jpeg = await writeJpeg(rgba(6, 6, (x) => [40 * x, 40 * x, 40 * x, 255]));
    expect((await read({ ...two, "b/3.png": jpeg })).train.rows).toBe(5);
  });
  test("with a picture that is cut off is refused, or goes on without it", async () => {
    const cut = { ...two, "a/3.png": gray(0).subarray(0, 50) };
    await expect(read(cut)).rejects.toMatchObject({
      code: "BAD_PNG",
      file: "set/a/3.png",
      reason: expect.stringContaining("cut off"),
    });
    const { train, notes } = await read(cut, { skipBad: true });
    expect([train.rows, notes?.[1]]).toEqual([4, "1 unreadable left out: a/3.png."]);
    await expect(read({ "a/3.png": cut["a/3.png"] }, { skipBad: true })).rejects.toMatchObject({ code: "BAD_FOLDER" });
  });
  test("is inverted where that is chosen", async () => {
    const [plain, inverted] = [await read(two), await read(two, { invert: true })];
    expect([...inverted.train.features]).toEqual([...plain.train.features].map((value) => 255 - value));
    expect(inverted.train.picture).toMatchObject({ invert: true, border: { mean: 255 } });
  });
});

describe("what misleads is a warning", () => {
  test("classes that differ in color alone, read as grey", async () => {
    const red = colored(97, 0, 0);
    const blue = colored(0, 0, 255);
    const files = { "red/1.png": red, "red/2.png": red, "blue/1.png": blue, "blue/2.png": blue };
    const { warnings, notes } = await read(files);
    expect(warnings[0]).toBe(
      'Classes "blue" and "red" differ in color, and are nearly equal in grey. --color rgb keeps the color.',
    );
    expect(notes?.[1]).toBe("4 in color read as grey; --color rgb keeps the color.");
    expect((await read(files, { color: "rgb" })).warnings).toEqual([]);
  });
  test("blank pictures", async () => {
    const blank = gray(0, 6, [7, 7]);
    expect((await read({ ...two, "b/3.png": blank })).warnings).toEqual(["1 picture is blank: b/3.png."]);
    const { warnings } = await read({ "a/1.png": blank, "b/1.png": blank });
    expect(warnings[0]).toBe("Each of the 2 pictures is one flat color: no shape can be learned.");
  });
  test("some pictures inverted", async () => {
    const { warnings } = await read({
      ...two,
      "b/3.png": gray(0, 6, [255, 0]),
      "b/4.png": gray(1, 6, [255, 0]),
      "b/5.png": gray(2, 6, [255, 9]),
    });
    expect(warnings).toEqual(["3 of 7 pictures have a light border, the others a dark one: are some inverted?"]);
  });
  test("nothing for photographs, whose borders are of every kind", async () => {
    const photographs = Object.fromEntries(
      [0, 60, 120, 180, 240].map((ground, k) => [`a/${k}.png`, gray(k, 6, [ground, 250 - ground])]),
    );
    expect(
      (await read({ ...photographs, "b/0.png": gray(0, 6, [90, 9]), "b/1.png": gray(0, 6, [99, 0]) })).warnings,
    ).toEqual([]);
  });
});

describe("parts", () => {
  const part = (name: string) =>
    Object.fromEntries(Object.entries(two).map(([path, bytes]) => [`${name}/${path}`, bytes]));
  test("train, val and test are all used, as the training part was read", async () => {
    const files = { ...part("train"), ...part("val"), ...part("test"), "test/a/3.png": gray(0, 9) };
    const { train, test: held, validation } = await read(files);
    expect([train.rows, validation?.rows, held?.rows]).toEqual([4, 4, 5]);
    expect(held?.picture).toMatchObject({ width: 6, height: 6 });
  });
  test("without a test part the validation part is the test, and that is said", async () => {
    const { test: held, validation, notes } = await read({ ...part("training"), ...part("valid") });
    expect([held?.rows, validation, notes?.at(-1)]).toEqual([
      4,
      undefined,
      "There is no test part: the validation part is the test.",
    ]);
  });
  test("other folders beside them are named", async () => {
    expect((await read({ ...part("train"), ...part("old") })).warnings).toEqual([
      'Beside train these folders are not read: ["old"].',
    ]);
  });
});

describe("a table that lists files and labels", () => {
  const pictures = { "p/1.png": gray(0), "p/2.png": gray(1), "p/x/3.png": gray(2), "p/4.png": gray(3) };
  test("is found beside the pictures", async () => {
    const { train, notes } = await read({
      ...pictures,
      "labels.csv": "file,label\np/1.png,cat\np/2.png,dog\n3.png,cat\n",
    });
    expect([train.classes, [...train.labels]]).toEqual([
      ["cat", "dog"],
      [0, 1, 0],
    ]);
    expect(notes?.at(-1)).toBe(
      'labels.csv lists the pictures: files in "file", labels in "label"; 1 not listed are left out.',
    );
  });
  test("may leave out endings, have other columns, and come with a test part", async () => {
    const files = { ...pictures, "train.csv": "id;size;breed\n1;9;b\n2;9;a\n", "test.csv": "id;size;breed\n3;9;a\n" };
    const { train, test: held } = await read(files);
    expect([train.classes, [...train.labels], held?.rows]).toEqual([["a", "b"], [1, 0], 1]);
  });
  test("may be named itself, without a header, with its label chosen", async () => {
    const list = "p/1.png,cat,7\np/2.png,dog,8\n";
    expect((await read({ ...pictures, "l.csv": list }, {}, { label: "2" }, "l.csv")).train.classes).toEqual([
      "cat",
      "dog",
    ]);
    expect((await read({ ...pictures, "l.csv": list }, {}, {}, "l.csv")).train.classes).toEqual(["7", "8"]);
  });
  test("with a picture that is missing, or a name that two have, is refused with the row", async () => {
    await expect(read({ ...pictures, "l.csv": "file,label\np/1.png,a\np/9.png,b\n" })).rejects.toMatchObject({
      line: 'error BAD_LIST set/l.csv:row 3: there is no picture "p/9.png".',
    });
    const twice = { ...pictures, "q/1.png": gray(1), "l.csv": "file,label\n2.png,a\n1.png,b\n" };
    await expect(read(twice)).rejects.toMatchObject({ reason: '"1.png" is the name of two pictures.' });
  });
  test("that lists no pictures is a table as before, or a file that is no picture", async () => {
    const { train, notes } = await read({ ...two, "a/labels.csv": "x,y\n1,2\n" });
    expect([train.rows, notes?.length]).toEqual([4, 2]);
    expect((await read({ ...two, "notes.csv": "a,b\nhello,1\n" })).train.rows).toBe(4);
  });
});

test("the same pictures in two kinds of file and folder give rows of the same numbers", async () => {
  const listed = await read({ "l.csv": "f,k\n1.png,a\n2.png,b\n", "1.png": gray(0), "2.png": gray(2) });
  const folders = await read({ "a/1.png": gray(0), "b/2.png": gray(2) });
  expect([...listed.train.features]).toEqual([...folders.train.features]);
});
