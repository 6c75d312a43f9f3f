// Odd and hostile models, records, metrics and checkpoints in odd places, made from a seed: each is a folder of a run
// with one thing changed.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../../src/numerics/random.ts";

export const FILES = ["model.safetensors", "run.json", "metrics.jsonl", "checkpoint.safetensors"] as const;

type Change = (path: string, bytes: Buffer, random: Random) => void;

const text =
  (change: (text: string, random: Random) => string): Change =>
  (path, bytes, random) =>
    writeFileSync(path, change(bytes.toString("latin1"), random), "latin1");
const starts =
  (...first: number[]): Change =>
  (path, bytes) =>
    writeFileSync(path, Buffer.concat([Buffer.from(first), bytes]));
const device =
  (target: string): Change =>
  (path) => {
    rmSync(path);
    symlinkSync(target, path);
  };
const sparse =
  (size: number): Change =>
  (path) =>
    truncateSync(path, size);
const at = (bytes: { readonly length: number }, random: Random) => random.integer(Math.max(1, bytes.length));

export const CHANGES: Readonly<Record<string, Change>> = {
  "a bit turned": (path, bytes, random) => {
    bytes[at(bytes, random)]! ^= 1 << random.integer(8);
    writeFileSync(path, bytes);
  },
  "cut short": (path, bytes, random) => truncateSync(path, at(bytes, random)),
  empty: (path) => truncateSync(path, 0),
  gone: (path) => rmSync(path),
  "bytes after it": (path, bytes) => writeFileSync(path, Buffer.concat([bytes, Buffer.from("more")])),
  "twice in a row": (path, bytes) => writeFileSync(path, Buffer.concat([bytes, bytes])),
  "zeros in the middle": (path, bytes, random) => {
    const from = at(bytes, random);
    writeFileSync(path, bytes.fill(0, from, Math.min(from + 64, bytes.length)));
  },
  "lines of Windows": text((all) => all.replaceAll("\n", "\r\n")),
  "a mark of byte order": starts(0xef, 0xbb, 0xbf),
  "in UTF-16": text((all) => Buffer.from(all, "utf16le").toString("latin1")),
  "gzip's first bytes": starts(0x1f, 0x8b, 8, 0),
  "a pickle's first bytes": starts(0x80, 2),
  "ZIP's first bytes": starts(0x50, 0x4b, 3, 4),
  "a number made large": text((all) => all.replace(/[0-9]+/, "99999999999999999999")),
  "a number made negative": text((all) => all.replace(/:([0-9])/, ":-$1")),
  "a number made real": text((all) => all.replace(/:([0-9]+)([,}])/, ":$1.5$2")),
  "a key made __proto__": text((all, random) => {
    const keys = [...all.matchAll(/"[a-z]+[A-Za-z_]*":/g)];
    const key = keys[random.integer(Math.max(1, keys.length))];
    return key ? `${all.slice(0, key.index)}"__proto__":${all.slice(key.index + key[0].length)}` : all;
  }),
  "a text made an escape": text((all) => all.replace(/"[a-z]{4,}"/, '"\\u001b[31m"')),
  "a list 10,000 deep": text((all) => all.replace(/\[/, "[".repeat(10_000))),
  "a pipe": (path) => {
    rmSync(path);
    execFileSync("mkfifo", [path]);
  },
  "a folder": (path) => {
    rmSync(path);
    mkdirSync(path);
  },
  "a link to nothing": device("nowhere"),
  "a link to itself": (path) => {
    rmSync(path);
    symlinkSync(path, path);
  },
  "a device without an end": device("/dev/zero"),
  "a device that is empty": device("/dev/null"),
  "a file without a size": device("/proc/self/mem"),
  "a terminal": device("/dev/tty"),
  "2 GB of nothing behind it": sparse(2 ** 31 + 5),
  "3 TB of nothing behind it": sparse(3 * 2 ** 40),
};

/** Change number `n` in the run of `folder`: which file, and how. */
export function spoil(folder: string, n: number): string {
  const random = new Random(n, 93);
  const kinds = Object.keys(CHANGES);
  const file = FILES[n % FILES.length]!;
  const kind = kinds[Math.floor(n / FILES.length) % kinds.length]!;
  const path = join(folder, file);
  CHANGES[kind]!(path, readFileSync(path), random);
  return `${file}: ${kind}`;
}
