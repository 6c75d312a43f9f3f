import { describe, expect, test } from "vitest";
import { fit, fromArrays, fromRows, load, loadValues, type ValueLoss, valueModelOf } from "../../src/index.ts";
import { Random } from "../../src/numerics/random.ts";

const random = new Random(3, 1234);
const X = Array.from({ length: 240 }, () => [random.between(-2, 2), random.between(-2, 2), random.between(-2, 2)]);
const price = X.map(([a, b, c]) => 1000 + 50 * a! + 20 * b! * c! + random.normal());
const prices = fromArrays(X, price, { task: "regress", classes: ["price"] });
const options = { hidden: [16, 12], epochs: 60, seed: 3 } as const;

describe("a model of numbers", () => {
  test.each<ValueLoss>([
    "squared-error",
    "absolute-error",
    "huber",
    "gaussian",
    { name: "quantile", levels: [0.1, 0.5] },
  ])("under %j answers in the units of the data", async (loss) => {
    const model = await fit(prices, { ...options, loss, activations: ["gelu", "tanh"] });
    const { targets, labels, rows } = await model.evaluate(prices);
    expect([rows, labels]).toEqual([240, []]);
    expect(targets[0]!.name).toBe("price");
    expect(targets[0]!.r2).toBeGreaterThan(0.9); // 0 for the mean of the prices
    const answers = await model.predictMany(X);
    const errors = price.map((t, i) => t - answers.values[i]!);
    const rmse = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / 240);
    expect(targets[0]!.rmse).toBeCloseTo(rmse, 9);
    expect(model.predict(X[7]!).values.price).toBe(answers.values[7]);
    expect(model.history.at(-1)!.trainAccuracy).toBeNull();
  });

  test("of counts is never below 0, and one of quantiles is right about as often as it says", async () => {
    const counts = X.map(([a]) => Math.floor(Math.exp(1 + a! / 2) + random.uniform()));
    const counted = fromArrays(X, counts, { task: "regress" });
    const model = await fit(counted, { ...options, loss: "poisson" });
    expect((await model.predictMany(X)).values.every((value) => value >= 0)).toBe(true);
    expect((await model.evaluate(counted)).targets[0]!.r2).toBeGreaterThan(0.7);
    const loss = { name: "quantile", levels: [0.1, 0.9] } as const;
    const { targets } = await (await fit(prices, { ...options, loss })).evaluate(prices);
    const [low, high] = targets[0]!.quantiles!;
    expect(low!.covered).toBeLessThan(0.3);
    expect(high!.covered).toBeGreaterThan(0.7);
  });

  test("learns several targets at once, each by its name", async () => {
    const both = fromArrays(
      X,
      X.map(([a, b]) => [100 * a!, b! - 5]),
      { task: "regress", classes: ["left", "right"] },
    );
    const model = await fit(both, { ...options, loss: "squared-error", test: undefined } as never);
    expect((await model.evaluate(both)).targets.map(({ name, r2 }) => [name, r2! > 0.9])).toEqual([
      ["left", true],
      ["right", true],
    ]);
  });

  test("of objects with words and holes keeps each target with its row", async () => {
    const objects = X.map((x, i) => ({
      a: x[0],
      sky: x[1]! > 0 ? "sunny" : "grey",
      c: i % 9 ? x[2] : null,
      price: price[i],
    }));
    const data = fromRows(objects, { label: "price", task: "regress" });
    expect([...data.values!]).toEqual(price);
    expect(data.classes).toEqual(["price"]);
    const model = await fit(data, { ...options, loss: "squared-error" });
    expect((await model.evaluate(data)).targets[0]!.r2).toBeGreaterThan(0.7);
  });

  test("gives the same bits on every engine and number of threads, and after its bytes", async () => {
    const run = (engine: string, threads: number) =>
      fit(prices, { ...options, epochs: 3, loss: "gaussian", activations: ["mish", "selu"], engine, threads });
    const [first, ...others] = await Promise.all([run("reference", 1), run("wasm", 2), run("auto", 2)]);
    for (const other of others) expect(other!.model.parameters).toEqual(first!.model.parameters);
    const back = await loadValues(await first!.toBytes());
    expect(back.predict(X[3]!)).toEqual(first!.predict(X[3]!));
    expect(back.model).toEqual(valueModelOf(first!.model).model);
    expect(back.network.activation).toEqual(["mish", "selu"]);
    await expect(load(await first!.toBytes())).rejects.toThrow(/a classifier needs a model of classes.*gaussian/);
  });

  test("tests its test part, weighs rows, and stops early by its own loss", async () => {
    const weights = X.map((_, i) => (i < 120 ? 1 : 0));
    const halves = fromArrays(
      X,
      price.map((t, i) => (i < 120 ? t : 0)),
      { task: "regress", weights },
    );
    const model = await fit({ train: halves, test: prices }, { ...options, loss: "squared-error" });
    expect(model.test!.targets[0]!.r2).toBeGreaterThan(0.8); // rows of weight 0 say nothing, though their target is 0
    const early = await fit(prices, { ...options, loss: "huber", validation: 0.2, patience: 3 });
    expect(early.history.at(-1)!.validationLoss).toBeGreaterThan(0);
    expect(early.history.at(-1)!.validationAccuracy).toBeNull();
  });
});

test("goes on with new rows: its loss, the scaling of its targets and its parameters stay", async () => {
  const first = await fit(prices, { ...options, loss: "huber" });
  const cheap = fromArrays(
    X,
    price.map((t) => t - 300),
    { task: "regress", classes: ["price"] },
  );
  const same = await fit(cheap, { from: first, epochs: 1, learningRate: 1e-30, optimizer: "sgd" });
  expect(same.model).toMatchObject({ loss: first.loss, targetScaling: first.model.targetScaling });
  expect(same.predict(X[5]!)).toEqual(first.predict(X[5]!));
  const better = await fit(cheap, { from: first, epochs: 30, loss: "absolute-error" });
  expect(better.loss).toEqual({ name: "absolute-error" });
  expect((await better.evaluate(cheap)).targets[0]!.mae).toBeLessThan(
    (await first.evaluate(cheap)).targets[0]!.mae / 4,
  );
  await expect(fit(cheap, { from: first, loss: "poisson" })).rejects.toThrow(/outputs mean what those of huber do/);
  const other = fromArrays(X, price, { task: "regress", classes: ["rent"] });
  await expect(fit(other, { from: first })).rejects.toThrow(/has no target "price", which this model answers with/);
});

test("a model of labels gives the probability of each, and its figures", async () => {
  const y = X.map(([a, b]) => [a! > 0, a! + b! > 1]);
  const data = fromArrays(X, y, { task: "multilabel", classes: ["warm", "wet"] });
  for (const loss of ["sigmoid-cross-entropy", { name: "focal", gamma: 1 }] as const) {
    const model = await fit(data, { ...options, loss, labelSmoothing: 0.01 });
    const { labels } = await model.evaluate(data);
    expect(labels.map(({ name }) => name)).toEqual(["warm", "wet"]);
    for (const { f1, rocArea, prArea } of labels) expect(Math.min(f1!, rocArea!, prArea!)).toBeGreaterThan(0.9);
    expect(model.predict([2, 2, 0]).labels).toEqual(["warm", "wet"]);
    expect(model.predict([-2, -2, 0]).labels).toEqual([]);
  }
});

test("what does not fit is refused in words", async () => {
  await expect(fit(prices)).rejects.toThrow(/loss must be one for numbers \(task "regress"\).*squared-error/);
  const classes = fromArrays(
    X,
    X.map(([a]) => Number(a! > 0)),
  );
  await expect(fit(classes, { loss: "huber" })).rejects.toThrow(/loss must be one for classes/);
  await expect(fit(prices, { loss: "focal" })).rejects.toThrow(/loss must be one for numbers/);
  await expect(fit(prices, { loss: "huber", classWeights: "balanced" })).rejects.toThrow(
    /classWeights must be left out/,
  );
  await expect(fit(prices, { loss: "huber", labelSmoothing: 0.1 })).rejects.toThrow(/labelSmoothing must be 0/);
  expect(() => fromArrays([[1]], [Number.NaN], { task: "regress" })).toThrow(/the target of row 1 must be a finite/);
  expect(() => fromArrays([[1]], [[2]], { task: "multilabel" })).toThrow(/1 or true where the label is there/);
});
