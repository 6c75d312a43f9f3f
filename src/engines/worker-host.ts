// Workers in Node and in browsers behind one small face. No `node:` import, so that a browser can load this file.

/** A running worker as its owner sees it. */
export type WorkerHandle = {
  post(message: unknown): void;
  /** `failed` is called at most once: with the reason if the worker threw or ended by itself. */
  listen(received: (message: never) => void, failed: (reason: string) => void): void;
  end(): Promise<void>;
};

type Threads = typeof import("node:worker_threads");
const threads = (): Threads | undefined =>
  globalThis.process?.getBuiltinModule?.("node:worker_threads") as Threads | undefined;

/** Whether this place has workers and memory they can share: false on a web page that is not cross-origin isolated. */
export function canShare(): boolean {
  return typeof SharedArrayBuffer === "function" && (threads() !== undefined || typeof Worker === "function");
}

/** Processors this process may use: affinity and cgroup limits count. */
export function processors(): number {
  return Math.max(1, globalThis.navigator?.hardwareConcurrency ?? 1);
}

/** Start the engines' worker, or the module at `url`. */
export function startWorker(url?: URL): WorkerHandle {
  const node = threads();
  if (node) {
    const here = import.meta.url; // by name, so that a bundler follows only the page's worker below
    // the extension follows ours: .ts in a checkout, .js in the package
    const worker = new node.Worker(url ?? new URL(`./worker${here.slice(-3)}`, here), {
      execArgv: [], // flags of the program, --input-type for one, are not for us
      // a walk allocates next to nothing: keep each thread's heap small
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
    });
    let ending = false;
    return {
      post: (message) => worker.postMessage(message),
      listen(received, failed) {
        worker.on("message", (message) => received(message as never));
        worker.on("error", (error) => failed(error instanceof Error ? error.message : String(error)));
        worker.on("exit", (code) => ending || failed(`it ended with code ${code}`));
        worker.unref(); // last: a message listener holds the process open
      },
      async end() {
        ending = true;
        await worker.terminate();
      },
    };
  }
  const worker = url
    ? new Worker(url, { type: "module" })
    : new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return {
    post: (message) => worker.postMessage(message),
    listen(received, failed) {
      worker.onmessage = (event) => received(event.data as never);
      worker.onerror = (event) => failed(event.message);
    },
    async end() {
      worker.terminate();
    },
  };
}

/** Inside a worker: take messages from the owner and answer it. */
export function serveOwner(received: (message: never, answer: (message: unknown) => void) => void): void {
  const port = threads()?.parentPort;
  if (port) port.on("message", (message) => received(message as never, (answer) => port.postMessage(answer)));
  else globalThis.onmessage = (event) => received(event.data as never, (answer) => globalThis.postMessage(answer));
}
