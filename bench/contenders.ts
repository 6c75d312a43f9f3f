// Who takes part: our engines, the machine's limits, and whichever peers are installed. How each is started, and what
// is missing.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BACKENDS } from "../src/engines/backends.ts";
import { findAddon } from "../src/engines/native/addon.ts";
import type { Kind, Launch } from "./contender.ts";
import { flags } from "./machine.ts";

/** Who could take part, and who cannot and why. */
export type Field = { readonly launches: readonly Launch[]; readonly missing: readonly string[] };

/** A Node to run the JavaScript contenders on; `label` marks its rows, "" for the Node that runs the bench. */
export type NodeVersion = { readonly label: string; readonly path: string };

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const rowName = (name: string, node: NodeVersion) => (node.label === "" ? name : `${name} (Node ${node.label})`);

/**
 * Our engines by the names of the bench, and why one cannot run here: "native-fused" is native with fused arithmetic.
 */
const ENTRIES: readonly (readonly [string, string | undefined])[] = BACKENDS.flatMap((source) => [
  [source.name, source.missing()] as const,
  ...(source.missingFused ? [[`${source.name}-fused`, source.missingFused()] as const] : []),
]);

export const ENTRY_NAMES: readonly string[] = ENTRIES.map(([name]) => name);

/** The engines named, or without names all that run here but the float64 reference, whose work is another. */
export function ourField(
  names: readonly string[] | undefined,
  threads: readonly number[],
  nodes: readonly NodeVersion[],
  folder: string,
  data: readonly string[],
): Field {
  const launches: Launch[] = [];
  const missing: string[] = [];
  for (const [name, reason] of ENTRIES.filter(([name]) =>
    names ? names.includes(name) : name !== "reference-float64",
  ))
    if (reason !== undefined) missing.push(`${name}: ${reason}`);
    else
      for (const node of nodes)
        for (const t of threads) {
          const kind = name === "wasm" ? "ours-wasm" : "ours";
          const command = [node.path, here("ours.ts"), name, String(t), folder, ...data] as const;
          launches.push({ name: rowName(name, node), threads: t, kind, command });
        }
  return { launches, missing };
}

const run = (command: string, args: readonly string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

export const LIMITS = {
  narrow: "limit: multiply, add, 128 bits",
  wide: "limit: multiply, add, widest",
  fused: "limit: fused multiply-add, widest",
} as const;

/** Bare loops of arithmetic, from the native addon. */
export function limitField(threads: readonly number[]): Field {
  const found = findAddon();
  if ("missing" in found) return { launches: [], missing: [`the machine's limits: ${found.missing}`] };
  const kinds = Object.entries(LIMITS).filter(([key]) => key !== "fused" || found.addon.fused);
  const launches = kinds.flatMap(([key, name]) =>
    threads.map((t): Launch => {
      const command = [process.execPath, here("limit.ts"), key, String(t)] as const;
      return { name, threads: t, kind: "limit", command };
    }),
  );
  return { launches, missing: [] };
}

export type PeerPlaces = {
  readonly folder: string; //              the work folder
  readonly packages: string | undefined; // holds node_modules, itself or in folders of its own
  readonly pythons: readonly string[];
  readonly nodes: readonly NodeVersion[];
  readonly data: readonly string[]; //     the data folder for a cold start, or none
};

/** Every peer that is installed, on each thread count it can use. */
export function peerField(threads: readonly number[], places: PeerPlaces): Field {
  const parts = [openBlas(threads, places), python(threads, places), javascript(threads, places)];
  return { launches: parts.flatMap((p) => p.launches), missing: parts.flatMap((p) => p.missing) };
}

function openBlas(threads: readonly number[], { folder, data }: PeerPlaces): Field {
  const program = join(folder, "built", "openblas");
  const options = ["-O3", "-march=native", "-ffast-math", "-pthread"];
  if (!run("cc", [...options, here("peers/openblas.c"), "-o", program, "-lopenblas", "-lm"]))
    return { launches: [], missing: ["C on OpenBLAS: a C compiler named cc and libopenblas-dev"] };
  const has = flags();
  const cores = [
    ["avx2", "Haswell"],
    ["avx512f", "SkylakeX"],
  ].filter(([flag]) => has.has(flag!));
  const launches = threads.flatMap((t) =>
    [undefined, ...cores.map(([, core]) => core!)].flatMap((core) =>
      (t > 1 ? ["own", "blas"] : ["own"]).map((how): Launch => {
        const name = `C on OpenBLAS${core === undefined ? "" : `, ${core} kernel`}${how === "blas" ? ", its own threads" : ""}`;
        const env = core === undefined ? undefined : { OPENBLAS_CORETYPE: core };
        const command = [program, how, String(t), folder, ...data] as const;
        return { name, threads: t, kind: "peer", command, ...(env && { env }) };
      }),
    ),
  );
  return { launches, missing: [] };
}

/** PyTorch and OpenBLAS must not both thread: each is told its number, and nothing may add to it. */
const threadLimits = (t: number) => ({
  OPENBLAS_NUM_THREADS: String(t),
  OMP_NUM_THREADS: String(t),
  MKL_NUM_THREADS: String(t),
  MKL_DYNAMIC: "false",
  ...(t > 1 && { OMP_PROC_BIND: "close", OMP_PLACES: "cores" }),
});

function python(threads: readonly number[], { folder, pythons, data }: PeerPlaces): Field {
  const launches: Launch[] = [];
  const missing: string[] = [];
  const add = (name: string, path: string, file: string, how: readonly string[]) => {
    for (const t of threads) {
      const command = [path, here(`peers/${file}`), String(t), folder, ...how, ...data] as const;
      launches.push({ name, threads: t, kind: "peer", command, env: threadLimits(t) });
    }
  };
  const having = (module: string) => pythons.find((path) => run(path, ["-c", `import ${module}`]));
  const numpy = having("numpy");
  if (numpy) add("NumPy", numpy, "numpy_by_hand.py", []);
  else missing.push("NumPy: a Python that has it, by --python");
  const torch = having("torch");
  const ways = ["plain", "fused", "compile", "by-hand"].filter((how) => data.length === 0 || how === "plain");
  if (torch) for (const how of ways) add(how === "plain" ? "PyTorch" : `PyTorch, ${how}`, torch, "pytorch.py", [how]);
  else missing.push("PyTorch: a Python that has torch, by --python");
  return { launches, missing };
}

type JavaScriptPeer = {
  readonly name: string;
  readonly file: string;
  readonly module: string;
  readonly hows: readonly string[];
  readonly kind: Kind;
  readonly threaded: boolean;
  readonly cold: boolean; // takes part in the cold start
};

const JAVASCRIPT: readonly JavaScriptPeer[] = [
  ...(["node", "web"] as const).map(
    (kind): JavaScriptPeer => ({
      ...{
        name: `onnxruntime-${kind}`,
        file: "onnxruntime.mjs",
        module: `onnxruntime-${kind}`,
        threaded: true,
        cold: true,
      },
      ...{ hows: [`${kind}-1`, `${kind}-8`], kind: kind === "web" ? "wasm-peer" : "peer" },
    }),
  ),
  {
    name: "jax-js",
    file: "jax-js.mjs",
    module: "@jax-js/jax",
    hows: ["jit"],
    kind: "wasm-peer",
    threaded: false,
    cold: true,
  },
  {
    ...{ name: "tfjs", file: "tfjs.mjs", module: "@tensorflow/tfjs-backend-wasm", hows: ["by-hand", "autograd"] },
    ...{ kind: "wasm-peer", threaded: false, cold: true },
  },
  {
    name: "brain.js",
    file: "brain.mjs",
    module: "brain.js",
    hows: ["single"],
    kind: "other-work",
    threaded: false,
    cold: false,
  },
];

const HOW_NAMES: Readonly<Record<string, string>> = {
  "node-8": ", 8 steps a call",
  "web-8": ", 8 steps a call",
  "by-hand": ", by hand",
  autograd: ", autograd",
};

function javascript(threads: readonly number[], { folder, packages, nodes, data }: PeerPlaces): Field {
  const launches: Launch[] = [];
  const missing: string[] = [];
  for (const peer of JAVASCRIPT) {
    const at = packages === undefined ? undefined : holder(packages, peer.module);
    if (at === undefined) missing.push(`${peer.name}: npm install ${peer.module} in the folder given by --peer-dir`);
    else if (data.length === 0 || peer.cold)
      for (const t of threads.filter((t) => t === 1 || peer.threaded))
        for (const how of data.length > 0 ? peer.hows.slice(0, 1) : peer.hows)
          for (const node of nodes) {
            const name = rowName(`${peer.name}${HOW_NAMES[how] ?? ""}`, node);
            const command = [node.path, here(`peers/${peer.file}`), String(t), folder, at, how, ...data] as const;
            launches.push({ name, threads: t, kind: peer.kind, command });
          }
  }
  return { launches, missing };
}

/** The folder whose node_modules has `module`: `packages` or one directly in it. */
function holder(packages: string, module: string): string | undefined {
  const inside = readdirSync(packages, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [packages, ...inside.map((entry) => join(packages, entry.name))].find((folder) =>
    existsSync(join(folder, "node_modules", module, "package.json")),
  );
}
