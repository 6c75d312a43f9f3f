// The long form: the command line trains a tiny table for many short epochs, in a process of its own whose memory is
// looked at; it is interrupted in the middle and resumed. Linux.  npm run test:soak -- 300000
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const MAIN = resolve(import.meta.dirname, "../../src/cli/main.ts");
const epochs = Number(process.argv[2] ?? 300_000);
const home = mkdtempSync(join(tmpdir(), "deltaprop-soak-"));
const rows = Array.from({ length: 12 }, (_, i) => `${i % 7},${i % 5},${i % 2}`);
writeFileSync(join(home, "t.csv"), ["a,b,label", ...rows, ""].join("\n"));

/** Run to the end, or to a signal after `until` epochs; prints what is looked at after every tenth of the epochs. */
async function call(words: readonly string[], until: number): Promise<number | null> {
  const child: ChildProcess = spawn(process.execPath, [MAIN, "train", ...words, "--json"], {
    cwd: home,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let rest = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const epoch = Number(/^\{"event":"epoch","epoch":(\d+)/.exec(line)?.[1] ?? 0);
      if (epoch > 0 && epoch % (epochs / 10) === 0) look(epoch, child.pid!);
      if (epoch === until) child.kill("SIGINT");
    }
  });
  return new Promise((settle) => child.on("close", settle));
}

function look(epoch: number, pid: number): void {
  const memory = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1000;
  const size = (file: string) => statSync(join(home, "run", file), { throwIfNoEntry: false })?.size ?? 0;
  const checkpoint = size("checkpoint.safetensors");
  const metrics = (size("metrics.jsonl") / 1e6).toFixed(1);
  console.log(
    `epoch ${epoch}  memory ${memory("VmRSS").toFixed(0)} MB  checkpoint ${checkpoint} B  metrics.jsonl ${metrics} MB`,
  );
}

const words = ["t.csv", "--hidden", "1", "--batch-size", "64", "--epochs", String(epochs), "--out", "run"];
const first = await call(words, epochs / 2);
const second = await call(["--resume", "run"], Number.NaN);
const { length } = JSON.parse(readFileSync(join(home, "run", "run.json"), "utf8")).epochParametersSha256;
console.log(`ended with ${first} and ${second}; run.json has ${length} hashes`);
rmSync(home, { recursive: true });
process.exitCode = first === 130 && second === 0 && length === epochs ? 0 : 1;
