// What the JavaScript peers share: batches, losses and a cold start, over bench/protocol.ts. Each peer brings only its
// network.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { sayEpoch, serve } from "../protocol.ts";

/** Every peer: FILE THREADS FOLDER PACKAGES HOW [DATA]; `packages` is the folder whose node_modules holds the peer. */
const [threadsText, folder, packages, how, data] = process.argv.slice(2);
export const threads = Number(threadsText);
export { folder, how };
export const RATE = 0.1;
export const LAYERS = 4;
export const require = createRequire(join(packages, "from-here.js"));
export const versionOf = (name) =>
  JSON.parse(readFileSync(join(packages, "node_modules", name, "package.json"), "utf8")).version;

const floats = (file) => new Float32Array(Uint8Array.from(readFileSync(join(folder, file))).buffer);
const MNIST = { H: 256, B: 64, TESTED: 1000 };

/** [[inputs, outputs], …] of 784-H-H-H-10. */
export const shapesOf = (H) => [
  [784, H],
  [H, H],
  [H, H],
  [H, 10],
];

/** { shapes, W: [W_l row-major [inputs×outputs]], b: [b_l] }: the common start. */
function startOf(H) {
  const packed = floats(`start-${H}.f32`);
  const shapes = shapesOf(H);
  const start = { shapes, W: [], b: [] };
  let at = 0;
  for (const [inputs, outputs] of shapes) {
    start.W.push(packed.slice(at, (at += inputs * outputs)));
    start.b.push(packed.slice(at, (at += outputs)));
  }
  return start;
}

/** Rows of the identity for class numbers. */
export function oneHot(y) {
  const rows = new Float32Array(y.length * 10);
  y.forEach((c, i) => {
    rows[i * 10 + c] = 1;
  });
  return rows;
}

/**
 * Run a peer. `open(H, B, start)` gives { unit?, batch(x, y), step(batch, wanted), logits(x), free?(batch), close?() }:
 * `batch` uploads unit·B examples, `step` takes `unit` steps on them and gives their losses if wanted.
 */
export async function run(version, open) {
  if (data !== undefined) return coldStart(open);
  const x = floats("pool.f32");
  const y = new Uint8Array(readFileSync(join(folder, "labels.u8")));
  await serve(`${version}, node ${process.version}`, async (H, B) => {
    const network = await open(H, B, startOf(H));
    const unit = network.unit ?? 1;
    const rows = unit * B;
    const batches = [];
    for (let at = 0; at + rows <= y.length; at += rows)
      batches.push(await network.batch(x.slice(at * 784, (at + rows) * 784), y.subarray(at, at + rows)));
    return {
      unit,
      async train(first, count, wanted) {
        let losses;
        for (let call = first / unit; call < (first + count) / unit; call++)
          losses = await network.step(batches[call % batches.length], wanted);
        return losses;
      },
      async close() {
        for (const batch of batches) network.free?.(batch);
        await network.close?.();
      },
    };
  });
  process.exit(0); // some peers keep workers
}

async function coldStart(open) {
  const unpack = (name, header) => gunzipSync(readFileSync(join(data, name))).subarray(header);
  const images = (name) => Float32Array.from(unpack(name, 16), (byte) => byte / 255);
  const x = images("train-images-idx3-ubyte.gz");
  const y = unpack("train-labels-idx1-ubyte.gz", 8);
  const tested = images("t10k-images-idx3-ubyte.gz");
  const answers = unpack("t10k-labels-idx1-ubyte.gz", 8);
  const { H, B, TESTED } = MNIST;
  const network = await open(H, B, startOf(H));
  for (let epoch = 1; ; epoch++) {
    const order = new Uint32Array(Uint8Array.from(readFileSync(join(folder, `order-${epoch}.u32`))).buffer);
    const began = performance.now();
    for (let at = 0; at < order.length; at += B) {
      const rows = new Float32Array(B * 784);
      const classes = new Uint8Array(B);
      order.subarray(at, at + B).forEach((row, i) => {
        rows.set(x.subarray(row * 784, (row + 1) * 784), i * 784);
        classes[i] = y[row];
      });
      const batch = await network.batch(rows, classes);
      await network.step(batch, false);
      network.free?.(batch);
    }
    const trained = performance.now();
    let right = 0;
    for (let at = 0; at < answers.length; at += TESTED) {
      const z = await network.logits(tested.slice(at * 784, (at + TESTED) * 784));
      for (let i = 0; i < TESTED; i++) {
        const row = z.subarray(i * 10, i * 10 + 10);
        right += row.indexOf(Math.max(...row)) === answers[at + i];
      }
    }
    const testing = (performance.now() - trained) / 1000;
    sayEpoch({ epoch, seconds: (trained - began) / 1000, testing, accuracy: right / answers.length });
  }
}
