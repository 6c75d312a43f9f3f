// What a server itself takes for a request, seen from inside its process: from its headers read to its answer written,
// less the time in which the thread could go on and the system ran other programs. What is left is the server's code,
// its collections of garbage and its waiting for a batch.
import { channel } from "node:diagnostics_channel";
import { openSync, readSync } from "node:fs";
import type { ServerResponse } from "node:http";

export type OwnTimes = {
  /** Milliseconds of each request. */
  readonly all: readonly number[];
  /** Of those that no other shared their turn of the event loop with: nobody was before or beside them. */
  readonly alone: readonly number[];
};

type Turn = { requests: number };
type Begun = { readonly at: number; readonly waited: number; readonly turn: Turn };

const [STARTED, FINISHED] = [channel("http.server.request.start"), channel("http.server.response.finish")];

/** Time the requests of this process, which has one thread, until the function that it returns is called. */
export function timeOwn(): () => OwnTimes {
  const waited = waitOfThread();
  const begun = new WeakMap<ServerResponse, Begun>();
  const ended: { readonly ms: number; readonly turn: Turn }[] = [];
  let turn: Turn | undefined;
  const start = (message: unknown) => {
    if (turn === undefined) setImmediate(() => (turn = undefined));
    turn ??= { requests: 0 };
    turn.requests++;
    begun.set((message as { response: ServerResponse }).response, { at: performance.now(), waited: waited(), turn });
  };
  const finish = (message: unknown) => {
    const from = begun.get((message as { response: ServerResponse }).response);
    if (from !== undefined) ended.push({ ms: performance.now() - from.at - (waited() - from.waited), turn: from.turn });
  };
  STARTED.subscribe(start);
  FINISHED.subscribe(finish);
  return () => {
    STARTED.unsubscribe(start);
    FINISHED.unsubscribe(finish);
    const times = (some: typeof ended) => some.map(({ ms }) => ms);
    return { all: times(ended), alone: times(ended.filter((one) => one.turn.requests === 1)) };
  };
}

/** Milliseconds that this thread has waited for a processor, of Linux's counts; 0 elsewhere. */
function waitOfThread(): () => number {
  let file: number;
  try {
    file = openSync("/proc/thread-self/schedstat", "r"); // its numbers: nanoseconds of running, of waiting, and times
  } catch {
    return () => 0;
  }
  const line = Buffer.alloc(80);
  return () => Number(line.toString("latin1", 0, readSync(file, line, 0, line.length, 0)).split(" ")[1]) / 1e6;
}
