// The page's end of the lab: every method of LabApi as a message to the worker, and the worker's events back.
import type { Call, Failure, LabApi, LabEvent, Reply } from "./protocol.ts";

/** A refusal from the lab; `message` is the whole line. */
export class LabError extends Error {
  readonly code: string;

  constructor({ code, message }: Failure) {
    super(message);
    this.name = "LabError";
    this.code = code;
  }
}

/** `lost` is told once, if the worker itself could not start or broke. */
export function connect(worker: Worker, heard: (event: LabEvent) => void, lost: (failure: Failure) => void): LabApi {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: LabError) => void }>();
  let calls = 0;
  worker.onmessage = ({ data }: MessageEvent<Reply | LabEvent>) => {
    if ("event" in data) return heard(data);
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if ("failure" in data) call?.reject(new LabError(data.failure));
    else call?.resolve(data.value);
  };
  worker.onerror = ({ message }) => {
    const failure = { code: "WORKER_FAILED", message: `error WORKER_FAILED ${message || "the lab did not start"}` };
    for (const { reject } of waiting.values()) reject(new LabError(failure));
    waiting.clear();
    lost(failure);
  };
  return new Proxy({} as LabApi, {
    get:
      (_, method) =>
      (...args: readonly unknown[]) =>
        new Promise((resolve, reject) => {
          const id = ++calls;
          waiting.set(id, { resolve, reject });
          worker.postMessage({ id, method: String(method), args } satisfies Call);
        }),
  });
}
