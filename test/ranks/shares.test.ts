// Who is a rank of what, and who owns what: pure functions.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findLaunch } from "../../src/engines/ranks/launcher.ts";
import { othersRows, placeAmong, type Ranks, rowsOfRank, weightsOfRank } from "../../src/engines/ranks/shares.ts";
import { patience } from "../../src/engines/ranks/time-limits.ts";

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
