// HTTP byte by byte, as no browser or library would send it.
import { connect } from "node:net";
import { expect } from "vitest";

export type Answer = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
};

/** Send `text` to the port; the answer once the other side has closed. `undefined`: it closed without one. */
export function send(port: number, text: string, host = "127.0.0.1"): Promise<Answer | undefined> {
  return new Promise((settle, failed) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, host, () => socket.write(text, "latin1"));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", failed);
    socket.on("close", () => settle(chunks.length === 0 ? undefined : parse(Buffer.concat(chunks).toString("latin1"))));
  });
}

function parse(text: string): Answer {
  const end = text.indexOf("\r\n\r\n");
  const [first, ...lines] = text.slice(0, end).split("\r\n");
  const pairs = lines.map((line) => line.split(/: (.*)/s) as [string, string]);
  expect(new Set(pairs.map(([name]) => name.toLowerCase())).size).toBe(pairs.length); // no header twice
  const headers = new Map(pairs.map(([name, value]) => [name.toLowerCase(), value]));
  return { status: Number(first!.split(" ")[1]), headers, body: text.slice(end + 4) };
}

/** A GET with these header lines, asking for the connection to be closed. */
export const get = (path: string, ...lines: readonly string[]): string =>
  [`GET ${path} HTTP/1.1`, ...lines, "Connection: close", "", ""].join("\r\n");
