// The servers of the measurements, each a process of its own.
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { OwnTimes } from "./own_times.ts";

export type Server = { readonly child: ChildProcess; readonly port: number };

/** `hidden` as `benchModel` takes it, `flags` as Node does. */
export async function startServer(
  kind: "serve" | "bare" | "predict",
  hidden: string,
  ...flags: string[]
): Promise<Server> {
  const child = fork(join(import.meta.dirname, "child.ts"), [kind, hidden], { execArgv: flags });
  const { port } = await told<{ port: number }>(child);
  return { child, port };
}

const told = <T>(child: ChildProcess) =>
  new Promise<T>((done) => child.once("message", (message) => done(message as T)));

export type Usage = {
  /** Bytes of memory. */
  readonly rss: number;
  /** Microseconds of the processors so far. */
  readonly cpu: number;
  /** How often the system gave its processor to others so far. */
  readonly switches: number;
  /** Milliseconds of each collection of garbage since the last call. */
  readonly collections: readonly number[];
};

export function usage({ child }: Server): Promise<Usage> {
  child.send("usage");
  return told(child);
}

/** Let the server time its requests from inside while `work` asks. */
export async function timing<T>({ child }: Server, work: () => Promise<T>): Promise<readonly [T, OwnTimes]> {
  child.send("time");
  const done = await work();
  child.send("times");
  return [done, await told<OwnTimes>(child)];
}
