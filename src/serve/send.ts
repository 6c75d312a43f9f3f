// Answers on node:http itself, without a library's copies of headers and body: an answer to tensors, and a refusal.
import type { ServerResponse } from "node:http";
import type { HttpRefusal } from "./http-refusal.ts";
import type { InferResponse } from "./infer.ts";

/** Headers of every answer. */
export const HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
};

const LISTED = Object.entries(HEADERS).flat(); // as writeHead takes them at once
const JSON_HEADERS = [...LISTED, "content-type", "application/json; charset=utf-8", "content-length"];
const BINARY_HEADERS = [...LISTED, "content-type", "application/octet-stream", "content-length"];

const closing = (last: boolean) => (last ? ["connection", "close"] : []);

/** An answer to tensors: JSON, and binary data behind it where asked for. `last`: the connection is closed with it. */
export function sendInferred(response: ServerResponse, { json, tail }: InferResponse, last: boolean): void {
  if (tail === undefined) {
    const length = String(Buffer.byteLength(json));
    response.writeHead(200, [...JSON_HEADERS, length, ...closing(last)]).end(json);
    return;
  }
  const header = Buffer.from(json);
  const body = Buffer.concat([header, tail]);
  const own = [String(body.length), "inference-header-content-length", String(header.length), ...closing(last)];
  response.writeHead(200, [...BINARY_HEADERS, ...own]).end(body);
}

/** The one sentence of a refusal. */
export function sendRefusal(response: ServerResponse, { status, message, headers }: HttpRefusal, last: boolean): void {
  const text = JSON.stringify({ error: message });
  const own = [String(Buffer.byteLength(text)), ...Object.entries(headers).flat(), ...closing(last)];
  response.writeHead(status, [...JSON_HEADERS, ...own]).end(text);
}
