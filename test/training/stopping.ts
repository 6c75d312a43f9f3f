// A run that is stopped after every step, written to a checkpoint, and gone on with on another engine and team.
import { expect } from "vitest";
import { ENGINES } from "../../src/engines/registry.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/files/run/checkpoint.ts";
import type { Network } from "../../src/network/network.ts";
import type { Run } from "../../src/training/run.ts";
import type { RunState } from "../../src/training/run-state.ts";
import type { RunOptions } from "../../src/training/trainer.ts";

const HERE = ENGINES.filter(({ name, missing }) => name !== "reference-float64" && missing() === undefined);

/** SHA-256 of the kept parameters, then of those after each epoch. `open`: the run on that machine, from there. */
export async function sumsWithStops(
  network: Network,
  open: (on: Pick<RunOptions, "engine" | "threads"> & { readonly from: RunState | undefined }) => Promise<Run>,
): Promise<readonly string[]> {
  let from: RunState | undefined;
  for (let step = 0; ; step++) {
    const engine = HERE[step % HERE.length]!.name;
    await using run = await open({ engine, threads: 1 + (step % 3 === 2 ? 1 : 0), from });
    const ended = (await run.train({ steps: 1 })) !== "paused";
    const bytes = await encodeCheckpoint({ network, run: "r", state: run.state() });
    const read = await decodeCheckpoint(bytes, "a file");
    expect(read.network).toEqual(network);
    from = read.state;
    if (ended) return await sumsOf(run);
  }
}

/** SHA-256 of the kept parameters of a run that has ended, then of those after each epoch. */
export async function sumsOf(run: Run): Promise<readonly string[]> {
  const { parametersSha256, epochs } = await run.result();
  return [parametersSha256, ...epochs.map((epoch) => epoch.parametersSha256)];
}
