// A process that saves one checkpoint into a run's folder, to be run under strace. It says SAVED only after the save.
// Names of temporary files are counted instead of drawn, so that they can be watched: saver.ts FOLDER GENERATION.
import { DeltapropError } from "../../src/errors.ts";
import { Journal } from "../../src/files/run/journal.ts";
import type { RunPlan } from "../../src/files/run/run-record.ts";
import { sampleCheckpoint } from "./damage.ts";

let drawn = 0;
const [folder, generation] = process.argv.slice(2) as [string, string];
crypto.randomUUID = () => `0000000${generation}-0000-4000-8000-${String(drawn++).padStart(12, "0")}`;
const { network, state } = await sampleCheckpoint();
const data = { name: "s", from: "s", dataDir: null, sha256: generation, label: null, heldOut: null };
const plan = { data, layers: network.layers, activation: network.activation, options: {}, precision: "float32" };
try {
  const journal = await Journal.open(folder);
  await journal.save(network, plan as unknown as RunPlan, state);
  process.stdout.write("SAVED\n");
  await journal.close();
} catch (error) {
  process.stderr.write(`${(error as DeltapropError).line ?? (error as Error).stack}\n`);
  process.exitCode = error instanceof DeltapropError ? error.exit : 1;
}
