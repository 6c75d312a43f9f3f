// A web host on the loopback for tests: the files of one folder, with the headers that isolate a page or, like most
// static hosts, without any. Texts that a page posts to it can be awaited.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export type Host = {
  readonly url: string; // ends in a slash
  /** The next text that a page posts. */
  posted(): Promise<string>;
  close(): Promise<void>;
};

/** Serve `folder` below `base`, a path that begins and ends with a slash. */
export async function hostFolder(folder: string, { isolated = false, base = "/" } = {}): Promise<Host> {
  const waiting: ((text: string) => void)[] = [];
  const server = createServer((request, response) => {
    if (request.method === "POST") {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        waiting.shift()?.(Buffer.concat(chunks).toString());
        response.end();
      });
      return;
    }
    const path = normalize(decodeURIComponent(request.url!.replace(/[?#].*/s, "")));
    const name = path.endsWith("/") ? `${path}index.html` : path;
    try {
      if (!name.startsWith(base)) throw new Error("outside");
      const bytes = readFileSync(join(folder, name.slice(base.length)));
      response.writeHead(200, { "Content-Type": TYPES[extname(name)] ?? "", ...(isolated && ISOLATION) }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`,
    posted: () => new Promise((settle) => waiting.push(settle)),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
