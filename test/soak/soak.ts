// A run of many short epochs: what it keeps in memory and what it leaves on the disk, counted.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Journal } from "../../src/files/run/journal.ts";
import { findCheckpoint, findRun } from "../../src/files/run/run-folder.ts";
import type { RunPlan } from "../../src/files/run/run-record.ts";
import { activationText, defineNetwork } from "../../src/network/network.ts";
import type { Run } from "../../src/training/run.ts";
import { openRun } from "../../src/training/trainer.ts";
import { blobs } from "../training/blobs.ts";

const network = defineNetwork([4, 1, 3]);

/** Counted after `epochs` epochs: nothing but the lines of metrics.jsonl and the hashes of run.json may have grown. */
export type Soaked = {
  readonly epochs: number;
  /** Bytes of checkpoint.safetensors. */
  readonly checkpoint: number;
  /** Records that the run's state holds. */
  readonly held: number;
  /** Bytes of the run's history as text. */
  readonly history: number;
};

/** Train `epochs` epochs of one step with a save after every `every`; then end, and read everything back. */
export async function soak(folder: string, epochs: number, every: number): Promise<readonly Soaked[]> {
  const run = await openRun(network, blobs(6), { epochs, batchSize: 6, engine: "reference", threads: 1 });
  const journal = await Journal.open(folder);
  const seen: Soaked[] = [];
  try {
    const plan = planFor(run);
    await journal.start(plan);
    for (let done = 0; done < epochs; done += every) {
      await run.train({ steps: every });
      await journal.append(run.takeEpochs());
      const state = run.state();
      const checkpoint = statSync(await journal.save(network, plan, state)).size;
      const { history } = (await findCheckpoint(folder))!;
      seen.push({ epochs: history.count, checkpoint, held: state.epochs.length, history: history.losses.length });
    }
    const trained = await run.result();
    await journal.end(plan, trained, trained.model);
  } finally {
    await run.close();
    await journal.close();
  }
  return seen;
}

/** The hash of every epoch, in run.json and in metrics.jsonl. */
export async function hashesOf(folder: string): Promise<readonly [readonly string[], readonly string[]]> {
  const lines = readFileSync(join(folder, "metrics.jsonl"), "utf8").trimEnd().split("\n");
  return [(await findRun(folder))!.epochParametersSha256, lines.map((line) => JSON.parse(line).parametersSha256)];
}

function planFor({ options, session }: Run): RunPlan {
  const { layers } = network;
  const rows = { train: 6, validation: 0, test: 0 };
  const data = { name: "b", from: "b", dataDir: null, sha256: "0", label: null, heldOut: null, rows };
  const { engine, threads } = session;
  return {
    data,
    layers,
    activation: activationText(network),
    options,
    precision: "float32",
    arithmetic: "exact",
    engine,
    threads,
    versions: {},
  };
}
