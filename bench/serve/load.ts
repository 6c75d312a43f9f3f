// Requests on kept connections, as bytes that were made before: what is measured is the server, not the client.
import { connect, type Socket } from "node:net";

export type Load = {
  /** Answers with status 200. */
  readonly answered: number;
  /** Sent and not answered with 200. */
  readonly lost: number;
  /** Connections that the server has closed with an answer. */
  readonly closed: number;
  readonly seconds: number;
};

/** A POST as bytes. */
export function requestBytes(path: string, body: Uint8Array | string, headers: readonly string[] = []): Buffer {
  const bytes = Buffer.from(body as string);
  const lines = [`POST ${path} HTTP/1.1`, "Host: HOST", `Content-Length: ${bytes.length}`, ...headers, "", ""];
  return Buffer.concat([Buffer.from(lines.join("\r\n")), bytes]);
}

/** The same request, to this port. */
export const atPort = (request: Buffer, port: number): Buffer =>
  Buffer.from(request.toString("latin1").replace("Host: HOST", `Host: 127.0.0.1:${port}`), "latin1");

/** One connection; `ask` sends and waits for the whole answer. */
export class Client {
  readonly #socket: Socket;
  #settle: ((status: number) => void) | undefined;
  #held: Buffer = Buffer.alloc(0);
  #need = -1;
  closed = false; // by the server, with its newest answer

  constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (chunk: Buffer) => this.#take(chunk));
    for (const end of ["error", "close"] as const) this.#socket.on(end, () => this.#answer(0));
  }

  ask(request: Buffer): Promise<number> {
    return new Promise((settle) => {
      this.#settle = settle;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (this.#need < 0) {
      const end = this.#held.indexOf("\r\n\r\n");
      if (end < 0) return;
      const headers = this.#held.toString("latin1", 0, end);
      const length = /content-length: (\d+)/i.exec(headers);
      this.closed = /connection: close/i.test(headers);
      this.#need = end + 4 + Number(length?.[1] ?? 0);
    }
    if (this.#held.length < this.#need) return;
    const status = Number(this.#held.toString("latin1", 9, 12));
    this.#held = Buffer.alloc(0);
    this.#need = -1;
    this.#answer(status);
  }

  #answer(status: number): void {
    this.#settle?.(status);
    this.#settle = undefined;
  }
}

/** `connections` that ask for `seconds`, each at once after its answer. */
export async function load(
  port: number,
  request: Buffer,
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<Load> {
  const bytes = atPort(request, port);
  const clients = Array.from({ length: connections }, () => new Client(port));
  let [answered, lost, closed] = [0, 0, 0];
  const begun = performance.now();
  const end = begun + 1000 * seconds;
  const one = async (client: Client) => {
    while (performance.now() < end) {
      if ((await client.ask(bytes)) === 200) answered++;
      else {
        lost++;
        return;
      }
      if (client.closed) {
        closed++;
        return;
      }
    }
  };
  await Promise.all(clients.map(one));
  for (const client of clients) client.close();
  return { answered, lost, closed, seconds: (performance.now() - begun) / 1000 };
}
