// kill -9, SIGINT and SIGTERM at random moments of a run. After each the run goes on, perhaps to be killed again, until
// it is complete: then its parameters must be those of the run that nobody touched.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../../src/numerics/random.ts";
import { Home, insist } from "./job.ts";

export type KillTally = { readonly kills: number; readonly runs: number; readonly slowest: number };

/** At least `count` kill -9, each at a random moment of the process's life: while it starts, walks, saves or ends. */
export async function killAtRandom(count: number, seed = 1): Promise<KillTally> {
  const home = new Home();
  const random = new Random(seed, 90);
  try {
    const expected = await untouched(home);
    let kills = 0;
    let runs = 0;
    for (; kills < count; runs++) {
      const run = `run-${runs}`;
      for (;;) {
        const words = existsSync(join(home.path, run, "run.json")) ? home.resume(run) : home.start(run);
        const wait = random.uniform() * 250; // ms from the first step on
        const early = random.integer(8) === 0; // else from the start of the process, before there is anything
        let timer: NodeJS.Timeout | undefined;
        const { code, err } = await home.call(words, {
          watch: (out, child) => {
            if (timer === undefined && (early || out.includes('"start"')))
              timer = setTimeout(() => child.kill("SIGKILL"), early ? wait / 10 : wait);
          },
        });
        clearTimeout(timer);
        if (code === 0) break;
        insist(code === null, `${words.join(" ")} ended with ${code}: ${err}`);
        kills++;
        if (existsSync(join(home.path, run, "metrics.jsonl"))) home.lines(run);
      }
      insist(home.sha256(run) === expected, `${run} ended with other parameters`);
      insist(home.leftovers(run).length === 0, `${run} left ${home.leftovers(run)}`);
    }
    return { kills, runs, slowest: 0 };
  } finally {
    home.remove();
  }
}

/**
 * `count` SIGINT and SIGTERM in turn, each in a run of its own that is then gone on with. Returns the longest wait for
 * the end in ms.
 */
export async function interruptAtRandom(count: number, seed = 1): Promise<KillTally> {
  const home = new Home(1500);
  const random = new Random(seed, 91);
  try {
    const expected = await untouched(home);
    let slowest = 0;
    for (let n = 0; n < count; n++) {
      const run = `run-${n}`;
      const signal = n % 2 === 0 ? "SIGINT" : "SIGTERM";
      const wait = random.uniform() * 150;
      let asked = 0;
      let timer: NodeJS.Timeout | undefined;
      const { code, out, err } = await home.call(home.start(run, n % 3 === 0 ? "0" : "5"), {
        watch: (said, child) => {
          if (timer === undefined && said.includes('"start"'))
            timer = setTimeout(() => {
              asked = performance.now();
              child.kill(signal);
            }, wait);
        },
      });
      const took = performance.now() - asked;
      clearTimeout(timer);
      insist(code === (signal === "SIGINT" ? 130 : 143), `${signal} after ${wait} ms ended with ${code}: ${err}`);
      insist(took < 2000, `${signal} took ${took} ms`);
      slowest = Math.max(slowest, took);
      insist(/"event":"(interrupted|done)"/.test(out), `${signal} ended without a word: ${out}`);
      const on = await home.call(home.resume(run).filter((word) => !/minutes|^0$/.test(word)));
      insist(on.code === 0 && home.sha256(run) === expected, `${run} went on to ${on.code}: ${on.err}`);
      insist(home.leftovers(run).length === 0, `${run} left ${home.leftovers(run)}`);
    }
    return { kills: count, runs: count, slowest };
  } finally {
    home.remove();
  }
}

/** The parameters of the run that nobody touched. */
export async function untouched(home: Home): Promise<string> {
  const { code, err } = await home.call(home.start("untouched", "5"));
  const sha256 = code === 0 ? home.sha256("untouched") : null;
  insist(sha256 !== null, `the untouched run ended with ${code}: ${err}`);
  return sha256;
}
