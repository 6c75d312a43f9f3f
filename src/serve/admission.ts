// What a request takes on its way in: leave to be answered, room for its body, and a place among those on their way.
// Both are given back, and it is counted, when its answer has ended.
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Access, admit } from "./access.ts";
import { BodyBudget } from "./body-budget.ts";
import { busy, HttpRefusal } from "./http-refusal.ts";
import type { ServeLimits } from "./serve-limits.ts";
import type { ServeMetrics } from "./serve-metrics.ts";
import type { ServedModels } from "./served-models.ts";

/** Where the server stands. */
export type ServerState = {
  stopping: boolean;
  /** When the newest request began, as performance.now() tells it. */
  newest: number;
};

export class Admission {
  readonly #models: ServedModels;
  readonly #metrics: ServeMetrics;
  readonly #state: ServerState;
  readonly #access: () => Access;
  readonly #budget: BodyBudget;
  #admit: ReturnType<typeof admit> | undefined;

  /** `access` is asked with the first request: before it the port may be any. */
  constructor(
    models: ServedModels,
    metrics: ServeMetrics,
    state: ServerState,
    limits: ServeLimits,
    access: () => Access,
  ) {
    this.#models = models;
    this.#metrics = metrics;
    this.#state = state;
    this.#access = access;
    this.#budget = new BodyBudget(limits.bodies, limits.body);
  }

  /** Raises HttpRefusal for a request that is not to be answered. */
  admit(request: IncomingMessage): void {
    this.#state.newest = performance.now();
    this.#admit ??= admit(this.#access());
    this.#admit(request);
  }

  /**
   * Room for the body of a POST, and its place: the function that it returns says that its rows have joined a batch.
   * `modelOf` names the model that it has asked, once it is answered. Raises HttpRefusal.
   */
  receive(request: IncomingMessage, response: ServerResponse, modelOf: () => string | undefined): () => void {
    const { "content-length": length, "content-encoding": encoding = "identity" } = request.headers;
    if (encoding !== "identity") throw new HttpRefusal(415, "Bodies are read as they are, without Content-Encoding.");
    const giveBack = this.#budget.take(length);
    if (giveBack === undefined) throw busy();
    const joined = this.#models.arrivals.begin();
    const begun = this.#state.newest;
    response.on("close", () => {
      giveBack();
      joined();
      const name = response.writableFinished ? modelOf() : undefined;
      if (name !== undefined && this.#models.has(name))
        this.#metrics.ended(name, response.statusCode, (performance.now() - begun) / 1000);
    });
    return joined;
  }
}
