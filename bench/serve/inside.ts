// What a request costs in JavaScript alone: server and client in one process, connected by memory, so that neither the
// system's sockets nor other programs count. The servers take turns; of each the best hundredth of its rounds is told.
import type { AddressInfo, Socket } from "node:net";
import { Duplex } from "node:stream";
import { classifierOf } from "../../src/classifier/classifier.ts";
import { makeServer } from "../../src/serve/routes.ts";
import { LIMITS } from "../../src/serve/serve-limits.ts";
import { ServeMetrics } from "../../src/serve/serve-metrics.ts";
import { ServedModels } from "../../src/serve/served-models.ts";
import type { Model } from "../../src/training/model.ts";
import { bareServer } from "./bare.ts";

const WARM = 1500; // rounds
const BEST = 0.01;

/** A socket of memory: what it is pushed the server reads, and every write of the server is an answer. */
class Line extends Duplex {
  answered: () => void = () => {};

  override _read(): void {}
  override _write(chunk: Buffer, _: string, done: () => void): void {
    if (!chunk.toString("latin1", 0, 12).endsWith("200")) throw new Error(chunk.toString());
    done();
    this.answered();
  }
  setTimeout(): this {
    return this;
  }
}

/** Microseconds of a request, by server: `request` as bytes, once a round on each of `connections`. */
export async function inside(
  model: Model,
  request: (port: number) => Buffer,
  { connections, rounds }: { readonly connections: number; readonly rounds: number },
): Promise<{ readonly serve: number; readonly bare: number }> {
  const models = new ServedModels({ batchMs: 2, maxBatch: 512 }, (name, rows) => metrics.batched(name, rows));
  const metrics = new ServeMetrics(() => []);
  const setup = { host: "127.0.0.1", limits: LIMITS, log: { write: () => {} } };
  const app = makeServer(models, metrics, setup, { stopping: false, newest: 0 });
  models.put("bench", model);
  await app.listen({ host: "127.0.0.1", port: 0 }); // a request names the port
  const text = JSON.stringify(classifierOf(model).warm().predict(new Array(784).fill(0)));
  const bytes = request((app.server.address() as AddressInfo).port);
  const contenders = [app.server, bareServer(() => text)].map((server) => {
    const lines = Array.from({ length: connections }, () => new Line());
    for (const line of lines) server.emit("connection", line as unknown as Socket);
    return { lines, times: [] as number[] };
  });
  for (let k = 0; k < WARM + rounds; k++)
    for (const { lines, times } of contenders) {
      const begun = performance.now();
      await new Promise<void>((done) => {
        let left = lines.length;
        for (const line of lines) line.answered = () => void (--left === 0 && setImmediate(done));
        for (const line of lines) line.push(bytes);
      });
      if (k >= WARM) times.push((1000 * (performance.now() - begun)) / connections);
    }
  await app.close();
  const [serve, bare] = contenders.map(({ times }) => times.sort((a, b) => a - b)[Math.floor(BEST * times.length)]!);
  return { serve: serve!, bare: bare! };
}
