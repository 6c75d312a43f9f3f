// Access to the studio's server: only for requests to its own address, from its own page, with the token of this start.
// Another site in the browser can send requests here too, even by a host name of its own that resolves to this machine
// (DNS rebinding).
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** A refused request. The text is sent to an untrusted client, so it contains nothing of this machine. */
export type Refusal = { readonly status: 400 | 403 | 405; readonly text: string };

export class Guard {
  readonly token = randomBytes(32).toString("base64url"); // 256 bits, new at every start
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #cookie: string;

  constructor(port: number) {
    const suffix = port === 80 ? "" : `:${port}`;
    this.#hosts = new Set(["127.0.0.1", "localhost", "[::1]"].map((name) => name + suffix));
    this.#origins = new Set([...this.#hosts].map((host) => `http://${host}`));
    this.#cookie = `deltaprop-${port}`; // cookies do not keep ports apart, so the name does
  }

  /** The refusal of a request by its headers and method, or undefined. The token is checked separately. */
  refuse({ headersDistinct: headers, method, url = "" }: IncomingMessage): Refusal | undefined {
    const { host = [], origin = [] } = headers;
    if (host.length !== 1 || !this.#hosts.has(host[0]!)) return forbidden("This is not the host that was asked for.");
    // compared with our own list, never with Host: under DNS rebinding these two are equal
    if (!origin.every((from) => this.#origins.has(from))) return forbidden(OWN_PAGE);
    // absent in old browsers and in programs; from any other page, on this machine too, cross-site or same-site
    const site = headers["sec-fetch-site"] ?? ["none"];
    if (site.length !== 1 || !["same-origin", "none"].includes(site[0]!)) return forbidden(OWN_PAGE);
    if (method !== "GET" && method !== "HEAD") return { status: 405, text: "Only GET and HEAD are answered." };
    if (!url.startsWith("/")) return { status: 400, text: "The address must begin with a slash." };
    if (headers["transfer-encoding"] || (headers["content-length"] ?? ["0"]).some((length) => length !== "0"))
      return { status: 400, text: "A request here has no body." };
    return undefined;
  }

  /** Whether the request carries the token in its cookie. */
  knows({ headers: { cookie = "" } }: IncomingMessage): boolean {
    const pairs = cookie.split(";").map((pair) => pair.trim());
    return pairs.some(
      (pair) => pair.startsWith(`${this.#cookie}=`) && this.isToken(pair.slice(this.#cookie.length + 1)),
    );
  }

  /** Compared in constant time: all digests have the same length. */
  isToken(guess: string): boolean {
    const digest = (text: string) => createHash("sha256").update(text).digest();
    return timingSafeEqual(digest(guess), digest(this.token));
  }

  /** A session cookie: hidden from scripts, and never sent with requests that another site started. */
  get setCookie(): string {
    return `${this.#cookie}=${this.token}; Path=/; HttpOnly; SameSite=Strict`;
  }
}

const OWN_PAGE = "Only the studio's own page may ask.";
const forbidden = (text: string): Refusal => ({ status: 403, text });
