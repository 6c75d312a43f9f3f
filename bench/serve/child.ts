// A server in a process of its own: `serve`, or `bare`, node:http that parses the same body and answers as long a text;
// with `predict` it answers with the classifier, row by row. Its port goes to the parent.
import type { AddressInfo } from "node:net";
import { PerformanceObserver } from "node:perf_hooks";
import { classifierOf } from "../../src/classifier/classifier.ts";
import { startServing } from "../../src/serve/serving.ts";
import { bareServer } from "./bare.ts";
import { benchModel } from "./model.ts";
import { type OwnTimes, timeOwn } from "./own_times.ts";

const collections: number[] = []; // milliseconds of each since the last "usage"
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) collections.push(duration);
}).observe({ type: "gc" });
let timed: (() => OwnTimes) | undefined;
process.on("message", (message) => {
  if (message === "time") timed = timeOwn();
  if (message === "times") process.send!(timed?.());
  if (message !== "usage") return;
  const { user, system } = process.cpuUsage();
  const switches = process.resourceUsage().involuntaryContextSwitches;
  process.send!({ rss: process.memoryUsage.rss(), cpu: user + system, switches, collections: collections.splice(0) });
});
const [, , kind, hidden = ""] = process.argv;
const model = benchModel(hidden);

if (kind === "serve") {
  const log = { write: () => {} }; // lines are made as for the command line
  const options = { host: "127.0.0.1", port: 0, batchMs: 2, maxBatch: 512, log };
  const serving = await startServing([["bench", model]], options);
  process.on("message", (message) => {
    if (message === "reload") serving.put("bench", model);
    if (message === "stop") void serving.stop().then(() => process.exit(0));
  });
  process.send!({ port: serving.port });
} else {
  const classifier = classifierOf(model).warm();
  const plain = JSON.stringify(classifier.predict(new Array(784).fill(0)));
  const server = bareServer((row) => (kind === "predict" ? JSON.stringify(classifier.predict(row)) : plain));
  server.listen(0, "127.0.0.1", () => process.send!({ port: (server.address() as AddressInfo).port }));
}
