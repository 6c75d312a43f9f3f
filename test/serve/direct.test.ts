// A request to the usual path is answered without the router: with the same bytes as at the path of the version, which
// the router takes, whether it is answered or refused.
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LIMITS } from "../../src/serve/serve-limits.ts";
import type { Serving } from "../../src/serve/serving.ts";
import { send } from "../cli/raw.ts";
import { numbers, pictures, post, serve, words } from "./models.ts";

let serving: Serving;
beforeAll(async () => {
  serving = await serve({ numbers: await numbers(), words: await words(), pictures: await pictures() });
});
afterAll(() => serving.stop());

const tensor = (data: unknown, changed: object = {}) => ({
  name: "features",
  shape: [1, 4],
  datatype: "FP64",
  data,
  ...changed,
});
const column = (name: string, datatype: string, value: unknown) => ({ name, shape: [1, 1], datatype, data: [value] });
const WORDS = [
  column("size", "FP64", 1),
  column("kind", "BYTES", "ü"),
  column("rank", "BYTES", "low"),
  column("on", "BOOL", true),
  column("day", "BYTES", "2026-01-05"),
];
const binary = (tail: string) => {
  const { data: _, ...input } = tensor([], { datatype: "FP32", parameters: { binary_data_size: 16 } });
  const head = JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } });
  return [Buffer.from(head + tail), { "inference-header-content-length": String(head.length) }] as const;
};

type Asked = readonly [model: string, body: unknown, headers?: Record<string, string>];
const BODIES: Readonly<Record<string, Asked>> = {
  "a row of numbers": ["numbers", { inputs: [tensor([1, 2.5, -3, 4])] }],
  "an id in words": ["numbers", { id: 'a "quoted" ü', inputs: [tensor([1, 2, 3, 4])] }],
  "one output, binary": [
    "numbers",
    { inputs: [tensor([1, 2, 3, 4])], outputs: [{ name: "class", parameters: { binary_data: true } }] },
  ],
  "columns of a table": ["words", { inputs: WORDS }],
  "binary data both ways": ["numbers", ...binary("\0".repeat(16))],
  "binary data cut off": ["numbers", ...binary("\0".repeat(12))],
  "no JSON": ["numbers", Buffer.from("{")],
  "no inputs": ["numbers", {}],
  "a shape in words": ["numbers", { inputs: [tensor([1, 2, 3, 4], { shape: "four" })] }],
  "too few numbers": ["numbers", { inputs: [tensor([1, 2, 3])] }],
  "more rows than a batch": ["numbers", { inputs: [tensor(new Array(260).fill(1), { shape: [65, 4] })] }],
  "a compressed body": ["numbers", { inputs: [] }, { "content-encoding": "gzip" }],
  "another site's page": ["numbers", { inputs: [] }, { "sec-fetch-site": "cross-site" }],
};

test.each(Object.entries(BODIES))("%s", async (_, [model, body, headers = {}]) => {
  const ask = async (path: string) => {
    const answer = await post(serving.url + path, body, { "content-type": "application/json", ...headers });
    const kept = [...answer.headers].filter(([name]) => name !== "date");
    return { status: answer.status, headers: Object.fromEntries(kept), body: await answer.text() };
  };
  const direct = await ask(`/v2/models/${model}/infer`);
  const routed = await ask(`/v2/models/${model}/versions/1/infer`);
  expect(direct.body).toBe(routed.body);
  expect([direct.status, direct.headers["cache-control"]]).toEqual([routed.status, "no-store"]);
  if (direct.status === 200) expect(direct.headers).toEqual(routed.headers);
});

test("a body that comes byte by byte, and one without a length, are answered as one that comes at once", async () => {
  const body = JSON.stringify({ inputs: [tensor([1, 2, 3, 4])] });
  const lines = ["POST /v2/models/numbers/infer HTTP/1.1", `Host: 127.0.0.1:${serving.port}`, "Connection: close"];
  const head = [...lines, `Content-Length: ${body.length}`, "", ""].join("\r\n");
  const whole = await send(serving.port, head + body);
  const socket = connect(serving.port, "127.0.0.1").setNoDelay(true);
  let told = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (told += chunk));
  socket.write(head);
  for (const byte of body) await new Promise<void>((sent) => socket.write(byte, () => setImmediate(sent)));
  await new Promise((closed) => socket.on("close", closed));
  expect(told.split("\r\n\r\n")[1]).toBe(whole!.body);
  const chunked = [...lines, "Transfer-Encoding: chunked", "", body.length.toString(16), body, "0", "", ""].join(
    "\r\n",
  );
  expect((await send(serving.port, chunked))!.body).toContain(whole!.body);
});

test("a body that is said to be larger than the server reads is refused as the router does, before it comes", async () => {
  const ask = (path: string, length: number) => {
    const head = [`POST ${path} HTTP/1.1`, `Host: 127.0.0.1:${serving.port}`, `Content-Length: ${length}`, "", ""];
    return send(serving.port, head.join("\r\n"));
  };
  const [direct, routed] = await Promise.all(
    ["", "/versions/1"].map((version) => ask(`/v2/models/numbers${version}/infer`, LIMITS.body + 1)),
  );
  expect(direct!.status).toBe(413);
  expect([direct!.status, direct!.body]).toEqual([routed!.status, routed!.body]);
});

test("requests are counted with their status on both ways", async () => {
  const counts = async () => {
    const text = await (await fetch(`${serving.url}/metrics`)).text();
    const of = (status: number) =>
      Number(new RegExp(`model="pictures",status="${status}"} (\\d+)`).exec(text)?.[1] ?? 0);
    return [of(200), of(400)];
  };
  const pixels = { name: "features", shape: [1, 16], datatype: "UINT8", data: new Array(16).fill(1) };
  for (const path of ["", "/versions/1"])
    for (const inputs of [[pixels], []]) await post(`${serving.url}/v2/models/pictures${path}/infer`, { inputs });
  await expect.poll(counts).toEqual([2, 2]);
});
