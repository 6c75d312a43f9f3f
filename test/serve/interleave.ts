// Riders in random order and company, by a seed: requests of some rows begin, join and give up in any order. Each
// answer is compared, bit by bit, with the one that its row has alone on the reference.
import { openForward } from "../../src/engines/forward.ts";
import { Random } from "../../src/numerics/random.ts";
import { Arrivals, Batcher } from "../../src/serve/batcher.ts";
import type { Model } from "../../src/training/model.ts";

const KINDS = 64; //    different rows
const MOST_ROWS = 5; // of a request
const MOST_OPEN = 40; // requests at once

export type Interleaved = { readonly rows: number; readonly batches: number; readonly differ: number };

/** Ask for at least `rows` rows; how many answers differ. */
export async function answerRiders(
  model: Model,
  { seed, rows: wanted }: { readonly seed: number; readonly rows: number },
): Promise<Interleaved> {
  const random = new Random(seed, 95);
  const D = model.network.layers[0]!;
  const C = model.network.layers.at(-1)!;
  const kinds = Array.from({ length: KINDS }, () => Float32Array.from({ length: D }, () => 3 * random.normal()));
  const alone = openForward(model.network, model.parameters, 1, "reference");
  const expected = kinds.map((row) => {
    alone.input(0).set(row);
    alone.run(1);
    return Float64Array.from(alone.logits(0));
  });
  const arrivals = new Arrivals();
  let batches = 0;
  const batching = { maxBatch: 1 + random.integer(48), batchMs: random.integer(2) };
  const batcher = new Batcher(
    model,
    { ...batching, maxBatch: Math.max(MOST_ROWS, batching.maxBatch) },
    arrivals,
    (logits) => logits,
    () => {
      batches++;
    },
  );
  let [rows, differ] = [0, 0];
  const one = async (): Promise<void> => {
    const joined = arrivals.begin();
    for (let turns = random.integer(3); turns > 0; turns--) await new Promise((next) => setImmediate(next));
    if (random.integer(16) === 0) return joined(); // refused
    const own = Array.from({ length: 1 + random.integer(MOST_ROWS) }, () => random.integer(KINDS));
    const inputs = new Float32Array(own.length * D);
    for (const [i, kind] of own.entries()) inputs.set(kinds[kind]!, i * D);
    const answer = batcher.ask(inputs, own.length);
    joined();
    const { answers: logits, first } = await answer;
    rows += own.length;
    for (const [i, kind] of own.entries())
      for (let c = 0; c < C; c++) if (!Object.is(logits[(first + i) * C + c], expected[kind]![c])) differ++;
  };
  while (rows < wanted) await Promise.all(Array.from({ length: 1 + random.integer(MOST_OPEN) }, one));
  return { rows, batches, differ };
}
