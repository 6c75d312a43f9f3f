// What `predict` takes and gives: columns by name, ids handed back, files of answers, standard input, rows left out.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { beforeAll, expect, test } from "vitest";
import { writeNpy } from "../data/write-npy.ts";
import { writeZip } from "../data/write-zip.ts";
import { program } from "./program.ts";
import { deltaprop, jsonLines } from "./run.ts";

const home = mkdtempSync(join(tmpdir(), "deltaprop-predict-"));
const put = (name: string, content: string | Uint8Array) => writeFileSync(join(home, name), content);
const read = (name: string) => readFileSync(join(home, name), "utf8");
const run = (...words: string[]) => deltaprop(home, words);

beforeAll(async () => {
  const rows = Array.from(
    { length: 40 },
    (_, k) => `${k % 7},${k % 3},${["rain", "sun"][k % 2]},${["stay", "go"][k % 2]}`,
  );
  put("train.csv", `temp,wind,sky,plan\n${rows.join("\n")}\n`);
  const trained = await run("train", "train.csv", "--hidden", "8", "--epochs", "300", "--out", "run");
  expect(trained.code).toBe(0);
  put("new.csv", 'id,note,SKY,Wind,temp\n007,"a, b",sun,1,2\n8.0,c,rain,1,2\n');
  put("bad.csv", "id,sky,wind,temp\n007,sun,1,2\n08,rain,much,2\n9,sun,1\n10,rain,0,3\n");
});

const HEAD = "row,id,note,predicted,probability,P(go),P(stay)";

test("ids come back as they stand, beside the answers of columns found by name, which is said", async () => {
  const { code, out, err } = await run("predict", "run", "new.csv", "--keep", "id");
  expect([code, out.replace(/\d+\.\d+ %/g, "p")]).toEqual([0, "new.csv:1  007  go  p\nnew.csv:2  8.0  stay  p\n"]);
  expect(err).toBe(
    'note new.csv: The column "Wind" is taken for "wind".\nnote new.csv: The column "SKY" is taken for "sky".\n',
  );
  const none = await run("predict", "run", "new.csv", "--keep", "idd");
  expect([none.code, none.err]).toEqual([2, expect.stringContaining('no column is named "idd"')]);
});

test("--out writes CSV, TSV, JSON lines and Parquet, the same answers in each, and replaces with --force alone", async () => {
  const json = jsonLines(await run("predict", "run", "new.csv", "--keep", "id,note", "--json"));
  const words = ["predict", "run", "new.csv", "--keep", "id,note"];
  for (const ending of ["csv", "tsv", "jsonl", "parquet"]) {
    const written = await run(...words, "--out", `a.${ending}`);
    expect([written.code, written.out]).toEqual([0, `a.${ending}  2 rows: go (1), stay (1)\n`]);
  }
  const [head, first] = read("a.csv").split("\n");
  const { probabilities } = json[0] as { probabilities: Record<string, number> };
  const numbers = [probabilities.go, probabilities.go, probabilities.stay];
  expect([head, first]).toEqual([HEAD, `1,007,"a, b",go,${numbers.join(",")}`]);
  expect(read("a.tsv").split("\n")[1]).toBe(["1", "007", "a, b", "go", ...numbers].join("\t"));
  expect(
    read("a.jsonl")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual(json);
  const { buffer } = Uint8Array.from(readFileSync(join(home, "a.parquet")));
  const rows = await parquetReadObjects({ file: buffer });
  expect(Object.values(rows[0]!)).toEqual([1, "007", "a, b", "go", ...numbers]);
  const again = await run(...words, "--out", "a.csv");
  expect([again.code, again.err]).toEqual([2, expect.stringContaining("error OUT_TAKEN a.csv")]);
  expect((await run(...words, "--out", "a.csv", "--force")).code).toBe(0);
  const other = await run(...words, "--out", "a.xlsx");
  expect(other.err).toContain("--out must be a name that ends in .csv, .tsv, .jsonl or .parquet");
});

test("a bad row is named; --on-bad skip leaves it out, writes it as it stands, and says so", async () => {
  const stopped = await run("predict", "run", "bad.csv");
  expect([stopped.code, stopped.out, stopped.err]).toEqual([
    2,
    "",
    expect.stringMatching(
      /^error BAD_CSV bad\.csv:row 4: the row has 3 cells.* --on-bad skip leaves such rows out\.\n$/,
    ),
  ]);
  const { code, out, err } = await run("predict", "run", "bad.csv", "--on-bad", "skip", "--keep", "id", "--json");
  expect(code).toBe(0);
  expect(jsonLines({ code, out, err }).map(({ row, kept }) => [row, kept])).toEqual([
    [1, { id: "007" }],
    [4, { id: "10" }],
  ]);
  expect(err).toContain(
    "warning bad.csv: 2 of 4 rows cannot be read and are in bad.rejects.csv. row 3: column 3 (wind): a",
  );
  const [head, ...rejects] = read("bad.rejects.csv").trim().split("\n");
  expect([head, rejects[0]!.startsWith("08,rain,much,2,"), rejects[1]!.startsWith("9,sun,1,")]).toEqual([
    "id,sky,wind,temp,rejected because",
    true,
    true,
  ]);
  const taken = await run("predict", "run", "bad.csv", "--on-bad", "skip");
  expect([taken.code, taken.out, taken.err]).toEqual([2, "", expect.stringContaining("OUT_TAKEN bad.rejects.csv")]);
});

/** Run the program with `input` through a pipe. */
async function piped(input: string | Uint8Array, ...words: string[]): Promise<string> {
  const child = spawn(process.execPath, [await program(), ...words], { cwd: home });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stdin.end(input);
  return new Promise((settle) => child.on("close", () => settle(out.replace(/\d+\.\d+ %/g, "p"))));
}

test("- reads standard input, whatever kind of table comes", async () => {
  const lines = '{"sky":"sun","wind":1,"temp":2}\n{"sky":"rain","wind":1,"temp":2}\n';
  expect(await piped(lines, "predict", "run", "-")).toBe("-:1  go  p\n-:2  stay  p\n");
  expect(await piped(lines, "predict", "run", "/dev/stdin")).toBe("-:1  go  p\n-:2  stay  p\n");
  expect(await piped("sky,wind,temp\nsun,1,2\n", "predict", "run", "-")).toBe("-:1  go  p\n");
  expect(await piped("", "predict", "run", "-")).toBe("error DATA_NOT_FOUND -: standard input is empty.\n");
});

test("--arrays names the features of an archive with names of its own", async () => {
  const values = Float64Array.from({ length: 60 }, (_, k) => ((k * 7) % 11) + (Math.floor(k / 3) % 2) * 20);
  const arrays = (rows: number) =>
    writeZip([
      { name: "mine.npy", data: writeNpy("f8", [rows, 3], values.subarray(0, 3 * rows)) },
      {
        name: "yours.npy",
        data: writeNpy(
          "i4",
          [rows],
          Array.from({ length: rows }, (_, i) => i % 2),
        ),
      },
      { name: "more.npy", data: writeNpy("i4", [1], [0]) },
    ]);
  put("named.npz", arrays(20));
  put("more.npz", arrays(4));
  const trained = await run(
    "train",
    "named.npz",
    "--arrays",
    "mine,yours",
    "--hidden",
    "2",
    "--epochs",
    "2",
    "--out",
    "arrays",
  );
  expect(trained.out).toMatch(
    /test arrays named\.npz --arrays mine,yours\n.*predict arrays named\.npz --arrays mine\n/,
  );
  const { code, out } = await run("predict", "arrays", "more.npz", "--arrays", "mine", "--json");
  expect([code, out.trim().split("\n").length]).toEqual([0, 4]);
  expect((await run("predict", "arrays", "more.npz")).err).toContain("--arrays X,y names features and labels.");
});

test("asked about its own table, a model says how many of the rows it was trained on", async () => {
  const { code, err } = await run("predict", "run", "train.csv");
  expect(code).toBe(0);
  expect(err).toBe(
    "note train.csv: The model was trained on this table. 80 % of the rows are known to it, so these answers flatter it. `deltaprop test` takes the others alone.\n",
  );
});
