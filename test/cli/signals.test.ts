// Signals in the middle of a computation that never gives the event loop a turn.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { signalTest } from "../needs.ts";
import { program } from "./program.ts";
import { deltaprop, folder, writeTable } from "./run.ts";

const [home, remove] = folder();
const MAIN = await program();

beforeAll(() => void writeTable(join(home, "things.csv"), 60));
afterAll(remove);

/** Start a command in bash, send it `signal` once it has printed `word`; what the shell reports, and all it printed. */
function interrupted(
  words: string,
  word: string,
  signal: NodeJS.Signals,
): Promise<{ code: number | null; out: string }> {
  // exec in a second shell: the first reports what became of it
  const line = `bash -c 'echo $$ >&2; exec "$0" "$@"' '${process.execPath}' '${MAIN}' ${words}; exit $?`;
  const shell = spawn("bash", ["-c", line], { cwd: home });
  let out = "";
  let pid = "";
  shell.stderr.setEncoding("utf8").on("data", (chunk: string) => (pid += chunk));
  shell.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    if (!out.includes(word) && (out + chunk).includes(word)) process.kill(Number(pid.split("\n")[0]), signal);
    out += chunk;
  });
  return new Promise((settle) => shell.on("close", (code) => settle({ code, out })));
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  signalTest(`${signal} ends a check in the middle of its rows with ${code}`, async () => {
    const ended = await interrupted("check --layers 700,700,10", "E3 ", signal);
    expect(ended.code).toBe(code);
    expect(ended.out).not.toContain("rows pass");
  });

  signalTest(`${signal} ends predict, which has nothing to save, with ${code}`, async () => {
    await deltaprop(home, ["train", "things.csv", "--hidden", "4", "--epochs", "1", "--out", "run", "--quiet"]);
    const files = Array.from({ length: 150 }, () => "things.csv").join(" ");
    const ended = await interrupted(`predict run ${files}`, "things.csv:1 ", signal);
    expect(ended.code).toBe(code);
  });
}
