// Time to accuracy: MNIST by a fresh process each time, its start and the reading of the data included.
import { Contender, ContenderFailure, type Launch } from "./contender.ts";
import { peakBytes } from "./machine.ts";
import type { Epoch } from "./protocol.ts";
import { markdownTable, short } from "./report.ts";
import type { Failure } from "./rounds.ts";
import { median, type Spread, spread } from "./statistics.ts";

const MARKS = [0.97, 0.98] as const; // test accuracies whose time is told
const LATE_S = 300; //                   an epoch that takes longer ends the contender

/** One contender over all rounds; seconds. A mark is null where some run ended below it. */
export type ColdStart = {
  readonly launch: Launch;
  readonly epoch: Spread; //           training alone, every epoch of every run
  readonly testing: Spread; //         10,000 images
  readonly toMarks: readonly (Spread | null)[];
  readonly epochsToMarks: readonly (number | null)[];
  readonly accuracies: readonly number[]; // after each epoch of the first run
  readonly peakMegabytes: number;
};

type OneRun = { epochs: readonly Epoch[]; toMarks: (number | null)[]; peak: number };

/** Train until the last mark is reached or `most` epochs are done. */
async function once(launch: Launch, core: number | undefined, most: number): Promise<OneRun> {
  const began = performance.now();
  const contender = new Contender(launch, core);
  const epochs: Epoch[] = [];
  const toMarks: (number | null)[] = MARKS.map(() => null);
  let peak = Number.NaN;
  try {
    while (epochs.length < most && toMarks.includes(null)) {
      const epoch = await contender.next<Epoch>(LATE_S);
      const elapsed = (performance.now() - began) / 1000;
      peak = peakBytes(contender.id);
      epochs.push(epoch);
      MARKS.forEach((mark, i) => {
        if (epoch.accuracy >= mark) toMarks[i] ??= elapsed;
      });
    }
  } finally {
    await contender.stop();
  }
  return { epochs, toMarks, peak };
}

/** Run everyone `rounds` times, one process at a time, in turn. */
export async function coldStarts(
  launches: readonly Launch[],
  rounds: number,
  epochs: number,
  core: number | undefined,
  tell: (line: string) => void,
): Promise<{ starts: ColdStart[]; failures: Failure[] }> {
  const failures: Failure[] = [];
  const runs = new Map<Launch, OneRun[]>(launches.map((launch) => [launch, []]));
  for (let round = 0; round < rounds; round++)
    for (const [launch, own] of runs)
      try {
        own.push(await once(launch, launch.threads === 1 ? core : undefined, epochs));
        const { seconds, accuracy } = own.at(-1)!.epochs.at(-1)!;
        tell(`${launch.name}, ${launch.threads} thread(s): ${seconds.toFixed(2)} s an epoch, accuracy ${accuracy}`);
      } catch (error) {
        if (!(error instanceof ContenderFailure)) throw error;
        tell(`${launch.name}, ${launch.threads} thread(s), leaves: ${error.message}`);
        failures.push({ launch, reason: error.message });
        runs.delete(launch);
      }
  const starts = [...runs].map(([launch, own]): ColdStart => {
    const all = own.flatMap((run) => run.epochs);
    const first = own[0]!.epochs;
    return {
      launch,
      epoch: spread(all.map(({ seconds }) => seconds)),
      testing: spread(all.map(({ testing }) => testing)),
      toMarks: MARKS.map((_, i) => {
        const times = own.map((run) => run.toMarks[i]!);
        return times.includes(null as never) ? null : spread(times);
      }),
      epochsToMarks: MARKS.map((mark) => first.find(({ accuracy }) => accuracy >= mark)?.epoch ?? null),
      accuracies: first.map(({ accuracy }) => accuracy),
      peakMegabytes: median(own.map(({ peak }) => peak / 1e6)),
    };
  });
  return { starts, failures };
}

export function coldStartTable(starts: readonly ColdStart[]): string[] {
  const sorted = starts.toSorted((a, b) => a.launch.threads - b.launch.threads || a.epoch.median - b.epoch.median);
  return markdownTable([
    ["", "threads", "s an epoch", ...MARKS.map((mark) => `s to ${100 * mark} %`), "10,000 test images, ms", "peak MB"],
    ...sorted.map(({ launch, epoch, testing, toMarks, epochsToMarks, peakMegabytes }) => [
      launch.kind.startsWith("ours") ? `**${launch.name}**` : launch.name,
      String(launch.threads),
      epoch.median.toFixed(2),
      ...toMarks.map((time, i) => (time ? `${time.median.toFixed(2)} (epoch ${epochsToMarks[i]})` : "–")),
      short(testing.median * 1000),
      Number.isNaN(peakMegabytes) ? "–" : peakMegabytes.toFixed(0),
    ]),
  ]);
}
