// What Deltaprop promises to reach, as ratios of medians in one run. A goal whose contenders were not measured is
// silent.
import type { ColdStart } from "./cold-start.ts";
import { LIMITS } from "./contenders.ts";
import type { Installed } from "./installed.ts";
import { type Result, speedOf } from "./rounds.ts";
import { type Configuration, nameOf } from "./work.ts";

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

const OVER_PYTORCH: ReadonlyMap<string, number> = new Map([
  ["128x32", 2.5],
  ["256x64", 1.4],
  ["1024x256", 1.05],
]);

const GOALS: readonly Goal[] = [
  {
    what: "wasm of the 128-bit limit, one thread",
    ours: named("wasm", 1),
    theirs: named(LIMITS.narrow, 1),
    least: ({ H, B }) => (H === 128 && B === 32 ? 0.65 : 0.75),
  },
  {
    what: "wasm over the best WebAssembly peer, one thread",
    ours: named("wasm", 1),
    theirs: ({ launch }) => launch.kind === "wasm-peer" && launch.threads === 1,
    least: () => 1.5,
  },
  {
    what: "wasm, two threads over one",
    ours: named("wasm", 2),
    theirs: named("wasm", 1),
    least: ({ H, B }) => (H >= 256 ? 1.8 : H === 128 && B === 32 ? 1.5 : undefined),
  },
  ...[1, 2].map(
    (threads): Goal => ({
      what: `native over C on OpenBLAS, its own choice of kernel, ${threads} thread(s)`,
      ours: named("native", threads),
      theirs: ({ launch }) =>
        ["C on OpenBLAS", "C on OpenBLAS, its own threads"].includes(launch.name) && launch.threads === threads,
      least: () => 1,
    }),
  ),
  ...[1, 2].map(
    (threads): Goal => ({
      what: `native fused over C on OpenBLAS, its best kernel, ${threads} thread(s)`,
      ours: named("native-fused", threads),
      theirs: family("C on OpenBLAS", threads),
      least: () => 1,
    }),
  ),
  ...[1, 2].map(
    (threads): Goal => ({
      what: `native over the best of PyTorch, ${threads} thread(s)`,
      ours: named("native", threads),
      theirs: family("PyTorch", threads),
      least: (c) => OVER_PYTORCH.get(nameOf(c)),
    }),
  ),
];

/** One line a goal and configuration, "reached" or "MISSED" first. */
export function judge(results: readonly Result[], configurations: readonly Configuration[]): string[] {
  const best = (pick: Pick, c: Configuration) =>
    results
      .filter((result) => nameOf(result.configuration) === nameOf(c) && pick(result))
      .toSorted((a, b) => speedOf(b) - speedOf(a))[0];
  return GOALS.flatMap(({ what, ours, theirs, least }) =>
    configurations.flatMap((c) => {
      const [us, them, wanted] = [best(ours, c), best(theirs, c), least(c)];
      if (!us || !them || wanted === undefined) return [];
      const ratio = speedOf(us) / speedOf(them);
      const verdict = ratio >= wanted ? "reached" : "MISSED";
      return [
        `${verdict}: ${ratio.toFixed(2)} of ${wanted} wanted, ${what}, (${c.H}, ${c.B}); against ${them.launch.name}`,
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
    ...line(`an epoch of wasm ${against}`, over("wasm"), 2.2, ""),
    ...line(
      "97 % test accuracy from process start, native, two threads",
      native && (native.toMarks[0]?.median ?? Number.POSITIVE_INFINITY),
      3,
      " s",
    ),
    ...line("evaluating 10,000 images, native, two threads", native && 1000 * native.testing.median, 60, " ms"),
    ...line("import and a first step, as installed", installed?.firstStepMs.median, 150, " ms"),
    ...(installed?.runs ?? []).flatMap(({ threads, peakMegabytes }) =>
      line(`peak memory of a run, as installed, ${threads} thread(s)`, peakMegabytes.median, 250, " MB"),
    ),
  ];
}
