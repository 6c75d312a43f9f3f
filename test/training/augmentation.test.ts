// Training images distorted anew in every epoch: the same bits wherever and however often a run stops, and what the
// distortions are.
import { expect, test } from "vitest";
import { type Dataset, selectRows } from "../../src/data/dataset.ts";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { WARP_NUMBER, WARP_NUMBERS, type WarpForm } from "../../src/network/warp.ts";
import { Random } from "../../src/numerics/random.ts";
import { type Augmentation, resolveAugmentation } from "../../src/training/augmentation.ts";
import { displacementFields } from "../../src/training/displacement-fields.ts";
import { distortRows } from "../../src/training/distort-rows.ts";
import { epochWarps, warpForm } from "../../src/training/distortions.ts";
import type { RunState } from "../../src/training/run-state.ts";
import { openRun, type RunOptions, train } from "../../src/training/trainer.ts";

const digits = await drawDigits({ train: 200, test: 2000 });
const rows = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);
const few = selectRows(digits.train, rows(0, 47));
const every: Partial<Augmentation> = {
  ...{ rotation: 20, shear: 0.2, scale: 0.2, shift: 2, elastic: 1, smoothness: 3, noise: 0.05, erase: 0.5 },
  classes: { 1: { rotation: 3, elastic: 0 } },
};
const network = defineNetwork([784, 9, 10]);
const options: RunOptions = { epochs: 2, batchSize: 8, learningRate: 0.05, augment: every, validation: 0.2 };

const hashes = (epochs: readonly { readonly parametersSha256: string }[]) =>
  epochs.map(({ parametersSha256 }) => parametersSha256);

test("a distorted run has the same bits on every engine, on any number of threads, and with rows read by pieces", async () => {
  const wanted = hashes((await train(network, few, { ...options, engine: "reference" })).epochs);
  for (const machine of [
    { engine: "wasm", threads: 1 },
    { engine: "auto", threads: 3 },
    { engine: "reference", threads: 2 },
    { engine: "auto", threads: 1, room: 4 * 784 * 8 * 2 },
  ])
    expect(hashes((await train(network, few, { ...options, ...machine })).epochs), JSON.stringify(machine)).toEqual(
      wanted,
    );
});

test("a distorted run that stops after every step, each time on another engine, has the bits of one that does not", async () => {
  const whole = await train(network, few, { ...options, engine: "auto" });
  let from: RunState | undefined;
  for (let step = 0; ; step++) {
    const run = await openRun(network, few, { ...options, engine: step % 2 ? "wasm" : "auto", from });
    await run.train({ steps: 1 });
    from = run.state();
    const { ended } = run.progress;
    await run.close();
    if (ended) break;
  }
  expect(hashes(from.epochs)).toEqual(hashes(whole.epochs));
  expect(from.parameters).toEqual(whole.model.parameters);
});

test("validation and test rows are never distorted: a model that does not move is judged as without", async () => {
  const still = { ...options, optimizer: "sgd", learningRate: 1e-30, schedule: "constant" } as const;
  const splits = { train: few, test: selectRows(digits.test, rows(0, 60)) };
  const plain = await train(network, splits, { ...still, augment: "none" });
  const bent = await train(network, splits, still);
  expect(bent.test).toEqual(plain.test);
  expect(bent.epochs.map(({ validationLoss }) => validationLoss)).toEqual(
    plain.epochs.map(({ validationLoss }) => validationLoss),
  );
  expect(bent.epochs[0]!.trainLoss).not.toBe(plain.epochs[0]!.trainLoss);
});

test("limits of 0 leave the bits of a run without augmentation", async () => {
  const plain = await train(network, few, { ...options, augment: undefined });
  const zero = await train(network, few, { ...options, augment: {} });
  expect(hashes(zero.epochs)).toEqual(hashes(plain.epochs));
});

test("options hold every number of the augmentation, so that a record of them repeats the run", async () => {
  const named = await train(network, few, { ...options, epochs: 1, augment: "digits" });
  expect(named.options.augment).toMatchObject({ rotation: 15, elastic: 1.4, smoothness: 5.5, fill: 0 });
  expect((named.options.augment as Augmentation).classes).toEqual({ 1: { rotation: 7.5 }, 7: { rotation: 7.5 } });
  const again = await train(network, few, named.options);
  expect(again.parametersSha256).toBe(named.parametersSha256);
  expect(again.options).toEqual(named.options);
  const without = await train(network, few, { ...options, epochs: 1, augment: "none" });
  expect(without.options).not.toHaveProperty("augment");
});

test("a displacement field has a root mean square of 1, the correlation of a Gaussian of σ, and no seam", () => {
  const form: WarpForm = { width: 28, height: 20, channels: 1, fill: 0, fieldSize: 256 };
  const [F, stride] = [256, 256 + 28];
  for (const smoothness of [1.2, 2.5, 5.5]) {
    const fields = displacementFields(form, { smoothness, elastic: true, noisy: false }, 3, 2);
    const at = (plane: number, y: number, x: number) => fields[plane * stride * (F + 20) + y * stride + x]!;
    const mean = (of: (plane: number, y: number, x: number) => number) => {
      let sum = 0;
      for (const plane of [0, 1]) for (let y = 0; y < F; y++) for (let x = 0; x < F; x++) sum += of(plane, y, x);
      return sum / (2 * F * F);
    };
    expect(mean((p, y, x) => at(p, y, x) ** 2)).toBeCloseTo(1, 5);
    // white noise smoothed by e^{−x²/2σ²} correlates as e^{−d²/4σ²}
    for (const d of [1, 3, 6]) {
      const wanted = Math.exp((-d * d) / (4 * smoothness ** 2));
      expect(Math.abs(mean((p, y, x) => at(p, y, x) * at(p, y, (x + d) % F)) - wanted)).toBeLessThan(
        0.03 + 0.03 * smoothness,
      );
      expect(Math.abs(mean((p, y, x) => at(p, y, x) * at(p, (y + d) % F, x)) - wanted)).toBeLessThan(
        0.03 + 0.03 * smoothness,
      );
    }
    expect(Math.abs(mean((_, y, x) => at(0, y, x) * at(1, y, x)))).toBeLessThan(0.2);
    for (let y = 0; y < F + 20; y++) for (let x = F; x < stride; x++) expect(at(0, y, x)).toBe(at(0, y % F, x - F));
    for (let y = F; y < F + 20; y++) for (let x = 0; x < F; x++) expect(at(1, y, x)).toBe(at(1, y - F, x));
  }
  const noise = displacementFields(form, { smoothness: 1, elastic: false, noisy: true }, 3, 2);
  const third = noise.subarray((2 * noise.length) / 3);
  expect(third.reduce((sum, x) => sum + x * x, 0) / third.length).toBeCloseTo(1, 1);
  expect(noise.subarray(0, (2 * noise.length) / 3).every((x) => x === 0)).toBe(true);
});

/** The numbers of rows in an epoch, by name. */
function drawn(data: Dataset, augment: Partial<Augmentation>, epoch: number, order: Uint32Array) {
  const augmentation = resolveAugmentation(augment, data)!;
  const form = warpForm(augmentation, { width: 28, height: 28, channels: 1 }, { kind: "none" }, data.rows);
  const { labels, classes } = data;
  const { numbers } = epochWarps({ augmentation, form, labels, classes }, 1, epoch, order);
  return Array.from(order, (row, i) => {
    const n = (name: keyof typeof WARP_NUMBER) => numbers[i * WARP_NUMBERS + WARP_NUMBER[name]]!;
    return { row, label: classes[labels[row]!]!, n };
  });
}

test("every image is turned about its center within its class's limit, the same wherever it stands in the order", () => {
  const order = rows(0, 200);
  const turned = drawn(digits.train, { rotation: 90, classes: { 7: { rotation: 6 } } }, 4, order);
  const angles = turned.map(({ n }) => (Math.atan2(n("vx"), n("ux")) / Math.PI) * 180);
  const of = (seven: boolean) => angles.filter((_, i) => (turned[i]!.label === "7") === seven).map(Math.abs);
  expect(Math.max(...of(true))).toBeLessThan(6);
  expect(Math.max(...of(true))).toBeGreaterThan(3);
  expect(Math.max(...of(false))).toBeGreaterThan(80);
  expect(Math.max(...of(false))).toBeLessThan(90);
  for (const { n } of turned) {
    expect(13.5 * n("ux") + 13.5 * n("uy") + n("u0")).toBeCloseTo(14.5, 12);
    expect(13.5 * n("vx") + 13.5 * n("vy") + n("v0")).toBeCloseTo(14.5, 12);
    expect(n("ux") * n("vy") - n("uy") * n("vx")).toBeCloseTo(1, 12);
  }
  const other = drawn(
    digits.train,
    { rotation: 90, classes: { 7: { rotation: 6 } } },
    4,
    new Random(1, 99).shuffle(rows(0, 200)),
  );
  for (const { row, n } of other) expect(n("ux")).toBe(turned[row]!.n("ux"));
  const next = drawn(digits.train, { rotation: 90 }, 5, order);
  expect(next.filter(({ n }, i) => n("ux") === turned[i]!.n("ux"))).toEqual([]);
});

test("an erased part lies within the image, in as many images as asked for, and holds the background", () => {
  const asked = { erase: 0.5, eraseSize: 0.3, fill: 200 };
  const images = distortRows(digits.train, asked, rows(0, 200));
  const wrong: number[][] = [];
  let erased = 0;
  for (const [i, { n }] of drawn(digits.train, asked, 1, rows(0, 200)).entries()) {
    const [left, right, top, bottom] = [n("eraseLeft"), n("eraseRight"), n("eraseTop"), n("eraseBottom")];
    if (right > left) erased++;
    expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
    expect(Math.max(right, bottom)).toBeLessThanOrEqual(28);
    expect(Math.max(right - left, bottom - top)).toBeLessThanOrEqual(9);
    for (let y = 0; y < 28; y++)
      for (let x = 0; x < 28; x++) {
        const inside = y >= top && y < bottom && x >= left && x < right;
        const stored = digits.train.features[i * 784 + y * 28 + x]!;
        if (images[i * 784 + y * 28 + x] !== (inside ? 200 : stored)) wrong.push([i, x, y]);
      }
  }
  expect(wrong).toEqual([]);
  expect(erased).toBeGreaterThan(80);
  expect(erased).toBeLessThan(120);
});

test("a shift by whole pixels moves the image and leaves the background behind it", () => {
  const image = distortRows(digits.train, { shift: 3, fill: 9 }, rows(0, 1));
  const [{ n }] = drawn(digits.train, { shift: 3 }, 1, rows(0, 1)) as [ReturnType<typeof drawn>[number]];
  const [right, down] = [n("u0") - 1, n("v0") - 1];
  expect(Math.max(Math.abs(right), Math.abs(down))).toBeLessThanOrEqual(3);
  const pixel = (x: number, y: number) =>
    x >= 0 && x < 28 && y >= 0 && y < 28 ? digits.train.features[y * 28 + x]! : 9;
  for (let y = 0; y < 28; y++)
    for (let x = 0; x < 28; x++) {
      const [u, v] = [x + right, y + down];
      const [i, j] = [Math.floor(u), Math.floor(v)];
      const mean = (at: number) => pixel(i, at) * (1 - (u - i)) + pixel(i + 1, at) * (u - i);
      expect(image[y * 28 + x]).toBeCloseTo(mean(j) * (1 - (v - j)) + mean(j + 1) * (v - j), 3);
    }
});

test("distortions make 200 drawn digits worth more: five points of accuracy at least, with each of two seeds", {
  timeout: 60_000,
}, async () => {
  const shape = defineNetwork([784, 128, 10]);
  const accuracy = async (augment: "none" | "digits", seed: number) => {
    const asked = { epochs: 60, batchSize: 20, optimizer: "sgd", learningRate: 0.1, augment, seed } as const;
    return (await train(shape, digits, asked)).test!.accuracy;
  };
  for (const seed of [1, 2])
    expect(await accuracy("digits", seed)).toBeGreaterThan((await accuracy("none", seed)) + 0.05);
});

test("limits of a name for 1 and 7 are left out where the data have no such classes", () => {
  const named = resolveAugmentation("digits", { ...few, classes: few.classes.map((name) => `digit ${name}`) })!;
  expect(named.classes).toEqual({});
  expect(Object.keys(resolveAugmentation("digits", few)!.classes)).toEqual(["1", "7"]);
});

test("what cannot be distorted, and limits out of range, are refused by name before any work", async () => {
  const table = fromArrays([[1, 2, 3], [3, 4, 5]], ["a", "b"], {}); // biome-ignore format: two rows
  const floats: Dataset = { ...few, features: Float32Array.from(few.features) };
  const refused = (data: Dataset, augment: unknown, layers = [784, 9, 10]) =>
    train(defineNetwork(layers), data, { epochs: 1, augment: augment as "digits" });
  await expect(refused(table, "digits", [3, 2])).rejects.toMatchObject({
    code: "NOT_IMAGES",
    reason: expect.stringContaining("mixup"),
  });
  await expect(refused(floats, "digits")).rejects.toThrow(
    /augment must be left out unless all pixels are scaled alike/,
  );
  await expect(refused(few, { rotation: 181 })).rejects.toThrow("augment.rotation must be a number in [0, 180]");
  await expect(refused(few, { scale: Number.NaN })).rejects.toThrow("augment.scale");
  await expect(refused(few, { rotate: 5 })).rejects.toMatchObject({ code: "UNKNOWN_OPTION" });
  for (const classes of [null, [5], "7"])
    await expect(refused(few, { classes })).rejects.toThrow("augment.classes must be an object of limits by class");
  await expect(refused(few, { fill: "5" })).rejects.toThrow("augment.fill must be a finite number");
  await expect(refused(few, { classes: { ten: {} } })).rejects.toMatchObject({ code: "UNKNOWN_CLASS" });
  await expect(refused(few, { classes: { 7: { shear: 2 } } })).rejects.toThrow("augment.classes.7.shear");
  await expect(refused(few, { classes: { 7: { noise: 1 } } })).rejects.toMatchObject({ code: "UNKNOWN_OPTION" });
  await expect(refused(few, "rotate")).rejects.toThrow("augment must be one of none, digits, image");
});
