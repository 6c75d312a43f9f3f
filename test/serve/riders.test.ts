// Rows of requests that wait together ride in one batch, and no answer depends on who else rode in it.
import { expect, test } from "vitest";
import { Random } from "../../src/numerics/random.ts";
import { Arrivals, Batcher } from "../../src/serve/batcher.ts";
import { Busy } from "../../src/serve/served-model.ts";
import { answerRiders } from "./interleave.ts";
import { numbers, pictures, post, serve } from "./models.ts";

test.each([1, 2, 3])(
  "10,000 rows in random batches, seed %i: each answer has the bits that it has alone",
  async (seed) => {
    const { batches, rows, differ } = await answerRiders(await numbers(), { seed, rows: 10_000 });
    expect(differ).toBe(0);
    expect(rows).toBeGreaterThanOrEqual(10_000);
    expect(batches).toBeLessThan(rows / 4); // they did ride together
  },
);

test("a batch waits for requests that are on their way, and takes no more than max-batch rows", async () => {
  const model = await numbers();
  const arrivals = new Arrivals();
  const sizes: number[] = [];
  const counted = (rows: number) => void sizes.push(rows);
  const batcher = new Batcher(model, { maxBatch: 4, batchMs: 1e6 }, arrivals, (logits) => logits, counted);
  const here = Array.from({ length: 3 }, () => arrivals.begin());
  const ask = () => batcher.ask(new Float32Array(4), 1);
  const answers = [ask(), ask()];
  here[0]!();
  here[1]!();
  expect(batcher.waiting).toBe(2); // the third is still on its way
  answers.push(ask());
  here[2]!();
  await Promise.all(answers);
  expect(sizes).toEqual([3]);
  const more = arrivals.begin(); // whose body never comes: a full batch does not wait for it
  await Promise.all([batcher.ask(new Float32Array(8), 2), ask(), ask()]);
  more();
  await Promise.all(Array.from({ length: 9 }, ask));
  expect(sizes.slice(1)).toEqual([4, 4, 4, 1]);
});

test("a request whose row is refused spoils no other's answer", async () => {
  const model = await pictures();
  const serving = await serve({ shapes: model });
  const random = new Random(5, 94);
  const row = () => Array.from({ length: 16 }, () => random.integer(256));
  const bodies = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? row().fill(999, 3, 4).slice(0, 15) : row()));
  const ask = async (body: number[]) => {
    const response = await post(`${serving.url}/predict`, body);
    return [response.status, await response.text()] as const;
  };
  const together = await Promise.all(bodies.map(ask));
  for (const [i, body] of bodies.entries()) expect(together[i]).toEqual(await ask(body));
  expect(together.map(([status]) => status)).toEqual(bodies.map((_, i) => (i % 3 === 0 ? 400 : 200)));
  await serving.stop();
});

test("rows beyond what may wait are refused with 429 and Retry-After, and the others answered", async () => {
  const serving = await serve({ numbers: await numbers() }, { maxBatch: 2, batchMs: 0 });
  const rows = [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ];
  const responses = await Promise.all(Array.from({ length: 200 }, () => post(`${serving.url}/predict`, rows)));
  const statuses = new Set(responses.map(({ status }) => status));
  expect([...statuses].every((status) => status === 200 || status === 429)).toBe(true);
  for (const { status, headers } of responses) expect(headers.get("retry-after")).toBe(status === 429 ? "1" : null);
  const full = serving.models.get("numbers").batcher;
  const waiting = Array.from({ length: 16 }, () => full.ask(new Float32Array(8), 2));
  expect(() => serving.models.get("numbers").answer(rows)).toThrow(Busy);
  await Promise.all(waiting);
  await serving.stop();
});
