// What the page asks the server, and what it is told. The token is kept by this page alone, until it is closed.
import { signal } from "@preact/signals";

export type ServedColumn = { readonly name: string; readonly kind: string; readonly levels?: readonly string[] };
export type ServedInfo = {
  readonly name: string;
  readonly version: string;
  /** Names of what it answers. */
  readonly classes: readonly string[];
  readonly answers: "classes" | "labels" | "numbers";
  readonly columns: readonly ServedColumn[];
  readonly named: boolean;
  readonly picture: { readonly width: number; readonly height: number; readonly color: string } | null;
  readonly trainedOn: string | null;
};
type ByName<V> = Readonly<Record<string, V>>;
/** The answer for a row: a class, labels, or numbers; and what is odd about a picture. */
export type Said = {
  readonly notes?: readonly string[];
  readonly class?: string;
  readonly labels?: readonly string[];
  readonly probabilities?: ByName<number>;
  readonly values?: ByName<number>;
  readonly quantiles?: ByName<ByName<number>>;
  readonly deviations?: ByName<number>;
};

export const token = signal("");

/** Raises an error with the server's sentence. `status` 401: the token is missing or another. */
async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const headers: Record<string, string> = token.value === "" ? {} : { Authorization: `Bearer ${token.value}` };
  const response = await fetch(path, { ...init, headers });
  const answer = (await response.json()) as T & { readonly error?: string };
  if (!response.ok) throw Object.assign(new Error(answer.error ?? response.statusText), { status: response.status });
  return answer;
}

export const askModels = async (): Promise<readonly ServedInfo[]> =>
  (await ask<{ models: readonly ServedInfo[] }>("models")).models;

/** A row by column or by position, or the bytes of a picture. */
export const askPredict = (model: string, body: object | Blob): Promise<Said> =>
  ask(`predict/${encodeURIComponent(model)}`, {
    method: "POST",
    body: body instanceof Blob ? body : JSON.stringify(body),
  });

export type Operation = { readonly method: string; readonly path: string; readonly summary: string };

export async function askOperations(): Promise<readonly Operation[]> {
  type Document = { paths: Record<string, Record<string, { summary: string }>> };
  const { paths } = await ask<Document>("openapi.json");
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary }]) => ({ method: method.toUpperCase(), path, summary })),
  );
}
