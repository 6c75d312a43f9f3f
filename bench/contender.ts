// The parent's side of the line protocol: a child process that works only while it is asked to. What it trains is not
// known here.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";

/** How to start a contender. */
export type Launch = {
  readonly name: string;
  readonly threads: number;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly kind: Kind;
};

/**
 * ours: an engine of this checkout; peer: trains the same network; wasm-peer: the same, in WebAssembly, whose limit is
 * another; other-work: a peer whose step differs (its losses are not compared); limit: not a network but a bare loop of
 * arithmetic.
 */
export type Kind = "ours" | "ours-wasm" | "peer" | "wasm-peer" | "other-work" | "limit";

/** A contender that broke: it is left out of the rest of the run and named in the report. */
export class ContenderFailure extends Error {}

/** A running contender. */
export class Contender {
  readonly launch: Launch;
  version = "";
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  #settle: ((line: string | Error) => void) | undefined;
  #early: (string | Error)[] = [];
  #complaints = "";

  /** `core`: the processor it is pinned to, by taskset; undefined leaves it to the system. */
  constructor(launch: Launch, core: number | undefined) {
    this.launch = launch;
    const command = core === undefined ? launch.command : (["taskset", "-c", String(core), ...launch.command] as const);
    this.#child = spawn(command[0], command.slice(1), { env: { ...process.env, ...launch.env } });
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#lines.on("line", (line) => line.startsWith("{") && this.#receive(line));
    this.#child.stderr.on("data", (text) => {
      this.#complaints = `${this.#complaints}${text}`.slice(-2000);
    });
    this.#child.stdin.on("error", () => {}); // its end is reported by "exit"
    this.#child.on("error", (error) => this.#receive(this.#failure(error.message)));
    this.#child.on("close", (code, signal) =>
      this.#receive(this.#failure(`it ended with ${signal ?? `code ${code}`}`)),
    );
  }

  get id(): number {
    return this.#child.pid ?? 0;
  }

  /** Its next line. Raises ContenderFailure if it ends or says nothing for `seconds`. */
  async next<T>(seconds: number): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<string | Error>();
    const early = this.#early.shift();
    if (early !== undefined) resolve(early);
    else this.#settle = resolve;
    const late = setTimeout(() => resolve(this.#failure(`no answer in ${seconds} s`)), 1000 * seconds);
    const line = await promise;
    clearTimeout(late);
    this.#settle = undefined;
    if (line instanceof Error) throw line;
    return JSON.parse(line) as T;
  }

  async start(): Promise<this> {
    this.version = (await this.next<{ ready: string }>(120)).ready;
    return this;
  }

  ask<T>(request: object, seconds: number): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    return this.next<T>(seconds);
  }

  /** End it, and wait until it is gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#child.once("close", () => resolve());
    this.#child.kill("SIGKILL");
    await promise;
  }

  #receive(line: string | Error) {
    if (this.#settle) this.#settle(line);
    else this.#early.push(line);
  }

  #failure(reason: string): ContenderFailure {
    const last = this.#complaints.trim().split("\n").slice(-3).join(" ").slice(-300);
    return new ContenderFailure(last === "" ? reason : `${reason}: ${last}`);
  }
}
