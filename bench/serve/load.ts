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
  /** Milliseconds of each answer, in the order in which they came. */
  readonly times: readonly number[];
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
class Client {
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

const TIMER = 2; // milliseconds by which a timer may be late

/** To the microsecond, turn by turn of the event loop in the end: a timer's lateness would count as the server's. */
async function until(due: number): Promise<void> {
  const early = due - performance.now();
  if (early > TIMER) await new Promise((later) => setTimeout(later, early - TIMER));
  while (performance.now() < due) await new Promise((later) => setImmediate(later));
}

/** `connections` that ask for `seconds`: each at once after its answer, or all together `rate` times a second. */
export async function load(
  port: number,
  request: Buffer,
  { connections, seconds, rate }: { readonly connections: number; readonly seconds: number; readonly rate?: number },
): Promise<Load> {
  const bytes = atPort(request, port);
  const clients = Array.from({ length: connections }, () => new Client(port));
  const times: number[] = [];
  let [lost, closed] = [0, 0];
  const begun = performance.now();
  const end = begun + 1000 * seconds;
  const one = async (client: Client, first: number, step: number) => {
    for (let due = first; performance.now() < end; due += step) {
      if (step > 0) await until(due);
      const from = step > 0 ? Math.max(due, begun) : performance.now(); // a late start counts as waiting
      if ((await client.ask(bytes)) === 200) times.push(performance.now() - from);
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
  const step = rate === undefined ? 0 : (1000 * connections) / rate;
  await Promise.all(clients.map((client, k) => one(client, begun + (k / connections) * step, step)));
  for (const client of clients) client.close();
  return { answered: times.length, lost, closed, seconds: (performance.now() - begun) / 1000, times };
}
