// `npm run test:bits`: the whole matrix, with counts. It needs no more than Node and src, so that any Node can be
// asked: `path/to/node test/same-bits/main.ts 1,3` takes these numbers of threads alone. With --write it keeps what the
// slow reference comes to.
import { writeFileSync } from "node:fs";
import { trainNets } from "../studio/same-bits/nets.ts";
import { compare, compareInterrupted, engines } from "./matrix.ts";

if (process.argv.includes("--write")) {
  const sums = (await trainNets(["reference"], [1])).map(({ parametersSha256 }) => parametersSha256);
  writeFileSync(new URL("./golden.json", import.meta.url), `${JSON.stringify(sums, null, 2)}\n`);
}
const threads = process.argv
  .find((word) => /^[\d,]+$/.test(word))
  ?.split(",")
  .map(Number) ?? [1, 2, 3, 4, 7, 8];
const once = await compare(threads);
const again = await compare([1]);
const interrupted = await compareInterrupted([1, 3]);
const different = [...once.different, ...again.different, ...interrupted.different];
console.log(
  `Node ${process.version}, V8 ${process.versions.v8}: engines ${engines.join(", ")}, threads ${threads.join(", ")}`,
);
console.log(
  `${once.runs + again.runs} runs and ${interrupted.runs} interrupted after every step: ${different.length} differ`,
);
for (const line of different) console.error(line);
process.exitCode = different.length > 0 ? 4 : 0;
