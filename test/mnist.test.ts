// One epoch on the real MNIST. Its files are not in the repository; where they lie beside it, this must pass.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { loadSource } from "../src/data/source.ts";
import { defineNetwork } from "../src/network/network.ts";
import { train } from "../src/training/trainer.ts";

const dataDir = resolve(import.meta.dirname, "../../shared/data/mnist");
const there = existsSync(dataDir);
if (!there) console.warn(`SKIPPED: the MNIST test needs its four files in ${dataDir}`);

test.skipIf(!there && !process.env.CI)(
  "one epoch of the note's plain descent on MNIST tests at 94 % or better",
  async () => {
    const { train: rows, test: unseen } = await loadSource("mnist", { dataDir });
    expect([rows.rows, unseen?.rows, rows.cols]).toEqual([60_000, 10_000, 784]);
    const network = defineNetwork([784, 128, 128, 128, 10]);
    const options = { epochs: 1, batchSize: 32, learningRate: 0.1 };
    const trained = await train(network, { train: rows, test: unseen! }, options);
    expect(trained.test?.accuracy).toBeGreaterThanOrEqual(0.94);
  },
);
