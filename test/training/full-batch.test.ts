// L-BFGS: the same bits everywhere and after a stop, what it reaches, and what it refuses.
import { expect, test } from "vitest";
import { fit } from "../../src/classifier/fit.ts";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { ENGINES } from "../../src/engines/registry.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { wolfePoint } from "../../src/numerics/line-search.ts";
import { descent, dot, secantOf } from "../../src/numerics/minimize.ts";
import { Random } from "../../src/numerics/random.ts";
import { FLAT } from "../../src/training/full-batch.ts";
import { openRun, type TrainOptions, train } from "../../src/training/trainer.ts";

const N = 90;
const random = new Random(3, 97);
const rows = Array.from({ length: N }, () => Float32Array.from({ length: 5 }, () => random.normal()));
const labels = rows.map(([a, b, c]) => (a! * b! + 0.3 * c! + 0.5 * random.normal() > 0 ? "yes" : "no"));
const data = fromArrays(rows, labels);
const network = defineNetwork([5, 9, 2], "tanh");
const options: TrainOptions = { optimizer: "lbfgs", epochs: 12, weightDecay: 0.003, engine: "reference" };

test("the same bits on every engine and number of threads", async () => {
  const { parametersSha256, epochs } = await train(network, data, options);
  expect(epochs).toHaveLength(12);
  expect(epochs.at(-1)!.trainLoss!).toBeLessThan(0.5 * epochs[0]!.trainLoss!);
  for (const { name, missing } of ENGINES)
    for (const threads of name === "reference-float64" || missing() !== undefined ? [] : [1, 3])
      expect((await train(network, data, { ...options, engine: name, threads })).parametersSha256, name).toBe(
        parametersSha256,
      );
});

test("a run that was stopped after any iteration goes on to the same bits", async () => {
  const whole = await train(network, data, options);
  for (const steps of [1, 5, 11]) {
    await using first = await openRun(network, data, options);
    await first.train({ steps });
    const state = first.state();
    expect(state.states).toHaveLength(2 * Math.min(10, steps));
    await using second = await openRun(network, data, { ...options, from: state });
    await second.train();
    const { parametersSha256, epochs } = await second.result();
    expect(parametersSha256).toBe(whole.parametersSha256);
    const timeless = (list: typeof epochs) => list.map(({ seconds, examplesPerSecond, ...rest }) => rest);
    expect(timeless(epochs)).toEqual(timeless(whole.epochs));
  }
});

test("a convex loss ends where its gradient is flat, at the same loss from any start", async () => {
  const linear = defineNetwork([5, 2]);
  const losses: number[] = [];
  for (const seed of [1, 2]) {
    const run = await openRun(linear, data, { ...options, engine: "reference-float64", epochs: 200, seed });
    expect(await run.train()).toBe("finished");
    expect(run.progress.epoch).toBeLessThan(60);
    const { layers, losses: found } = await run.session.gradients(Uint32Array.from(rows.keys()));
    const parameters = run.session.readParameters();
    for (const [k, g] of layers[0]!.dW.entries())
      expect(Math.abs(g + 0.003 * parameters[k]!)).toBeLessThanOrEqual(FLAT); // W₁ comes first
    losses.push(found.reduce((sum, loss) => sum + loss / N, 0));
    await run.close();
  }
  expect(losses[0]).toBeCloseTo(losses[1]!, 6);
});

test("early stopping keeps the best epoch", async () => {
  const stopped = await train(network, data, { ...options, epochs: 200, weightDecay: 0, patience: 3, validation: 0.3 });
  expect(stopped.stopReason).toBe("early");
  expect(stopped.keptEpoch).toBe(stopped.epochs.length - 3);
});

test("fit learns numbers with it, from arrays", async () => {
  const answers = rows.map(([a, b]) => Math.abs(a!) + b!);
  const model = await fit(fromArrays(rows, answers, { task: "regress" }), {
    optimizer: "lbfgs",
    loss: "squared-error",
    hidden: [16],
    epochs: 60,
    engine: "reference",
  });
  const { values } = await model.predictMany(rows);
  let [wrong, spread] = [0, 0];
  for (const [i, answer] of answers.entries()) {
    wrong += (values[i]! - answer) ** 2;
    spread += (answer - 0.8) ** 2;
  }
  expect(wrong).toBeLessThan(0.05 * spread);
});

test("options that a step on all rows has no place for are refused by name", async () => {
  for (const [name, value] of Object.entries({
    batchSize: 32,
    learningRate: 0.1,
    schedule: "cosine",
    warmupEpochs: 1,
    dropout: 0.2,
    inputNoise: 0.1,
    l1: 0.01,
    clipNorm: 1,
    maxNorm: 1,
    averageDecay: 0.9,
    frontScale: 6,
    private: { epsilon: 1, delta: 1e-5 },
  }))
    await expect(train(network, data, { ...options, [name]: value }), name).rejects.toThrow(`${name} must be left out`);
  await expect(train(network, data, { ...options, room: 100 })).rejects.toThrow("read by pieces");
});

test("the direction is −Hg of the dense inverse, which maps y to s, and it falls", () => {
  const n = 6;
  const draw = () => Float64Array.from({ length: n }, () => random.normal());
  const scale = Float64Array.from({ length: n }, (_, k) => 1 + k);
  const steps = Array.from({ length: 4 }, () => {
    const s = draw();
    const zero = new Float64Array(n);
    return secantOf(
      s,
      zero,
      s.map((x, k) => scale[k]! * x),
      zero,
    )!; // of a quadratic: y = A s
  });
  const last = steps.at(-1)!;
  let H = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (_, j) => (i === j ? last.sy / dot(last.y, last.y) : 0)),
  );
  for (const { s, y, sy } of steps) {
    const V = H.map((_, i) => Float64Array.from({ length: n }, (_, j) => Number(i === j) - (s[i]! * y[j]!) / sy));
    const VH = V.map((row) =>
      Float64Array.from({ length: n }, (_, j) => row.reduce((t, v, k) => t + v * H[k]![j]!, 0)),
    );
    H = VH.map((row, i) => Float64Array.from({ length: n }, (_, j) => dot(row, V[j]!) + (s[i]! * s[j]!) / sy));
  }
  const g = draw();
  const direction = descent(g, steps);
  for (const [i, d] of direction.entries()) expect(d).toBeCloseTo(-dot(H[i]!, g), 10);
  for (const [i, d] of descent(last.y, steps).entries()) expect(-d).toBeCloseTo(last.s[i]!, 10);
  expect(dot(direction, g)).toBeLessThan(0);
});

test("a line search ends at a point of the strong Wolfe conditions, or says that nothing is lower", async () => {
  const along = (f: (t: number) => number, slope: (t: number) => number) => {
    const at = async (t: number) => ({ t, value: f(t), slope: slope(t) });
    return async (first: number) => wolfePoint(at, await at(0), first, 40);
  };
  for (const first of [1e-4, 0.1, 1, 30, 1e4]) {
    const quadratic = await along(
      (t) => (t - 3) ** 2,
      (t) => 2 * (t - 3),
    )(first);
    expect(Math.abs(quadratic!.slope)).toBeLessThanOrEqual(0.9 * 6);
    expect(quadratic!.value).toBeLessThanOrEqual(9 - 6e-4 * quadratic!.t);
    const wall = await along(
      (t) => (t > 2 ? Number.NaN : -t),
      () => -1,
    )(first); // nothing is flatter
    expect(wall!.t > 0 && wall!.t <= 2).toBe(true);
  }
  expect(
    await along(
      (t) => t,
      () => -1,
    )(1),
  ).toBeUndefined();
});
