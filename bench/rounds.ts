// Measuring: rounds in which every contender works for one window while all others wait, so that a slow minute is
// everyone's.
import { setTimeout } from "node:timers/promises";
import { CALM, type Column, calmness } from "./columns.ts";
import { Contender, ContenderFailure, type Launch } from "./contender.ts";
import { processorSeconds } from "./machine.ts";
import { type Spread, spread } from "./statistics.ts";
import { CHECKED_STEPS, type Configuration, flopsOf, LEARNING_RATE, LIMIT_STEP_FLOPS, nameOf } from "./work.ts";

const SETTLE_MS = 50; //                between windows: the last one's threads spin for a while before they sleep
const FIRST_ANSWER_S = 300; //          some compile the step when they first see it

/** One contender at one configuration. Times are seconds a step. */
export type Result = {
  readonly launch: Launch;
  readonly version: string;
  readonly configuration: Configuration;
  readonly seconds: Spread;
  readonly flops: number; //                        of one step
  /**                       the processors that other processes kept busy meanwhile, in the median */
  readonly others: number;
  readonly losses: readonly (number | null)[]; //   at CHECKED_STEPS
};

export type Failure = { readonly launch: Launch; readonly reason: string };
export type Plan = {
  readonly configurations: readonly Configuration[];
  readonly rounds: number;
  readonly windowMs: number;
  readonly repeats: number; // times that a disturbed column is measured again
};
export type Measured = {
  readonly results: readonly Result[];
  readonly columns: readonly Column[];
  readonly failures: readonly Failure[];
};

type Running = { readonly contender: Contender; losses: (number | null)[]; windows: number[]; others: number[] };

/** GFLOP/s of a result's median. */
export const speedOf = ({ flops, seconds }: Result): number => flops / seconds.median / 1e9;

/** Measure contenders of one thread count together. `core` pins each of them; `tell` hears of progress. */
export async function measure(
  launches: readonly Launch[],
  { configurations, rounds, windowMs, repeats }: Plan,
  core: number | undefined,
  tell: (line: string) => void,
): Promise<Measured> {
  const threads = launches[0]?.threads ?? 1;
  const measured: Result[][] = []; // of each try of each column
  const tries = new Map<string, number>();
  const failures: Failure[] = [];
  let field: Running[] = [];

  /** Do `work` with each in turn; whoever fails in it leaves. */
  async function inTurn(order: readonly Running[], work: (one: Running) => Promise<void>) {
    for (const one of order)
      try {
        await work(one);
      } catch (error) {
        if (!(error instanceof ContenderFailure)) throw error;
        const { launch } = one.contender;
        failures.push({ launch, reason: error.message });
        tell(`  ${launch.name} leaves: ${error.message}`);
        field = field.filter((other) => other !== one);
        await one.contender.stop();
      }
  }

  async function column(configuration: Configuration) {
    await inTurn(field, async (one) => {
      const request = { prepare: [configuration.H, configuration.B] };
      one.losses = (await one.contender.ask<{ losses: (number | null)[] }>(request, FIRST_ANSWER_S)).losses;
      one.windows = [];
      one.others = [];
    });
    for (let round = 0; round < rounds; round++)
      // each round begins with another, so that nobody always follows the same one
      await inTurn([...field.slice(round % field.length), ...field.slice(0, round % field.length)], async (one) => {
        // so slow that one measurement stands
        if (one.windows[0] !== undefined && one.windows[0] > windowMs / 1000) return;
        await oneWindow(one, windowMs);
      });
    measured.push(
      field.map(({ contender: { launch, version }, losses, windows, others }) => {
        const flops = launch.kind === "limit" ? LIMIT_STEP_FLOPS * launch.threads : flopsOf(configuration);
        const seconds = spread(windows);
        return { launch, version, configuration, seconds, flops, others: spread(others).median, losses };
      }),
    );
    tries.set(nameOf(configuration), (tries.get(nameOf(configuration)) ?? 0) + 1);
  }

  /** The calmest try of each column. */
  const chosen = () =>
    configurations.map((configuration) => {
      const all = measured.flat();
      const calmOf = (results: readonly Result[]) => calmness(results, all).get(nameOf(configuration))!;
      const own = measured.filter(([first]) => first?.configuration === configuration);
      const results = own.toSorted((a, b) => calmOf(b) - calmOf(a))[0] ?? [];
      const calm = results.length > 0 ? calmOf(results) : 1;
      return { results, threads, configuration, calm, tries: tries.get(nameOf(configuration)) ?? 0 };
    });

  try {
    field = launches.map((launch) => ({ contender: new Contender(launch, core), losses: [], windows: [], others: [] }));
    await inTurn(field, async ({ contender }) => void (await contender.start()));
    for (const configuration of configurations) {
      tell(`${nameOf(configuration)}, ${threads} thread(s): ${field.length} contenders`);
      await column(configuration);
    }
    for (let again = 0; again < repeats; again++)
      for (const { configuration, calm } of chosen().filter((one) => one.calm < CALM)) {
        tell(`${nameOf(configuration)}, ${threads} thread(s), again: its limits stood at ${Math.round(100 * calm)} %`);
        await column(configuration);
      }
  } finally {
    await Promise.all(field.map(({ contender }) => contender.stop()));
  }
  const columns = chosen();
  return { results: columns.flatMap(({ results }) => results), columns, failures };
}

async function oneWindow({ contender, windows, others }: Running, windowMs: number) {
  await setTimeout(SETTLE_MS);
  const began = performance.now();
  const before = processorSeconds(contender.id);
  const request = { run: windowMs };
  const { steps, seconds } = await contender.ask<{ steps: number; seconds: number }>(request, 60 + windowMs / 10);
  const after = processorSeconds(contender.id);
  const elapsed = (performance.now() - began) / 1000;
  windows.push(seconds / steps);
  others.push(Math.max(0, (after.all - before.all - (after.own - before.own)) / elapsed));
}

const TOLERANCES = [
  { step: CHECKED_STEPS[0], within: (a: number, b: number) => Math.abs(a - b) <= 0.0005 },
  { step: CHECKED_STEPS[1], within: (a: number, b: number) => Math.abs(a - b) <= 0.0005 },
  { step: CHECKED_STEPS[2], within: (a: number, b: number) => Math.abs(a - b) <= 0.02 * Math.abs(b) },
];

/**
 * What is wrong with the losses: one line for each that does not fall as the first of our engines' does. η is the same
 * for all.
 */
export function compareLosses(results: readonly Result[]): string[] {
  const compared = results.filter(({ launch }) => launch.kind !== "limit" && launch.kind !== "other-work");
  return compared.flatMap((result) => {
    const yardstick = compared.find((other) => nameOf(other.configuration) === nameOf(result.configuration))!;
    return TOLERANCES.flatMap(({ step, within }, i) => {
      const [ours, theirs] = [yardstick.losses[i], result.losses[i]];
      if (ours == null || theirs == null || within(theirs, ours)) return [];
      const where = `${result.launch.name}, ${result.launch.threads} thread(s), ${nameOf(result.configuration)}, step ${step}`;
      return [
        `${where}: loss ${theirs.toFixed(4)}, ${yardstick.launch.name} has ${ours.toFixed(4)} (η = ${LEARNING_RATE})`,
      ];
    });
  });
}
