// A set-up is an address and an address is a set-up: a link opens exactly the set-up it was made from.
import fc from "fast-check";
import { expect, test } from "vitest";
import { MISSING_CHOICES } from "../../src/data/table/table-options.ts";
import { OPTIMIZERS } from "../../src/gradients/kernels.ts";
import { INITIALIZATIONS } from "../../src/network/parameters.ts";
import { LossCurve } from "../../src/studio/lab/curve.ts";
import { AS_USUAL, type Looks } from "../../src/studio/state/looks.ts";
import { PAGE_ACTIVATIONS } from "../../src/studio/state/page-activation.ts";
import {
  DATA,
  DEFAULT_SETUP,
  readAddress,
  type StudioSetup,
  VIEWS,
  writeAddress,
} from "../../src/studio/state/setup.ts";
import { commandOf } from "../../src/studio/train/command-line.ts";

const setups = fc.record({
  data: fc.constantFrom(...DATA),
  rows: fc.nat(10_000_000),
  noise: fc.constantFrom(0, 0.04, 0.5),
  points: fc.constantFrom(2, 200, 999),
  features: fc.constantFrom<StudioSetup["features"]>(["x", "y"], ["x²", "y²"], ["xy"]),
  randomLabels: fc.boolean(),
  hidden: fc.array(fc.integer({ min: 1, max: 2048 }), { maxLength: 12 }),
  activation: fc.constantFrom(...PAGE_ACTIVATIONS),
  initialization: fc.constantFrom(...INITIALIZATIONS),
  loss: fc.constantFrom("", "huber=0.5", "quantile=0.1,0.5,0.9", "sigmoid-cross-entropy"),
  labelSmoothing: fc.constantFrom(0, 0.1, 0.25),
  batchSize: fc.integer({ min: 1, max: 65_536 }),
  learningRate: fc.double({ min: 1e-30, max: 1e30, noNaN: true }),
  optimizer: fc.constantFrom(...OPTIMIZERS),
  weightDecay: fc.double({ min: 0, max: 1e30, noNaN: true }),
  augment: fc.constantFrom("none", "digits", "rotation:10,elastic:1.4"),
  epochs: fc.integer({ min: 1, max: 1_000_000 }),
  seed: fc.maxSafeNat(),
  label: fc.constantFrom("", "survived", "é, 2 & #", "3"),
  task: fc.constantFrom<StudioSetup["task"]>("", "regress", "multilabel", "classify"),
  categorical: fc.constantFrom<readonly string[]>([], ["zip code", "a=b"]),
  numeric: fc.constantFrom<readonly string[]>([], ["id"]),
  ignore: fc.constantFrom<readonly string[]>([], ["3", "4"]),
  ordinal: fc.constantFrom<readonly string[]>([], ["size=S<M<L", "a b=x y<z"]),
  weight: fc.constantFrom("", "share"),
  group: fc.constantFrom("", "patient"),
  time: fc.constantFrom("", "day"),
  missing: fc.constantFrom(...MISSING_CHOICES),
  size: fc.constantFrom("", "28x14"),
  color: fc.constantFrom<StudioSetup["color"]>("", "rgb"),
  fit: fc.constantFrom<StudioSetup["fit"]>("", "crop"),
  invert: fc.boolean(),
});

test("every set-up, view and lesson comes back from its address, to the last digit", () => {
  const addresses = fc.record({
    setup: setups,
    view: fc.constantFrom(...VIEWS),
    lesson: fc.constantFrom("", "dead-relus", "class/first-hour.md"),
    looks: fc.record<Looks>({
      hide: fc.constantFrom<Looks["hide"]>([], ["settings", "foot"]),
      tab: fc.constantFrom<Looks["tab"]>("text", "weight"),
      equation: fc.constant("E17"),
      term: fc.integer({ min: 1, max: 9 }),
      example: fc.record({ part: fc.constantFrom("train", "test"), row: fc.nat(999) }),
      layer: fc.integer({ min: 1, max: 13 }),
      lang: fc.constantFrom<Looks["lang"]>("", "de"),
    }),
  });
  fc.assert(
    fc.property(addresses, (address) => {
      const { ignored, ...back } = readAddress(writeAddress(address));
      expect(back).toEqual(JSON.parse(JSON.stringify(address)));
      expect(ignored).toEqual([]);
    }),
    { seed: 1 },
  );
  expect(writeAddress({ setup: DEFAULT_SETUP, view: "train", lesson: "" })).toBe("");
});

test("what makes no sense in an address becomes the default, and is named", () => {
  const wrong = [
    "rows=-1",
    "hidden=0",
    "hidden=9999",
    "seed=1e99",
    "learningRate=NaN",
    "batchSize=0",
    "optimizer=magic",
  ];
  const looks = ["hide=everything", "tab=x", "equation=E99", "term=2", "example=test:0", "layer=0"];
  for (const part of [...wrong, ...looks, "view=admin", "lesson=<b>", "__proto__=1", "weightDecay=1e99"]) {
    const { setup, view, lesson, ignored } = readAddress(`#${part}`);
    expect({ setup, view, lesson }, part).toEqual({ setup: DEFAULT_SETUP, view: "train", lesson: "" });
    expect(ignored, part).toHaveLength(1);
  }
});

test("any text is an address: what it sets can be written and read again, and the rest of it is named", () => {
  const keys = [
    ...Object.keys(DEFAULT_SETUP),
    ...Object.keys(AS_USUAL),
    "view",
    "lesson",
    "rule",
    "__proto__",
    "constructor",
  ];
  const values = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.double().map(String),
    fc.constantFrom("", "0", "-0", "1e999", "64,,32", "adam", "true"),
  );
  const parts = fc.array(fc.tuple(fc.constantFrom(...keys), values), { maxLength: 6 });
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    parts.map((list) => `#${new URLSearchParams(list)}`),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const { ignored, ...address } = readAddress(text);
      expect(Object.keys(address.setup)).toEqual(Object.keys(DEFAULT_SETUP));
      const same = JSON.parse(JSON.stringify(address)); // but for the sign of a 0
      expect(readAddress(writeAddress(address))).toEqual({ ...same, ignored: [] });
      const given = new URLSearchParams(text.replace(/^#/, ""));
      for (const key of ["__proto__", "constructor"]) expect(ignored.includes(key)).toBe(given.has(key));
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("a curve of any length keeps at most 512 points, the mean of them all, and goes on from where it was kept", () => {
  const losses = Array.from({ length: 5000 }, (_, k) => 1 + ((k * 37) % 101) / 101);
  const whole = new LossCurve();
  let cut = new LossCurve();
  losses.forEach((loss, k) => {
    whole.add(loss, k / 10);
    cut.add(loss, k / 10);
    if (k % 777 === 0) cut = new LossCurve(structuredClone(cut.state()));
  });
  expect(cut.state()).toEqual(whole.state());
  const { points, width, sum, count } = whole.state();
  expect(points.length).toBeLessThan(512);
  expect(points.at(-1)!.step).toBe(points.length * width);
  const total = points.reduce((all, { loss }) => all + loss * width, sum);
  expect(total).toBeCloseTo(
    losses.reduce((all, loss) => all + loss, 0),
    6,
  );
  expect(points.length * width + count).toBe(5000);
});

test("the recent loss is the mean of the last 32 losses; also after a reload", () => {
  const curve = new LossCurve();
  expect(curve.recentLoss).toBeNull();
  for (let loss = 1; loss <= 40; loss++) curve.add(loss, loss);
  expect(curve.recentLoss).toBe((9 + 40) / 2);
  const reloaded = new LossCurve(curve.state());
  expect(reloaded.recentLoss).toBe(curve.recentLoss);
  reloaded.add(41, 41);
  expect(reloaded.recentLoss).toBe((10 + 41) / 2);
});

test("a set-up's command names every choice, and there is none where no command makes the run", () => {
  const command = commandOf({ ...DEFAULT_SETUP, optimizer: "adam", seed: 3 }, [784, 128, 128, 128, 10]);
  expect(command).toBe(
    "npx deltaprop train digits --hidden 128,128,128 --activation relu --initialization he --optimizer adam --learning-rate 0.1 --schedule constant --batch-size 64 --weight-decay 0 --epochs 10 --seed 3",
  );
  expect(commandOf({ ...DEFAULT_SETUP, hidden: [] }, [784, 10])).toContain("--layers 784,10 ");
  for (const own of [{ data: "file" }, { rows: 5 }, { randomLabels: true }] as const)
    expect(commandOf({ ...DEFAULT_SETUP, ...own }, [784, 10])).toBeUndefined();
});
