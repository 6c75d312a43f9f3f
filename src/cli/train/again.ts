// A recorded run's parameters at several times of its training: it is trained again, bit for bit, because a run keeps
// its last parameters alone.
import { InvalidInput, NumericalStop } from "../../errors.ts";
import { epochHashes } from "../../files/run/run-folder.ts";
import type { RunRecord } from "../../files/run/run-record.ts";
import type { TracInCheckpoint } from "../../insights/pair-influence.ts";
import type { Model } from "../../training/model.ts";
import type { TrainingOptions } from "../../training/options.ts";
import type { PlannedTraining } from "../../training/plan-training.ts";
import { learningRates } from "../../training/schedule.ts";
import { openPlanned } from "../../training/trainer.ts";

/** Σ η/B over epochs from … to: every row is taken once an epoch, in a mini-batch of B. */
export function weightOf(options: TrainingOptions, rows: number, from: number, to: number): number {
  const stepsPerEpoch = Math.ceil(rows / options.batchSize);
  let sum = 0;
  for (let epoch = from; epoch <= to; epoch++) {
    const rates = learningRates({ ...options, stepsPerEpoch }, epoch);
    sum += rates.reduce((total, rate) => total + rate, 0) / stepsPerEpoch / options.batchSize;
  }
  return sum;
}

/**
 * The model after each of `count` equal parts of the recorded epochs; each stands for the epochs since the one before.
 * Raises InvalidInput for a run that changed on its way, NumericalStop where an epoch ends with other parameters.
 */
export async function* checkpointsAgain(
  folder: string,
  record: RunRecord,
  training: PlannedTraining,
  count: number,
  machine: { readonly engine: string; readonly threads?: number | undefined; readonly signal: AbortSignal },
): AsyncGenerator<TracInCheckpoint> {
  const expected = await epochHashes(folder, record);
  if ((record.changes ?? []).length > 0 || record.studio?.taught || record.studio?.model) {
    const reason = "its options or weights were changed on the way, so it has no checkpoints. Leave out --checkpoints.";
    throw new InvalidInput("NOT_PROMISED", reason, { file: folder });
  }
  const epochs = expected.length;
  const ends = new Set(Array.from({ length: count }, (_, k) => Math.ceil(((k + 1) * epochs) / count)));
  const { signal, ...on } = machine;
  const run = await openPlanned(training, on);
  try {
    let from = 1;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      await run.train({ steps: run.progress.stepsPerEpoch, signal });
      signal.throwIfAborted();
      const [again] = run.takeEpochs();
      if (again?.parametersSha256 !== expected[epoch - 1]) {
        const reason = `the parameters after epoch ${epoch} differ from the record. deltaprop verify says more.`;
        throw new NumericalStop("NOT_REPRODUCED", reason, { file: folder });
      }
      if (!ends.has(epoch)) continue;
      const model: Model = run.model();
      yield { model, weight: weightOf(run.options, training.splits.train.rows, from, epoch) };
      from = epoch + 1;
    }
  } finally {
    await run.close();
  }
}
