// One seed, one result: the awkward nets on every engine and number of threads, repeated, and stopped and gone on with
// elsewhere.
import { readFileSync } from "node:fs";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { ENGINES } from "../../src/engines/registry.ts";
import type { RunState } from "../../src/training/run-state.ts";
import { openRun } from "../../src/training/trainer.ts";
import { NETS, netRun, trainNets } from "../studio/same-bits/nets.ts";

const FILE = new URL("./golden.json", import.meta.url);

/**
 * The SHA-256 of each net's parameters, as kept in the tree: every Node, browser, engine and processor must come to
 * them.
 */
export const golden = (): readonly string[] => JSON.parse(readFileSync(FILE, "utf8"));

/** The engines that are here and promise the same bits. */
export const engines = ENGINES.filter(
  ({ name, missing }) => name !== "reference-float64" && missing() === undefined,
).map(({ name }) => name);

/** What each run came to, but for those that came to the golden sums; and how many runs there were. */
export async function compare(
  threads: readonly number[],
  names = engines,
): Promise<{ runs: number; different: readonly string[] }> {
  const all = await trainNets(names, threads);
  const expected = golden();
  const different = all
    .filter(({ net, parametersSha256 }) => parametersSha256 !== expected[net])
    .map((run) => `net ${run.net} on ${run.engine} with ${run.threads} threads: ${run.parametersSha256}`);
  return { runs: all.length, different };
}

/** Every net stopped after every one of its steps and gone on with on the next engine and number of threads. */
export async function compareInterrupted(
  threads: readonly number[],
): Promise<{ runs: number; different: readonly string[] }> {
  const { train: rows } = await drawDigits({ seed: 2, train: 103, test: 1 });
  const expected = golden();
  const different: string[] = [];
  for (const net of NETS.keys()) {
    const { network, data, options } = netRun(net, rows);
    let from: RunState | undefined;
    for (let step = 0, ended = false; !ended; step++) {
      const machine = { engine: engines[step % engines.length]!, threads: threads[step % threads.length]! };
      const run = await openRun(network, data, { ...options, ...machine, ...(from && { from }) });
      ended = (await run.train({ steps: 1 })) !== "paused";
      from = run.state();
      if (ended) {
        const { parametersSha256 } = await run.result();
        if (parametersSha256 !== expected[net]) different.push(`net ${net}, interrupted: ${parametersSha256}`);
      }
      await run.close();
    }
  }
  return { runs: NETS.length, different };
}
