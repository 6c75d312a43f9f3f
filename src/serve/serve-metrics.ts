// Figures for Prometheus at /metrics: counts and times of requests, sizes of batches. Labels are models and
// statuses, nothing of a request.
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { modelHistogram } from "./model-histogram.ts";

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
const ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Everything that is counted. */
export class ServeMetrics {
  readonly #registry = new Registry();
  readonly #ended = new Map<string, Map<number, number>>(); // requests since the last text, by model and status
  readonly #requests = new Counter({
    name: "deltaprop_requests_total",
    help: "Requests to a model that have ended, by the model's name and the status",
    labelNames: ["model", "status"],
    registers: [this.#registry],
  });
  readonly #seconds = modelHistogram(this.#registry, {
    name: "deltaprop_request_seconds",
    help: "Time from a request's headers to its answer",
    bounds: SECONDS,
  });
  readonly #batch = modelHistogram(this.#registry, {
    name: "deltaprop_batch_rows",
    help: "Rows of a batch",
    bounds: ROWS,
  });
  readonly #loads = new Counter({
    name: "deltaprop_loads_total",
    help: "How often a model was loaded",
    labelNames: ["model"],
    registers: [this.#registry],
  });

  readonly #failures = new Counter({
    name: "deltaprop_reload_failures_total",
    help: "How often a model could not be loaded again and its elder stayed",
    labelNames: ["model"],
    registers: [this.#registry],
  });

  /** `waiting`: rows that wait now, by model. */
  constructor(waiting: () => Iterable<readonly [model: string, rows: number]>) {
    collectDefaultMetrics({ register: this.#registry });
    new Gauge({
      name: "deltaprop_waiting_rows",
      help: "Rows that wait for a batch",
      labelNames: ["model"],
      registers: [this.#registry],
      collect() {
        for (const [model, rows] of waiting()) this.set({ model }, rows);
      },
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    for (const [model, counts] of this.#ended)
      for (const [status, count] of counts) this.#requests.inc({ model, status }, count);
    this.#ended.clear();
    return this.#registry.metrics();
  }

  ended(model: string, status: number, seconds: number): void {
    let counts = this.#ended.get(model);
    if (counts === undefined) this.#ended.set(model, (counts = new Map()));
    counts.set(status, (counts.get(status) ?? 0) + 1);
    this.#seconds(model, seconds);
  }

  batched(model: string, rows: number): void {
    this.#batch(model, rows);
  }

  notLoaded(model: string): void {
    this.#failures.inc({ model });
  }

  loaded(model: string): void {
    this.#loads.inc({ model });
  }
}
