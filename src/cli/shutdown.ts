// Graceful shutdown: a signal, or an output that its reader has closed, aborts the work that can save its state first;
// a second signal ends the process at once. Work without a state has no handler: the system ends it at any moment, also
// in the middle of a long computation, and a shell reports 128 + n.
import { EnvironmentFailure } from "../errors.ts";

/** The abort reason of work that was shut down; what was saved has been printed already. */
export class ShutdownRequest extends Error {
  readonly exit: number;

  constructor(exit: number) {
    super("shut down");
    this.exit = exit;
  }
}

const NOTICE_MS = 200; //  from the abort to a word that it was heard, where the work goes on
const GRACE_MS = 1500; //  from the abort to the end of the process
const SAVING_MS = 8500; // more, where a save is under way by then: its bytes are worth more than the time

/** Work to be aborted on shutdown. `unfinished` is printed if it does not end in time. */
type AbortableWork = {
  readonly controller: AbortController;
  readonly unfinished: () => string;
  /** Whether a save is under way. */
  saving: boolean;
};

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

/** Ctrl-C, SIGTERM and a closed terminal. */
const SIGNALS = [
  ["SIGHUP", 1],
  ["SIGINT", 2],
  ["SIGTERM", 15],
] as const;

/** Shut down on a signal; SIGHUP does `hangup` where that is given. Returns what leaves signals to the system again. */
function watchSignals(hangup?: () => void): () => void {
  const handlers = SIGNALS.map(([signal, number]) => {
    const handler = signal === "SIGHUP" && hangup ? hangup : () => shutDown(128 + number);
    return [signal, handler] as const;
  });
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}

const NOTICE = "stopping: what is under way is ended or saved first. A second signal ends at once.";

/** Keeps what a live line shows. */
const liveLineEnd = () => (process.stdout.isTTY && process.stderr.isTTY ? "\n" : "");

/** Work that a shutdown waits for longer: a save. */
export async function saving<T>(work: () => Promise<T>): Promise<T> {
  const own = running;
  if (!own || own.saving) return work();
  own.saving = true;
  try {
    return await work();
  } finally {
    own.saving = false;
  }
}

function shutDown(exit: number): void {
  const work = running;
  if (work !== undefined && !work.controller.signal.aborted) {
    work.controller.abort(new ShutdownRequest(exit));
    setTimeout(() => process.stderr.write(`${liveLineEnd()}${NOTICE}\n`), NOTICE_MS).unref();
    const end = () => {
      process.stderr.write(`${work.unfinished()}\n`);
      process.exit(exit);
    };
    setTimeout(() => (work.saving ? void setTimeout(end, SAVING_MS).unref() : end()), GRACE_MS).unref();
    return;
  }
  if (process.stdout.isTTY) process.stdout.write("\n"); // keep the live line
  process.exit(exit);
}

/**
 * Run `work` with a signal that the first shutdown aborts, with a ShutdownRequest as its reason. It has GRACE_MS to
 * end, with a save under way longer; then `unfinished` is printed and the process ends. `later`: signals are the
 * system's until work calls `heed`, as there is nothing to save before. `hangup`: what SIGHUP does instead.
 */
export async function gracefully<T>(
  work: (signal: AbortSignal, heed: () => void) => Promise<T>,
  unfinished: () => string,
  later = false,
  hangup?: () => void,
): Promise<T> {
  const controller = new AbortController();
  running = { controller, unfinished, saving: false };
  let unwatch: (() => void) | undefined;
  const heed = () => {
    unwatch ??= watchSignals(hangup);
  };
  if (!later) heed();
  try {
    return await work(controller.signal, heed);
  } finally {
    unwatch?.();
    running = undefined;
  }
}
