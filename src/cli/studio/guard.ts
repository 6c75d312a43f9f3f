// Who may ask the studio's server: requests to our own address, from our own page, with this start's token. Another site that a
// browser has open can send requests here, also under a name of its own that points to this machine (DNS rebinding).
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Why a request is refused. The text goes to whoever asked, so it says nothing of this machine. */
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

  /** Why this request is refused whatever it asks for, or undefined. The token is a matter of its own. */
  refuse({ headersDistinct: headers, method, url = "" }: IncomingMessage): Refusal | undefined {
    const { host = [], origin = [] } = headers;
    if (host.length !== 1 || !this.#hosts.has(host[0]!)) return forbidden("This is not the host that was asked for.");
    // held against our own list, never against Host: a rebound name would send the two alike
    if (!origin.every((from) => this.#origins.has(from))) return forbidden(OWN_PAGE);
    // absent in old browsers and in programs; from any other page, of this machine too, it is cross-site or same-site
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

  /** Compared in constant time: by digests, whose length is not the guess's. */
  isToken(guess: string): boolean {
    const digest = (text: string) => createHash("sha256").update(text).digest();
    return timingSafeEqual(digest(guess), digest(this.token));
  }

  /** The cookie that a browser keeps until it ends: not for scripts, and never sent with what another site started. */
  get setCookie(): string {
    return `${this.#cookie}=${this.token}; Path=/; HttpOnly; SameSite=Strict`;
  }
}

const OWN_PAGE = "Only the studio's own page may ask.";
const forbidden = (text: string): Refusal => ({ status: 403, text });
