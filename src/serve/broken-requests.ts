// What is no request that Node hands on: one sentence, and the connection is closed.
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { wordsOf } from "./http-refusal.ts";

export function answerBrokenRequests(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ""] ?? 400;
  const body = JSON.stringify({ error: wordsOf(status) });
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end([...lines, "", body].join("\r\n"));
  socket.setTimeout(1000, () => socket.destroy());
}
