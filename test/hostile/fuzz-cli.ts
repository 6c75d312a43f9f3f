// Mutants through the whole command line, many in one process: commands.ts is run anew for each, as `data FILE` or
// `test MODEL DATA`, with what it prints and its exit code taken from it. Exit 0 or 2 only, one error line with code,
// file and place, and no file written.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Format, PICTURES } from "./case.ts";
import { CASES, writeCase } from "./make.ts";
import { Dice, mutant } from "./mutate.ts";
import { Find, type Tally } from "./target.ts";

export const MAIN = new URL("../../src/cli/main.ts", import.meta.url).href;
/** What main.ts imports, and an import of main.ts with another query would not run again. */
const COMMANDS = new URL("../../src/cli/commands.ts", import.meta.url).href;
/**
 * `error CODE file:place: reason`, and nothing else. A model and rows that are both whole but do not fit name no place.
 */
const LINE = /^error ([A-Z_]+ [^:\n]+:[^\n]+:|WRONG_COLUMNS|UNKNOWN_CLASS|INVALID_ARGUMENT) [^\n]+\n$/;

let run = 0;

/** One call of the command line in this process. */
export async function call(words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const { argv } = process;
  const writes = [process.stdout.write, process.stderr.write] as const;
  process.argv = ["node", "deltaprop", ...words];
  process.stdout.write = ((text: string) => !!(said.out += text)) as typeof process.stdout.write;
  process.stderr.write = ((text: string) => !!(said.err += text)) as typeof process.stderr.write;
  process.exitCode = 0;
  try {
    await import(`${COMMANDS}?${run++}`);
    return { code: Number(process.exitCode), ...said };
  } finally {
    [process.stdout.write, process.stderr.write] = writes;
    process.argv = argv;
    process.exitCode = 0;
    for (const emitter of [process, process.stdout, process.stderr])
      for (const event of ["SIGHUP", "SIGINT", "SIGTERM", "error"]) emitter.removeAllListeners(event);
  }
}

/** Mutants `first` … `first + count − 1` of a format, each through the command that reads it. */
export async function fuzzCli(format: Format, count: number, first = 0): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "fuzz-cli-"));
  const home = process.cwd();
  const twin = CASES[format][0]!;
  const open = writeCase(twin, join(folder, "set"));
  const [target] = (PICTURES as readonly string[]).includes(format) ? [join(folder, "set", "b", "1.png")] : [open];
  writeFileSync(join(folder, "rows.csv"), "x,y,kind\n1,2,a\n3,4,b\n");
  const words = format === "safetensors" ? ["test", open, join(folder, "rows.csv")] : ["data", open];
  process.chdir(folder);
  const before = readdirSync(folder, { recursive: true }).join();
  const refused = new Map<string, number>();
  let read = 0;
  let slowest = 0;
  try {
    for (let n = first; n < first + count; n++) {
      const bytes = mutant(format, new Dice(n));
      writeFileSync(target!, bytes);
      const start = performance.now();
      const { code, out, err } = await call(words);
      slowest = Math.max(slowest, performance.now() - start);
      const find = (reason: string) => new Find(format, n, bytes, new Error(`${reason}: ${code} ${err.slice(0, 500)}`));
      if (code !== 0 && code !== 2) throw find("another exit code");
      if (code === 0 && out === "") throw find("nothing was printed");
      if (code === 2 && (!LINE.test(err.split(/^warning .*\n/m).join("")) || out !== ""))
        throw find("not one error line");
      if (readdirSync(folder, { recursive: true }).join() !== before) throw find("a file was written");
      if (code === 0) read++;
      else {
        const word = /^error ([A-Z_]+)/m.exec(err)?.[1] ?? "";
        refused.set(word, (refused.get(word) ?? 0) + 1);
      }
    }
  } finally {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  }
  return { mutants: count, read, refused, slowest };
}
