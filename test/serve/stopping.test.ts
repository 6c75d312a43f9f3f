// Reload and stop while requests keep coming: every request that was sent is answered, by the old model or the
// new.
import { Agent, request } from "node:http";
import { expect, test } from "vitest";
import type { Serving } from "../../src/serve/serving.ts";
import { numbers, serve } from "./models.ts";

type Sent = { readonly status: number; readonly version: string } | { readonly refused: string };

/** POST on a kept connection; a connection that is refused, as after a stop, has sent nothing. */
function ask({ port }: Serving, agent: Agent): Promise<Sent> {
  const body = JSON.stringify({ inputs: [{ name: "features", shape: [1, 4], datatype: "FP64", data: [1, 2, 3, 4] }] });
  const headers = { "content-type": "application/json", "content-length": body.length };
  const path = "/v2/models/numbers/infer";
  return new Promise((done, failed) => {
    const sent = request({ host: "127.0.0.1", port, path, method: "POST", agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => done({ status: response.statusCode!, version: JSON.parse(text).model_version }));
    });
    sent.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNREFUSED" ? done({ refused: error.code }) : failed(error),
    );
    sent.end(body);
  });
}

/** Ask one after another on `count` connections until `ended`; the answers. */
async function load(serving: Serving, count: number, ended: () => boolean): Promise<Sent[]> {
  const answers: Sent[] = [];
  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!ended()) {
      const answer = await ask(serving, agent);
      answers.push(answer);
      if ("refused" in answer) break;
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: count }, client));
  return answers;
}

test("models that are replaced under load lose no request, and each answer is of one of them", async () => {
  const [first, second] = [await numbers(1), await numbers(2)];
  const serving = await serve({ numbers: first });
  let replaced = 0;
  const answers = load(serving, 8, () => replaced >= 20);
  while (replaced < 20) {
    const before = serving.models.get("numbers").version;
    serving.put("numbers", replaced % 2 === 0 ? second : first);
    expect(serving.models.get("numbers").version).toBe(String(Number(before) + 1));
    replaced++;
    await new Promise((next) => setImmediate(next));
  }
  const all = await answers;
  expect(all.length).toBeGreaterThan(8);
  expect(all.filter((answer) => !("status" in answer) || answer.status !== 200)).toEqual([]);
  await serving.stop();
});

test("stopping under load answers every request that was sent, then refuses connections", async () => {
  const serving = await serve({ numbers: await numbers() });
  let stopped = false;
  let count = 0;
  const answers = load(serving, 8, () => {
    if (count++ === 100) void serving.stop().then(() => (stopped = true));
    return stopped;
  });
  const all = await answers;
  const served = all.filter((answer) => "status" in answer);
  expect(served.every(({ status }) => status === 200)).toBe(true);
  expect(served.length).toBeGreaterThanOrEqual(93); // the hundredth question began the stop
  await expect(fetch(`${serving.url}/v2`)).rejects.toThrow();
});

test("while it stops it says that it is not ready, and answers requests that have begun", async () => {
  const serving = await serve({ numbers: await numbers() }, { limits: { quiet: 1e6 } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await ask(serving, agent);
  const stop = serving.stop();
  const ready = await new Promise<number>((done) => {
    request({ host: "127.0.0.1", port: serving.port, path: "/v2/health/ready", agent }, (response) => {
      response.resume();
      expect(response.headers.connection).toBe("close");
      done(response.statusCode!);
    }).end();
  });
  expect(ready).toBe(400); // the protocol's word for no
  agent.destroy();
  await stop;
});
