// `npm run test:faults`: the long form of the fault campaign, all of it or the parts that are named, with counts.
import { cutEverywhere, turnBits } from "./damage.ts";
import { failEveryCall } from "./disk.ts";
import { fillDisks, forbidWriting, haveUnshare } from "./full-disk.ts";
import { interruptAtRandom, killAtRandom } from "./kill.ts";
import { cutEverySave } from "./power-loss.ts";
import { failEverySystemCall, haveStrace } from "./strace.ts";
import { loseWorkers } from "./workers.ts";

const [name, count, extra] = process.argv.slice(2);
const number = (text: string | undefined, otherwise: number) => (text === undefined ? otherwise : Number(text));

/** Each part, with the arguments that it takes after its name. */
const PARTS: Record<string, { readonly missing?: string | false; run(): Promise<object> }> = {
  "save-calls": { run: () => failEveryCall() },
  "power-cuts": { run: () => cutEverySave(number(count, 200_000)) },
  cuts: { run: () => cutEverywhere() },
  bits: { run: () => turnBits(number(count, 10_000)) },
  kills: { run: () => killAtRandom(number(count, 300), number(extra, 1)) }, //        how many, seed
  signals: { run: () => interruptAtRandom(number(count, 60), number(extra, 1)) }, // how many, seed
  workers: { run: () => loseWorkers(number(count, 10)) }, //                         rounds of 12
  // part, of parts
  strace: { missing: !haveStrace && "strace", run: () => failEverySystemCall(number(count, 0), number(extra, 1)) },
  disks: { missing: !haveUnshare && "unshare", run: () => fillDisks(number(count, 20)) },
  places: { missing: !haveUnshare && "unshare", run: () => forbidWriting() },
};

if (name !== undefined && !Object.hasOwn(PARTS, name)) {
  console.error(`one of ${Object.keys(PARTS).join(", ")}, got ${name}`);
  process.exit(2);
}
for (const [part, { missing, run }] of Object.entries(PARTS)) {
  if (name !== undefined && part !== name) continue;
  if (missing) console.log(`${part.padEnd(12)} SKIPPED: there is no ${missing} here`);
  else {
    const begun = performance.now();
    const counts = await run();
    console.log(`${part.padEnd(12)} ${JSON.stringify(counts)}  ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  }
}
