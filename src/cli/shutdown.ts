// Graceful shutdown: a signal, or an output that its reader has closed, aborts the work that can save its state first;
// a second signal, or work without a state, ends the process at once.
import { EnvironmentFailure } from "../errors.ts";

/** The abort reason of work that was shut down; what was saved has been printed already. */
export class ShutdownRequest extends Error {
  readonly exit: number;

  constructor(exit: number) {
    super("shut down");
    this.exit = exit;
  }
}

const GRACE_MS = 1500; // from the abort to the end of the process

/** Work to be aborted on shutdown. `unfinished` is printed if it does not end within GRACE_MS. */
type AbortableWork = { readonly controller: AbortController; readonly unfinished: () => string };

let running: AbortableWork | undefined;

/**
 * Shut down when standard output is closed by its reader (`| head`) or its terminal is gone; fail when it cannot be
 * written. Standard error that is closed changes nothing.
 */
export function watchOutput(): void {
  let failed = false; // every line that is still written brings an error of its own
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (failed) return;
    failed = true;
    const closed = error.code === "EPIPE" || error.code === "EIO";
    const failure = new EnvironmentFailure("WRITE_FAILED", `standard output: ${error.message}.`);
    if (!closed) process.stderr.write(`${failure.line}\n`);
    shutDown(closed ? (running ? 141 : Number(process.exitCode ?? 0)) : failure.exit);
  });
  process.stderr.on("error", () => {});
}

/** Shut down on Ctrl-C, SIGTERM and a closed terminal. */
export function watchSignals(): void {
  for (const [signal, number] of [
    ["SIGHUP", 1],
    ["SIGINT", 2],
    ["SIGTERM", 15],
  ] as const)
    process.on(signal, () => shutDown(128 + number));
}

function shutDown(exit: number): void {
  const work = running;
  if (work !== undefined && !work.controller.signal.aborted) {
    work.controller.abort(new ShutdownRequest(exit));
    setTimeout(() => {
      process.stderr.write(`${work.unfinished()}\n`);
      process.exit(exit);
    }, GRACE_MS).unref();
    return;
  }
  if (process.stdout.isTTY) process.stdout.write("\n"); // keep the live line
  process.exit(exit);
}

/**
 * Run `work` with a signal that the first shutdown aborts, with a ShutdownRequest as its reason. It has GRACE_MS to
 * end; then `unfinished` is printed and the process ends.
 */
export async function gracefully<T>(work: (signal: AbortSignal) => Promise<T>, unfinished: () => string): Promise<T> {
  const controller = new AbortController();
  running = { controller, unfinished };
  try {
    return await work(controller.signal);
  } finally {
    running = undefined;
  }
}
