// Which of the tables of kernels that this processor can run is used: the fastest in a measurement of some
// milliseconds, kept in a file per processor and build of the addon. All tables of one arithmetic give the same bits.
import type { KernelChoice, KernelChoices } from "../engine.ts";
import { type Addon, VARIANT, type Variant } from "./addon.ts";

const ROUNDS = 4; //     each times every table that may win, so that a disturbance meets all of them
const MARGIN = 1.03; //  less is noise: the table before is kept
const HOPELESS = 0.6; // of the fastest in the first round: not timed again
const MOST_KEPT = 8; //  processors and builds in the file, the oldest dropped first

const done = new WeakMap<Addon, KernelChoices>();

/**
 * Choose the tables of this process, once: from the file of earlier measurements, else by measuring. `build` names the
 * addon's build. A file that cannot be read or written changes nothing but the time this takes.
 */
export function chooseTables(addon: Addon, build: string): KernelChoices {
  const known = done.get(addon);
  if (known) return known;
  const file = cacheFile();
  const kept = file === undefined ? {} : read(file);
  const { cpus } = process.getBuiltinModule("node:os");
  const key = `${cpus()[0]?.model ?? "unknown"}; ${build}`;
  const choices = {
    exact: choose(addon, VARIANT.exact, kept[key]?.exact),
    fused: choose(addon, VARIANT.fused, kept[key]?.fused),
  };
  done.set(addon, choices);
  const speeds: Speeds = { exact: speedsOf(choices.exact), fused: speedsOf(choices.fused) };
  if (file !== undefined && JSON.stringify(kept[key]) !== JSON.stringify(speeds))
    write(
      file,
      Object.fromEntries([...Object.entries(kept).filter(([k]) => k !== key), [key, speeds]].slice(-MOST_KEPT)),
    );
  return choices;
}

/** GFLOP/s by the table's name. */
type Speeds = Readonly<Record<"exact" | "fused", Readonly<Record<string, number>>>>;

const speedsOf = ({ tables }: KernelChoice) =>
  Object.fromEntries(tables.map(({ name, gigaflops }) => [name, gigaflops]));

function choose(addon: Addon, variant: Variant, kept: Readonly<Record<string, unknown>> | undefined): KernelChoice {
  const names: string[] = [];
  for (;;) {
    const name = addon.table(variant, names.length);
    if (name === undefined) break;
    names.push(name);
  }
  const sound = names.every((name) => Number(kept?.[name]) > 0);
  const speeds = sound ? names.map((name) => Number(kept?.[name])) : measure(addon, variant, names.length);
  const tables = names.map((name, i) => ({ name, gigaflops: speeds[i]! }));
  let chosen = 0;
  for (const [i, { gigaflops }] of tables.entries()) if (gigaflops > MARGIN * tables[chosen]!.gigaflops) chosen = i;
  if (tables.length > 1) addon.choose(variant, chosen);
  return { tables, chosen };
}

/** GFLOP/s of `count` tables; one round where no second table may win. */
function measure(addon: Addon, variant: Variant, count: number): readonly number[] {
  const best = new Array<number>(count).fill(0);
  let timed = [...best.keys()];
  for (let round = 0; round < ROUNDS && (round === 0 || timed.length > 1); round++) {
    for (const i of timed) best[i] = Math.max(best[i]!, addon.time(variant, i) / 1e9);
    timed = timed.filter((i) => best[i]! >= HOPELESS * Math.max(...best));
  }
  return best.map((gigaflops) => Number(gigaflops.toPrecision(3)));
}

/** In the user's folder for caches; undefined where there is none. */
function cacheFile(): string | undefined {
  const { join } = process.getBuiltinModule("node:path");
  const { XDG_CACHE_HOME, HOME } = process.env;
  const folder = XDG_CACHE_HOME || (HOME && join(HOME, ".cache"));
  return folder ? join(folder, "deltaprop", "kernels.json") : undefined;
}

function read(file: string): Readonly<Record<string, Speeds>> {
  try {
    const value: unknown = JSON.parse(process.getBuiltinModule("node:fs").readFileSync(file, "utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, Speeds>) : {};
  } catch {
    return {};
  }
}

/** Whole or not at all: another process may read it. */
function write(file: string, speeds: Readonly<Record<string, Speeds>>): void {
  const { mkdirSync, renameSync, writeFileSync } = process.getBuiltinModule("node:fs");
  const { dirname } = process.getBuiltinModule("node:path");
  const made = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(made, `${JSON.stringify(speeds, null, 2)}\n`);
    renameSync(made, file);
  } catch {
    // measured again next time
  }
}
