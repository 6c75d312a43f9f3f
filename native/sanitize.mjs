// `npm run test:native-sanitizers`: the addon under AddressSanitizer and UndefinedBehaviorSanitizer with 100,000 random calls, then
// the kernels on several threads under ThreadSanitizer. Linux with gcc; a number as argument asks for so many calls.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, compile, findCompiler } from "./build.mjs";

const calls = process.argv[2] ?? "100000";
const cc = findCompiler();
const into = mkdtempSync(join(tmpdir(), "deltaprop-"));
const library = (name) => execFileSync(cc, [`-print-file-name=${name}`], { encoding: "utf8" }).trim();
try {
  const watched =
    "-g -O1 -DUNROLL= -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer".split(" ");
  const addon = build(watched, join(into, "watched.node"));
  const env = {
    ...process.env,
    LD_PRELOAD: `${library("libasan.so")} ${library("libubsan.so")}`,
    ASAN_OPTIONS: "detect_leaks=0:halt_on_error=1",
    UBSAN_OPTIONS: "print_stacktrace=1",
  };
  execFileSync(process.execPath, [fileURLToPath(new URL("fuzz.mjs", import.meta.url)), addon, calls], {
    env,
    stdio: "inherit",
  });

  const threads = ["-g", "-O1", "-DUNROLL=", "-fsanitize=thread"];
  const objects = compile(cc, process.arch, into, threads, "race.c");
  execFileSync(cc, [...threads, ...objects, "-lm", "-lpthread", "-o", join(into, "race")], { stdio: "inherit" });
  execFileSync(join(into, "race"), { stdio: "inherit", env: { ...process.env, TSAN_OPTIONS: "halt_on_error=1" } });
} finally {
  rmSync(into, { recursive: true });
}
