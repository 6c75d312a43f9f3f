// The studio's server: hands out a fixed map of files on the loopback, to whom the guard lets in. It writes nothing and
// reads no address as a path.
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { EnvironmentFailure } from "../../errors.ts";
import { Guard } from "./guard.ts";
import { HEADERS, KEPT } from "./headers.ts";
import type { ServedFiles } from "./static-files.ts";

export const USUAL_PORT = 7847;
const ADDRESS = "127.0.0.1";

/** Against clients that are slow, or many. Milliseconds and counts. */
const LIMITS: Readonly<Record<"headers" | "request" | "idle" | "answer" | "keepAlive" | "connections", number>> = {
  headers: 10_000, //     until a request's headers are there
  request: 15_000, //     until the request is there
  idle: 30_000, //        without a byte in either direction
  answer: 60_000, //      until an answer has been taken
  keepAlive: 5_000, //    between two requests
  connections: 64,
};
const HEADER_BYTES = 8192;

export type Studio = {
  readonly url: string; //  with the token
  readonly port: number;
  close(): Promise<void>;
};

/** Serve `files`. Without `port` the usual one, or where that is taken any free one. Raises EnvironmentFailure. */
export async function startStudio(
  files: ServedFiles,
  port?: number,
  limits: Partial<typeof LIMITS> = {},
): Promise<Studio> {
  const { headers, request, idle, answer, keepAlive, connections } = { ...LIMITS, ...limits };
  const server = createServer({
    headersTimeout: headers,
    requestTimeout: request,
    keepAliveTimeout: keepAlive,
    maxHeaderSize: HEADER_BYTES,
    connectionsCheckingInterval: Math.min(1000, headers),
    requireHostHeader: false, // the guard refuses a missing Host, with an answer in full
  });
  server.maxConnections = connections;
  server.setTimeout(idle);
  const bound = await listen(server, port);
  const guard = new Guard(bound);
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const late = setTimeout(() => request.socket.destroy(), answer);
    response.on("close", () => clearTimeout(late));
    respond(files, guard, request, response).catch(() => refuse(response, 500, "The file could not be read."));
  };
  server.on("request", handle).on("checkContinue", handle).on("checkExpectation", handle);
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => refuseRaw(socket, statusOf(error)));
  server.on("connect", (_, socket: Socket) => refuseRaw(socket, 405));
  return {
    url: `http://${ADDRESS}:${bound}/?token=${guard.token}`,
    port: bound,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function listen(server: Server, port: number | undefined): Promise<number> {
  const attempt = (wanted: number) =>
    new Promise<void>((done, failed) => {
      server.once("error", failed).listen(wanted, ADDRESS, () => {
        server.off("error", failed);
        done();
      });
    });
  try {
    await attempt(port ?? USUAL_PORT).catch((error: NodeJS.ErrnoException) => {
      if (port !== undefined || error.code !== "EADDRINUSE") throw error;
      return attempt(0);
    });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      EADDRINUSE: "is taken by another program",
      EACCES: "may not be used by this user",
    };
    const reason = `port ${port ?? USUAL_PORT} ${reasons[code ?? ""] ?? `cannot be used (${message})`}. Choose another --port, or none.`;
    throw new EnvironmentFailure(code === "EADDRINUSE" ? "PORT_IN_USE" : "PORT_UNUSABLE", reason, {}, { cause });
  }
  return (server.address() as AddressInfo).port;
}

async function respond(
  files: ServedFiles,
  guard: Guard,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refusal = guard.refuse(request);
  if (refusal) return refuse(response, refusal.status, refusal.text);
  const url = request.url!;
  const given = /^\/\?token=([\w-]+)$/.exec(url);
  if (given && guard.isToken(given[1]!)) {
    // from here on the cookie will do, and the address that is kept and shared is without the token
    response.writeHead(303, { ...HEADERS, Location: "./", "Set-Cookie": guard.setCookie, "Content-Length": 0 }).end();
    return;
  }
  if (!guard.knows(request))
    return refuse(response, 403, "Open the address that deltaprop studio printed: it carries the token of this start.");
  const file = files.get(url);
  if (!file) return refuse(response, 404, "There is nothing at this address.");
  const bytes = await file.read();
  response.writeHead(200, {
    ...HEADERS,
    ...(file.keep && KEPT),
    "Content-Type": file.type,
    "Content-Length": bytes.length,
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

const PLAIN = { "Content-Type": "text/plain; charset=utf-8", Connection: "close" };

function refuse(response: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(`${text}\n`);
  const allow = status === 405 ? { Allow: "GET, HEAD" } : {};
  response.writeHead(status, { ...HEADERS, ...PLAIN, ...allow, "Content-Length": body.length }).end(body);
}

/** Refuse what is no request that Node would hand on. */
function refuseRaw(socket: Socket, status: number): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = `${STATUS_CODES[status]}\n`;
  const headers = { ...HEADERS, ...PLAIN, "Content-Length": body.length };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, "", body].join("\r\n"));
  socket.setTimeout(1000, () => socket.destroy());
}

function statusOf({ code }: NodeJS.ErrnoException): number {
  return { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[code ?? ""] ?? 400;
}
