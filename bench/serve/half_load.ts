// Servers at the same rate of requests, in turns: times of answers beside what disturbed them, which tells a server's
// tail from the machine's.
import { quantileOf } from "../statistics.ts";
import { paced } from "./paced.ts";
import { type Server, timing, usage } from "./servers.ts";

type Windows = {
  readonly connections: number;
  /** Requests a second. */
  readonly rate: number;
  /** Of a window. */
  readonly seconds: number;
  /** Of each server, without the first, which warms it up. */
  readonly windows: number;
};

const COLUMNS = [
  ...["", "p50, ms", "p99, ms", "p99 / p50 (goal ≤ 3)", "p99 / p50 without pauses of the generator", "of answers"],
  ...["generator late, p99, ms", "collections", "longest, ms", "processor taken away"],
];

const OWN_COLUMNS = [
  ...["the server's own time", "p50, ms", "p99, ms", "p99 / p50"],
  ...["came alone", "p50, ms", "p99, ms", "p99 / p50"],
];

/** Two tables, a line a server each: as the generator sees it, as the server does; and the requests that were lost. */
export async function atHalfLoad(
  servers: readonly (readonly [name: string, server: Server])[],
  request: Buffer,
  { windows, ...load }: Windows,
): Promise<{ readonly table: string[][]; readonly own: string[][]; readonly lost: number }> {
  const found = servers.map(([name, server]) => ({
    ...{ name, server, times: [] as number[], undisturbed: [] as number[], late: [] as number[] },
    ...{ all: [] as number[], alone: [] as number[], collections: [] as number[], switches: 0, lost: 0 },
  }));
  for (let window = 0; window <= windows; window++)
    for (const one of found) {
      const before = await usage(one.server);
      const [answers, own] = await timing(one.server, () => paced(one.server.port, request, load));
      const after = await usage(one.server);
      one.lost += answers.lost;
      if (window === 0) continue;
      for (const key of ["times", "undisturbed", "late"] as const) for (const ms of answers[key]) one[key].push(ms);
      for (const key of ["all", "alone"] as const) for (const ms of own[key]) one[key].push(ms);
      one.collections.push(...after.collections);
      one.switches += after.switches - before.switches;
    }
  const ratio = (times: readonly number[]) =>
    times.length === 0 ? "" : (quantileOf(times, 0.99) / quantileOf(times, 0.5)).toFixed(1);
  const lines = found.map(({ name, times, undisturbed, late, collections, switches }) => [
    ...[name, quantileOf(times, 0.5).toFixed(3), quantileOf(times, 0.99).toFixed(3), ratio(times)],
    ...[ratio(undisturbed), `${((100 * undisturbed.length) / times.length).toFixed(0)} %`],
    ...[quantileOf(late, 0.99).toFixed(3), String(collections.length)],
    ...[Math.max(0, ...collections).toFixed(1), String(switches)],
  ]);
  const three = (times: readonly number[]) =>
    times.length === 0
      ? ["", "", ""]
      : [quantileOf(times, 0.5).toFixed(3), quantileOf(times, 0.99).toFixed(3), ratio(times)];
  const own = found.map(({ name, all, alone }) => [
    ...[name, ...three(all)],
    ...[`${((100 * alone.length) / all.length).toFixed(0)} %`, ...three(alone)],
  ]);
  return {
    table: [COLUMNS, ...lines],
    own: [OWN_COLUMNS, ...own],
    lost: found.reduce((sum, { lost }) => sum + lost, 0),
  };
}
