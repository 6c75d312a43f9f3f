// The run that the faults befall: a small one with Adam's states, a validation part, patience and a partial last batch,
// that saves a checkpoint after every step. And a process of it, to be killed.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readEpochs } from "../../src/files/run/run-record.ts";
import { program } from "../cli/program.ts";
import { writeTable } from "../cli/run.ts";

export const MAIN = resolve(import.meta.dirname, "../../src/cli/main.ts");
const WORDS = [
  ...["train", "things.csv", "--hidden", "9", "--rule", "adam", "--learning-rate", "0.01", "--weight-decay", "0.001"],
  ...["--batch-size", "16", "--validation", "0.2", "--patience", "9000", "--label-smoothing", "0.1", "--json"],
];

export type Ended = { readonly code: number | null; readonly out: string; readonly err: string };
export type Starting = {
  /** The program's file: the joined sources, unless a fault lies in a module of their own. */
  readonly main?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly watch?: (out: string, child: ChildProcess) => void;
};

export class Home {
  readonly path = mkdtempSync(join(tmpdir(), "deltaprop-faults-"));
  readonly #epochs: string;

  constructor(epochs = 8) {
    writeTable(join(this.path, "things.csv"), 140);
    this.#epochs = String(epochs);
  }

  /** The command line that starts the job in `run`. */
  start(run: string, minutes = "0"): string[] {
    return [...WORDS, "--epochs", this.#epochs, "--out", run, "--checkpoint-minutes", minutes];
  }

  resume(run: string): string[] {
    return ["train", "--resume", run, "--json", "--checkpoint-minutes", "0"];
  }

  async call(words: readonly string[], { main, env = {}, watch = () => {} }: Starting = {}): Promise<Ended> {
    // compiled once, by the run that nobody touches: one that is killed keeps nothing
    const cache = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(this.path, "cache") };
    const child = spawn(process.execPath, [main ?? (await program()), ...words], {
      cwd: this.path,
      env: { ...process.env, ...cache, ...env },
    });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => watch((out += chunk), child));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (err += chunk));
    return new Promise((settle) => child.on("close", (code) => settle({ code, out, err })));
  }

  /** The SHA-256 that run.json of `run` records at its end. */
  sha256(run: string): string | null {
    return JSON.parse(readFileSync(join(this.path, run, "run.json"), "utf8")).parametersSha256;
  }

  /** Lines of metrics.jsonl that are whole; a torn last one is left out. Throws if another is torn. */
  lines(run: string): number {
    return readEpochs(readFileSync(join(this.path, run, "metrics.jsonl"), "utf8"), "metrics.jsonl").length;
  }

  /** What is in the folder of a run that is complete, and should not be. */
  leftovers(run: string): string[] {
    const whole = ["metrics.jsonl", "model.safetensors", "run.json"];
    return readdirSync(join(this.path, run)).filter((name) => !whole.includes(name));
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

export function insist(ok: boolean, what: string): asserts ok {
  if (!ok) throw new Error(what);
}
