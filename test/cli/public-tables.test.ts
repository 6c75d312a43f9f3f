// Tables like those everybody knows, drawn here: each trains with one command, and its raw new rows get the same
// answers from the command line, from onnxruntime, from the exported module and from the module in a page.
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { loadModel } from "../../src/files/run/run-folder.ts";
import { Random } from "../../src/numerics/random.ts";
import { columnsOf } from "../../src/training/model.ts";
import { openTable } from "../files/open-table.ts";
import { browserTest, useBrowser } from "../studio/browser.ts";
import { deltaprop, folder } from "./run.ts";

const [home, remove] = folder();
afterAll(remove);
const path = (name: string) => join(home, name);

type Row = Readonly<Record<string, string>>;
const pick = (random: Random, from: readonly string[]) => from[random.integer(from.length)]!;
const sometimes = (random: Random, share: number, text: string, other = "") =>
  random.uniform() < share ? other : text;

/** The last column is what there is to learn. */
const TABLES: Readonly<Record<string, (random: Random, i: number) => Row>> = {
  titanic(random, i) {
    const [sex, pclass] = [pick(random, ["male", "female"]), pick(random, ["1", "2", "3"])];
    const saved = random.uniform() < (sex === "female" ? 0.9 : 0.2) - 0.05 * Number(pclass);
    return {
      PassengerId: String(i + 1),
      Pclass: pclass,
      Name: `Passenger, Number ${i} of ${random.integer(1000)}`,
      Sex: sex,
      Age: sometimes(random, 0.2, String(1 + random.integer(70))),
      Fare: (7 + 200 * random.uniform() ** 3).toFixed(4),
      Embarked: sometimes(random, 0.02, pick(random, ["S", "C", "Q"])),
      Survived: saved ? "1" : "0",
    };
  },
  adult(random) {
    const [age, hours] = [17 + random.integer(60), 20 + random.integer(50)];
    const education = pick(random, ["Bachelors", "HS-grad", "Masters", "11th"]);
    const score = age / 20 + hours / 15 + (education === "Masters" ? 2 : education === "11th" ? -2 : 0);
    return {
      age: String(age),
      workclass: sometimes(random, 0.06, pick(random, ["Private", "State-gov", "Self-emp-inc"]), "?"),
      education,
      "hours-per-week": String(hours),
      "native-country": sometimes(random, 0.9, pick(random, ["Cuba", "India", "Peru"]), "United-States"),
      income: score + random.normal() > 6 ? ">50K" : "<=50K",
    };
  },
  mushroom(random) {
    const odor = pick(random, ["n", "f", "a", "l", "y"]);
    return {
      "cap-shape": pick(random, ["x", "b", "s", "f", "k"]),
      bruises: pick(random, ["t", "f"]),
      odor,
      "stalk-root": sometimes(random, 0.3, pick(random, ["b", "c", "e"]), "?"),
      class: "fy".includes(odor) ? "p" : "e",
    };
  },
  "auto-mpg"(random, i) {
    const [cylinders, weight] = [pick(random, ["4", "6", "8"]), 1600 + random.integer(3000)];
    const power = 50 + 15 * Number(cylinders) + random.integer(20);
    return {
      cylinders,
      horsepower: sometimes(random, 0.03, String(power), "?"),
      weight: String(weight),
      acceleration: (10 + 10 * random.uniform()).toFixed(1),
      "model year": String(70 + (i % 13)),
      origin: pick(random, ["usa", "europe", "japan"]),
      mpg: (52 - weight / 110 + random.normal()).toFixed(1),
    };
  },
};

const csv = (rows: readonly Row[]) =>
  [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))]
    .map((cells) => cells.map((cell) => (cell.includes(",") ? `"${cell}"` : cell)).join())
    .join("\n");
const isHole = (cell: string | undefined) => cell === undefined || cell === "" || cell === "?";
const answerOf = (answer: { label?: string; class?: string; values?: Record<string, number> }) =>
  answer.label ?? answer.class ?? Object.values(answer.values!)[0]!;

const asked = new Map<string, { readonly rows: readonly object[]; readonly answers: readonly (string | number)[] }>();

/** Classes are equal; numbers to the rounding of float32. */
function expectSame(found: readonly (string | number)[], answers: readonly (string | number)[]) {
  expect(found.length).toBe(answers.length);
  answers.forEach((answer, i) => {
    if (typeof answer === "string") expect(found[i]).toBe(answer);
    else expect(Math.abs((found[i] as number) / answer - 1)).toBeLessThan(1e-5);
  });
}

describe.each(Object.entries(TABLES))("a table like %s", (name, draw) => {
  test("trains with one command and answers raw rows alike in every form", async () => {
    const random = new Random(11, name.length);
    const all = Array.from({ length: 640 }, (_, i) => draw(random, i));
    const [train, rest] = [all.slice(0, 600), all.slice(600)];
    const target = Object.keys(all[0]!).at(-1)!;
    const fresh = rest.map(({ [target]: _, ...row }) => row);
    writeFileSync(path(`${name}.csv`), csv(train));
    writeFileSync(path("new.csv"), csv(fresh));
    expect(await deltaprop(home, ["train", `${name}.csv`, "--label", target, "--out", name])).toMatchObject({
      code: 0,
    });
    const files = ["--onnx", `${name}.onnx`, "--js", `${name}.mjs`];
    expect(await deltaprop(home, ["export", name, ...files])).toMatchObject({ code: 0, err: "" });
    const { out } = await deltaprop(home, ["predict", name, "new.csv", "--json"]);
    const lines = out.trimEnd().split("\n");
    const answers = lines.map((line) => answerOf(JSON.parse(line)));
    const truth = rest.map((row) => row[target]!);
    const hits = answers.filter((answer, i) =>
      typeof answer === "string" ? answer === truth[i] : Math.abs(answer - Number(truth[i])) < 4,
    );
    expect(hits.length / answers.length).toBeGreaterThan(0.6); // it has learned

    const { predict } = await import(/* @vite-ignore */ pathToFileURL(path(`${name}.mjs`)).href);
    const rows = fresh.map((row) =>
      Object.fromEntries(Object.entries(row).map(([key, cell]) => [key, isHole(cell) ? null : cell])),
    );
    expectSame(
      rows.map((row) => answerOf(predict(row))),
      answers,
    );
    asked.set(name, { rows, answers });

    const { model } = await loadModel(path(name));
    const columns = columnsOf(model);
    const cellsOf = (row: Row) =>
      columns.map(({ name: column, kind }) => {
        const cell = row[column];
        if (isHole(cell)) return null;
        return kind === "number" ? Number(cell) : kind === "boolean" ? cell === "t" : cell;
      });
    const { run } = await openTable(new Uint8Array(readFileSync(path(`${name}.onnx`))));
    const { label, values } = await run(fresh.map((row) => cellsOf(row as Row)));
    const theirs = label
      ? Array.from(label.data as BigInt64Array, (c) => model.classes[Number(c)]!)
      : Array.from(values!.data as Float64Array);
    expectSame(theirs, answers);
  });
});

describe("in a page", () => {
  const browser = useBrowser();
  browserTest("the exported modules give the same answers", async () => {
    const server = createServer(({ url }, answer) => {
      const module = url?.endsWith(".mjs");
      answer.setHeader("content-type", module ? "text/javascript" : "text/html");
      answer.end(module ? readFileSync(path(url!.slice(1))) : "<title>rows</title>");
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    try {
      const { page } = await browser.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      expect([...asked.keys()]).toEqual(Object.keys(TABLES));
      for (const [name, { rows, answers }] of asked) {
        const found = await page.evaluate(
          `import("/${name}.mjs").then(({ predict }) => ${JSON.stringify(rows)}.map((row) => predict(row)))`,
        );
        expectSame((found as Parameters<typeof answerOf>[0][]).map(answerOf), answers);
      }
    } finally {
      server.close();
    }
  });
});
