// One of our own engines as a contender: `node bench/ours.ts ENGINE THREADS FOLDER [DATA]`. With DATA, a cold start on
// MNIST.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { diskFiles } from "../src/data/disk-files.ts";
import { findIdxSet, readIdxSet } from "../src/data/formats/idx-format.ts";
import { numbersFrom } from "../src/data/stored/row-store.ts";
import { chooseEngine } from "../src/engines/registry.ts";
import { type Arithmetic, COEFFICIENTS } from "../src/network/plan.ts";
import { joinSplits } from "../src/training/splits.ts";
import { sayEpoch, serve, type Trainer } from "./protocol.ts";
import { LEARNING_RATE, MNIST, networkOf } from "./work.ts";

const [name, threadsText, folder, data] = process.argv.slice(2) as [string, string, string, string?];
const threads = Number(threadsText);
const engine = chooseEngine(name.replace(/-fused$/, ""));
const arithmetic: Arithmetic = name.endsWith("-fused") ? "fused" : "exact";
const LONGEST = 2 ** 16; // rows in one order
const bytesOf = (file: string) => readFileSync(join(folder, file));

/** Parameters or rows from a file of the work folder. */
const floats = (file: string) => new Float32Array(Uint8Array.from(bytesOf(file)).buffer);
const integers = (file: string) => new Uint32Array(Uint8Array.from(bytesOf(file)).buffer);

/** SGD's coefficients for `steps` steps: η first, nothing else. */
function rates(steps: number): Float64Array {
  const coefficients = new Float64Array(steps * COEFFICIENTS);
  for (let s = 0; s < steps; s++) coefficients[s * COEFFICIENTS] = LEARNING_RATE;
  return coefficients;
}

async function open(H: number, B: number): Promise<Trainer> {
  const labels = Int32Array.from(bytesOf("labels.u8"));
  const features = new Uint8Array(bytesOf("pool.u8"));
  const batches = Math.floor(labels.length / B);
  const setup = { network: networkOf({ H, B }), batchSize: B, divisor: 255, features, labels, threads, arithmetic };
  const session = await engine.open({ ...setup, capacity: LONGEST });
  session.writeParameters(floats(`start-${H}.f32`));
  const longest = Math.floor(LONGEST / B);
  return {
    async train(first, count) {
      const losses: number[] = [];
      for (let done = 0; done < count; ) {
        const steps = Math.min(count - done, longest);
        const order = new Uint32Array(steps * B);
        for (let s = 0; s < steps; s++) order.set(numbersFrom(((first + done + s) % batches) * B, B), s * B);
        const walk = await session.train(order, rates(steps));
        if (count === 1) losses.push(walk.losses.reduce((sum, loss) => sum + loss, 0) / B);
        done += steps;
      }
      return losses;
    },
    close: () => session.close(),
  };
}

async function coldStart(data: string) {
  const files = diskFiles(data);
  const found = findIdxSet(
    files,
    (await files.list("")).map((entry) => entry.name),
  );
  if (!found) throw new Error(`no IDX files in ${data}`);
  const { parts, labels } = joinSplits(await readIdxSet(files, found, "MNIST"));
  const network = networkOf(MNIST);
  const session = await engine.open({
    network,
    batchSize: MNIST.B,
    divisor: 255,
    features: parts.map(({ features }) => features),
    labels,
    threads,
    arithmetic,
  });
  session.writeParameters(floats(`start-${MNIST.H}.f32`));
  const tested = numbersFrom(MNIST.rows, labels.length - MNIST.rows);
  const coefficients = rates(Math.floor(MNIST.rows / MNIST.B));
  for (let epoch = 1; ; epoch++) {
    const order = integers(`order-${epoch}.u32`);
    const began = performance.now();
    await session.train(order, coefficients);
    const trained = performance.now();
    const { predictions } = await session.evaluate(tested);
    const testing = (performance.now() - trained) / 1000;
    const right = predictions.reduce((sum, c, i) => sum + Number(c === labels[MNIST.rows + i]), 0);
    sayEpoch({ epoch, seconds: (trained - began) / 1000, testing, accuracy: right / predictions.length });
  }
}

if (data !== undefined) await coldStart(data);
else await serve(`${engine.about()}, node ${process.version}`, open);
