// Builds build/deltaprop-<platform>-<arch>.node with no tool but the C compiler: `npm run build:native`.
// With --if-possible (the prepare script of a checkout) it is quiet, and a machine without a compiler is no failure.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));

// Contraction off: every rounding of the kernels is written down. No errno, no traps: √ and selections become vectors.
export const FLAGS =
  "-std=c11 -O3 -fPIC -fvisibility=hidden -Wall -Wextra -ffp-contract=off -fno-math-errno -fno-trapping-math".split(
    " ",
  );

/** Tables of kernels for each architecture: instruction set, vectors, flags. Other architectures: the portable one. */
const TABLES = {
  x64: [
    { table: "portable", name: "128-bit vectors", vectors: "portable", flags: [] },
    { table: "avx2", name: "AVX2", vectors: "avx2", flags: ["-mavx2"] },
    { table: "avx2_fused", name: "AVX2 and FMA", vectors: "avx2", flags: ["-mavx2", "-mfma", "-DFUSED"] },
    ...[
      { wide: "", tile: "", flags: ["-mavx512f"] },
      { wide: "_wide", tile: ", tile 12×32", flags: ["-mavx512f", "-DNR_VECTORS=2"] },
    ].flatMap(({ wide, tile, flags }) => [
      { table: `avx512${wide}`, name: `AVX-512${tile}`, vectors: "avx512", flags },
      { table: `avx512${wide}_fused`, name: `AVX-512, fused${tile}`, vectors: "avx512", flags: [...flags, "-DFUSED"] },
    ]),
  ],
  arm64: [
    { table: "neon", name: "NEON", vectors: "neon", flags: [] },
    { table: "neon_fused", name: "NEON, fused", vectors: "neon", flags: ["-DFUSED"] },
  ],
};
const PORTABLE = [{ table: "portable", name: "128-bit vectors", vectors: "portable", flags: [] }];

/** Compile the kernels and the C file `main` into `into`, with `extra` flags last. Returns the object files. */
export function compile(cc, arch, into, extra, main) {
  const object = (source, name, flags) => {
    const output = join(into, `${name}.o`);
    execFileSync(cc, [...FLAGS, ...flags, ...extra, "-c", join(here, source), "-o", output], { stdio: "pipe" });
    return output;
  };
  const kernels = (TABLES[arch] ?? PORTABLE).map(({ table, name, vectors, flags }) =>
    object("kernels.c", table, [...flags, `-DTABLE=${table}`, `-DNAME="${name}"`, `-DVECTORS="vector-${vectors}.h"`]),
  );
  const include = ["-isystem", createRequire(import.meta.url)("node-api-headers").include_dir];
  const others = ["processor", "timing"].map((name) => object(`${name}.c`, name, []));
  return [...kernels, ...others, object(main, "main", include)];
}

/** The first C compiler that runs: $CC, cc, gcc or clang. */
export function findCompiler() {
  for (const cc of [process.env.CC, "cc", "gcc", "clang"].filter(Boolean)) {
    try {
      execFileSync(cc, ["--version"], { stdio: "pipe" });
      return cc;
    } catch {}
  }
  throw new Error("there is no C compiler (looked for $CC, cc, gcc, clang). On Debian: apt-get install gcc libc6-dev");
}

/** Build the addon and rename it into place. Returns its path. */
export function build(extra = [], output = join(root, "build", `deltaprop-${process.platform}-${process.arch}.node`)) {
  if (process.platform === "win32") throw new Error("the native engine is not built on Windows; use --engine wasm");
  const cc = findCompiler();
  mkdirSync(join(root, "build"), { recursive: true });
  const into = mkdtempSync(join(root, "build", "objects-"));
  try {
    const objects = compile(cc, process.arch, into, extra, "addon.c");
    const made = join(into, "addon.node");
    const shared = process.platform === "darwin" ? ["-bundle", "-undefined", "dynamic_lookup"] : ["-shared"];
    execFileSync(cc, [...shared, ...extra, ...objects, "-lm", "-o", made], { stdio: "pipe" });
    renameSync(made, output);
    return output;
  } finally {
    rmSync(into, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const output = build();
    if (!process.argv.includes("--if-possible")) console.log(`built ${output}`);
  } catch (error) {
    const reason = error.stderr?.length > 0 ? String(error.stderr) : error.message;
    if (process.argv.includes("--if-possible")) {
      console.log(
        `native engine not built (${reason.trim().split("\n")[0]}); wasm does without. Later: npm run build:native`,
      );
    } else {
      console.error(`error NATIVE_BUILD ${reason.trim()}`);
      process.exitCode = 3;
    }
  }
}
