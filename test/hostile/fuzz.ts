// The long command: node test/hostile/fuzz.ts --mutants 1000000 --format idx [--first 0]. Every format without
// --format; `--cli` sends the mutants through the whole command line (fuzz-cli.ts); `--agree` holds what is read
// against a second decoder (agree.ts); `--records` changes records of runs (fuzz-record.ts). Prints a line a format;
// ends with 1 at the first find, whose bytes it keeps.
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { agreement, DECODED } from "./agree.ts";
import { FORMATS } from "./case.ts";
import { fuzzCli } from "./fuzz-cli.ts";
import { fuzzRecords } from "./fuzz-record.ts";
import { Find, fuzz, tryMutant } from "./target.ts";

const { values } = parseArgs({
  options: {
    mutants: { type: "string", default: "10000" },
    first: { type: "string", default: "0" },
    format: { type: "string" },
    cli: { type: "boolean", default: false },
    agree: { type: "boolean", default: false },
    records: { type: "boolean", default: false },
  },
});
const formats = FORMATS.filter((format) => values.format === undefined || values.format === format);
if (formats.length === 0) throw new Error(`--format must be one of ${FORMATS.join(", ")}`);
process.on("unhandledRejection", (error) => {
  console.error("a promise was left alone", error);
  process.exit(1);
});

Error.stackTraceLimit = 0; // a million stack traces cost more than the readers do

if (values.records) {
  const { mutants, ended } = await fuzzRecords(Number(values.mutants), Number(values.first));
  console.log(
    `run.json    ${mutants} mutants; ${[...ended]
      .sort()
      .map(([how, n]) => `${how} ${n}`)
      .join(", ")}`,
  );
} else if (values.agree)
  for (const format of DECODED.filter((name) => formats.includes(name))) {
    const { valid, accepted } = await agreement(format, { valid: 1000, mutants: Number(values.mutants) });
    console.log(
      `${format.padEnd(11)} ${valid} of 1000 valid files and ${accepted} accepted mutants, read alike by two decoders`,
    );
  }
else
  for (const format of formats) {
    const start = performance.now();
    try {
      const run = values.cli ? fuzzCli : fuzz;
      const { mutants, read, refused, slowest } = await run(format, Number(values.mutants), Number(values.first));
      const codes = [...refused].sort(([, a], [, b]) => b - a).map(([code, n]) => `${code} ${n}`);
      const seconds = ((performance.now() - start) / 1000).toFixed(0);
      const memory = Math.round(process.resourceUsage().maxRSS / 1024);
      console.log(
        `${format.padEnd(11)} ${mutants} mutants, ${read} read, refused ${codes.join(", ")}; slowest ${slowest.toFixed(0)} ms, ${seconds} s, peak ${memory} MiB`,
      );
    } catch (error) {
      if (!(error instanceof Find)) throw error;
      const kept = join(tmpdir(), `find.${format}`);
      writeFileSync(kept, error.bytes);
      console.error(`${error.message}\nkept as ${kept}`);
      Error.stackTraceLimit = 20;
      await tryMutant(format, error.bytes).catch((again: unknown) => console.error(again));
      process.exitCode = 1;
      break;
    }
  }
