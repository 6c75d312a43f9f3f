// Numbers and labels through the command line: found and said, trained, stopped, repeated, tested, predicted, gone on.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeSafetensors } from "../../src/files/model/safetensors.ts";
import type { ReportData } from "../../src/files/report-page.ts";
import { Random } from "../../src/numerics/random.ts";
import { writeNpy } from "../data/write-npy.ts";
import { deltaprop, folder, jsonLines } from "./run.ts";

const [home, remove] = folder();
afterAll(remove);
const run = (...words: string[]) => deltaprop(home, words);
const read = (...parts: string[]) => readFileSync(join(home, ...parts), "utf8");
const random = new Random(5, 99);
const TOWNS = { Bern: 90, Basel: 40, Chur: 0 };
const houses = Array.from({ length: 200 }, (_, k) => {
  const area = Math.round(random.between(30, 200));
  const town = Object.keys(TOWNS)[k % 3] as keyof typeof TOWNS;
  const built = k % 7 === 0 ? "" : `${1950 + ((k * 13) % 70)}`;
  return {
    area,
    town,
    built,
    price: 50_000 + 3000 * area + 1000 * TOWNS[town] + 500 * random.normal(),
    area2: area * area,
  };
});
const line = ({ area, town, built, price, area2 }: (typeof houses)[number]) => [area, town, built, price, area2].join();
const tags = Array.from({ length: 200 }, () => {
  const [a, b] = [random.between(-2, 2), random.between(-2, 2)];
  return `${a.toFixed(3)},${b.toFixed(3)},${a > 0 ? "yes" : "no"},${a + b > 1 ? 1 : 0}`;
});
const JOB = ["train", "houses.csv", "--label", "price", "--ignore", "area2", "--hidden", "16,8", "--epochs", "80"];

beforeAll(async () => {
  writeFileSync(join(home, "houses.csv"), `area,town,built,price,area2\n${houses.map(line).join("\n")}\n`);
  writeFileSync(join(home, "tags.csv"), `a,b,warm,wet\n${tags.join("\n")}\n`);
  writeFileSync(join(home, "new.csv"), "id,town,built,area\n7,Bern,1990,100\n8,Chur,,60\n");
  const trained = await run(...JOB, "--validation", "0.2", "--patience", "30", "--out", "prices");
  expect([trained.code, trained.out]).toEqual([0, expect.stringContaining("3 features with 1 number to learn")]);
  expect(trained.out).toContain("(1 number to learn, by its values; --task classify takes it for a class)");
  expect(trained.out).toMatch(/ {2}target {3}price \S+ ± \S+ in training: learned at mean 0 and deviation 1/);
  expect(trained.out).toMatch(/validation loss \S+ {2}RMSE \S+ {2}MAE \S+ {2}R² 0\.9/);
  expect(trained.out).toMatch(/ {2}test {5}RMSE \S+, MAE \S+, R² 0\.9\d+, loss/);
});

describe("a number", () => {
  test("has its figures in every record, and a test repeats them", async () => {
    const record = JSON.parse(read("prices", "run.json"));
    expect(record).toMatchObject({ testAccuracy: null, options: { loss: { name: "squared-error" } } });
    expect(record.data.table).toMatchObject({ task: "regress", ignore: ["area2"] });
    const epoch = JSON.parse(read("prices", "metrics.jsonl").split("\n")[3]!);
    expect(epoch.validationFigures.targets[0]).toMatchObject({ name: "price" });
    const tested = JSON.parse((await run("test", "prices", "houses.csv", "--json")).out);
    expect(tested.part).toBe("the rows held out of training");
    expect(tested.targets).toEqual(record.testValues.targets);
    const { out } = await run("test", "prices", "houses.csv");
    expect(out).toMatch(/target +RMSE +MAE +R²\nprice +\d.*\n {2}95 % +\d+ … \d+ +\d+ … \d+ +0.9\d+ … 0.9\d+\n/);
  });

  test("is answered from raw rows in its own units, on a line, as JSON and as a table with kept columns", async () => {
    const wanted = [50_000 + 300_000 + 90_000, 50_000 + 180_000];
    const answers = jsonLines(await run("predict", "prices", "new.csv", "--json"));
    const prices = answers.map(({ values }) => (values as { price: number }).price);
    for (const [i, price] of prices.entries()) expect(Math.abs(price - wanted[i]!) / wanted[i]!).toBeLessThan(0.15);
    const { out } = await run("predict", "prices", "new.csv", "--keep", "id", "--out", "a.csv");
    expect(out).toMatch(/^a\.csv {2}2 rows: mean price \d+/);
    expect(read("a.csv").split("\n")[2]).toBe(`2,8,${prices[1]}`);
  });

  test("is learned again to the same bits after a kill, and verified", async () => {
    const words = ["--epochs", "60", "--loss", "quantile=0.1,0.5,0.9", "--activations", "gelu,mish"];
    const job = [...JOB.slice(0, -2), ...words, "--batch-size", "64"];
    let sent = false;
    await deltaprop(home, [...job, "--out", "cut", "--json", "--checkpoint-minutes", "0"], (out, child) => {
      if (sent || !out.includes('"epoch":2,')) return;
      sent = true;
      child.kill("SIGKILL");
    });
    expect((await run(...job, "--out", "whole")).code).toBe(0);
    const resumed = jsonLines(await run("train", "--resume", "cut", "--engine", "wasm", "--json"));
    expect(resumed.find(({ event }) => event === "start")!.epoch).toBeGreaterThan(1);
    const [cut, whole] = [read("cut", "run.json"), read("whole", "run.json")].map((text) => JSON.parse(text));
    expect(cut.parametersSha256).toBe(whole.parametersSha256);
    expect(cut.testValues).toEqual(whole.testValues);
    expect((await run("verify", "whole")).out).toContain("reproduced bit for bit");
    const { out } = await run("predict", "whole", "new.csv");
    expect(out).toMatch(/^new\.csv:1 {2}\d+ \(0\.1: \d+, 0\.5: \d+, 0\.9: \d+\)\n/);
  });

  test("is learned on from a model with its scaling of the targets, and its gradients are checked", async () => {
    const gone = await run("train", "houses.csv", "--from", "prices", "--epochs", "2", "--out", "gone");
    expect([gone.code, gone.out]).toEqual([0, expect.stringContaining("loss squared-error")]);
    const scaling = /"target_scaling":"[^}]*}"/;
    expect(scaling.exec(read("gone", "model.safetensors"))![0]).toBe(
      scaling.exec(read("prices", "model.safetensors"))![0],
    );
    expect((await run("verify", "gone")).code).toBe(0);
    const checked = await run("check", "--model", "prices", "--data", "houses.csv", "--batch-size", "4");
    expect([checked.code, checked.err]).toEqual([0, ""]);
    const other = await run("train", "houses.csv", "--from", "prices", "--loss", "poisson", "--out", "poisson");
    expect(other.err).toContain("loss must be left out, or one whose outputs mean what those of squared-error do");
  });
});

test("a report has the figures of each number, the rows farthest off, and a command that trains the same bits", async () => {
  const reported = await run("report", "prices");
  expect([reported.code, reported.err]).toEqual([0, ""]);
  const page = read("prices", "report.html");
  const data = JSON.parse(/id="run">(.*?)<\/script>/s.exec(page)![1]!) as ReportData;
  const record = JSON.parse(read("prices", "run.json"));
  expect(data.figures[0]).toEqual(["test RMSE", String(Number(record.testValues.targets[0].rmse.toPrecision(4)))]);
  expect(data.testedValues!.metrics).toEqual(record.testValues);
  const off = data.testedValues!.worst.map(({ answers }) => {
    const [wanted, got] = answers[0]![1].match(/[\d.]+/g)!.map(Number);
    return Math.abs(wanted! - got!);
  });
  expect(off).toEqual([...off].sort((a, b) => b - a));
  const [, command] = data.commands.find(([name]) => name === "Train it again")!;
  const again = command.replace("npm run deltaprop -- ", "").split(" ");
  expect((await run(...again, "--out", "again", "--quiet")).code).toBe(0);
  expect(JSON.parse(read("again", "run.json")).parametersSha256).toBe(record.parametersSha256);
});

test("gradients of a batch are those of the model's loss", async () => {
  const inputs = Float32Array.from({ length: 3 * 6 }, () => random.normal());
  writeFileSync(join(home, "x.npy"), writeNpy("f4", [3, 6], inputs));
  writeFileSync(join(home, "t.npy"), writeNpy("f4", [3, 1], Float32Array.of(1, -2, 0.5)));
  const { code, err } = await run(
    "gradients",
    "prices",
    "--inputs",
    "x.npy",
    "--targets",
    "t.npy",
    "--out",
    "g.safetensors",
  );
  expect([code, err]).toEqual([0, ""]);
  const { tensors } = decodeSafetensors(readFileSync(join(home, "g.safetensors")));
  const of = (name: string) => [...(tensors.get(name)!.values as Float32Array)];
  const off = of("logits").map((z, i) => z - [1, -2, 0.5][i]!);
  expect(of("delta.3")).toEqual(off.map(Math.fround)); // ∂½(z − t)²/∂z
  expect(of("losses")).toEqual(off.map((r) => 0.5 * r * r));
  const refused = await run("gradients", "prices", "--inputs", "x.npy", "--labels", "t.npy", "--out", "h.safetensors");
  expect(refused.err).toContain("gradients must be given --targets, got");
});

test("several columns of yes and no are labels, each with its figures", async () => {
  const words = [
    "--label",
    "warm,wet",
    "--hidden",
    "16",
    "--epochs",
    "60",
    "--optimizer",
    "adam",
    "--learning-rate",
    "0.02",
  ];
  const trained = await run("train", "tags.csv", ...words, "--validation", "0.2", "--out", "tags");
  expect(trained.out).toContain(
    "  label    warm, wet, as told (2 labels to learn, by their values; --task regress learns numbers)\n",
  );
  expect(trained.out).toMatch(/F1 0\.9\d+ \(mean of 2\), ROC area 0\.9\d+, PR area 0\.9/);
  const { out } = await run("test", "tags", "tags.csv");
  expect(out).toMatch(/label +precision +recall +F1 +ROC area +PR area +rows\nwarm.*\n {2}95 % +0\.\d+ … [01]\.\d+/);
  const [first] = jsonLines(await run("predict", "tags", "tags.csv", "--json"));
  expect(Object.keys(first!.probabilities as object)).toEqual(["warm", "wet"]);
  await run("predict", "tags", "tags.csv", "--out", "labels.tsv");
  expect(read("labels.tsv").split("\n")[0]).toBe("row\tlabels\tP(warm)\tP(wet)");
  expect((await run("data", "tags.csv", "--label", "warm,wet")).out).toMatch(/label +part +rows +share\nwarm +train/);
});

test("labels are calibrated on the validation rows, and test says what it did", async () => {
  const words = [
    "--label",
    "warm,wet",
    "--hidden",
    "32",
    "--epochs",
    "80",
    "--weight-decay",
    "0",
    "--validation",
    "0.3",
  ];
  const trained = await run("train", "tags.csv", ...words, "--calibrate", "--out", "calm");
  const [, temperature] = /answers {2}probabilities at temperature (\S+), fitted/.exec(trained.out)!;
  const { out } = await run("test", "calm", "tags.csv");
  expect(out).toContain(`after temperature ${temperature} (15 bins)`);
  expect(out).toMatch(/^calibration error 0\.\d+ before, 0\.\d+ after/m);
  expect((await run("verify", "calm")).code).toBe(0);
  expect((await run("train", "tags.csv", "--label", "warm,wet", "--calibrate")).err).toContain("--validation must be");
});

test("what does not fit is refused before anything is written, and says what to do", async () => {
  const refused = async (...words: string[]) => {
    const { code, err } = await run(...words);
    expect(code).toBe(2);
    return err;
  };
  expect(await refused("train", "houses.csv", "--label", "price", "--task", "regress", "--loss", "focal")).toContain(
    '--loss must be one for --task regress, got "focal"',
  );
  expect(await refused("train", "houses.csv", "--label", "town", "--task", "regress")).toContain(
    'houses.csv:row 2 column 2 (town): the target must be a number, got "Bern"',
  );
  expect(await refused("train", "houses.csv", "--label", "town,price", "--task", "classify")).toContain(
    "a class is one column; --task multilabel or regress learns several.",
  );
  expect(await refused("train", "houses.csv", "--loss", "huber=-1")).toContain(
    "loss.threshold must be a finite number",
  );
  expect(await refused("mislabelled", "houses.csv", "--label", "price")).toContain(
    "`train --task regress` learns numbers",
  );
  expect(await refused("explain", "prices", "new.csv")).toContain("explain needs a model of classes");
  expect(await refused("test", "prices", "tags.csv")).toContain('no column is named "price"');
});

test("rows that --memory has no room for are read by pieces, to the same bits and figures", async () => {
  const draws = new Random(7, 2);
  const many = Array.from({ length: 30_000 }, (_, k) => {
    const x = Array.from({ length: 5 }, () => draws.normal());
    return [...x, 100 * x[0]! - 20 * x[1]! + (k % 10)].join();
  });
  writeFileSync(join(home, "many.csv"), `a,b,c,d,e,y\n${many.join("\n")}\n`);
  const words = ["train", "many.csv", "--label", "y", "--loss", "quantile", "--hidden", "4", "--epochs", "2"];
  const small = ["--memory", "1", "--cache", "cache"];
  const record = async (out: string, ...more: string[]) => {
    const {
      code,
      err,
      out: said,
    } = await run(...words, "--batch-size", "512", "--validation", "0.1", "--out", out, ...more);
    expect([code, err]).toEqual([0, ""]);
    return { said, ...JSON.parse(read(out, "run.json")) };
  };
  const [whole, pieces] = [await record("at-once"), await record("by-pieces", ...small)];
  expect(pieces.said).toContain("read by pieces");
  expect(pieces.epochParametersSha256).toEqual(whole.epochParametersSha256);
  expect(pieces.testValues).toEqual(whole.testValues);
  const tested = JSON.parse((await run("test", "by-pieces", "many.csv", "--json", ...small)).out);
  expect(tested.targets).toEqual(whole.testValues.targets);
});

test("--label-weights weigh the loss of each label, are recorded, resumed, reported, and refused where they do not fit", async () => {
  const words = ["train", "tags.csv", "--label", "warm,wet", "--hidden", "8", "--epochs", "4"];
  const weighted = await run(...words, "--label-weights", "1,5", "--out", "weighted");
  expect(weighted.out).toContain("loss sigmoid-cross-entropy (labels weighted 1, 5)");
  await run(...words, "--out", "plain");
  const record = (name: string) => JSON.parse(read(name, "run.json"));
  expect(record("weighted").options.loss).toEqual({ name: "sigmoid-cross-entropy", labelWeights: [1, 5] });
  expect(record("weighted").parametersSha256).not.toBe(record("plain").parametersSha256);
  expect((await run("verify", "weighted")).code).toBe(0);
  const refused = async (...more: string[]) => (await run(...words, "--out", "none", ...more)).err;
  expect(await refused("--label-weights", "1,2,3")).toContain(
    "--label-weights must be 2 numbers, one a label (warm, wet)",
  );
  expect(await refused("--label-weights", "0,0")).toContain("With all 0 nothing is learned.");
  expect((await run(...JOB, "--label-weights", "1", "--out", "none")).err).toContain(
    "--label-weights must be left out unless labels are learned (--task multilabel)",
  );
});

test("an array of numbers beside an array of features is learned by its values, in one column or several", async () => {
  const X = Array.from({ length: 120 }, () => [random.normal(), random.normal()]);
  writeFileSync(join(home, "X.npy"), writeNpy("f8", [120, 2], X.flat()));
  writeFileSync(
    join(home, "y.npy"),
    writeNpy(
      "f4",
      [120, 2],
      X.flatMap(([a, b]) => [10 * a!, b! - a! + 3]),
    ),
  );
  const trained = await run(
    "train",
    "X.npy",
    "--hidden",
    "12",
    "--epochs",
    "60",
    "--optimizer",
    "adam",
    "--learning-rate",
    "0.03",
    "--out",
    "array",
  );
  expect([trained.code, trained.err]).toEqual([0, ""]);
  expect(trained.out).toContain(
    "The array of labels holds numbers to learn, 2 a row, by its values; --task says otherwise.",
  );
  expect(trained.out).toMatch(/R² 0\.[89]\d+ \(mean of 2\)/);
  expect((await run("test", "array", "X.npy")).out).toMatch(/value 1 +\d.*\n.*\nvalue 2 +\d/);
  const first = jsonLines(await run("predict", "array", "X.npy", "--json"))[0]!;
  expect(Object.keys(first.values as object)).toEqual(["value 1", "value 2"]);
});
