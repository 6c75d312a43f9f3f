import { expect, test } from "vitest";
import type { Backend, Store } from "../../src/engines/backend.ts";
import { BACKENDS } from "../../src/engines/backends.ts";
import type { Session, Setup } from "../../src/engines/engine.ts";
import { LocalSession } from "../../src/engines/local-session.ts";
import { openPool } from "../../src/engines/pool.ts";
import { prepare } from "../../src/engines/prepare.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { COEFFICIENTS } from "../../src/network/plan.ts";

const B = 4;
const STEPS = 10_000;
const setup: Setup = {
  network: defineNetwork([6, 5, 3]),
  batchSize: B,
  features: Float32Array.from({ length: 40 * 6 }, (_, i) => ((i * 37) % 101) / 50 - 1),
  labels: Int32Array.from({ length: 40 }, (_, i) => i % 3),
  capacity: STEPS * B,
};

const bufferOf = (store: Store) => (store instanceof WebAssembly.Memory ? store.buffer : store);

/** 10,000 steps in calls of growing length; what the session's memory is before and after. */
async function train(session: Session, store: Store) {
  const buffer = bufferOf(store);
  const before = buffer.byteLength;
  for (const steps of [1, 9, 990, 9_000]) {
    const order = Uint32Array.from({ length: steps * B }, (_, i) => i % 40);
    await session.train(order, new Float64Array(steps * COEFFICIENTS).fill(0.01));
  }
  const after = { same: bufferOf(store) === buffer, bytes: buffer.byteLength };
  await session.close();
  return { before, after };
}

test.each(BACKENDS.filter((source) => source.missing() === undefined))(
  "$name takes its memory once: 10,000 steps take none and grow nothing",
  async (source) => {
    const taken: Store[] = [];
    const counting: Backend = {
      ...source,
      allocate(bytes, shared) {
        taken.push(source.allocate(bytes, shared));
        return taken.at(-1)!;
      },
    };
    const prepared = prepare(counting, setup, 1, false);
    const kernels = await source.kernels(prepared.store, prepared.memory, prepared.plan, { thread: 0, threads: 1 });
    const alone = await train(new LocalSession(source.name, prepared, setup, kernels), prepared.store);
    expect(alone.after).toEqual({ same: true, bytes: alone.before });
    const pool = await openPool(counting, setup, 2);
    const team = await train(pool, taken[1]!);
    expect(team.after).toEqual({ same: true, bytes: team.before });
    expect(taken.length).toBe(2); // one a session
  },
);
