// POST /v2/models/NAME/infer as clients send it thousands of times a second: answered on node:http, with the checks of
// the route and in their order. Whatever is out of the ordinary is the router's.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Admission, ServerState } from "./admission.ts";
import type { HttpRefusal } from "./http-refusal.ts";
import { type InferRequest, infer } from "./infer.ts";
import { type JsonBody, readTensorBody } from "./read-body.ts";
import { sendInferred, sendRefusal } from "./send.ts";
import type { ServeLimits } from "./serve-limits.ts";
import type { ServedModels } from "./served-models.ts";

export type DirectSetup = {
  readonly models: ServedModels;
  readonly admission: Admission;
  readonly limits: ServeLimits;
  readonly state: ServerState;
  /** Raises HttpRefusal for a body that its schema does not know. */
  readonly check: (body: JsonBody) => void;
  /** Any error as a refusal; a mistake of ours is logged. */
  readonly refusal: (error: unknown) => HttpRefusal;
};

const [BEFORE, AFTER] = ["/v2/models/", "/infer"];
const TYPES = new Set([undefined, "application/json", "application/octet-stream"]);

/** Inference-Header-Content-Length, as `readTensorBody` takes it. */
export function headerLength({ headers }: Pick<IncomingMessage, "headers">): string | undefined {
  const length = headers["inference-header-content-length"];
  return length === undefined ? undefined : String(length);
}

/** Whether it answers a request; one that it leaves is untouched. */
export function answerDirectly({ models, admission, limits, state, check, refusal }: DirectSetup) {
  const refuse = (response: ServerResponse, error: unknown) => sendRefusal(response, refusal(error), state.stopping);

  const answer = async (
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    joined: () => void,
    bytes: Buffer,
  ) => {
    try {
      const body = readTensorBody(bytes, headerLength(request));
      check(body);
      const inferring = infer(models.get(name), body.json as InferRequest, body.tail);
      joined();
      sendInferred(response, await inferring, state.stopping);
    } catch (error) {
      refuse(response, error);
    }
  };

  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const path = request.url!;
    if (request.method !== "POST" || !path.startsWith(BEFORE) || !path.endsWith(AFTER)) return false;
    const name = path.slice(BEFORE.length, -AFTER.length);
    const { "content-length": length = 0, "content-type": type } = request.headers;
    const fits = Number(length) > 0 && Number(length) <= limits.body;
    if (!fits || !TYPES.has(type) || !models.has(name)) return false;
    let joined: () => void;
    try {
      admission.admit(request);
      joined = admission.receive(request, response, () => name);
    } catch (error) {
      refuse(response, error);
      return true;
    }
    const chunks: Buffer[] = [];
    let left = Number(length);
    request.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      left -= chunk.length;
      if (left > 0) return; // never below 0: the parser of HTTP ends a body at its length
      void answer(request, response, name, joined, chunks.length === 1 ? chunk : Buffer.concat(chunks));
    });
    return true;
  };
}
