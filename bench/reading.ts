// What reading a table takes: seconds and the peak of memory, beside Node's own split and Number.
//
//   npm run bench:reading                     1,000,000 rows of 30 columns, numbers of 4 digits after the point
//   npm run bench:reading -- 1000000 30 17    numbers with all their digits
//   node bench/reading.ts table FILE 18000000 30 4    only writes such a table
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadSource } from "../src/data/source.ts";
import { Random } from "../src/numerics/random.ts";

const [, , ...words] = process.argv;

async function write(file: string, rows: number, cols: number, digits: number): Promise<void> {
  const random = new Random(1, 1);
  const out = createWriteStream(file);
  const header = Array.from({ length: cols - 1 }, (_, j) => `f${j}`);
  let lines = [`${header.join(",")},label`];
  for (let i = 0; i < rows; i++) {
    const c = i % 3;
    const cells = header.map((_, j) => random.uniform() + Number(j % 3 === c));
    lines.push(`${cells.map((x) => (digits > 16 ? String(x) : x.toFixed(digits))).join(",")},${"abc"[c]}`);
    if (lines.length < 4096) continue;
    if (!out.write(`${lines.join("\n")}\n`)) await once(out, "drain");
    lines = [];
  }
  out.end(lines.length > 0 ? `${lines.join("\n")}\n` : "");
  await once(out, "finish");
}

/** MiB that Linux counts for this process: VmRSS now, VmHWM at most. */
const memory = (name: string) =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync("/proc/self/status", "utf8"))![1]) / 1024;

async function read(file: string, how: string): Promise<void> {
  const before = memory("VmRSS");
  const [began, used] = [performance.now(), process.cpuUsage()];
  if (how === "deltaprop") await loadSource(file);
  else {
    let rest = "";
    for await (const piece of createReadStream(file, { encoding: "utf8", highWaterMark: 2 ** 18 })) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop()!;
      for (const line of lines) for (const cell of line.split(",")) Number(cell);
    }
  }
  const { user, system } = process.cpuUsage(used);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const peak = Math.round(memory("VmHWM") - before);
  process.stdout.write(
    `${how.padEnd(16)} ${seconds} s (${((user + system) / 1e6).toFixed(1)} s of a processor), peak ${peak} MiB\n`,
  );
}

if (words[0] === "read") await read(words[1]!, words[2]!);
else if (words[0] === "table") await write(words[1]!, Number(words[2]), Number(words[3]), Number(words[4]));
else {
  const [rows = 1_000_000, cols = 30, digits = 4] = words.map(Number);
  const folder = mkdtempSync(join(tmpdir(), "deltaprop-bench-"));
  try {
    const file = join(folder, "table.csv");
    await write(file, rows, cols, digits);
    const table = Math.round((rows * cols * 4) / 2 ** 20);
    process.stdout.write(
      `${rows} × ${cols}: ${Math.round(statSync(file).size / 1e6)} MB of text, ${table} MiB as float32\n`,
    );
    for (const how of ["deltaprop", "split and Number"])
      spawnSync(process.execPath, [fileURLToPath(import.meta.url), "read", file, how], { stdio: "inherit" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
