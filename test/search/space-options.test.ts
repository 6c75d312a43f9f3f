// What a space can name: every option of training that is a number or a choice; what 0 means; distortions; what is
// refused before any work.
import { expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { splitDataset } from "../../src/data/split.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { Random } from "../../src/numerics/random.ts";
import { defaultSpace } from "../../src/search/default-space.ts";
import { type KnownFit, searchOptions } from "../../src/search/halving-search.ts";
import { readSpace, type SearchSpace } from "../../src/search/search-space.ts";
import { SPACE_OPTIONS } from "../../src/search/space-options.ts";
import { trialOptions } from "../../src/search/trial-options.ts";
import { AUGMENTATION_RANGES, resolveAugmentation } from "../../src/training/augmentation.ts";
import { DEFAULTS } from "../../src/training/defaults.ts";
import { STEP_OPTIONS } from "../../src/training/step-options.ts";
import { train } from "../../src/training/trainer.ts";
import { blobs } from "../training/blobs.ts";

const data: Dataset = blobs(60, { spread: 2.5 });
const machine = { engine: "wasm", workers: 1 } as const;
const images = (await drawDigits({ train: 60, test: 1 })).train;

test("every option of training that is a number or a choice is in the table, and every limit of the distortions", () => {
  const settled = ["seed", "epochs", "validation", "patience", "epsilon", "member"]; // see the table's head
  const training = [...Object.keys(DEFAULTS), ...STEP_OPTIONS, "augment"].filter((name) => !settled.includes(name));
  const network = ["hidden", "activation", "layerNorm", "residual"];
  const limits = Object.keys(AUGMENTATION_RANGES).map((name) => `augment.${name}`);
  expect(Object.keys(SPACE_OPTIONS).toSorted()).toEqual([...training, ...network, ...limits].toSorted());
});

const SPACE: SearchSpace = {
  dropout: { from: 0, to: 0.5 },
  inputDropout: { choices: [0, 0.2] },
  inputNoise: { from: 0, to: 0.3 },
  mixup: { choices: [0, 0.2] },
  labelSmoothing: { from: 0, to: 0.1 },
  maxNorm: { choices: [0, 2] },
  clipNorm: { from: 0.5, to: 5, scale: "log" },
  averageDecay: { choices: [0, 0.9] },
  layerNorm: { choices: [false, true] },
  warmupEpochs: { from: 0, to: 6 },
  frontScale: { choices: [0, 6] },
};
const SETTINGS = { space: SPACE, trials: 10, epochs: 6, seed: 3, fixed: { optimizer: "adamw", hidden: [6] } } as const;

test("trials of new options are the same for any number of workers and after a stop, and their hashes those of train", async () => {
  const kept: KnownFit[] = [];
  const whole = await searchOptions({ train: data }, SETTINGS, { ...machine, onFit: (fit) => void kept.push(fit) });
  const known = kept.filter((_, at) => at % 3 > 0).toReversed();
  for (const more of [{ workers: 2, known }, { workers: 4 }])
    expect(await searchOptions({ train: data }, SETTINGS, { ...machine, ...more })).toEqual(whole);
  const [part, judged] = splitDataset(data, 0.2, 3);
  const { values, fits } = whole.trials.find(({ values }) => values.dropout && values.mixup === 0)!;
  const { layerNorm, warmupEpochs, ...others } = values;
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== 0));
  const options = { ...given, epochs: 1, warmupEpochs: Math.round((warmupEpochs as number) / 6), optimizer: "adamw" };
  const network = defineNetwork([data.cols, 6, data.classes.length], "relu", { layerNorm: layerNorm as boolean });
  const alone = await train(network, { train: part, test: judged }, { ...options, seed: 3, engine: "wasm" } as object);
  expect(fits[0]!.parametersSha256).toBe(alone.parametersSha256);
});

test("distortions are searched: a name or limits in a word, and single limits in their place", async () => {
  const of = (augment: string | undefined, values: object) =>
    trialOptions(augment === undefined ? {} : { augment: augment as "digits" }, { ...values }, images).options.augment;
  const limits = (augment: ReturnType<typeof of>) => resolveAugmentation(augment, images)!;
  expect(of(undefined, { augment: "none", "augment.rotation": 9 })).toBe("none");
  expect(of(undefined, { augment: "rotation:3,shift:2" })).toEqual({ rotation: 3, shift: 2 });
  expect(of("image", { dropout: 0.1 })).toBe("image");
  expect(limits(of("digits", { "augment.elastic": 0.5 }))).toEqual({ ...limits("digits"), elastic: 0.5 });
  expect(limits(of(undefined, { "augment.shift": 2 }))).toEqual({ ...limits({}), shift: 2 });
  const space = { augment: { choices: ["none", "digits"] }, "augment.rotation": { from: 0, to: 20 } };
  const settings = { space, trials: 4, epochs: 1, halving: false, fixed: { hidden: [4], batchSize: 16 } };
  const { trials } = await searchOptions({ train: images }, settings, machine);
  const [part, judged] = splitDataset(images, 0.2, 1);
  for (const { values, fits } of trials) {
    const augment =
      values.augment === "digits" ? { ...limits("digits"), rotation: values["augment.rotation"] } : "none";
    const options = { augment, epochs: 1, batchSize: 16, engine: "wasm", threads: 1 } as object;
    const alone = await train(defineNetwork([784, 4, 10]), { train: part, test: judged }, options);
    expect(fits.at(-1)!.parametersSha256).toBe(alone.parametersSha256);
  }
  expect(new Set(trials.map(({ values }) => values.augment)).size).toBeGreaterThan(1);
});

test("a fit that diverged is worse than any that did not, one below R² = 0 among them", async () => {
  const random = new Random(5, 98);
  const X = Array.from({ length: 40 }, () => [random.uniform(), random.uniform()]);
  const noise = X.map(() => random.uniform()); // nothing to learn
  const space = { learningRate: { choices: [0.01, 1e30] } };
  const fixed = { optimizer: "sgd", hidden: [4], loss: { name: "squared-error" } } as const;
  const settings = { space, trials: 6, epochs: 20, judge: 2, halving: false, fixed };
  const splits = { train: fromArrays(X, noise, { task: "regress" }) };
  const { trials, best } = await searchOptions(splits, settings, machine);
  const diverged = trials.filter(({ values }) => values.learningRate === 1e30);
  expect(diverged.map(({ fits }) => fits[0]!.loss)).toEqual(diverged.map(() => null));
  expect([diverged.length > 0, best.fits[0]!.score < 0, best.fits[0]!.loss]).toEqual([true, true, expect.any(Number)]);
});

test("integers are whole without a word of it, and the usual spaces are sound", () => {
  const space = { warmupEpochs: { from: 0, to: 5 }, batchSize: { from: 8, to: 64, scale: "log" } };
  expect(readSpace(space)).toEqual({
    warmupEpochs: { from: 0, to: 5, whole: true },
    batchSize: { from: 8, to: 64, scale: "log", whole: true },
  });
  for (const optimizer of ["sgd", "adamw"] as const) {
    const usual = defaultSpace({ optimizer });
    expect(readSpace(usual)).toEqual(usual);
  }
});

test.each([
  [{ dropout: { from: 0.1, to: 1 } }, "dropout must be a number in (0, 1), got 1"],
  [{ dropout: { choices: [0.1, "0.2"] } }, "a value of dropout must be a number"],
  [{ inputNoise: { choices: [-1, 0] } }, "inputNoise must be a finite number > 0"],
  [{ maxNorm: { from: 0, to: 3 } }, "maxNorm.from must be a number > 0: 0 leaves it out"],
  [{ averageDecay: { from: 0.5, to: 1 } }, "averageDecay must be a number in [0, 1)"],
  [{ warmupEpochs: { from: 0, to: 2.5 } }, "a value of warmupEpochs must be an integer"],
  [{ batchSize: { from: 8, to: 64, whole: false } }, "batchSize.whole must be true or left out"],
  [{ dropout: { from: 0, to: 0.5, whole: true } }, "dropout.whole must be left out unless both ends are integers"],
  [
    { dropout: { from: 0, to: 0.5, step: 0.1 } },
    'a member of dropout must be one of from, to, scale, whole, choices, got "step"',
  ],
  [{ dropout: { from: 0, choices: [0, 0.5] } }, "not both"],
  [{ layerNorm: { from: 0, to: 1 } }, "layerNorm must be choices, as it is no number"],
  [{ schedule: { choices: ["cosine", "linear"] } }, "a value of schedule must be one of constant"],
  [{ "augment.rotation": { from: 0, to: 200 } }, "augment.rotation must be a number in [0, 180], got 200"],
  [{ augment: { choices: ["none", "digit"] } }, "a value of augment must be none, digits, image, or limits such as"],
  [{ epsilon: { from: 0.1, to: 1 } }, 'got "epsilon". Options: hidden, activation, layerNorm, '],
])("the space %o is refused by name", (wrong, words) => {
  expect(() => readSpace(wrong)).toThrow(words);
});

test.each<[string, SearchSpace, object, string]>([
  [
    "a step on all rows with dropout",
    { optimizer: { choices: ["adamw", "lbfgs"] }, dropout: { from: 0, to: 0.5 } },
    {},
    "dropout must be left out with lbfgs",
  ],
  [
    "a longer warm-up than all epochs",
    { warmupEpochs: { from: 0, to: 9 } },
    { epochs: 6 },
    "warmupEpochs must be an integer in [0, 6]",
  ],
  [
    "distortions of rows that are no images",
    { "augment.shift": { from: 0, to: 2 } },
    {},
    "has rows of 4 numbers, not images",
  ],
  [
    "an unknown option of every trial",
    { dropout: { from: 0, to: 0.5 } },
    { fixed: { dropuot: 0.1 } },
    'no option "dropuot"',
  ],
])("%s: refused before any fit", async (_, space, more, words) => {
  let fits = 0;
  const settings = { space, trials: 3, ...more };
  const going = searchOptions({ train: data }, settings, { ...machine, onFit: () => void fits++ });
  await expect(going).rejects.toThrow(words);
  expect(fits).toBe(0);
});
