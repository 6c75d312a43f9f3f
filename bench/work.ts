// The work every contender does: 784-H-H-H-10, ReLU, cross-entropy, SGD, the same start and the same batches, as files.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawPart } from "../src/data/digits/digits.ts";
import { defineNetwork, type Network, stepFlops } from "../src/network/network.ts";
import { initialize } from "../src/network/parameters.ts";
import { epochOrder } from "../src/training/order.ts";

/** A point of the table: hidden sizes H, H, H and batches of B. */
export type Configuration = { readonly H: number; readonly B: number };

export const CONFIGURATIONS: readonly Configuration[] = [
  { H: 128, B: 32 },
  { H: 128, B: 128 },
  { H: 256, B: 64 },
  { H: 512, B: 128 },
  { H: 1024, B: 256 },
];
export const MNIST = { H: 256, B: 64, rows: 60_000 } as const;
export const LEARNING_RATE = 0.1;
/** One "step" of limit.ts, on each thread. */
export const LIMIT_STEP_FLOPS = 38_400_000;
/** The steps whose loss is compared. */
export const CHECKED_STEPS = [0, 5, 50] as const;

const POOL = 8192; // examples in memory; every batch is a run of them
const SEED = 1;

export const networkOf = ({ H }: Configuration): Network => defineNetwork([784, H, H, H, 10]);
export const flopsOf = (c: Configuration): number => stepFlops(networkOf(c), c.B);
export const nameOf = ({ H, B }: Configuration): string => `${H}x${B}`;

/** A new temporary folder; who makes it removes it. */
export const workFolder = (): string => mkdtempSync(join(tmpdir(), "deltaprop-bench-"));

/**
 * Write the inputs, little-endian: pool.u8 [8192×784] grey values, none of them 0 if `dense`; pool.f32 the same divided
 * by 255, labels.u8, and start-H.f32 = [W₁, b₁, …, W₄, b₄], W row-major [inputs×outputs]. The digits are Deltaprop's
 * own. Returns the share of inputs that are 0.
 */
export function writeWork(folder: string, configurations: readonly Configuration[], dense: boolean): number {
  const { features, labels } = drawPart(SEED, "train", POOL);
  const bytes = (features as Uint8Array).map((x) => (dense && x === 0 ? 1 : x));
  writeFileSync(join(folder, "pool.u8"), bytes);
  writeFileSync(
    join(folder, "pool.f32"),
    Float32Array.from(bytes, (x) => x / 255),
  );
  writeFileSync(join(folder, "labels.u8"), Uint8Array.from(labels));
  for (const H of new Set(configurations.map((c) => c.H)))
    writeFileSync(join(folder, `start-${H}.f32`), initialize(networkOf({ H, B: 1 }), "he", SEED));
  mkdirSync(join(folder, "built"));
  return bytes.reduce((zeros, x) => zeros + Number(x === 0), 0) / bytes.length;
}

/** order-1.u32, order-2.u32, …: the rows of each epoch, the same for everyone, without the rest that fills no batch. */
export function writeOrders(folder: string, epochs: number): void {
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = epochOrder(MNIST.rows, SEED, epoch);
    writeFileSync(join(folder, `order-${epoch}.u32`), order.subarray(0, Math.floor(MNIST.rows / MNIST.B) * MNIST.B));
  }
}
