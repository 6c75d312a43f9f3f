// Errors of the command line: the one line on standard error, and the exit code: 2 bad input, 3 this machine, 4
// numbers, 128 + n signal n, 1 a bug.
import { CommanderError } from "commander";
import { DeltapropError, EnvironmentFailure, InvalidInput, printable } from "../errors.ts";
import { ShutdownRequest } from "./shutdown.ts";
import { ourName } from "./spelling.ts";

/** Print `error` to standard error, unless it is a shutdown, and return the exit code. */
export function report(error: unknown): number {
  if (error instanceof ShutdownRequest) return error.exit;
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

/** Memory, threads or file descriptors that this machine refused, at whatever call. */
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
    .replace(/([^.?])$/, "$1.")
    .replace(/^(unknown (?:option|command) '([^']*)')\..*$/, (whole, unknown: string, given: string) => {
      const name = ourName(given);
      return name === undefined ? whole : `${unknown}. It is ${name} here.`;
    });
  process.stderr.write(`${new InvalidInput(word.toUpperCase(), printable(reason)).line}\n`);
  return 2;
}
