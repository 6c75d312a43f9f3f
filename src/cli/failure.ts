// Errors of the command line: the one line on standard error, and the exit code: 2 bad input, 3 this machine, 4
// numbers, 128 + n signal n, 1 a bug.

import { CommanderError } from "commander";
import { DeltapropError, EnvironmentFailure, InvalidInput, type InvalidInputCode } from "../errors.ts";
import { DEFAULTS } from "../training/defaults.ts";
import { STEP_OPTIONS } from "../training/step-options.ts";
import { flagOf } from "./call.ts";
import { printError, printJson } from "./program.ts";
import { ShutdownRequest } from "./shutdown.ts";
import { ourName } from "./spelling.ts";

/** Print `error` to standard error, unless it is a shutdown, and return the exit code. */
export function report(error: unknown): number {
  if (error instanceof ShutdownRequest) return error.exit;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    if (error.code === "commander.help") return 2; // no command was given; the help has been printed
    return printed(usage(error));
  }
  const known = error instanceof DeltapropError ? inFlags(error) : shortage(error);
  if (known) return printed(known);
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`error BUG this should not have happened; please report it with the text below.\n${stack}\n`);
  if (wantsJson()) printJson({ event: "error", exit: 1, code: "BUG", message: stack, file: null, at: null });
  return 1;
}

/** Print an error: a line on standard error, and with --json an object on standard output too. */
function printed(error: DeltapropError): number {
  const { exit, code, message, file = null, at = null } = error;
  printError(error.line);
  if (wantsJson()) printJson({ event: "error", exit, code, message, file, at });
  return exit;
}

/** Whether the command line asks for JSON. To export, --json names a file. */
function wantsJson(): boolean {
  const [command, ...words] = process.argv.slice(2);
  const end = words.indexOf("--");
  return command !== "export" && words.slice(0, end < 0 ? undefined : end).includes("--json");
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

const OPTIONS = ["layers", "hidden", "activation", "engine", "threads", ...STEP_OPTIONS, ...Object.keys(DEFAULTS)];

/** An option of the library by its name on the command line: `validation must be` becomes `--validation must be`. */
function inFlags(error: DeltapropError): DeltapropError {
  const { code, reason, file, at } = error;
  const [, name = "", index] = /^([a-z]\w*)(?:\[(\d+)\])? must be /i.exec(reason) ?? [];
  const ours = error instanceof InvalidInput && OPTIONS.includes(name) && code !== "BAD_SPACE"; // which is of a file
  if (!ours) return error;
  const flag = flagOf(name);
  const place = index === undefined ? flag : `number ${Number(index) + 1} of ${flag}`;
  return new InvalidInput(code as InvalidInputCode, `${place}${reason.slice(reason.indexOf(" must be "))}`, {
    file,
    at,
  });
}

/** Commander's own errors are bad input. */
function usage({ code, message }: CommanderError): InvalidInput {
  const word = code.replace(/^commander\./, "").replace(/[A-Z]/g, (letter) => `_${letter}`);
  const reason = message
    .replace(/^error: /, "")
    .replace(/\n?\((Did you mean .*\?)\)$/s, ". $1")
    .replace(/([^.?])$/, "$1.")
    .replace(/^(unknown (?:option|command) '([^']*)')\..*$/, (whole, unknown: string, given: string) => {
      const name = ourName(given);
      return name === undefined ? whole : `${unknown}. It is ${name} here.`;
    });
  return new InvalidInput(word.toUpperCase() as InvalidInputCode, reason);
}
