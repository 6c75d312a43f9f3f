// Results as Markdown and as JSON. The limit in the same run is the scale: medians throughout, with half the quartiles'
// distance.
import { type Column, describeColumns } from "./columns.ts";
import { LIMITS } from "./contenders.ts";
import type { Machine } from "./machine.ts";
import { type Failure, type Result, speedOf } from "./rounds.ts";
import { median, uncertainty } from "./statistics.ts";
import { type Configuration, nameOf } from "./work.ts";

/** All that a run found out. */
export type Report = {
  readonly machine: Machine;
  readonly configurations: readonly Configuration[];
  readonly rounds: number;
  readonly windowMs: number;
  readonly zeros: number; // share of the inputs that are 0
  readonly results: readonly Result[];
  readonly columns: readonly Column[];
  readonly failures: readonly Failure[];
  readonly missing: readonly string[];
  readonly lossComplaints: readonly string[];
};

/** Three digits that matter. */
export const short = (x: number): string =>
  x >= 100 ? Math.round(x).toLocaleString("en-US") : x.toPrecision(x >= 10 ? 3 : 2);

export const findResult = (results: readonly Result[], name: string, threads: number, { H, B }: Configuration) =>
  results.find(
    ({ launch, configuration: c }) => launch.name === name && launch.threads === threads && c.H === H && c.B === B,
  );

/**
 * Share of the limit that is this contender's own: 128-bit multiply and add for WebAssembly, fused multiply-add for the
 * others.
 */
export function shareOfLimit(results: readonly Result[], result: Result): number | undefined {
  const { name, threads, kind } = result.launch;
  const own = kind === "ours-wasm" || kind === "wasm-peer" ? LIMITS.narrow : LIMITS.fused;
  const limit = findResult(results, own, threads, result.configuration);
  return limit && kind !== "limit" && name !== own ? speedOf(result) / speedOf(limit) : undefined;
}

/** A Markdown table; the first row is its head. */
export const markdownTable = (rows: readonly (readonly string[])[]): string[] => {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(rows[0]!), line(rows[0]!.map((_, j) => (j === 0 ? "---" : "---:"))), ...rows.slice(1).map(line)];
};

/**
 * The names of one thread count, fastest first (by the mean rank of speeds: their geometric mean over configurations).
 */
function ranked(results: readonly Result[]): string[] {
  const logs = new Map<string, number[]>();
  for (const result of results)
    logs.set(result.launch.name, [...(logs.get(result.launch.name) ?? []), Math.log(speedOf(result))]);
  const mean = (name: string) => logs.get(name)!.reduce((sum, x) => sum + x, 0) / logs.get(name)!.length;
  return [...logs.keys()].toSorted((a, b) => mean(b) - mean(a));
}

function tables({ results, configurations }: Report, threads: number): string[] {
  const here = results.filter(({ launch }) => launch.threads === threads);
  const names = ranked(here);
  const isLimit = (name: string) => here.some(({ launch }) => launch.name === name && launch.kind === "limit");
  const table = (title: string, rows: readonly string[], cell: (result: Result) => string) => [
    `\n${title}, ${threads === 1 ? "one thread" : `${threads} threads`}:\n`,
    ...markdownTable([
      ["", ...configurations.map((c) => `(${c.H}, ${c.B})`)],
      ...rows.map((name) => [
        here.some(({ launch }) => launch.name === name && launch.kind.startsWith("ours")) ? `**${name}**` : name,
        ...configurations.map((c) => {
          const result = findResult(here, name, threads, c);
          return result ? cell(result) : "–";
        }),
      ]),
    ]),
  ];
  const trained = names.filter((name) => !isLimit(name));
  return [
    ...table("GFLOP/s (share of the limit)", names, (result) => {
      const share = shareOfLimit(here, result);
      return `${short(speedOf(result))}${share === undefined ? "" : ` (${Math.round(100 * share)} %)`}`;
    }),
    ...table("µs a step", trained, (result) => {
      const { seconds } = result;
      return `${short(seconds.median * 1e6)}${seconds.count > 1 ? ` ± ${Math.ceil(100 * uncertainty(seconds))} %` : " (once)"}`;
    }),
    ...table("Examples/s", trained, ({ configuration, seconds }) =>
      Math.round(configuration.B / seconds.median).toLocaleString("en-US"),
    ),
    ...table("Loss at steps 0, 5 and 50", trained, ({ losses }) =>
      losses.map((loss) => (loss === null ? "–" : loss.toFixed(4))).join(" "),
    ),
  ];
}

/** One thread in short: ours, and the fastest of each peer. */
function shortTable({ results, configurations }: Report): string[] {
  const here = results.filter(({ launch }) => launch.threads === 1 && launch.kind !== "limit");
  const family = (name: string) => name.split(",")[0]!;
  const names = ranked(here).filter((name, i, all) => all.findIndex((other) => family(other) === family(name)) === i);
  const row = (name: string) => [
    here.some(({ launch }) => launch.name === name && launch.kind.startsWith("ours")) ? `**${name}**` : name,
    ...configurations.map((c) => {
      const result = findResult(here, name, 1, c);
      return result ? short(speedOf(result)) : "–";
    }),
  ];
  const head = ["", ...configurations.map((c) => `(${c.H}, ${c.B})`)];
  return ["", "In short, GFLOP/s on one thread:", "", ...markdownTable([head, ...names.map(row)])];
}

/** What was measured on, by the machine's own words. */
export function describeRun({ machine }: { machine: Machine }): string[] {
  const { processor, processors, system, node, load, pinned } = machine;
  return [
    `${processor}, ${processors} processors, ${system}, Node ${node.slice(1)}; load ${load.join(" ")} as the run began;`,
    `one-thread runs ${pinned ? "pinned to one processor" : "not pinned to a processor (no taskset here)"}.`,
  ];
}

export function toMarkdown(report: Report, goals: readonly string[]): string {
  const { results, columns, rounds, windowMs, zeros, failures, missing, lossComplaints } = report;
  const threads = [...new Set(results.map(({ launch }) => launch.threads))];
  const described = describeColumns(columns);
  const others = results.map((result) => result.others).filter((x) => !Number.isNaN(x));
  const versions = [...new Map(results.map(({ launch, version }) => [launch.name, version]))];
  const compared = "Losses fall alike: within 0.0005 at steps 0 and 5, within 2 % at step 50.";
  return `${[
    "Training 784-H-H-H-10 on batches of B, columns (H, B); 2·B·(3P − 784H) floating-point operations a step.",
    `${Math.round(100 * zeros)} % of the inputs are 0, for everyone; a term that an engine leaves out for that counts as done.`,
    ...describeRun(report),
    `Medians of ${rounds} rounds; in each, everyone works for ${windowMs} ms in turn while the others wait. "±": half the distance of the quartiles.`,
    "The limit is 128-bit multiply and add for WebAssembly, fused multiply-add at the widest vectors for the others.",
    ...(others.length > 0
      ? [
          `Other processes kept ${median(others).toFixed(2)} processors busy in the median, ${Math.max(...others).toFixed(2)} at most.`,
        ]
      : []),
    ...described.map((line, i) => `${i === 0 ? "\n" : ""}- ${line}`),
    ...threads.flatMap((t) => tables(report, t)),
    ...(threads.includes(1) ? shortTable(report) : []),
    "",
    ...(lossComplaints.length === 0 ? [compared] : lossComplaints.map((line) => `- LOSS DIFFERS: ${line}`)),
    ...(goals.length > 0 ? ["", "What it must reach:", "", ...goals.map((line) => `- ${line}`)] : []),
    "",
    "Versions:",
    "",
    ...versions.map(([name, version]) => `- ${name}: ${version}`),
    ...failures.map(({ launch, reason }) => `- left out, ${launch.name} on ${launch.threads} thread(s): ${reason}`),
    ...missing.map((line) => `- not here, ${line}`),
  ].join("\n")}\n`;
}

/** One object a result; no paths of this machine. */
export function toJson(report: Report): string {
  const results = report.results.map((result) => {
    const { launch, version, configuration, seconds, others, losses } = result;
    const speed = { gflops: speedOf(result), examplesPerSecond: configuration.B / seconds.median };
    const limit = shareOfLimit(report.results, result);
    const common = { name: launch.name, kind: launch.kind, threads: launch.threads, version, ...configuration };
    const us = Object.fromEntries(
      Object.entries(seconds).map(([key, value]) => [key, key === "count" ? value : value * 1e6]),
    );
    return { ...common, id: nameOf(configuration), us, ...speed, shareOfLimit: limit, others, losses };
  });
  const failures = report.failures.map(({ launch, reason }) => ({
    name: launch.name,
    threads: launch.threads,
    reason,
  }));
  const columns = report.columns.map(({ threads, configuration, calm, tries }) => ({
    threads,
    ...configuration,
    calm,
    tries,
  }));
  return `${JSON.stringify({ ...report, results, columns, failures }, null, 1)}\n`;
}
