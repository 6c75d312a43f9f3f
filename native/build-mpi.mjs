// Builds build/deltaprop-mpi-<mpi>-<platform>-<arch>.node for each MPI whose compiler is here: `npm run build:mpi`.
// With --if-possible (the prepare script of a checkout) a machine without any is no failure and no word.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));
const FLAGS = "-std=gnu11 -O2 -fPIC -fvisibility=hidden -Wall -Wextra -shared".split(" ");

/** Compilers by their names on Debian, where both MPIs live side by side, and plain mpicc. $MPICC goes before. */
const COMPILERS = [process.env.MPICC, "mpicc.openmpi", "mpicc.mpich", "mpicc"].filter(Boolean);

/**
 * Which MPI a compiler is of, by what its mpi.h defines; undefined where there is no such compiler or another MPI.
 */
function kindOf(mpicc) {
  try {
    const options = { input: "#include <mpi.h>\n", encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] };
    const macros = execFileSync(mpicc, ["-E", "-dM", "-x", "c", "-"], { ...options, maxBuffer: 2 ** 26 });
    if (/^#define OPEN_MPI /m.test(macros)) return "openmpi";
    // MPICH, and those that keep its binary interface: Intel MPI, MVAPICH, Cray MPICH
    if (/^#define (MPICH_VERSION|MPICH_NUMVERSION|I_MPI_VERSION) /m.test(macros)) return "mpich";
  } catch {}
  return undefined;
}

/** The MPIs of this machine and their compilers, each once. */
export function findMpis(compilers = COMPILERS) {
  const found = new Map();
  for (const mpicc of compilers) {
    const kind = kindOf(mpicc);
    if (kind !== undefined && !found.has(kind)) found.set(kind, mpicc);
  }
  return found;
}

/** Build the addon of one MPI and rename it into place. Returns its path. */
export function buildMpi(kind, mpicc, extra = []) {
  mkdirSync(join(root, "build"), { recursive: true });
  const into = mkdtempSync(join(root, "build", "objects-"));
  try {
    const made = join(into, "mpi.node");
    const include = ["-isystem", createRequire(import.meta.url)("node-api-headers").include_dir];
    const undefinedLater = process.platform === "darwin" ? ["-undefined", "dynamic_lookup"] : [];
    const words = [...FLAGS, ...undefinedLater, ...extra, ...include, join(here, "mpi.c"), "-o", made];
    execFileSync(mpicc, words, { stdio: "pipe" });
    const output = join(root, "build", `deltaprop-mpi-${kind}-${process.platform}-${process.arch}.node`);
    renameSync(made, output);
    return output;
  } finally {
    rmSync(into, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const quiet = process.argv.includes("--if-possible");
  try {
    const found = process.platform === "win32" ? new Map() : findMpis();
    for (const [kind, mpicc] of found) {
      const output = buildMpi(kind, mpicc);
      if (!quiet) console.log(`built ${output}`);
    }
    if (found.size === 0 && !quiet)
      throw new Error("there is no MPI here (looked for $MPICC, mpicc). On Debian: apt-get install libopenmpi-dev");
  } catch (error) {
    const reason = error.stderr?.length > 0 ? String(error.stderr) : error.message;
    if (quiet) console.log(`MPI addon not built (${reason.trim().split("\n")[0]}). Later: npm run build:mpi`);
    else {
      console.error(`error MPI_BUILD ${reason.trim()}`);
      process.exitCode = 3;
    }
  }
}
