// Why a request is not answered: the status and the one sentence that its sender gets, never a stack.
import { DeltapropError, InvalidInput, printable } from "../errors.ts";
import { Busy } from "./served-model.ts";

export class HttpRefusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
    super(text);
    this.status = status;
    this.headers = headers;
  }
}

export const busy = () =>
  new HttpRefusal(429, "More rows wait than there is room for. Try again later.", { "retry-after": "1" });

/** Texts of our own for the statuses that the HTTP library raises: its own name its code. */
const WORDS: Readonly<Record<number, string>> = {
  400: "The request is not one that HTTP and this server know.",
  408: "The request took too long to arrive.",
  413: "The body is larger than this server reads.",
  415: "The content type is not one that HTTP knows.",
  431: "The headers are larger than this server reads.",
};

export const wordsOf = (status: number): string => WORDS[status] ?? WORDS[400]!;

type FromLibrary = { readonly statusCode?: number; readonly validation?: unknown; readonly message?: string };

/** Any error as a refusal; undefined for one that is a mistake of ours. */
export function refusalOf(error: unknown): HttpRefusal | undefined {
  if (error instanceof HttpRefusal) return error;
  if (error instanceof Busy) return busy();
  if (error instanceof InvalidInput) return new HttpRefusal(400, printable(error.message));
  if (error instanceof DeltapropError) return undefined;
  const { statusCode = 500, validation, message = "" } = error as FromLibrary;
  if (validation !== undefined) return new HttpRefusal(400, printable(message));
  return statusCode >= 400 && statusCode < 500 ? new HttpRefusal(statusCode, wordsOf(statusCode)) : undefined;
}
