// The one place that prints errors and picks exit codes: 2 bad input, 3 this machine, 4 numbers, 130 interrupt, 1 our own bug.
import { CommanderError } from "commander";
import { DeltapropError, InvalidInput, printable } from "../errors.ts";

/** The user stopped the command; what became of its work has been said already. */
export class Interrupted extends Error {}

/** Print `error` to standard error, if there is something to say, and return the exit code. */
export function report(error: unknown): number {
  if (error instanceof Interrupted) return 130;
  if (error instanceof CommanderError) return usage(error);
  if (error instanceof DeltapropError) {
    process.stderr.write(`${error.line}\n`);
    return error.exit;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`error BUG this should not have happened; please report it with the text below.\n${stack}\n`);
  return 1;
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

/** A reader that goes away (`| head`) ends the command without a word; standard error going away changes nothing. */
export function quietOnClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
    throw error;
  });
  process.stderr.on("error", () => {});
}

let gentle: AbortController | undefined;

/** Ctrl-C and SIGTERM end the process with 130: at once, or where work is `interruptible` when it is asked a second time. */
export function watchInterrupts(): void {
  const stop = () => {
    if (gentle !== undefined && !gentle.signal.aborted) return gentle.abort();
    if (process.stdout.isTTY) process.stdout.write("\n"); // leave a live line as it was
    process.exit(130);
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
}

/** Run `work` with a signal that the first interrupt aborts, so that it can end in good order. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  gentle = new AbortController();
  try {
    return await work(gentle.signal);
  } finally {
    gentle = undefined;
  }
}
