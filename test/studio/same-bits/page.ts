// The page: trains in a worker, as the studio does, and posts what came out to its host.
import type { Trained } from "./nets.ts";

export type Told = {
  readonly isolated: boolean;
  readonly agent: string;
  readonly trained: readonly Trained[];
  readonly error?: string;
};

const tell = (told: Omit<Told, "isolated" | "agent">) =>
  fetch("./", {
    method: "POST",
    body: JSON.stringify({ isolated: globalThis.crossOriginIsolated, agent: navigator.userAgent, ...told }),
  });

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => tell(data);
worker.onerror = ({ message }) => tell({ trained: [], error: message });
worker.postMessage(new URLSearchParams(location.search).getAll("threads").map(Number));
