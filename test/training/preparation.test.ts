// A large data set is prepared in pieces, with turns of the event loop in between; an abort is seen in each.
import { afterEach, expect, test, vi } from "vitest";
import { fit } from "../../src/classifier/fit.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { Turns } from "../../src/engines/turns.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { train } from "../../src/training/trainer.ts";

const [ROWS, COLS] = [6000, 100]; // 600,000 values
const X = Float32Array.from({ length: ROWS * COLS }, (_, k) => ((k * 7919) % 1000) / 500 - 1);
const labels = Int32Array.from({ length: ROWS }, (_, i) => i % 3);
/** A data set that was not checked before. */
const fresh = (): Dataset => ({ name: "rows", features: X, rows: ROWS, cols: COLS, labels, classes: ["a", "b", "c"] });
const options = { epochs: 1, batchSize: 600, validation: 0.25 };

afterEach(() => vi.restoreAllMocks());

/** Every pause is due; `atTurn` is called with the number of each turn. */
function everyPause(atTurn: (turn: number) => void): void {
  let turns = 0;
  vi.spyOn(Turns.prototype, "due", "get").mockReturnValue(true);
  const { take } = Turns.prototype;
  vi.spyOn(Turns.prototype, "take").mockImplementation(function (this: Turns) {
    atTurn(++turns);
    return take.call(this);
  });
}

test("fit and train pause at least once for every 2 ** 17 values that they check, split, scale and copy", async () => {
  const network = defineNetwork([COLS, 4, 3]);
  const wanted = await train(network, fresh(), options);
  let turns = 0;
  everyPause(() => turns++);
  const run = await train(network, fresh(), options);
  const ofTrain = turns;
  const model = await fit(fresh(), { ...options, hidden: [4] });
  expect(ofTrain).toBeGreaterThanOrEqual(5 * 6 - 4); // check, split, mean, deviation, scale and copy: 5 pieces each
  expect(turns).toBeGreaterThanOrEqual(2 * ofTrain);
  expect([run.parametersSha256, model.history.at(-1)!.parametersSha256]).toEqual(
    Array(2).fill(wanted.parametersSha256),
  );
});

test("an abort in any pause rejects with its reason, and no memory is taken where it comes before that", async () => {
  const reason = new Error("enough");
  let all = 0;
  everyPause(() => all++);
  await fit(fresh(), { ...options, hidden: [4] });
  for (const at of [1, 7, 14, 21]) {
    vi.restoreAllMocks();
    const memory = vi.spyOn(WebAssembly, "Memory");
    const controller = new AbortController();
    everyPause((turn) => turn === at && controller.abort(reason));
    await expect(fit(fresh(), { ...options, hidden: [4], signal: controller.signal })).rejects.toBe(reason);
    expect(at).toBeLessThan(all);
    expect(memory).not.toHaveBeenCalled();
  }
});
