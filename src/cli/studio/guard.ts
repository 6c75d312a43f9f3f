// Access to the studio's server: only for requests to its own address, from its own page, with the token of this start.
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { OwnAddress, sameSecret } from "../../serve/own-address.ts";

/** A refused request. The text is sent to an untrusted client, so it contains nothing of this machine. */
export type Refusal = { readonly status: 400 | 403 | 405; readonly text: string };

export class Guard {
  readonly token = randomBytes(32).toString("base64url"); // 256 bits, new at every start
  readonly #own: OwnAddress;
  readonly #cookie: string;

  constructor(port: number) {
    this.#own = new OwnAddress(port);
    this.#cookie = `deltaprop-${port}`; // cookies do not keep ports apart, so the name does
  }

  /** The refusal of a request by its headers and method, or undefined. The token is checked separately. */
  refuse(request: IncomingMessage): Refusal | undefined {
    const { headersDistinct: headers, method, url = "" } = request;
    const stranger = this.#own.stranger(request);
    if (stranger !== undefined) return { status: 403, text: WORDS[stranger] };
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

  isToken(guess: string): boolean {
    return sameSecret(guess, this.token);
  }

  /** A session cookie: hidden from scripts, and never sent with requests that another site started. */
  get setCookie(): string {
    return `${this.#cookie}=${this.token}; Path=/; HttpOnly; SameSite=Strict`;
  }
}

const WORDS = { host: "This is not the host that was asked for.", page: "Only the studio's own page may ask." };
