// What a visitor chooses of a file before training: the lab reads it as the command line does with the same flags, and
// `deltaprop verify` repeats the run's record to the same bits.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Lab } from "../../src/studio/lab/lab.ts";
import type { GivenFile } from "../../src/studio/lab/protocol.ts";
import { AS_FOUND, columnKey, useOf, withUse } from "../../src/studio/state/reading.ts";
import { DEFAULT_SETUP, type StudioSetup } from "../../src/studio/state/setup.ts";
import { commandOf } from "../../src/studio/train/command-line.ts";
import { folder } from "../cli/run.ts";
import { expectRepeated, labToPlay } from "./lab-run.ts";
import { memoryStore } from "./memory-store.ts";

const [place, remove] = folder();
afterAll(remove);

const WORDS = ["sunny", "rain", "overcast"];
const ROWS = Array.from({ length: 60 }, (_, i) => {
  const [sky, zip, hot] = [WORDS[i % 3], 100 + ((i * 7) % 5), (i * 13) % 11];
  return [i % 4 === 0 ? "yes" : "no", sky, zip, i % 9 === 0 ? "" : hot, `r${i}`, i % 2 ? "north" : "south"].join(",");
});
const TEXT = ["played,sky,zip code,heat,id,site", ...ROWS].join("\n");
const CHOICES: Partial<StudioSetup> = { label: "played", categorical: ["zip code"], ignore: ["id"], missing: "drop" };

const given = (name: string, text: string): GivenFile => ({ name, bytes: new TextEncoder().encode(text).buffer });

test("the choices are in the record and the command: verify and train give the page's bits", async () => {
  await writeFile(join(place, "play.csv"), TEXT);
  const { lab, playOut } = labToPlay();
  const small: StudioSetup = { ...DEFAULT_SETUP, hidden: [6], epochs: 3, batchSize: 16 };
  const found = await lab.open(small, [given("play.csv", TEXT)]);
  expect(found.table?.map(({ name, role }) => `${name} ${role}`)).toEqual([
    "played feature",
    "sky feature",
    "zip code feature",
    "heat feature",
    "id ignored",
    "site label",
  ]);
  const other = await lab.open({ ...found.setup, ...CHOICES }, []); // the same file, read another way
  expect(other.table?.map(({ name, kind, use }) => `${name}: ${kind}, ${use}`)).toEqual([
    "played: boolean, label",
    "sky: category, feature, 3 inputs",
    "zip code: category, feature, 5 inputs",
    "heat: number, feature, 1 input",
    "id: text, left out",
    "site: category, feature, 2 inputs",
  ]);
  expect(other.classes).toEqual(["no", "yes"]);
  await playOut();
  expect(commandOf(other.setup, other.layers, other.file)).toContain(
    "train ./play.csv --label played --categorical 'zip code' --ignore id --missing drop ",
  );
  const { epochParametersSha256: hashes } = await expectRepeated(place, join(place, "run"), lab, other, "play.csv");
  expect(hashes).toHaveLength(3);
});

test("ranks and weights are in the record and the command, too, with the same bits", async () => {
  const sizes = ["small", "mid", "large"];
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${sizes[(i * 7) % 3]},${1 + (i % 4)},${(i * 13) % 11},${i % 5 < 2}`,
  );
  const text = ["size,copies,heat,sold", ...rows].join("\n");
  await writeFile(join(place, "sold.csv"), text);
  const { lab, playOut } = labToPlay();
  const small: StudioSetup = { ...DEFAULT_SETUP, hidden: [6], epochs: 3, batchSize: 16 };
  const found = await lab.open(small, [given("sold.csv", text)]);
  const { levels = [] } = found.table![0]!;
  expect(levels.toSorted()).toEqual(sizes.toSorted());
  const ranked = withUse(found.setup, "size", "ranks", sizes);
  const other = await lab.open({ ...found.setup, ...withUse(ranked, "copies", "weight") }, []);
  expect(other.table?.map(({ name, kind, use }) => `${name}: ${kind}, ${use}`)).toEqual([
    "size: ordinal, feature, 1 input",
    "copies: number, weight",
    "heat: number, feature, 1 input",
    "sold: boolean, label",
  ]);
  await playOut();
  expect(commandOf(other.setup, other.layers, other.file)).toContain(
    "train ./sold.csv --ordinal 'size=small<mid<large' --weight copies ",
  );
  await expectRepeated(place, join(place, "sold"), lab, other, "sold.csv");
});

test("a kept run is read again with its choices", async () => {
  const store = memoryStore();
  const lab = () => new Lab({ base: "http://127.0.0.1/", store, versions: {}, emit() {} });
  const first = lab();
  const { id } = await first.open({ ...DEFAULT_SETUP, ...CHOICES, hidden: [6] }, [given("play.csv", TEXT)]);
  await first.step();
  const again = await lab().reopen(id);
  expect(again?.opened.classes).toEqual(["no", "yes"]);
  expect(again?.opened.setup.label).toBe("played");
});

test("of a table that is refused the columns are still told, with what is wrong with one", async () => {
  const { lab } = labToPlay();
  const rows = Array.from({ length: 12 }, (_, i) => `${i},${i === 3 ? "foo" : i % 5},${i % 2 ? "x" : "y"}`);
  const files = [given("mixed.csv", ["a,b,kind", ...rows].join("\n"))];
  await expect(lab.open(DEFAULT_SETUP, files)).rejects.toThrow(/got "foo"/);
  const columns = await lab.survey(files);
  expect(columns?.map(({ name, problem }) => [name, problem?.includes('got "foo"') ?? false])).toEqual([
    ["a", false],
    ["b", true],
    ["kind", false],
  ]);
  const found = await lab.open({ ...DEFAULT_SETUP, categorical: ["b"] }, files);
  expect(found.table?.[1]?.kind).toBe("category");
  expect(await lab.survey([given("story.pdf", "%PDF")])).toBeNull();
});

test("pictures are brought to a chosen size, and the record says so", async () => {
  const { lab } = labToPlay();
  const { writePng } = await import("../data/write-png.ts");
  const files = Array.from({ length: 12 }, (_, k): GivenFile => {
    const samples = Array.from({ length: 30 }, (_, p) => (p * (k + 3)) & 255);
    const bytes = writePng({ width: 6, height: 5, depth: 8, colour: 0, samples });
    return { name: `shapes/${k % 2 ? "a" : "b"}/${k}.png`, bytes: Uint8Array.from(bytes).buffer };
  });
  const found = await lab.open({ ...DEFAULT_SETUP, hidden: [4], size: "4x3", invert: true }, files);
  expect([found.image, found.file]).toEqual([{ height: 3, width: 4 }, "shapes"]);
  expect(JSON.parse(await lab.record()).data.reading.pictures).toEqual({ size: { width: 4, height: 3 }, invert: true });
  expect(commandOf(found.setup, found.layers, found.file)).toContain("train ./shapes --size 4x3 --invert ");
});

test("a column has one use: another one takes the place of the first", () => {
  let choices = withUse(AS_FOUND, "age", "category");
  choices = withUse(choices, "age", "label");
  choices = withUse(choices, "name", "left out");
  expect(choices).toEqual({ ...AS_FOUND, label: "age", ignore: ["name"] });
  expect(useOf(withUse(choices, "name", ""), "name")).toBe("");
  expect(["x", "a,b", "7", "column 3"].map((name, k) => columnKey({ name, position: k + 1 }))).toEqual([
    "x",
    "2",
    "3",
    "4",
  ]);
});
