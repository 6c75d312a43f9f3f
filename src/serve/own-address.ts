// Who may ask a server on the loopback: requests to its own address, from no other page. Another site in the
// browser can send requests here too, even by a host name of its own that resolves to this machine (DNS
// rebinding).
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** What is wrong with a request's headers: another host's name, or another page's request. */
export type Stranger = "host" | "page";

/** The names of the loopback at a port, as Host and as Origin write them. */
export class OwnAddress {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;

  constructor(port: number) {
    const suffix = port === 80 ? "" : `:${port}`;
    this.#hosts = new Set(["127.0.0.1", "localhost", "[::1]"].map((name) => name + suffix));
    this.#origins = new Set([...this.#hosts].map((host) => `http://${host}`));
  }

  /** What is wrong with the request's headers, or undefined. */
  stranger({ headersDistinct: headers }: Pick<IncomingMessage, "headersDistinct">): Stranger | undefined {
    const { host = [], origin = [] } = headers;
    if (host.length !== 1 || !this.#hosts.has(host[0]!)) return "host";
    // compared with our own list, never with Host: under DNS rebinding these two are equal
    if (!origin.every((from) => this.#origins.has(from))) return "page";
    // absent in old browsers and in programs; from any other page, on this machine too, cross-site or same-site
    const site = headers["sec-fetch-site"] ?? ["none"];
    return site.length === 1 && ["same-origin", "none"].includes(site[0]!) ? undefined : "page";
  }
}

/** Compared in constant time: all digests have the same length. */
export function sameSecret(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
