// The worker's end of its port, in Node and in browsers. worker.ts imports this file and not worker-host.ts: a bundler
// that met a `new Worker` of worker.ts in worker.ts's own imports would bundle for ever.

type Threads = typeof import("node:worker_threads");

/** Node's threads; undefined elsewhere. Not by an import, so that a browser can load this file. */
export const nodeThreads = (): Threads | undefined =>
  globalThis.process?.getBuiltinModule?.("node:worker_threads") as Threads | undefined;

/** Inside a worker: take messages from the owner and answer it. */
export function serveOwner(received: (message: never, answer: (message: unknown) => void) => void): void {
  const port = nodeThreads()?.parentPort;
  if (port) port.on("message", (message) => received(message as never, (answer) => port.postMessage(answer)));
  else globalThis.onmessage = (event) => received(event.data as never, (answer) => globalThis.postMessage(answer));
}
