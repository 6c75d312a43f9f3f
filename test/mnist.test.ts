// One epoch on the real MNIST. Its files are not in the repository: needs.ts says where they are looked for.
import { expect, test } from "vitest";
import { loadSource } from "../src/data/source.ts";
import { defineNetwork } from "../src/network/network.ts";
import { train } from "../src/training/trainer.ts";
import { haveMnist, MNIST, skipped } from "./needs.ts";

test.skipIf(skipped("mnist", haveMnist()))(
  "one epoch of the note's plain descent on MNIST tests at 94 % or better",
  { timeout: 120_000 },
  async () => {
    const { train: rows, test: unseen } = await loadSource("mnist", { dataDir: MNIST });
    expect([rows.rows, unseen?.rows, rows.cols]).toEqual([60_000, 10_000, 784]);
    const network = defineNetwork([784, 128, 128, 128, 10]);
    const options = { epochs: 1, batchSize: 32, learningRate: 0.1 };
    const trained = await train(network, { train: rows, test: unseen! }, options);
    expect(trained.test?.accuracy).toBeGreaterThanOrEqual(0.94);
  },
);
