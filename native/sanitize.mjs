// `npm run test:native-sanitizers`: under AddressSanitizer and UndefinedBehaviorSanitizer, 100,000 random calls of the
// addon, and the kernels against plain loops, those of AVX-512 emulated; under ThreadSanitizer, the kernels on several
// threads; without sanitizers, the kernels of arm64 against plain loops in an emulator. Linux with gcc. Argument:
// another number of calls.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, compile, findCompiler } from "./build.mjs";

const calls = process.argv[2] ?? "100000";
const cc = findCompiler();
const into = mkdtempSync(join(tmpdir(), "deltaprop-"));
const beside = (name) => fileURLToPath(new URL(name, import.meta.url));
const library = (name) => execFileSync(cc, [`-print-file-name=${name}`], { encoding: "utf8" }).trim();

/** Compile the kernels with native/<name>.c, and run the program. */
function run(name, flags, env = {}) {
  const program = join(into, name);
  const objects = compile(cc, process.arch, into, flags, `${name}.c`);
  execFileSync(cc, [...flags, ...objects, "-lm", "-lpthread", "-o", program], { stdio: "inherit" });
  execFileSync(program, { stdio: "inherit", env: { ...process.env, ...env } });
}

/** Flags that emulate AVX-512 in plain C and make it the widest instruction set; undefined where SIMDe is missing. */
function emulated() {
  const clock = "-D_POSIX_C_SOURCE=200112L"; // of timing.c and agree.c, before what SIMDe includes
  const flags = [clock, "-mno-avx512f", "-mavx2", "-mfma", "-Wno-psabi", "-include", beside("emulated.h")];
  try {
    execFileSync(cc, [...flags, "-fsyntax-only", "-x", "c", "/dev/null"], { stdio: "pipe" });
    return [...flags, "-D__builtin_cpu_supports(set)=1"];
  } catch {
    return undefined;
  }
}

/** The kernels of arm64 against plain loops, compiled across and run by qemu's user mode. */
function emulateArm() {
  const [cross, qemu] = ["aarch64-linux-gnu-gcc", "qemu-aarch64"];
  try {
    for (const tool of [cross, qemu]) execFileSync(tool, ["--version"], { stdio: "pipe" });
  } catch {
    const packages = "gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user";
    console.log(`SKIPPED: NEON kernels, emulated: no ${cross} or ${qemu} (on Debian: apt-get install ${packages})`);
    return;
  }
  const program = join(into, "agree-arm64");
  execFileSync(cross, ["-static", ...compile(cross, "arm64", into, [], "agree.c"), "-lm", "-o", program]);
  execFileSync(qemu, [program], { stdio: "inherit" });
}

try {
  const quick = ["-g", "-O1", "-DUNROLL="];
  const addresses = [...quick, "-fsanitize=address", "-fno-omit-frame-pointer"];
  const watched = [...addresses, "-fsanitize=undefined", "-fno-sanitize-recover=all"];
  const addon = build(watched, join(into, "watched.node"));
  const env = {
    ...process.env,
    LD_PRELOAD: `${library("libasan.so")} ${library("libubsan.so")}`,
    ASAN_OPTIONS: "detect_leaks=0:halt_on_error=1",
    UBSAN_OPTIONS: "print_stacktrace=1",
  };
  execFileSync(process.execPath, [beside("fuzz.mjs"), addon, calls], { env, stdio: "inherit" });

  run("agree", watched);
  if (process.arch === "x64") {
    const wide = emulated();
    if (wide) run("agree", [...addresses, ...wide]);
    else console.log("SKIPPED: AVX-512 kernels, emulated: there is no SIMDe (on Debian: apt-get install libsimde-dev)");
  }
  run("race", [...quick, "-fsanitize=thread"], { TSAN_OPTIONS: "halt_on_error=1" });
  emulateArm();
} finally {
  rmSync(into, { recursive: true });
}
