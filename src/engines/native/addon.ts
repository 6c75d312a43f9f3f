// Finding and loading the native addon, in Node. No import here names a Node module, so a browser can load this file
// too.

/** `enum variant` of native/kernels.h. exact: multiply, then add; fused: in one; narrow: exact on 128-bit vectors. */
export const VARIANT = { exact: 0, fused: 1, narrow: 2 } as const;
export type Variant = (typeof VARIANT)[keyof typeof VARIANT];

/** The addon's functions (native/addon.c), which check all their arguments. */
export type Addon = {
  readonly interface: number;
  readonly fused: boolean; //       whether the processor has fused multiply-add
  /** `streams`: whether updated parameters are written past the caches. */
  open(bytes: Uint8Array, variant: Variant, scratch: number, scratchLength: number, streams: 0 | 1): Opened;
  largePages(bytes: Uint8Array): void;
  scratch(rows: number, inputs: number, outputs: number): number;
  /** Name of a table of kernels that this processor can run, the widest first; undefined after the last. */
  table(variant: Variant, number: number): string | undefined;
  /** Floating-point operations a second of a table. */
  time(variant: Variant, table: number): number;
  /** The table of all memories opened from now on, in this process. */
  choose(variant: Variant, table: number): void;
  limit(variant: Variant, rounds: number): number;
  /** Let another thread that wants this processor run first. */
  giveWay(): void;
  numeric(which: 0 | 1 | 2 | 3 | 4 | 5 | 6, values: Float64Array): void;
};

/** Kernels over one memory: a call is registered once, with all its views, and then runs by its number. */
export type Opened = {
  register(kind: number, numbers: Float64Array): number;
  /** `value`: the epoch of draws; the factor, share or limit of what bounds a step. */
  run(call: number, at: number, value?: number): void;
  /** Keep a list of calls, [number, place] of each; none of them may take a value. Returns its number. */
  note(calls: Float64Array): number;
  /** Run a list, the places of its calls counted from `at`. */
  runList(list: number, at: number): void;
};

const INTERFACE = 16; // of native/addon.c

/**
 * Systems with a prebuilt addon on npm, a package each: @deltaprop/linux-x64 and, for musl, @deltaprop/linux-x64-musl.
 */
export const PREBUILT = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"] as const;

/** The root above this file while no bundler but our build has moved its code: of a checkout, or of the package. */
const ROOT = /^(.*)[\\/](?:src|dist)[\\/](?:engines[\\/]native[\\/]addon|chunks[\\/]kernels)\.[jt]s$/;

/** `build` changes with the addon's file. */
type Found = { readonly addon: Addon; readonly build: string } | { readonly missing: string };

let found: Found | undefined;

/** The addon of this machine, or why there is none. Searched once; never raises. */
export function findAddon(): Found {
  if (found === undefined) {
    try {
      found = find();
    } catch (error) {
      found = { missing: `native code cannot be looked for here (${firstLine(error)})` };
    }
  }
  return found;
}

/** The addon in `path`, or why it cannot be used and the `remedy`. */
export function loadAddon(path: string, remedy: string): Found {
  const { existsSync, statSync } = process.getBuiltinModule("node:fs");
  if (!existsSync(path)) return { missing: `there is no native code here (${path}). ${remedy}` };
  try {
    const addon = requireFrom(path)(path) as Addon;
    const { size, mtimeMs } = statSync(path);
    if (addon.interface === INTERFACE) return { addon, build: `${size} bytes of ${Math.round(mtimeMs)}` };
    return { missing: `${path} belongs to another version. ${remedy}` };
  } catch (error) {
    return { missing: `${path} cannot be loaded (${firstLine(error)}). ${remedy}` };
  }
}

/** The addon that a checkout has built, else that of an installed package. */
function find(): Found {
  const { process } = globalThis as { process?: NodeJS.Process };
  if (typeof process?.getBuiltinModule !== "function") return { missing: "native code runs in Node only" };
  const { existsSync } = process.getBuiltinModule("node:fs");
  const { join, resolve } = process.getBuiltinModule("node:path");
  const system = `${process.platform}-${process.arch}`;
  const here = String(import.meta.url); // "undefined" in some bundles
  const file = here.startsWith("file:") ? process.getBuiltinModule("node:url").fileURLToPath(here) : undefined;
  const [, root] = ROOT.exec(file ?? "") ?? [];
  if (root !== undefined && existsSync(join(root, "native", "build.mjs"))) {
    const remedy = "Build it with: npm run build:native (needs a C compiler).";
    return loadAddon(join(root, "build", `deltaprop-${system}.node`), remedy);
  }
  if (!(PREBUILT as readonly string[]).includes(system)) return { missing: `there is no native code for ${system}` };
  const names = [`@deltaprop/${system}`, ...(process.platform === "linux" ? [`@deltaprop/${system}-musl`] : [])];
  // a bundle need not lie beside the program's node_modules, so the program's file and its folder are asked as well
  const places = [file, process.argv[1] && resolve(process.argv[1]), join(process.cwd(), "program.js")];
  const paths = new Set(places.flatMap((place) => (place ? names.flatMap((name) => installed(name, place)) : [])));
  const remedy = `Install it with: npm install ${names.join(", or with musl: npm install ")}`;
  let last: Found = { missing: `there is no native code here. ${remedy}` };
  for (const path of paths) {
    last = loadAddon(path, remedy); // npm leaves out the C library that is not this system's; other tools install both
    if ("addon" in last) return last;
  }
  return last;
}

/** The addon of the package `name` as the program in the file `place` would find it: one path or none. */
function installed(name: string, place: string): string[] {
  try {
    return [requireFrom(place).resolve(name)];
  } catch {
    return [];
  }
}

/**
 * Node's `require` as in the file `place`. Not by an import: bundlers follow that, and a browser could not load this
 * file.
 */
const requireFrom = (place: string) => process.getBuiltinModule("node:module").createRequire(place);

const firstLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).split("\n")[0];
