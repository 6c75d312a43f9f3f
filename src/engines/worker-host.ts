// Workers in Node and in browsers behind one small face. No `node:` import, so that a browser can load this file.
import { nodeThreads } from "./worker-port.ts";

/** A running worker as its owner sees it. */
export type WorkerHandle = {
  post(message: unknown): void;
  /** `failed` is called at most once: with the reason if the worker threw or ended by itself. */
  listen(received: (message: never) => void, failed: (reason: string) => void): void;
  end(): Promise<void>;
};

/** Whether this place has workers and memory they can share: false on a web page that is not cross-origin isolated. */
export function canShare(): boolean {
  return typeof SharedArrayBuffer === "function" && (nodeThreads() !== undefined || typeof Worker === "function");
}

/** Processors this process may use: affinity and cgroup limits count. */
export function processors(): number {
  // Node 20 has no navigator
  const os = globalThis.process?.getBuiltinModule?.("node:os") as typeof import("node:os") | undefined;
  return Math.max(1, globalThis.navigator?.hardwareConcurrency ?? os?.availableParallelism() ?? 1);
}

/**
 * The worker's file in Node, with our extension: .ts in a checkout, .js in the package. By strings: bundlers follow
 * a literal beside import.meta.url, and should follow only the page's worker. Not a URL in a bundle without
 * import.meta.
 */
function besideUs(): string {
  const here = String(import.meta.url);
  return `${here.slice(0, here.lastIndexOf("/"))}/worker${here.slice(here.lastIndexOf("."))}`;
}

/** Start the engines' worker, or the module at `url`. Raises what the platform raises where no worker can be made. */
export function startWorker(url?: URL): WorkerHandle {
  const node = nodeThreads();
  if (node) {
    const worker = new node.Worker(url ?? new URL(besideUs()), {
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
      worker.onerror = (event) => failed(event.message ?? "its file could not be loaded");
    },
    async end() {
      worker.terminate();
    },
  };
}
