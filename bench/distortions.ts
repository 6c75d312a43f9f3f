// `npm run bench:distortions`: what distorted images add to a step of 784-256-256-256-10 with B = 64, and to an epoch,
// on one thread. Windows of a few steps take turns, so that what else the machine does meets all of them; the fastest
// windows count.
import { parseArgs } from "node:util";
import { drawPart } from "../src/data/digits/digits.ts";
import { loadSource } from "../src/data/source.ts";
import { numbersFrom } from "../src/data/stored/row-store.ts";
import type { EngineChoice, Setup, Warps } from "../src/engines/engine.ts";
import { chooseEngine } from "../src/engines/registry.ts";
import { initialize } from "../src/network/parameters.ts";
import { COEFFICIENT, COEFFICIENTS } from "../src/network/plan.ts";
import { WARP_NUMBERS } from "../src/network/warp.ts";
import { pixelForm, resolveAugmentation } from "../src/training/augmentation.ts";
import { displacementFields } from "../src/training/displacement-fields.ts";
import { distortRows } from "../src/training/distort-rows.ts";
import { epochWarps, warpForm } from "../src/training/distortions.ts";
import { epochOrder } from "../src/training/order.ts";
import { markdownTable } from "./report.ts";
import { LEARNING_RATE, MNIST, networkOf } from "./work.ts";

const { values } = parseArgs({
  options: {
    engine: { type: "string", default: "native" },
    "data-dir": { type: "string" }, // of MNIST; without, drawn digits
    rounds: { type: "string", default: "200" },
    steps: { type: "string", default: "4" }, // of a window
  },
});
const [rounds, steps] = [Number(values.rounds), Number(values.steps)];
const dataDir = values["data-dir"];
const train = dataDir ? (await loadSource("mnist", { dataDir })).train : drawPart(1, "train", MNIST.rows);
const { B } = MNIST;
const augmentation = resolveAugmentation("digits", train)!;
const form = warpForm(augmentation, pixelForm(train), { kind: "divide", by: 255 }, train.rows);
const images = { augmentation, form, labels: train.labels, classes: train.classes };
const [seed, epoch] = [1, 1];
const order = epochOrder(train.rows, seed, epoch).slice(0, Math.floor(train.rows / B) * B);
const network = networkOf(MNIST);

/** The least of several tries: processor time in µs. Long work meets whatever else runs here. */
function fastest(tries: number, work: () => unknown): number {
  const times = Array.from({ length: tries }, () => {
    const begun = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(begun);
    return user + system;
  });
  return Math.min(...times);
}

async function open(more: Partial<Setup>, warps?: Warps) {
  const data = { network, features: train.features as Uint8Array, divisor: 255, labels: train.labels, threads: 1 };
  const session = await chooseEngine(values.engine as EngineChoice).open({ ...data, batchSize: B, ...more });
  session.writeParameters(initialize(network, "he", seed));
  const coefficients = new Float64Array(steps * COEFFICIENTS);
  for (let s = 0; s < steps; s++) coefficients[s * COEFFICIENTS + COEFFICIENT.rate] = LEARNING_RATE / 100;
  const walk = async (round: number) => {
    const from = (round * steps * B) % (order.length - steps * B);
    const numbers = warps?.numbers.subarray(from * WARP_NUMBERS, (from + steps * B) * WARP_NUMBERS);
    const draws = warps && { epoch, warps: { ...warps, numbers: numbers! } };
    const begun = performance.now();
    await session.train(order.slice(from, from + steps * B), coefficients, undefined, draws);
    return (1000 * (performance.now() - begun)) / (steps * B);
  };
  return { session, walk, least: Number.POSITIVE_INFINITY };
}

const warps = epochWarps(images, seed, epoch, order);
const distorted = distortRows(train, "digits", numbersFrom(0, train.rows), seed, epoch).map((x) => x / 255);
const runs = {
  plain: await open({}),
  distorted: await open({ warp: form }, warps),
  before: await open({ features: distorted, divisor: 1 }),
};
for (let round = 0; round < rounds; round++)
  for (const run of Object.values(runs)) run.least = Math.min(run.least, await run.walk(round));
const fields = { smoothness: augmentation.smoothness, elastic: true, noisy: false };
const ofFields = fastest(5, () => displacementFields(form, fields, seed, epoch)) / train.rows;
const all = fastest(5, () => epochWarps(images, seed, epoch, order)) / train.rows;
const plain = runs.plain.least;
const [step, products] = [runs.distorted.least - plain, runs.before.least - plain];
const line = (what: string, µs: number) => [what, µs.toFixed(2), `${((100 * µs) / plain).toFixed(1)} %`];
const lines = [
  ["µs an image", values.engine, "of the step"],
  line("step, images as they are", plain),
  line("step, distorted images", plain + step),
  line("distortion of the step", step),
  line("of it products that find fewer zeros", products),
  line("fields of an epoch", ofFields),
  line("numbers of an image", all - ofFields),
];
for (const text of markdownTable(lines)) console.log(text);
console.log(`${Math.round(1e6 / (plain + step)).toLocaleString("en")} distorted images a second`);
for (const { session } of Object.values(runs)) await session.close();
