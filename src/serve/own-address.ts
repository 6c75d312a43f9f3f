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
  stranger(request: Pick<IncomingMessage, "headers" | "rawHeaders">): Stranger | undefined {
    // of several equal headers Node joins the values, which is none of ours
    const { host, origin, "sec-fetch-site": site = "none" } = request.headers;
    if (host === undefined || !this.#hosts.has(host) || !oneHost(request)) return "host";
    // compared with our own list, never with Host: under DNS rebinding these two are equal
    if (origin !== undefined && !this.#origins.has(origin)) return "page";
    // absent in old browsers and in programs; from any other page, on this machine too, cross-site or same-site
    return site === "same-origin" || site === "none" ? undefined : "page";
  }
}

/** Whether exactly one header is Host: Node keeps the first of several, a proxy before it may have read another. */
export function oneHost({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">): boolean {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === 4 && name.toLowerCase() === "host") hosts++;
  }
  return hosts === 1;
}

/** Compared in constant time: all digests have the same length. */
export function sameSecret(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
