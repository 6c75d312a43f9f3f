// A server in a process of its own: `serve`, or `bare`, node:http that parses the same body and answers as long a text;
// with `predict` it answers with the classifier, row by row. Its port goes to the parent.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { classifierOf } from "../../src/classifier/classifier.ts";
import { startServing } from "../../src/serve/serving.ts";
import { benchModel } from "./model.ts";

process.on("message", (message) => {
  if (message !== "usage") return;
  const { user, system } = process.cpuUsage();
  process.send!({ rss: process.memoryUsage.rss(), cpu: user + system });
});
const [, , kind, hidden = ""] = process.argv;
const model = benchModel(hidden);

if (kind === "serve") {
  const serving = await startServing([["bench", model]], { host: "127.0.0.1", port: 0, batchMs: 2, maxBatch: 512 });
  process.on("message", (message) => {
    if (message === "reload") serving.put("bench", model);
    if (message === "stop") void serving.stop().then(() => process.exit(0));
  });
  process.send!({ port: serving.port });
} else {
  const classifier = classifierOf(model).warm();
  const plain = JSON.stringify(classifier.predict(new Array(784).fill(0)));
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { inputs } = JSON.parse(Buffer.concat(chunks).toString()) as { inputs: [{ data: number[] }] };
      const text = kind === "predict" ? JSON.stringify(classifier.predict(inputs[0].data)) : plain;
      response.writeHead(200, { "content-type": "application/json", "content-length": text.length }).end(text);
    });
  });
  server.listen(0, "127.0.0.1", () => process.send!({ port: (server.address() as AddressInfo).port }));
}
