// A search: the same trials and winner for any number of workers and after any stops; halving; what is refused.
import { expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { splitDataset } from "../../src/data/split.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { PURPOSE, Random } from "../../src/numerics/random.ts";
import { defaultSpace } from "../../src/search/default-space.ts";
import { type KnownFit, searchOptions, type Trial } from "../../src/search/halving-search.ts";
import { importances } from "../../src/search/importance.ts";
import { propose } from "../../src/search/propose.ts";
import { type Point, randomPoint, readSpace, type SearchSpace, valuesAt } from "../../src/search/search-space.ts";
import { train } from "../../src/training/trainer.ts";
import { blobs } from "../training/blobs.ts";

const data: Dataset = blobs(150, { spread: 2.5, classes: 4 });
const space: SearchSpace = {
  learningRate: { from: 0.001, to: 0.5, scale: "log" },
  hidden: { choices: [[4], [16], [8, 8]] },
  activation: { choices: ["relu", "tanh"] },
};
const settings = { space, trials: 21, epochs: 18, seed: 5, fixed: { optimizer: "sgd" } } as const;
const machine = { engine: "wasm", workers: 1 } as const;
const kept: KnownFit[] = [];
const whole = await searchOptions({ train: data }, settings, { ...machine, onFit: (fit) => void kept.push(fit) });

test("two and four workers find the same trials, figures, hashes and winner", async () => {
  for (const workers of [2, 4])
    expect(await searchOptions({ train: data }, settings, { ...machine, workers })).toEqual(whole);
});

test("a search that is stopped after any fit goes on to the same trials", async () => {
  const random = new Random(8, 90);
  let known: KnownFit[] = [];
  for (let stop = 0; stop < 6; stop++) {
    const controller = new AbortController();
    const more = 1 + random.integer(5);
    let fits = 0;
    const onFit = (fit: KnownFit) => {
      known = [...known, fit];
      if (++fits === more) controller.abort(new Error("stopped"));
    };
    const going = searchOptions({ train: data }, settings, { ...machine, known, onFit, signal: controller.signal });
    await expect(going).rejects.toThrow("stopped");
  }
  const shuffled = random.shuffle(known.slice());
  let again = 0;
  const onFit = () => void again++;
  expect(await searchOptions({ train: data }, settings, { ...machine, known: shuffled, onFit })).toEqual(whole);
  expect(again).toBe(kept.length - known.length);
});

test("of nine trials three get a third of the epochs and one gets all of them", () => {
  const first = whole.trials.slice(0, 9).flatMap(({ fits }) => fits);
  for (const [rung, epochs, count] of [
    [0, 2, 9],
    [1, 6, 3],
    [2, 18, 1],
  ])
    expect(first.filter((fit) => fit.rung === rung && fit.epochs === epochs)).toHaveLength(count!);
  const accuracy = (rung: number) => first.filter((fit) => fit.rung === rung).map((fit) => fit.score);
  const gone = first.filter((fit) => fit.rung === 1).map(({ trial }) => trial);
  const left = first.filter((fit) => fit.rung === 0 && !gone.includes(fit.trial)).map((fit) => fit.score);
  expect(
    Math.min(
      ...accuracy(0)
        .toSorted((a, b) => b - a)
        .slice(0, 3),
    ),
  ).toBeGreaterThanOrEqual(Math.max(...left));
});

test("the first trial has the defaults, and the winner the best whole fit", () => {
  expect(whole.trials[0]!.values).toEqual({});
  const last = whole.trials.map(({ fits }) => fits.at(-1)!).filter(({ rung }) => rung === 2);
  expect(whole.best.fits.at(-1)!.score).toBe(Math.max(...last.map(({ score }) => score)));
  expect(whole.noise!.deviation).toBeGreaterThanOrEqual(0);
});

test("more trials go on from fewer: the first ones stay as they are", async () => {
  const longer = await searchOptions({ train: data }, { ...settings, trials: 27 }, { ...machine, known: kept });
  expect(longer.trials.slice(0, 18)).toEqual(whole.trials.slice(0, 18));
});

test("a validation part judges, where there is one", async () => {
  const validation = blobs(60, { spread: 2.5, classes: 4, stream: 3 });
  const judged = await searchOptions({ train: data, validation }, { ...settings, trials: 1 }, machine);
  const parted = await searchOptions({ train: data }, { ...settings, trials: 1 }, machine);
  expect(judged.best.fits.at(-1)!.parametersSha256).not.toBe(parted.best.fits.at(-1)!.parametersSha256);
  expect((judged.best.fits.at(-1)!.score * 60) % 1).toBeCloseTo(0, 9);
});

test("normalized and joined layers are tried as any other option, and refused at the start where they cannot be", async () => {
  const between: SearchSpace = { layerNorm: { choices: [true, false] }, residual: { choices: [false, true] } };
  const fixed = { optimizer: "sgd", hidden: [8, 8] } as const;
  const few = { space: between, trials: 5, epochs: 2, seed: 5, halving: false, fixed } as const;
  const { trials } = await searchOptions({ train: data }, few, machine);
  const [part, judged] = splitDataset(data, 0.2, 5);
  const kinds = new Set<string>();
  for (const { values, fits } of trials) {
    const network = defineNetwork([data.cols, 8, 8, 4], "relu", values);
    const options = { optimizer: "sgd", epochs: 2, seed: 5, engine: "wasm", threads: 1 } as const;
    const { parametersSha256 } = (await train(network, { train: part, test: judged }, options)).epochs.at(-1)!;
    expect(fits.at(-1)!.parametersSha256).toBe(parametersSha256);
    kinds.add(fits.at(-1)!.parametersSha256);
  }
  expect(kinds.size).toBeGreaterThan(2);
  const narrow = {
    ...few,
    fixed: { optimizer: "sgd" },
    space: { ...between, hidden: { choices: [[8, 8], [8]] } },
  } as const;
  await expect(searchOptions({ train: data }, narrow, machine)).rejects.toThrow(/residual must be two or more.*\[8\]/);
  const sizes = (space: SearchSpace) => (space.hidden as { choices: number[][] }).choices;
  const usual = sizes(defaultSpace({ optimizer: "adam" }));
  const joined = sizes(defaultSpace({ optimizer: "adam", residual: true }));
  expect(usual).toContainEqual([64]);
  expect(joined).toEqual(usual.filter(([first, second]) => first === second));
});

test("fits of another search are refused", async () => {
  const known = [{ ...kept[3]!, values: { learningRate: 0.25 } }];
  const going = searchOptions({ train: data }, settings, { ...machine, known });
  await expect(going).rejects.toThrow("fits of another search");
});

test("what is learned from trials finds a narrow peak sooner than chance", () => {
  const wide: SearchSpace = {
    learningRate: { from: 0.001, to: 1, scale: "log" },
    labelSmoothing: { from: 0, to: 0.5 },
    weightDecay: { from: 0, to: 1 },
    activation: { choices: ["relu", "tanh", "gelu", "silu"] },
  };
  const figure = (p: Point) =>
    -((p[0]! - 0.3) ** 2) - (p[1]! - 0.8) ** 2 - (p[2]! - 0.5) ** 2 - Number(p[3] !== 0.625) / 4;
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
  const found = (seed: number, next: (ranked: readonly Point[], random: Random) => Point) => {
    const points: Point[] = [];
    for (let k = 0; k < 40; k++)
      points.push(
        next(
          points.toSorted((a, b) => figure(b) - figure(a)),
          new Random(seed, 90, k),
        ),
      );
    return Math.max(...points.map(figure));
  };
  const seeds = Array.from({ length: 21 }, (_, s) => s);
  const learned = median(seeds.map((seed) => found(seed, (ranked, random) => propose(wide, ranked, [], random))));
  const chance = median(seeds.map((seed) => found(seed, (_, random) => randomPoint(wide, random))));
  expect(learned).toBeGreaterThan(chance / 4); // a quarter of the distance from the peak at 0
});

test("an option that decides everything has the share 1, one that decides nothing 0", () => {
  const random = new Random(4, 90);
  const trials = Array.from({ length: 60 }, (_, k) => {
    const values = { batchSize: [16, 32][k % 2]!, labelSmoothing: random.uniform() };
    const fit = { trial: k + 1, rung: 0, epochs: 1, score: k % 2, loss: 1, parametersSha256: "" };
    return { trial: k + 1, values, fits: [fit] };
  });
  const [first, second] = importances(trials, ["labelSmoothing", "batchSize"]);
  expect(first).toEqual({ name: "batchSize", share: 1 });
  expect(second!.share).toBeLessThan(0.1);
});

test("of an option's share what chance gives is taken away: ω², worked out by hand", () => {
  const scores = [0, 2, 0, 2, 1, 3, 1, 3]; // between 2, within 8 of 6 degrees, total 10
  const trials = scores.map((score, k) => {
    const fit = { trial: k + 1, rung: 0, epochs: 1, score, loss: 1, parametersSha256: "" };
    return { trial: k + 1, values: { batchSize: k < 4 ? 16 : 32 }, fits: [fit] };
  });
  expect(importances(trials, ["batchSize"])[0]!.share).toBeCloseTo((2 - 4 / 3) / (10 + 4 / 3), 12);
});

test("a generation is proposed from all trials before it, the longest fit first, then the better", () => {
  const drawn = (trial: number) => new Random(settings.seed, PURPOSE.search, trial);
  const before = whole.trials.slice(1, 9);
  const last = ({ fits }: Trial) => fits.at(-1)!;
  const ranked = before.toSorted(
    (a, b) => last(b).rung - last(a).rung || last(b).score - last(a).score || last(a).loss! - last(b).loss!,
  );
  const points = ranked.map(({ trial }) => randomPoint(space, drawn(trial)));
  const pending: Point[] = [];
  for (let trial = 10; trial <= 18; trial++) {
    pending.push(propose(space, points, pending, drawn(trial)));
    expect(whole.trials[trial - 1]!.values).toEqual(valuesAt(space, pending.at(-1)!));
  }
});

test("values lie in their range, numbers with three digits", () => {
  const random = new Random(2, 90);
  for (let k = 0; k < 200; k++) {
    const { learningRate, hidden } = valuesAt(space, randomPoint(space, random));
    expect(learningRate).toBeGreaterThanOrEqual(0.001);
    expect(learningRate).toBeLessThanOrEqual(0.5);
    expect(learningRate).toBe(Number((learningRate as number).toPrecision(3)));
    expect([[4], [16], [8, 8]]).toContainEqual(hidden);
    const { batchSize } = valuesAt({ batchSize: { from: 3, to: 5, whole: true } }, Float64Array.of(random.uniform()));
    expect([3, 4, 5]).toContain(batchSize);
  }
});

test.each([
  [{ learningrat: { from: 0.1, to: 1 } }, 'got "learningrat". Did you mean learningRate?'],
  [{ epochs: { from: 1, to: 9 } }, 'got "epochs"'],
  [{ learningRate: { from: 1, to: 0.1 } }, "learningRate.to must be a number > 1"],
  [{ learningRate: { from: 0, to: 0.1, scale: "log" } }, "learningRate.from must be a number, > 0 on a log scale"],
  [{ layerNorm: { choices: [true, 1] } }, "a value of layerNorm must be true or false, got 1"],
  [{ hidden: { choices: [[4]] } }, "hidden.choices must be two values or more"],
  [{ hidden: { choices: [[4], [0]] } }, "must be an integer in"],
  [{ hidden: { from: 1, to: 4 } }, "hidden must be choices"],
  [{ activation: { choices: ["relu", "relo"] } }, "activation must be one of"],
  [{ batchSize: { choices: [16, "32"] } }, "a value of batchSize must be a number"],
  [{}, "the space must be an object"],
  [[], "the space must be an object"],
])("the space %o is refused by name", (wrong, words) => {
  expect(() => readSpace(wrong)).toThrow(words);
});
