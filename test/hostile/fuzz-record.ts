// The records that configure a run again: run.json of an interrupted run with values changed, taken out or put in,
// through `verify` and `train --resume`, main.ts run anew for each in one process. Exit 0, 2, or 4 where a run does not
// come out again; one error line; and nothing written outside the run's folder.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { printable } from "../../src/errors.ts";
import { call, MAIN } from "./fuzz-cli.ts";
import { Dice } from "./mutate.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const VALUES: readonly Json[] = [
  ...[
    null,
    true,
    -1,
    0,
    1.5,
    2 ** 53,
    1e308,
    5e-324,
    -0,
    3,
    "",
    "x",
    "relu6",
    "mnist",
    "__proto__",
    "../../etc/passwd",
  ],
  ...["\u001b[2J\u202e", [], [1, 2], [2, 4, 2, 2], [[1]], {}, { length: 3 }, { toString: 1 }],
];
const MOST_EPOCHS = 1000; // a record that asks for more is obeyed for longer than a test can wait

export type RecordTally = { readonly mutants: number; readonly ended: ReadonlyMap<string, number> };

/** Mutants `first` … of the record. Throws at a find, with what was changed. */
export async function fuzzRecords(count: number, first = 0): Promise<RecordTally> {
  const folder = mkdtempSync(join(tmpdir(), "fuzz-record-"));
  const home = process.cwd();
  process.chdir(folder);
  const ended = new Map<string, number>();
  try {
    await interruptedRun();
    const good = JSON.parse(readFileSync("good/run.json", "utf8")) as Json;
    for (let n = first; n < first + count; n++) {
      const { record, changes } = changed(good, new Dice(n));
      for (const words of [
        ["verify", "run"],
        ["train", "--resume", "run"],
      ]) {
        rmSync("run", { recursive: true, force: true });
        cpSync("good", "run", { recursive: true });
        writeFileSync("run/run.json", JSON.stringify(record, null, 2));
        const { code, err } = await call(words);
        const find = (reason: string) =>
          new Error(`record ${n}, ${words.join(" ")}, ${changes.join("; ")}: ${reason}: ${code} ${err.slice(0, 600)}`);
        if (![0, 2, 4].includes(code)) throw find("another exit code");
        const lines = err.split("\n").filter((line) => line.startsWith("error "));
        if (lines.length !== (code === 0 ? 0 : 1) || lines.some((line) => printable(line) !== line))
          throw find("not one safe error line");
        if (readdirSync(".").sort().join() !== "good,run,t.csv") throw find("a file was written elsewhere");
        const key = `${words[0]} ${code} ${/^error ([A-Z_]+)/m.exec(err)?.[1] ?? ""}`.trimEnd();
        ended.set(key, (ended.get(key) ?? 0) + 1);
      }
    }
  } finally {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  }
  return { mutants: count, ended };
}

/** A run in `good`, stopped after its first epochs. */
async function interruptedRun(): Promise<void> {
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${(i * 5) % 11},${i % 3 ? "a" : "b"}`);
  writeFileSync("t.csv", ["x,y,kind", ...rows].join("\n"));
  const words = ["train", "t.csv", "--hidden", "4", "--epochs", "300", "--out", "good", "--json"];
  const child = spawn(process.execPath, [fileURLToPath(MAIN), ...words]);
  child.stdout.setEncoding("utf8").on("data", (text: string) => /"epoch":2\b/.test(text) && child.kill("SIGINT"));
  await once(child, "close");
}

/** A record with one to three places changed, and what was done to it. */
function changed(good: Json, dice: Dice): { record: Json; changes: string[] } {
  const record = structuredClone(good);
  const changes: string[] = [];
  for (let k = 1 + dice.below(3); k > 0; k--) {
    const places = placesIn(record);
    const [holder, key] = dice.of(places) as [Record<string, Json>, string];
    const value = dice.of(VALUES);
    if (key === "epochs" && typeof value === "number" && value > MOST_EPOCHS) continue;
    if (dice.below(6) === 0) delete holder[key];
    else holder[key] = structuredClone(value);
    changes.push(`${key} = ${JSON.stringify(holder[key])}`);
  }
  return { record, changes };
}

/** Every value inside a value, as its holder and its key. */
function placesIn(value: Json): [object, string][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[value, key] as [object, string], ...placesIn(inner)]);
}
