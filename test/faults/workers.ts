// Threads of a run that die: by an exception, by their process.exit, for want of memory; idle, before a barrier, within
// one, after one. The run must end within 2 s with exit 3 and a name, and go on to the bits of the run that nobody
// touched.
import { pathToFileURL } from "node:url";
import { Home, insist, MAIN } from "./job.ts";
import { untouched } from "./kill.ts";

const FAULTS = ["throw", "exit", "memory"] as const;
const PHASES = ["idle", "before", "within", "after"] as const;
const PRELOAD = pathToFileURL(new URL("./worker-fault.ts", import.meta.url).pathname).href;

export type WorkerTally = { readonly deaths: number; readonly slowest: number; readonly aborted: number };

/**
 * `rounds` deaths for each way and moment, but at most `most`. `slowest` in ms, `aborted` where Node ended the whole
 * process.
 */
export async function loseWorkers(rounds: number, most = Number.POSITIVE_INFINITY): Promise<WorkerTally> {
  const home = new Home();
  try {
    const expected = await untouched(home);
    const tally = { deaths: 0, slowest: 0, aborted: 0 };
    for (let round = 0; round < rounds; round++)
      for (const phase of PHASES)
        for (const fault of FAULTS) {
          if (tally.deaths >= most) return tally;
          const run = `${phase}-${fault}-${round}`;
          const env = {
            ...{ FAULT: fault, PHASE: phase, AT: String(1 + 7 * round) },
            NODE_OPTIONS: `--import=${PRELOAD}${fault === "memory" ? " --max-old-space-size=48" : ""}`,
          };
          const { code, err } = await home.call([...home.start(run), "--threads", "3", "--engine", "reference"], {
            main: MAIN, // whose modules the preloaded one changes
            env,
          });
          const took = performance.timeOrigin + performance.now() - Number(/^HARM (.*)$/m.exec(err)?.[1]);
          insist(took < 2000, `${run}: ended after ${took} ms: ${err}`);
          if (fault === "memory" && code !== 3) tally.aborted++;
          else insist(code === 3 && /^error WORKER_FAILED worker 1 /m.test(err), `${run} ended with ${code}: ${err}`);
          tally.deaths++;
          tally.slowest = Math.max(tally.slowest, took);
          const on = await home.call(home.resume(run));
          insist(on.code === 0 && home.sha256(run) === expected, `${run} went on to ${on.code}: ${on.err}`);
        }
    return tally;
  } finally {
    home.remove();
  }
}
