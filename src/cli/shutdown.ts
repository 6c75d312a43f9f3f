// The one place that prints errors and picks exit codes: 2 bad input, 3 this machine, 4 numbers, 128 + n signal n, 1 our own bug.
import { CommanderError } from "commander";
import { DeltapropError, EnvironmentFailure, InvalidInput, printable } from "../errors.ts";

/** Someone stopped the command; what became of its work has been said already. */
export class Interrupted extends Error {
  readonly exit: number;

  constructor(exit: number) {
    super("interrupted");
    this.exit = exit;
  }
}

/** Print `error` to standard error, if there is something to say, and return the exit code. */
export function report(error: unknown): number {
  if (error instanceof Interrupted) return error.exit;
  if (error instanceof CommanderError) return usage(error);
  const known = error instanceof DeltapropError ? error : shortage(error);
  if (known) {
    process.stderr.write(`${known.line}\n`);
    return known.exit;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`error BUG this should not have happened; please report it with the text below.\n${stack}\n`);
  return 1;
}

const SHORT = ["ENOMEM", "EAGAIN", "EMFILE", "ENFILE", "ERR_WORKER_OUT_OF_MEMORY", "ERR_WORKER_INIT_FAILED"];

/** Memory, threads or file descriptors that this machine did not give, wherever they were asked for. */
function shortage(error: unknown): EnvironmentFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (error instanceof RangeError && /allocat/i.test(error.message))
    return new EnvironmentFailure("OUT_OF_MEMORY", `${error.message}. Use fewer examples, smaller layers or batches.`);
  return SHORT.includes(code) ? new EnvironmentFailure("OUT_OF_RESOURCES", `${error.message}.`) : undefined;
}

/** Commander's own errors: help and version are none, every other is bad input. */
function usage({ code, message, exitCode }: CommanderError): number {
  if (exitCode === 0) return 0;
  if (code === "commander.help") return 2; // no command was given; the help has been printed
  const word = code.replace(/^commander\./, "").replace(/[A-Z]/g, (letter) => `_${letter}`);
  const reason = message
    .replace(/^error: /, "")
    .replace(/\n?\((Did you mean .*\?)\)$/s, ". $1")
    .replace(/([^.?])$/, "$1.");
  process.stderr.write(`${new InvalidInput(word.toUpperCase(), printable(reason)).line}\n`);
  return 2;
}

const PATIENCE_MS = 1500; // how long interrupted work may take to end in good order

/** Work that wants to end in good order. `unfinished` is said if it could not. */
type Gentle = { readonly controller: AbortController; readonly unfinished: () => string };

let gentle: Gentle | undefined;

/**
 * Standard output that a reader has closed (`| head`) or a terminal that is gone ends the command, and one that cannot be written
 * fails it; work that is `interruptible` is ended in good order first. Standard error going away changes nothing.
 */
export function watchOutput(): void {
  let told = false; // there is one error for each line that is still written
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (told) return;
    told = true;
    const closed = error.code === "EPIPE" || error.code === "EIO";
    const failure = new EnvironmentFailure("WRITE_FAILED", `standard output: ${error.message}.`);
    if (!closed) process.stderr.write(`${failure.line}\n`);
    stop(closed ? (gentle ? 141 : Number(process.exitCode ?? 0)) : failure.exit);
  });
  process.stderr.on("error", () => {});
}

/** Ctrl-C, SIGTERM and a closed terminal end the process: at once, or where work is `interruptible` when it is asked a second time. */
export function watchInterrupts(): void {
  for (const [signal, number] of [
    ["SIGHUP", 1],
    ["SIGINT", 2],
    ["SIGTERM", 15],
  ] as const)
    process.on(signal, () => stop(128 + number));
}

function stop(exit: number): void {
  const asked = gentle;
  if (asked !== undefined && !asked.controller.signal.aborted) {
    asked.controller.abort(new Interrupted(exit));
    setTimeout(() => {
      process.stderr.write(`${asked.unfinished()}\n`);
      process.exit(exit);
    }, PATIENCE_MS).unref();
    return;
  }
  if (process.stdout.isTTY) process.stdout.write("\n"); // leave a live line as it was
  process.exit(exit);
}

/**
 * Run `work` with a signal that the first interrupt aborts, its reason an Interrupted, so that it can end in good order within
 * PATIENCE_MS; else `unfinished` is printed and the process ends.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  unfinished: () => string,
): Promise<T> {
  const controller = new AbortController();
  gentle = { controller, unfinished };
  try {
    return await work(controller.signal);
  } finally {
    gentle = undefined;
  }
}
