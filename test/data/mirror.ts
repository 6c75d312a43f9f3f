// A file server on the loopback that misbehaves on request, for tests of the downloader.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Mirror = { readonly url: string; readonly requests: string[]; [Symbol.asyncDispose](): Promise<void> };

/** Serve requests with `answer`; `requests` records "path range". */
export async function mirror(
  answer: (request: IncomingMessage, response: ServerResponse, n: number) => void,
): Promise<Mirror> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.url} ${request.headers.range ?? "whole"}`);
    answer(request, response, requests.length);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** The good answer: the whole, or the range that was asked for. */
export function serve(body: Uint8Array, request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  if (from > 0) response.setHeader("content-range", `bytes ${from}-${body.length - 1}/${body.length}`);
  response.writeHead(from > 0 ? 206 : 200, { "content-length": body.length - from }).end(body.subarray(from));
}
