// A sample of the nasty files through the command line, each in a process of its own: exit 2, one error line, nothing
// written. And what only a file system can be nasty with: links, pipes and names.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadSource } from "../../src/data/source.ts";
import { InvalidInput } from "../../src/errors.ts";
import { deltaprop, folder as freshFolder } from "../cli/run.ts";
import { writePng } from "../data/write-png.ts";
import { FORMATS } from "./case.ts";
import { CASES, writeCase } from "./make.ts";

let folder = "";
let remove = () => {};
beforeEach(() => {
  [folder, remove] = freshFolder();
});
afterEach(() => remove());

const listing = () =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => {
    const { size, mtimeMs } = statSync(join(folder, name));
    return [name, size, mtimeMs];
  });

describe.each(FORMATS)("%s", (format) => {
  const bad = CASES[format].filter(({ error }) => error);
  const sample = [...(format === "npz" ? [CASES[format][0]!] : []), bad[Math.floor(bad.length / 3)]!, bad.at(-1)!];
  test.each(sample.map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const open = writeCase(one, join(folder, "set"));
    writeFileSync(join(folder, "rows.csv"), "a,b,kind\n1,2,0\n3,4,1\n");
    const before = listing();
    const words = format === "safetensors" ? ["test", open, join(folder, "rows.csv")] : ["data", open];
    const { code, out, err } = await deltaprop(folder, words);
    expect(listing()).toEqual(before);
    expect(code).toBe(one.error ? 2 : 0);
    if (one.error) {
      expect([out, err.split("\n").length]).toEqual(["", 2]);
      expect(err).toMatch(new RegExp(`^error ${one.error[0]} [^\\n]+:[^\\n]+: `));
    }
  });
});

describe("a folder of images", () => {
  const image = writePng({ width: 2, height: 1, depth: 8, colour: 0, samples: [1, 2] });
  const put = (path: string, bytes: Uint8Array | string = image) => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  };
  const refusal = async (): Promise<InvalidInput> => {
    const error = await loadSource(folder).catch((reason: unknown) => reason);
    if (error instanceof InvalidInput) return error;
    throw error instanceof Error ? error : new Error("it was loaded");
  };
  beforeEach(() => {
    put("7/a.png");
    put("10/b.png");
  });

  test("has its classes in numeric order, its files in the order of their names, and hidden names skipped", async () => {
    put("7/.DS_Store", "x");
    put("7/B.png", writePng({ width: 2, height: 1, depth: 8, colour: 0, samples: [5, 6] }));
    const { train } = await loadSource(folder);
    expect([train.classes, [...train.labels], train.image]).toEqual([["7", "10"], [0, 0, 1], { height: 1, width: 2 }]);
    expect([...train.features]).toEqual([5, 6, 1, 2, 1, 2]);
  });
  test("with train/ and test/ is two parts of the same classes", async () => {
    for (const name of ["train/x/1.png", "train/y/1.png", "test/y/1.png"]) put(name);
    for (const name of ["7", "10"]) rmSync(join(folder, name), { recursive: true });
    const { train, test: held, warnings } = await loadSource(folder);
    expect([train.rows, held?.rows, held?.classes, [...(held?.labels ?? [])]]).toEqual([2, 1, ["x", "y"], [1]]);
    expect(warnings.join(" ")).toContain("1 test row is also among the training rows, of 1");
    put("test/z/1.png");
    expect((await refusal()).message).toContain('one of the classes ["x", "y"]');
  });
  test("is not left through a link", async () => {
    symlinkSync("/etc/passwd", join(folder, "7/c.png"));
    expect((await refusal()).line).toBe(
      `error BAD_FOLDER ${join(folder, "7/c.png")}:name: it is a symbolic link; only plain files and folders are read.`,
    );
  });
  test("is not left through a link to a folder", async () => {
    symlinkSync("..", join(folder, "8"));
    expect((await refusal()).message).toContain("a symbolic link");
  });
  test.skipIf(process.platform === "win32")("does not wait for a pipe", async () => {
    execFileSync("mkfifo", [join(folder, "7/c.png")]);
    expect((await refusal()).message).toContain("it is a pipe");
  });
  test.skipIf(process.platform === "win32")("shows a name with line ends and escapes as text", async () => {
    put("7/\x1b[31m\n.png", "no image");
    const { line } = await refusal();
    expect(line).toContain("\\x1b[31m\\x0a.png:byte 0: the first 8 bytes must be a PNG's signature");
    expect(line.split("\n").length).toBe(1);
  });
  test("may have a class called __proto__", async () => {
    put("__proto__/c.png");
    expect((await loadSource(folder)).train.classes).toEqual(["7", "10", "__proto__"]);
  });
  test("with one class, or one image in a class, says so", async () => {
    rmSync(join(folder, "10"), { recursive: true });
    put("7/b.png");
    expect((await loadSource(folder)).warnings).toEqual(['All 2 rows have the same class, "7".']);
    put("10/b.png");
    expect((await loadSource(folder)).warnings).toEqual(["1 class has one example only: 10."]);
  });
});

test.skipIf(process.platform === "win32")("a pipe where a file belongs is refused and not waited for", async () => {
  for (const name of ["X.npy", "t.csv", "t.parquet"]) {
    execFileSync("mkfifo", [join(folder, name)]);
    const error = await loadSource(join(folder, name)).catch((reason: unknown) => reason);
    expect((error as InvalidInput).code).toBe("DATA_UNREADABLE");
  }
});

describe("--strict", () => {
  test("makes warnings about the data an error, before anything is written", async () => {
    writeFileSync(
      join(folder, "t.csv"),
      `a,b,kind\n${Array.from({ length: 20 }, (_, k) => `${k / 3},5,${k % 2}\n`).join("")}`,
    );
    const lenient = await deltaprop(folder, ["data", "t.csv"]);
    expect([lenient.code, lenient.err]).toEqual([0, "warning 1 column has one value only: b.\n"]);
    for (const words of [
      ["data", "t.csv"],
      ["train", "t.csv"],
    ]) {
      const { code, out, err } = await deltaprop(folder, [...words, "--strict"]);
      expect([code, out, err]).toEqual([
        2,
        "",
        "error DATA_WARNING t.csv: 1 column has one value only: b. (--strict makes this an error.)\n",
      ]);
    }
    expect(readdirSync(folder)).toEqual(["t.csv"]);
  });
});
