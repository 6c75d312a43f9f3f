// The page's side of the lab: each method of LabApi posts a message to the worker, which posts its answers and events.
import type { Failure, LabApi, LabCall, LabEvent, LabReply } from "./protocol.ts";

/** An error that the lab raised; `message` is the whole line. */
export class LabError extends Error {
  readonly code: string;

  constructor({ code, message }: Failure) {
    super(message);
    this.name = "LabError";
    this.code = code;
  }
}

/** A page that is left, or loaded again, breaks a worker that still starts: its own last moment is no failure. */
const LEAVING_MS = 1000;

/** `onLost` is called if the worker does not start or breaks. */
export function connect(
  worker: Worker,
  onEvent: (event: LabEvent) => void,
  onLost: (failure: Failure) => void,
): LabApi {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: LabError) => void }>();
  let calls = 0;
  worker.onmessage = ({ data }: MessageEvent<LabReply | LabEvent>) => {
    if ("event" in data) return onEvent(data);
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if ("failure" in data) call?.reject(new LabError(data.failure));
    else call?.resolve(data.value);
  };
  const lose = (message: string) => {
    const failure = { code: "WORKER_FAILED", message: `error WORKER_FAILED ${message || "the lab did not start"}` };
    for (const { reject } of waiting.values()) reject(new LabError(failure));
    waiting.clear();
    onLost(failure);
  };
  worker.onerror = ({ message }) => {
    setTimeout(lose, LEAVING_MS, message);
  };
  return new Proxy({} as LabApi, {
    get:
      (_, method) =>
      (...args: readonly unknown[]) =>
        new Promise((resolve, reject) => {
          const id = ++calls;
          waiting.set(id, { resolve, reject });
          worker.postMessage({ id, method: String(method), args } satisfies LabCall);
        }),
  });
}
