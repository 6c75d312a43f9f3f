// Who is a rank of what, and who owns what: pure functions.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exchangeOf } from "../../src/engines/ranks/exchanged.ts";
import { findLaunch } from "../../src/engines/ranks/launcher.ts";
import {
  othersRows,
  placeAmong,
  type Ranks,
  rowsOfRank,
  sumParts,
  weightsOfRank,
} from "../../src/engines/ranks/shares.ts";
import { patience } from "../../src/engines/ranks/time-limits.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { planSession } from "../../src/network/plan.ts";

describe("a process knows from its environment", () => {
  const slurm = { SLURM_STEP_NUM_TASKS: "4", SLURM_PROCID: "2" };
  test.each([
    ["that no launcher started it", {}, undefined],
    ["that it is alone under one", { OMPI_COMM_WORLD_SIZE: "1", OMPI_COMM_WORLD_RANK: "0" }, undefined],
    ["that a batch script started it", { SLURM_NTASKS: "4", SLURM_PROCID: "0" }, undefined],
    ["its place under Open MPI's mpirun", { OMPI_COMM_WORLD_SIZE: "3", OMPI_COMM_WORLD_RANK: "2" }, ["openmpi", 3, 2]],
    ["its place under MPICH's mpirun", { PMI_SIZE: "3", PMI_RANK: "1", PMI_FD: "6" }, ["mpich", 3, 1]],
    ["its place under srun --mpi=pmix", { ...slurm, PMIX_NAMESPACE: "x", PMIX_RANK: "2" }, ["openmpi", 4, 2]],
    ["its place under srun --mpi=pmi2", { ...slurm, PMI_FD: "6" }, ["mpich", 4, 2]],
  ] as const)("%s", (_, env, wanted) => {
    const found = findLaunch(env);
    expect(found && "mpi" in found ? [found.mpi, found.size, found.rank] : found).toEqual(wanted);
  });

  test("that srun started processes which do not know of each other", () => {
    expect(findLaunch(slurm)).toEqual({ refused: expect.stringContaining("Add --mpi=pmix") });
    expect(findLaunch({ OMPI_COMM_WORLD_SIZE: "3" })).toEqual({ refused: expect.stringContaining("one of 3") });
  });
});

test("rows and weights belong to one rank each, in runs, whatever the ranks' threads", () => {
  const teams = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 7 });
  const property = fc.property(teams, fc.integer({ min: 1, max: 300 }), (threads, count) => {
    const weightsOf = (count: number, ranks: Ranks) => weightsOfRank({ from: 0, to: count }, ranks);
    for (const ofRank of [rowsOfRank, weightsOf]) {
      const runs = threads.map((_, rank) => ofRank(count, { rank, threads }));
      expect(runs[0]![0]).toBe(0);
      expect(runs.at(-1)![1]).toBe(count);
      for (const [r, [from, to]] of runs.entries()) {
        expect(from).toBeLessThanOrEqual(to);
        if (r > 0) expect(from).toBe(runs[r - 1]![1]);
      }
    }
  });
  fc.assert(property, { seed: 17 });
});

test("the parts of ∇θ that go from rank to rank are all of it, in order, and every row of each W lies in one", () => {
  for (const [layers, options, threads] of [
    [[33, 7, 5], {}, [1, 1]],
    [[784, 300, 300, 10], { layerNorm: true, residual: true }, [2, 1, 3]],
    [[20, 1025, 3], {}, [1, 4, 1, 1, 1, 1, 2]],
  ] as const) {
    const network = defineNetwork(layers, "relu", options);
    const sizes = { network, capacity: 9, rows: 9, form: "floats", divisor: 1, soft: false } as const;
    const plan = planSession({ ...sizes, batchSize: 2048, states: 0, frontScale: 3 }, 4);
    const { batch, gradients } = plan;
    const { spans, weights } = sumParts(plan, { threads });
    let at = gradients.offset;
    for (const { offset, length } of spans) {
      expect([offset, length % 16]).toEqual([at, 0]);
      at += length;
    }
    expect(at).toBe(gradients.offset + gradients.length);
    const next = batch.layers.map(() => 0);
    for (const { layer, from, to } of weights) {
      const { offset, stride } = batch.layers[layer]!.dW;
      const [first, end] = [offset + from * stride, offset + to * stride];
      expect(from).toBe(next[layer]);
      expect(spans.filter((span) => span.offset < end && span.offset + span.length > first)).toHaveLength(1);
      next[layer] = to;
    }
    expect(next).toEqual(batch.layers.map(({ dW }) => dW.rows));
    if (layers[0] === 784) expect(spans.length).toBeGreaterThan(threads.length);
    const few = planSession({ ...sizes, batchSize: 3, states: 0, frontScale: 3 }, 4);
    expect(sumParts(few, { threads }).spans).toHaveLength(1); // with few rows a part is not worth its message
  }
});

test("ranks exchange what is less: activations and errors of B rows and W, or twice ∇θ", () => {
  const sizes = { capacity: 2048, rows: 2048, form: "floats", divisor: 1, soft: false, states: 0 } as const;
  const at = (batchSize: number, ranks: number, wanted?: "arrays") =>
    exchangeOf(planSession({ ...sizes, network: defineNetwork([64, 32, 16]), batchSize }, 4), ranks, wanted);
  const W = 64 * 32 + 32 * 16; // a₁ and δ¹ have 32 columns, z₂ and δ² 16: S = 96
  const lossesOf = (B: number) => 12 * B;
  expect(at(10, 4)).toEqual({
    kind: "arrays",
    arraysBytes: 0.75 * (4 * (10 * 96 + W) + lossesOf(10)),
    sumsBytes: 0.75 * (4 * 2 * (W + 32 + 16) + lossesOf(10)),
  });
  expect([27, 28].map((B) => at(B, 2).kind)).toEqual(["arrays", "sums"]); // B·S + W ≤ 2(W + 48) up to 27 rows
  expect(at(1000, 7, "arrays").kind).toBe("arrays");
});

test("the threads of a rank read the inputs of all rows that it does not own, each once", () => {
  for (const threads of [[1, 1], [2, 3, 1], [1, 4], [3]])
    for (const count of [1, 5, 13, 64])
      for (const rank of threads.keys()) {
        const team = threads[rank]!;
        const ranks = { rank, threads };
        const read = Array.from({ length: team }, (_, thread) => othersRows(count, ranks, { thread, threads: team }));
        const [from, to] = rowsOfRank(count, ranks);
        const rows = read.flat().flatMap(([a, b]) => Array.from({ length: b - a }, (_, i) => a + i));
        const all = Array.from({ length: count }, (_, i) => i);
        expect(rows.sort((a, b) => a - b)).toEqual(all.filter((i) => i < from || i >= to));
      }
  expect(placeAmong({ rank: 1, threads: [2, 3, 1] }, 2)).toEqual({ thread: 4, threads: 6 });
});

test("the wait for other ranks grows with the work, forgets a slow step, and rank 0 speaks first", () => {
  const [first, second] = [patience(0), patience(1)];
  const short = first(0);
  expect(second(0)).toBeGreaterThan(short);
  expect(short).toBeLessThan(5);
  expect(patience(0, 1e12)(0)).toBeGreaterThan(1000);
  expect(first(1)).toBe(20);
  let last = 20;
  for (let step = 0; step < 1000; step++) last = first(0.001);
  expect(last).toBe(short);
});
