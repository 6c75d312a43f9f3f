// A server that listens: models are put into it while it runs, and stopping loses no request that has arrived.

import type { AddressInfo } from "node:net";
import { Server as NetServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { EnvironmentFailure, InvalidInput } from "../errors.ts";
import type { Model } from "../training/model.ts";
import { isLoopback } from "./access.ts";
import type { Batching } from "./batcher.ts";
import { makeServer, type ServerSetup } from "./routes.ts";
import { LIMITS, type ServeLimits } from "./serve-limits.ts";
import { ServeMetrics } from "./serve-metrics.ts";
import { ServedModels } from "./served-models.ts";

export type ServeOptions = Batching &
  Omit<ServerSetup, "limits"> & {
    /** 0: any free one. */
    readonly port: number;
    readonly limits?: Partial<ServeLimits> | undefined;
  };

export type Serving = {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly models: ServedModels;
  /** Serve `model` under `name`, instead of its namesake. Raises InvalidInput. */
  put(name: string, model: Model): void;
  /** Say in the metrics that a newer model could not be loaded. */
  kept(name: string): void;
  /** Answer what has arrived, then close. */
  stop(): Promise<void>;
};

/** Serve these models. Raises InvalidInput or EnvironmentFailure. */
export async function startServing(
  named: Iterable<readonly [name: string, model: Model]>,
  { port, host: given, limits: own, ...options }: ServeOptions,
): Promise<Serving> {
  const host = given === "localhost" ? "127.0.0.1" : given; // one address
  const limits = { ...LIMITS, ...own };
  if (!isLoopback(host) && options.token === undefined) {
    const reason = `--host ${host} is reached from other machines, so requests must carry a token: give --token-file.`;
    throw new InvalidInput("CONFLICTING_OPTION", reason);
  }
  const models = new ServedModels(options, (name, rows) => metrics.batched(name, rows));
  const metrics = new ServeMetrics(() => models.all.map(({ name, batcher }) => [name, batcher.waiting] as const));
  const put = (name: string, model: Model) => {
    const { version, batcher } = models.put(name, model);
    metrics.loaded(name);
    app.log.info({ model: name, version, engine: batcher.engine }, "loaded");
  };
  const state = { stopping: false, newest: 0 };
  const app = makeServer(models, metrics, { host, limits, ...options }, state);
  for (const [name, model] of named) put(name, model);
  await app.listen({ host, port }).catch((cause: NodeJS.ErrnoException) => {
    throw unusable(port, host, cause);
  });
  const actual = (app.server.address() as AddressInfo).port;
  const shown = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${shown}:${actual}`,
    port: actual,
    models,
    put,
    kept: (name) => metrics.notLoaded(name),
    async stop() {
      state.stopping = true; // from here on every answer closes its connection
      NetServer.prototype.close.call(app.server); // http's own would close connections whose request is under way to us
      const connections = () => new Promise<number>((done) => app.server.getConnections((_, count) => done(count)));
      state.newest = performance.now();
      while (performance.now() - state.newest < limits.quiet && (await connections()) > 0) await wait(STEP);
      await app.close(); // after the answers that are under way
    },
  };
}

const STEP = 20; // milliseconds

function unusable(port: number, host: string, cause: NodeJS.ErrnoException): EnvironmentFailure {
  const reasons: Record<string, string> = {
    EADDRINUSE: "is taken by another program",
    EACCES: "may not be used by this user",
    EADDRNOTAVAIL: `is not there, as this machine has no address ${host}`,
  };
  const code = cause.code ?? "";
  const reason = `port ${port} ${reasons[code] ?? `cannot be used (${cause.message})`}. Choose another --port.`;
  return new EnvironmentFailure(code === "EADDRINUSE" ? "PORT_IN_USE" : "PORT_UNUSABLE", reason, {}, { cause });
}
