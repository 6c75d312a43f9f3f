// Bodies and headers that no client should send: each is answered with a 4xx and one sentence, or the connection
// is closed; the server then answers as before, and its log has said nothing of them.
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Serving } from "../../src/serve/serving.ts";
import { send } from "../cli/raw.ts";
import { numbers, pictures, post, serve, words } from "./models.ts";

const TOKEN = "a-token-of-many-characters";
const SECRET = "s3cret-of-a-request";
let serving: Serving;
let guarded: Serving;
let logged = "";
beforeAll(async () => {
  const log = { write: (line: string) => void (logged += line) };
  const limits = { body: 65_536, bodies: 200_000, headers: 300, request: 600 };
  serving = await serve(
    { numbers: await numbers(), words: await words(), pictures: await pictures() },
    { log, limits },
  );
  guarded = await serve({ numbers: await numbers() }, { token: TOKEN });
});
afterAll(() => Promise.all([serving.stop(), guarded.stop()]));

const own = () => `Host: 127.0.0.1:${serving.port}`;
const raw = (first: string, lines: readonly string[], body = "") =>
  [first, ...lines, "Connection: close", "", body].join("\r\n");
const withBody = (path: string, body: string, ...lines: string[]) =>
  raw(`POST ${path} HTTP/1.1`, [own(), `Content-Length: ${Buffer.byteLength(body, "latin1")}`, ...lines], body);
const INFER = "/v2/models/numbers/infer";
const infer = (body: unknown, ...lines: string[]) =>
  withBody(INFER, typeof body === "string" ? body : JSON.stringify(body), ...lines);
const tensor = (changed: object) =>
  infer({ inputs: [{ name: "features", shape: [1, 4], datatype: "FP64", data: [1, 2, 3, 4], ...changed }] });
const binary = (size: unknown, tail: string, changed: object = {}, length?: string) => {
  const input = {
    name: "features",
    shape: [1, 4],
    datatype: "FP32",
    parameters: { binary_data_size: size },
    ...changed,
  };
  const head = JSON.stringify({ inputs: [input] });
  return infer(head + tail, `Inference-Header-Content-Length: ${length ?? head.length}`);
};
const predict = (body: string) => withBody("/predict/words", body);
const deep = (n: number) => `${"[".repeat(n)}1${"]".repeat(n)}`;

/** Each by what is wrong with it. A function, as the port is not known before. */
const HOSTILE: Readonly<Record<string, () => string>> = {
  "an empty body": () => infer(""),
  "no JSON": () => infer("{"),
  "JSON cut off in a text": () => infer('{"inputs":[{"name":"fea'),
  "two JSON values": () => infer("{}{}"),
  "bytes that are not UTF-8": () => infer('{"id":"\xff"}'),
  "a lone NUL": () => infer("\0"),
  "a byte order mark alone": () => infer("\xef\xbb\xbf"),
  null: () => infer("null"),
  "a number": () => infer("7"),
  "an array": () => infer("[]"),
  "no inputs": () => infer({}),
  "inputs: null": () => infer({ inputs: null }),
  "inputs: an object": () => infer({ inputs: { 0: {} } }),
  "inputs: []": () => infer({ inputs: [] }),
  "an input that is null": () => infer({ inputs: [null] }),
  "an id that is a number": () => infer({ id: 7, inputs: [] }),
  "an id that is long": () => infer({ id: "x".repeat(2000), inputs: [] }),
  "parameters: a list": () => tensor({ parameters: [] }),
  "an output without a name": () =>
    infer({ inputs: [{ name: "features", shape: [1, 4], datatype: "FP64", data: [1, 2, 3, 4] }], outputs: [{}] }),
  "an output twice": () =>
    infer({
      inputs: [{ name: "features", shape: [1, 4], datatype: "FP64", data: [1, 2, 3, 4] }],
      outputs: [{ name: "label" }, { name: "label" }],
    }),
  "a tensor twice": () =>
    infer({ inputs: [1, 2].map(() => ({ name: "features", shape: [1, 4], datatype: "FP64", data: [1, 2, 3, 4] })) }),
  "another name": () => tensor({ name: "constructor" }),
  "the name __proto__": () => tensor({ name: "__proto__" }),
  "no shape": () => tensor({ shape: undefined }),
  "an empty shape": () => tensor({ shape: [] }),
  "a shape of 9 dimensions": () => tensor({ shape: [1, 1, 1, 1, 1, 1, 1, 1, 4] }),
  "a shape with 0": () => tensor({ shape: [0, 4], data: [] }),
  "a shape with −1": () => tensor({ shape: [-1, 4] }),
  "a shape with a fraction": () => tensor({ shape: [1.5, 4] }),
  "a shape with a text": () => tensor({ shape: ["1", 4] }),
  "a shape of 2^53 rows": () => tensor({ shape: [2 ** 53, 4] }),
  "a shape that overflows": () => tensor({ shape: [2 ** 31, 2 ** 31, 2 ** 31] }),
  "a shape that is another": () => tensor({ shape: [4, 1] }),
  "a shape of pictures lying down": () =>
    withBody(
      "/v2/models/pictures/infer",
      JSON.stringify({
        inputs: [{ name: "features", shape: [1, 2, 8], datatype: "UINT8", data: new Array(16).fill(1) }],
      }),
    ),
  "more rows than a batch": () => tensor({ shape: [65, 4], data: new Array(260).fill(1) }),
  "an unknown datatype": () => tensor({ datatype: "FP128" }),
  "a datatype of Object": () => tensor({ datatype: "toString" }),
  "no data": () => tensor({ data: undefined }),
  "data: a text": () => tensor({ data: "1234" }),
  "data: an object with length": () => tensor({ data: { length: 4, 0: 1 } }),
  "too few data": () => tensor({ data: [1, 2, 3] }),
  "too many data": () => tensor({ data: [1, 2, 3, 4, 5] }),
  "data nested by another shape": () =>
    tensor({
      data: [
        [1, 2],
        [3, 4],
      ],
    }),
  "data nested in part": () => tensor({ data: [[1, 2, 3, 4], 5] }),
  "data nested 5,000 deep": () =>
    infer(`{"inputs":[{"name":"features","shape":[1,4],"datatype":"FP64","data":${deep(5000)}}]}`),
  "JSON nested 20,000 deep": () => infer(deep(20_000)),
  "a text among numbers": () => tensor({ data: [1, "2", 3, 4] }),
  "null for a number": () => tensor({ data: [1, null, 3, 4] }),
  "1e400": () => infer('{"inputs":[{"name":"features","shape":[1,4],"datatype":"FP64","data":[1e400,2,3,4]}]}'),
  "256 as UINT8": () => tensor({ datatype: "UINT8", data: [1, 2, 3, 256] }),
  "a fraction as INT32": () => tensor({ datatype: "INT32", data: [1, 2, 3, 0.5] }),
  "BYTES for numbers": () => tensor({ datatype: "BYTES", data: ["1", "2", "3", "four"] }),
  "BOOL of 2": () => tensor({ datatype: "BOOL", data: [true, 2, 1, 0] }),
  "a header length beyond the body": () => binary(16, "x".repeat(16), {}, "99999"),
  "a header length below 0": () => binary(16, "x".repeat(16), {}, "-1"),
  "a header length in words": () => binary(16, "x".repeat(16), {}, "ten"),
  "a binary size beyond the body": () => binary(2 ** 40, "x".repeat(16)),
  "a binary size that is a text": () => binary("16", "x".repeat(16)),
  "a binary size of another shape": () => binary(12, "x".repeat(12)),
  "bytes that no tensor takes": () => binary(16, "\0".repeat(20)),
  "NaN in binary": () => binary(16, "\0\0\xc0\x7f".repeat(4)),
  "data beside a binary size": () => binary(16, "\0".repeat(16), { data: [1, 2, 3, 4] }),
  "a binary text without an end": () => binary(8, "\xff\xff\xff\xffabcd", { datatype: "BYTES", shape: [1, 1] }),
  "a row without a column": () => predict('{"size":1}'),
  "a row with __proto__": () => predict('{"__proto__":{"size":1,"kind":"a","rank":"low","on":true,"day":null}}'),
  "a row of objects within": () => predict('{"size":{},"kind":"a","rank":"low","on":true,"day":null}'),
  "a picture of 2^31 pixels": () =>
    withBody("/predict/pictures", `\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\0\0\0\0\0\0\0\0`),
  "a GIF of nothing": () => withBody("/predict/pictures", "GIF89a"),
  "a body over the limit": () => withBody("/predict/words", "x".repeat(70_000)),
  "a length over the limit, and no body": () => raw(`POST ${INFER} HTTP/1.1`, [own(), "Content-Length: 99999999999"]),
  "a chunked body over the limit": () =>
    raw(`POST ${INFER} HTTP/1.1`, [own(), "Transfer-Encoding: chunked"], `11170\r\n${"x".repeat(70_000)}\r\n0\r\n\r\n`),
  "a length that is no number": () => raw(`POST ${INFER} HTTP/1.1`, [own(), "Content-Length: ten"]),
  "a length twice": () => raw(`POST ${INFER} HTTP/1.1`, [own(), "Content-Length: 2", "Content-Length: 3"], "{}"),
  "a length and chunks": () =>
    raw(`POST ${INFER} HTTP/1.1`, [own(), "Content-Length: 2", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
  "a body that never comes": () => `POST ${INFER} HTTP/1.1\r\n${own()}\r\nContent-Length: 100\r\n\r\n{`,
  "headers that never end": () => `GET /v2 HTTP/1.1\r\n${own()}\r\nX-Slow: `,
  "headers of 64 kB": () => raw("GET /v2 HTTP/1.1", [own(), `X-Long: ${"x".repeat(65_536)}`]),
  "a compressed body": () => infer("{}", "Content-Encoding: gzip"),
  "no host": () => raw("GET /v2 HTTP/1.1", []),
  "another host": () => raw("GET /v2 HTTP/1.1", ["Host: rebound.example"]),
  "another port": () => raw("GET /v2 HTTP/1.1", ["Host: 127.0.0.1:1"]),
  "two hosts": () => raw("GET /v2 HTTP/1.1", [own(), own()]),
  "another site's page": () => raw("GET /v2 HTTP/1.1", [own(), "Origin: http://rebound.example"]),
  "a page of another site": () => raw("GET /models HTTP/1.1", [own(), "Sec-Fetch-Site: cross-site"]),
  "an address outside": () => raw("GET /../../etc/passwd HTTP/1.1", [own()]),
  "a broken escape": () => raw("GET /v2/models/%zz HTTP/1.1", [own()]),
  "a name of 4,000 letters": () => raw(`GET /v2/models/${"x".repeat(4000)} HTTP/1.1`, [own()]),
  "a method that is none": () => raw("STEAL /v2 HTTP/1.1", [own()]),
  "a method that is not answered": () => raw("DELETE /v2/models/numbers HTTP/1.1", [own()]),
  "a proxy's CONNECT": () => raw("CONNECT example:443 HTTP/1.1", [own()]),
  TLS: () => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
};

test(`there are at least 72 kinds`, () => expect(Object.keys(HOSTILE).length).toBeGreaterThanOrEqual(72));

test.each(Object.keys(HOSTILE))("%s", async (name) => {
  const answer = await send(serving.port, HOSTILE[name]!()).catch(() => undefined);
  if (answer !== undefined) {
    expect(answer.status, answer.body).toBeGreaterThanOrEqual(400);
    expect(answer.status, answer.body).toBeLessThan(500);
    if (answer.body !== "" && answer.headers.get("content-type") === "application/json") {
      const { error, ...rest } = JSON.parse(answer.body.replace(/^[0-9a-f]+\r\n|\r\n0\r\n\r\n$/g, "")) as {
        error: string;
      };
      expect(rest).toEqual({});
      expect(error).not.toMatch(/\bat .*:\d+|node_modules|\.ts\b|FST_/);
    }
  }
  const after = await post(`${serving.url}/predict/numbers`, [1, 2, 3, 4]);
  expect(after.status).toBe(200);
});

test("the log says nothing of any request", async () => {
  await post(`${serving.url}/predict/numbers`, [SECRET, 2, 3, 4], { "X-Secret": SECRET });
  const lines = logged
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { msg: string });
  expect(lines.every(({ msg }) => /^(loaded|Server listening at http:\/\/127\.0\.0\.1:\d+)$/.test(msg))).toBe(true);
});

test("with a token, only health and the page are answered without it, and never by an address", async () => {
  const { url } = guarded;
  const status = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(url + path, { headers })).status;
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  expect(await status("/v2/health/live")).toBe(200);
  for (const path of ["/v2", "/models", "/metrics", "/openapi.json", `/v2?token=${TOKEN}`, "/v2/health/liveX"])
    expect([path, await status(path)]).toEqual([path, 401]);
  for (const wrong of ["", "x", `${TOKEN}x`, TOKEN.slice(1)]) expect(await status("/v2", bearer(wrong))).toBe(401);
  expect(await status("/v2", { Authorization: TOKEN })).toBe(401);
  expect(await status("/v2", bearer(TOKEN))).toBe(200);
  const answer = await post(`${url}/predict`, [1, 2, 3, 4], bearer(TOKEN));
  expect([answer.status, (await post(`${url}/predict`, [1, 2, 3, 4])).status]).toEqual([200, 401]);
});

test("other machines are answered only with a token", async () => {
  const model = await numbers();
  await expect(serve({ model }, { host: "0.0.0.0" })).rejects.toMatchObject({ code: "CONFLICTING_OPTION" });
  const open = await serve({ model }, { host: "0.0.0.0", token: TOKEN });
  const headers = { Authorization: `Bearer ${TOKEN}`, Host: "models.example" };
  const ask = [`GET /v2 HTTP/1.1`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  expect((await send(open.port, [...ask, "Connection: close", "", ""].join("\r\n")))?.status).toBe(200);
  await open.stop();
});

test("bodies at once beyond the room for them are refused before they are read", async () => {
  const lines = [`POST ${INFER} HTTP/1.1`, own(), "Content-Length: 65000", "", "{"].join("\r\n");
  const held = Array.from({ length: 3 }, () => connect(serving.port, "127.0.0.1"));
  await Promise.all(held.map((socket) => new Promise<void>((sent) => socket.write(lines, () => sent()))));
  await expect.poll(async () => (await send(serving.port, infer("x".repeat(60_000))))?.status).toBe(429);
  for (const socket of held) socket.destroy();
  await expect.poll(async () => (await send(serving.port, infer("x".repeat(60_000))))?.status).toBe(400);
});
