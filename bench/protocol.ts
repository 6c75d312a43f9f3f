// The contender's side of the bench: one JSON line in, one JSON line out. What it trains is the contender's own affair.
//   → {"prepare":[H,B]}  ← {"losses":[step 0, step 5, step 50]}   null where a slow contender stopped before
//   → {"run":ms}         ← {"steps":n,"seconds":s}                at least ms milliseconds, always whole steps
// A contender first says {"ready":"name and version"}. It ends when its input does.
import { createInterface } from "node:readline";

/**
 * A network in training. `train` walks `count` steps (a multiple of `unit`) from step `first`, and gives their losses
 * if wanted.
 */
export type Trainer = {
  readonly unit?: number; // steps of one call, 1 if not given
  train(first: number, count: number, wanted: boolean): Promise<ArrayLike<number> | undefined>;
  close?(): Promise<void> | void;
};

const CHECKED = [0, 5, 50];
const WARM_UP = 51; //       steps before anything is timed
const PATIENCE_MS = 20_000; // a warm-up that takes longer ends after the step it is at
const CHUNKS = 8; //         of a window: the clock is read between them

const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** Answer requests until the input ends. `open` makes a trainer for 784-H-H-H-10 and batches of B. */
export async function serve(version: string, open: (H: number, B: number) => Promise<Trainer>): Promise<void> {
  let trainer: Trainer | undefined;
  let step = 0;
  let stepSeconds = 0;

  async function prepare(H: number, B: number) {
    await trainer?.close?.();
    trainer = await open(H, B);
    const unit = trainer.unit ?? 1;
    const losses: (number | null)[] = CHECKED.map(() => null);
    const start = performance.now();
    for (step = 0; step < WARM_UP; step += unit) {
      const asked = CHECKED.map((s) => s - step);
      const began = performance.now();
      const got = await trainer.train(
        step,
        unit,
        asked.some((s) => s >= 0 && s < unit),
      );
      asked.forEach((s, i) => {
        if (got && s >= 0 && s < unit) losses[i] = got[s] as number;
      });
      const now = performance.now();
      stepSeconds = (now - began) / unit / 1000;
      if (now - start > PATIENCE_MS) break;
    }
    say({ losses });
  }

  async function run(ms: number) {
    if (!trainer) throw new Error("run before prepare");
    const unit = trainer.unit ?? 1;
    const count = unit * Math.max(1, Math.round(ms / 1000 / CHUNKS / stepSeconds / unit));
    const first = step;
    const start = performance.now();
    let seconds = 0;
    do {
      await trainer.train(step, count, false);
      step += count;
      seconds = (performance.now() - start) / 1000;
    } while (seconds < ms / 1000);
    stepSeconds = seconds / (step - first);
    say({ steps: step - first, seconds });
  }

  say({ ready: version });
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as { prepare?: [number, number]; run?: number };
    if (request.prepare) await prepare(...request.prepare);
    else if (request.run !== undefined) await run(request.run);
  }
  await trainer?.close?.();
}

/** One epoch of a cold start, as the parent reads it. `seconds`: training; `testing`: the 10,000 test images. */
export type Epoch = {
  readonly epoch: number;
  readonly seconds: number;
  readonly testing: number;
  readonly accuracy: number;
};

/** Tell the parent that an epoch has ended. */
export const sayEpoch = (epoch: Epoch) => say(epoch);
