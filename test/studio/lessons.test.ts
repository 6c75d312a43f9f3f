// Every lesson, played: its sentences are true of its runs.
import { expect, test } from "vitest";
import { ROWS } from "../../src/equations/note.ts";
import { pictureOf } from "../../src/studio/draw/pen.ts";
import { addressOf, LESSONS, lessonOf } from "../../src/studio/lessons/lessons.ts";
import { AS_USUAL } from "../../src/studio/state/looks.ts";
import { readAddress } from "../../src/studio/state/setup.ts";
import { followingLab } from "./follow.ts";

const { lab, follow } = followingLab();

/** The runs of a lesson by name, played for at most so many epochs. */
function play(key: string, name: string, epochs: number) {
  const run = lessonOf(key)?.runs.find((each) => each.name === name);
  if (!run) throw new TypeError(`no run ${name} in ${key}`);
  return follow(run.setup, epochs);
}

const CHANCE = 0.15; // ten classes, of about equal size

test("each lesson is an address that reads back as itself, three sentences, and equations of the note", () => {
  expect(LESSONS.map(({ key }) => key)).toHaveLength(new Set(LESSONS.map(({ key }) => key)).size);
  for (const lesson of LESSONS) {
    expect(lesson.sentences).toHaveLength(3);
    for (const sentence of lesson.sentences) expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(ROWS.map(({ id }) => id)).toEqual(expect.arrayContaining([...lesson.equations]));
    expect(lesson.runs.length).toBeGreaterThan(1);
    const { answers, right } = lesson.question!;
    expect(answers[right], lesson.key).toBeDefined();
    for (const run of lesson.runs)
      expect(readAddress(addressOf(lesson, run))).toEqual({
        setup: run.setup,
        view: lesson.view,
        lesson: lesson.key,
        looks: AS_USUAL,
        ignored: [],
      });
  }
});

test("a learning rate that is too high: the run stops at once; with η = 0.1 it learns", async () => {
  expect((await play("rate-too-high", "η = 2", 1)).failure?.code).toBe("NOT_FINITE");
  const { epochs, failure } = await play("rate-too-high", "η = 0.1", 2);
  expect(failure).toBeUndefined();
  expect(epochs.at(-1)!.testAccuracy).toBeGreaterThan(0.85);
});

test("a range of learning rates: ten times the rate goes further up to η = 0.1, and η = 1 learns nothing", async () => {
  const ends: number[] = [];
  for (const { name } of lessonOf("learning-rate-range")!.runs)
    ends.push((await play("learning-rate-range", name, 1)).epochs.at(-1)?.testAccuracy ?? 0);
  const [tiny, small, best, huge] = ends as [number, number, number, number];
  expect(tiny).toBeLessThan(0.25);
  expect(small).toBeGreaterThan(2 * tiny);
  expect(best).toBeGreaterThan(0.8);
  expect(huge).toBeLessThan(CHANCE);
});

test("dead ReLUs: nearly all die and no gradient is left; leaky ones and a small η stay alive", async () => {
  const dead = async () => {
    const hidden = (await lab.norms()).slice(0, -1);
    return hidden.reduce((sum, layer) => sum + layer.dead, 0) / hidden.reduce((sum, layer) => sum + layer.units, 0);
  };
  const { epochs } = await play("dead-relus", "ReLU, η = 0.3", 2);
  expect(await dead()).toBeGreaterThan(0.9);
  expect((await lab.norms())[0]!.gradient).toBe(0);
  expect(epochs.at(-1)!.trainLoss).toBeGreaterThan(2.3);
  expect(epochs.at(-1)!.testAccuracy).toBeLessThan(CHANCE);
  const leaky = await play("dead-relus", "leaky ReLU, η = 0.3", 3);
  expect(await dead()).toBe(0);
  expect(leaky.epochs.at(-1)!.testAccuracy).toBeGreaterThan(2 * CHANCE);
  const slow = await play("dead-relus", "ReLU, η = 0.001", 1);
  expect(await dead()).toBeLessThan(0.2);
  expect(slow.epochs.at(-1)!.testAccuracy).toBeGreaterThan(0.85);
});

test("why 1/B: with the mean the run learns, with the sum it falls apart", async () => {
  expect((await play("why-one-over-b", "the mean, η = 0.02", 3)).epochs.at(-1)!.testAccuracy).toBeGreaterThan(0.75);
  expect((await play("why-one-over-b", "the sum, η = 128 · 0.02", 1)).failure?.code).toBe("NOT_FINITE");
});

test("batch size against noise: the curve of B = 2 is far rougher, and further down after as many examples", async () => {
  const roughness = (curve: readonly number[]) => {
    const steps = curve.slice(1).map((loss, k) => Math.abs(loss - curve[k]!));
    return steps.reduce((sum, step) => sum + step, 0) / steps.length;
  };
  const small = await play("batch-size-and-noise", "B = 2", 2);
  const large = await play("batch-size-and-noise", "B = 256", 2);
  expect(roughness(small.curve)).toBeGreaterThan(2 * roughness(large.curve));
  expect(small.epochs.at(-1)!.trainLoss).toBeLessThan(large.epochs.at(-1)!.trainLoss! / 4);
});

test("zero weights: all 32 units stay one and the same, to the bit; random ones part and learn", async () => {
  const zero = await play("zero-and-symmetry", "zero", 3);
  const { W, I, O } = await lab.weights(1);
  expect(O).toBe(32);
  for (let k = 0; k < I; k++) expect(new Set(W.subarray(k * O, (k + 1) * O)).size).toBe(1);
  expect(new Set(W).size).toBeGreaterThan(100); // they do learn, all the same thing
  const random = await play("zero-and-symmetry", "random", 3);
  expect(zero.epochs.at(-1)!.testAccuracy).toBeLessThan(0.4);
  expect(random.epochs.at(-1)!.testAccuracy).toBeGreaterThan(0.85);
});

test("sigmoids that saturate: chance, and each layer has less gradient than the one above; ReLU learns", async () => {
  const { epochs } = await play("sigmoid-saturation", "sigmoid", 2);
  expect(epochs.at(-1)!.testAccuracy).toBeLessThan(CHANCE);
  expect(epochs.at(-1)!.trainLoss).toBeGreaterThan(2.3);
  const gradients = (await lab.norms()).map(({ gradient }) => gradient);
  expect(gradients.at(-1)! / gradients[0]!).toBeGreaterThan(50);
  const relu = await play("sigmoid-saturation", "ReLU", 4);
  expect(relu.epochs.at(-1)!.testAccuracy).toBeGreaterThan(0.85);
});

test("random labels: learnt by heart, and worth nothing on new pictures; the true ones are", async () => {
  const nonsense = (await play("random-labels", "random labels", 20)).epochs.at(-1)!;
  expect(nonsense.trainAccuracy).toBeGreaterThanOrEqual(0.95);
  expect(nonsense.testAccuracy).toBeLessThan(CHANCE);
  expect((await play("random-labels", "true labels", 8)).epochs.at(-1)!.testAccuracy).toBeGreaterThan(0.8);
});

test("over-confidence: a line and an A are digits to it, surer after five epochs than after one", async () => {
  const line = pictureOf(
    [
      [
        [40, 140],
        [140, 140],
        [240, 140],
      ],
    ],
    "frame",
  );
  const letter = pictureOf(
    [
      [
        [60, 240],
        [140, 40],
        [220, 240],
      ],
      [
        [95, 150],
        [185, 150],
      ],
    ],
    "frame",
  );
  const surest = async (pixels: Uint8Array) => Math.max(...(await lab.predictDrawing(pixels)).probabilities);
  await play("over-confidence", "one epoch", 1);
  const early = await surest(letter);
  expect(early).toBeLessThan(0.9);
  await play("over-confidence", "five epochs", 5);
  expect(await surest(line)).toBeGreaterThan(0.99);
  expect(await surest(letter)).toBeGreaterThan(0.99);
});
