// Figures for Prometheus at /metrics: counts and times of requests, sizes of batches. Labels are models and
// statuses, nothing of a request.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
const ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Everything that is counted. */
export class ServeMetrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: "deltaprop_requests_total",
    help: "Requests to a model that have ended, by the model's name and the status",
    labelNames: ["model", "status"],
    registers: [this.#registry],
  });
  readonly #seconds = new Histogram({
    name: "deltaprop_request_seconds",
    help: "Time from a request's headers to its answer",
    labelNames: ["model"],
    buckets: SECONDS,
    registers: [this.#registry],
  });
  readonly #batch = new Histogram({
    name: "deltaprop_batch_rows",
    help: "Rows of a batch",
    labelNames: ["model"],
    buckets: ROWS,
    registers: [this.#registry],
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
    return this.#registry.metrics();
  }

  ended(model: string, status: number, seconds: number): void {
    this.#requests.inc({ model, status });
    this.#seconds.observe({ model }, seconds);
  }

  batched(model: string, rows: number): void {
    this.#batch.observe({ model }, rows);
  }

  notLoaded(model: string): void {
    this.#failures.inc({ model });
  }

  loaded(model: string): void {
    this.#loads.inc({ model });
  }
}
