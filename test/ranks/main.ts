// `npm run test:mpi`: the long form of the tests of ranks, all of it or the part that is named, with counts.
import { type Counts, harmAtRandom, sameBits } from "./campaign.ts";
import { cutCable, noHosts, shapedStep, twoHosts } from "./hosts.ts";
import { LAUNCHERS } from "./launch.ts";
import { noSlurm, slurm } from "./slurm.ts";

const [name, count, seed] = process.argv.slice(2);
const number = (text: string | undefined, otherwise: number) => (text === undefined ? otherwise : Number(text));

/** Each part, with the arguments that it takes after its name. */
const PARTS: Record<string, () => Promise<Counts>> = {
  bits: () => sameBits(number(count, 7)), //                                   ranks at most
  kills: () => harmAtRandom("SIGKILL", number(count, 50), number(seed, 1)), // how many, seed
  hosts: () => twoHosts(process.argv.slice(3)), // tc's words, e.g. netem delay 1ms rate 1gbit
  shaped: () => shapedStep(number(count, 1024), number(seed, 256), process.argv.slice(5)), // H, B, tc's words
  cut: () => cutCable(),
  slurm: () => slurm(),
  stops: () => harmAtRandom("SIGSTOP", number(count, 10), number(seed, 2)), // how many, seed
};

if (name !== undefined && !Object.hasOwn(PARTS, name)) {
  console.error(`one of ${Object.keys(PARTS).join(", ")}, got ${name}`);
  process.exit(2);
}
if (LAUNCHERS.length === 0) {
  console.log("SKIPPED: there is no MPI here with its addon (npm run build:mpi)");
  process.exit(0);
}
console.log(LAUNCHERS.map(({ kind, mpirun }) => `${kind}: ${mpirun}`).join(", "));
const said: string[] = [];
for (const [part, run] of Object.entries(PARTS)) {
  if (name !== undefined && part !== name) continue;
  const missing = ["hosts", "shaped", "cut"].includes(part) ? noHosts() : part === "slurm" ? noSlurm() : undefined;
  if (missing !== undefined) {
    console.log(`${part.padEnd(6)} SKIPPED: ${missing}`);
    continue;
  }
  const begun = performance.now();
  const counts = await run();
  console.log(`${part.padEnd(6)} ${JSON.stringify(counts)}  ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  said.push(`${counts.wrong} of ${counts.all} ${part} went wrong`);
  if (counts.wrong > 0) process.exitCode = 1;
}
console.log(`${["npm run test:mpi --", ...process.argv.slice(2)].join(" ")}: ${said.join(", ")}`);
