// What Deltaprop promises to reach, as ratios of medians in one run. A goal whose contenders were not measured is
// silent.
import type { ColdStart } from "./cold-start.ts";
import { CALM, type Column } from "./columns.ts";
import type { Installed } from "./installed.ts";
import { type Result, speedOf } from "./rounds.ts";
import { CONFIGURATIONS, type Configuration, nameOf } from "./work.ts";

type Pick = (result: Result) => boolean;
type Goal = {
  readonly what: string;
  readonly ours: Pick;
  readonly theirs: Pick;
  /** The ratio asked for at a configuration, undefined where nothing is. */
  readonly least: (c: Configuration) => number | undefined;
};

const named =
  (start: string, threads: number): Pick =>
  ({ launch }) =>
    launch.name === start && launch.threads === threads;
const family =
  (start: string, threads: number): Pick =>
  ({ launch }) =>
    launch.name.startsWith(start) && launch.threads === threads;

/** Ratios by configuration. */
const each = (...least: readonly number[]): ReadonlyMap<string, number> =>
  new Map(CONFIGURATIONS.map((c, i) => [nameOf(c), least[i]!]));

const OVER_OPENBLAS = [each(1.05, 1.05, 1.15, 1.12, 1.08), each(1, 1.05, 1.12, 1.08, 1.05)];
const OVER_OPENBLAS_DENSE = [each(0.97, 0.98, 1, 1, 1), undefined];
const OVER_PYTORCH = [each(1.8, 1.4, 1.6, 1.3, 1.2), each(2.5, 1.5, 1.8, 1.3, 1.2)];

const goals = (dense: boolean): readonly Goal[] => [
  {
    what: "wasm over the best WebAssembly peer, one thread",
    ours: named("wasm", 1),
    theirs: ({ launch }) => launch.kind === "wasm-peer" && launch.threads === 1,
    least: () => 1.9,
  },
  ...[1, 2].map(
    (threads): Goal => ({
      what: `native over C on OpenBLAS, its best kernel and way, ${threads} thread(s)${dense ? ", no input is 0" : ""}`,
      ours: named("native", threads),
      theirs: family("C on OpenBLAS", threads),
      least: (c) => (dense ? OVER_OPENBLAS_DENSE : OVER_OPENBLAS)[threads - 1]?.get(nameOf(c)),
    }),
  ),
  ...[1, 2].map(
    (threads): Goal => ({
      what: `native over the best of PyTorch, ${threads} thread(s)`,
      ours: named("native", threads),
      theirs: family("PyTorch", threads),
      least: (c) => (dense ? undefined : OVER_PYTORCH[threads - 1]!.get(nameOf(c))),
    }),
  ),
];

/** One line a goal and configuration, "reached" or "MISSED" first; a disturbed column is marked. */
export function judge(
  results: readonly Result[],
  configurations: readonly Configuration[],
  columns: readonly Column[] = [],
  dense = false,
): string[] {
  const best = (pick: Pick, c: Configuration) =>
    results
      .filter((result) => nameOf(result.configuration) === nameOf(c) && pick(result))
      .toSorted((a, b) => speedOf(b) - speedOf(a))[0];
  return goals(dense).flatMap(({ what, ours, theirs, least }) =>
    configurations.flatMap((c) => {
      const [us, them, wanted] = [best(ours, c), best(theirs, c), least(c)];
      if (!us || !them || wanted === undefined) return [];
      const ratio = speedOf(us) / speedOf(them);
      const verdict = ratio >= wanted ? "reached" : "MISSED";
      const { threads } = us.launch;
      const column = columns.find((one) => one.threads === threads && nameOf(one.configuration) === nameOf(c));
      const disturbed = column && column.calm < CALM ? " (disturbed)" : "";
      return [
        `${verdict}: ${ratio.toFixed(2)} of ${wanted} wanted, ${what}, (${c.H}, ${c.B}); against ${them.launch.name}${disturbed}`,
      ];
    }),
  );
}

/** The same for a cold start on MNIST, where less is better. */
export function judgeStarts(starts: readonly ColdStart[], installed: Installed | undefined): string[] {
  const line = (what: string, got: number | undefined, most: number, unit: string) => {
    if (got === undefined || Number.isNaN(got)) return [];
    const digits = most < 10 ? 2 : 0;
    return [`${got <= most ? "reached" : "MISSED"}: ${got.toFixed(digits)} of at most ${most}${unit}, ${what}`];
  };
  const find = (name: string, threads: number) =>
    starts.find(({ launch }) => launch.name === name && launch.threads === threads);
  const native = find("native", 2);
  const openBlas = starts
    .filter(({ launch }) => launch.name.startsWith("C on OpenBLAS") && launch.threads === 2)
    .toSorted((a, b) => a.epoch.median - b.epoch.median)[0];
  const over = (name: string) => {
    const ours = find(name, 2);
    return ours && openBlas ? ours.epoch.median / openBlas.epoch.median : undefined;
  };
  const against = `over ${openBlas?.launch.name}, two threads`;
  return [
    ...line(`an epoch of native ${against}`, over("native"), 1, ""),
    ...line(`an epoch of wasm ${against}`, over("wasm"), 1.9, ""),
    ...line(
      "97 % test accuracy from process start, native, two threads",
      native && (native.toMarks[0]?.median ?? Number.POSITIVE_INFINITY),
      2,
      " s",
    ),
    ...line("evaluating 10,000 images, native, two threads", native && 1000 * native.testing.median, 60, " ms"),
    ...line("import and a first step, as installed", installed?.firstStepMs.median, 150, " ms"),
    ...(installed?.runs ?? []).flatMap(({ threads, peakMegabytes }) =>
      line(`peak memory of a run, as installed, ${threads} thread(s)`, peakMegabytes.median, 250, " MB"),
    ),
  ];
}
