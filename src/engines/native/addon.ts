// Finding and loading the native addon, in Node. No import here names a Node module, so a browser can load this file
// too.

/** `enum variant` of native/kernels.h. exact: multiply, then add; fused: in one; narrow: exact on 128-bit vectors. */
export const VARIANT = { exact: 0, fused: 1, narrow: 2 } as const;
export type Variant = (typeof VARIANT)[keyof typeof VARIANT];

/** The addon's functions (native/addon.c), which check all their arguments. */
export type Addon = {
  readonly interface: number;
  readonly instructions: string; // "AVX2", …
  readonly fused: boolean; //       whether the processor has fused multiply-add
  open(bytes: Uint8Array, variant: Variant, scratch: number, scratchLength: number): Opened;
  largePages(bytes: Uint8Array): void;
  scratch(rows: number, inputs: number, outputs: number): number;
  limit(variant: Variant, rounds: number): number;
  numeric(which: 0 | 1 | 2 | 3, values: Float64Array): void;
};

/** Kernels over one memory: a call is registered once, with all its views, and then runs by its number. */
export type Opened = {
  register(kind: number, numbers: Float64Array): number;
  run(call: number, at: number): void;
};

const INTERFACE = 4; // of native/addon.c
const BUILD = "Build it with: npm run build:native (needs a C compiler).";

type Found = { readonly addon: Addon } | { readonly missing: string };

let found: Found | undefined;

/** The addon of this machine, or why there is none. Searched once. */
export function findAddon(): Found {
  found ??= find();
  return found;
}

/** The addon in `file`, or why it cannot be used. */
export function loadAddon(file: URL): Found {
  const { process } = globalThis;
  const path = decodeURIComponent(file.pathname);
  const { existsSync } = process.getBuiltinModule("node:fs");
  if (!existsSync(path)) return { missing: `there is no native code here (${path}). ${BUILD}` };
  try {
    const addon = process.getBuiltinModule("node:module").createRequire(import.meta.url)(path) as Addon;
    if (addon.interface === INTERFACE) return { addon };
    return { missing: `${path} belongs to another version. ${BUILD}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return { missing: `${path} cannot be loaded (${reason}). ${BUILD}` };
  }
}

function find(): Found {
  const { process } = globalThis as { process?: NodeJS.Process };
  if (typeof process?.getBuiltinModule !== "function") return { missing: "native code runs in Node only" };
  const here = import.meta.url; // a name of its own, so that a bundler does not include the addon in a web page
  return loadAddon(new URL(`../../../build/deltaprop-${process.platform}-${process.arch}.node`, here));
}
