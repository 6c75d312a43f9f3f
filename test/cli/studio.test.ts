// The studio's server, asked byte by byte by those who should get nothing. Table W of the reliability plan: W1 to W7
// and W11.
import { mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { opener } from "../../src/cli/studio/browser.ts";
import { type Studio, startStudio } from "../../src/cli/studio/server.ts";
import { dataFiles, pageFiles } from "../../src/cli/studio/static-files.ts";
import { EnvironmentFailure } from "../../src/errors.ts";
import { writeIdx } from "../data/write-idx.ts";
import { type Answer, get, send } from "./raw.ts";
import { folder } from "./run.ts";

const [home, remove] = folder();
const SECRET = "a secret beside the page";
const page = join(home, "page");
const dataDir = join(home, "data");
let studio: Studio;
let cookie: string;
let port: number;

beforeAll(async () => {
  mkdirSync(join(page, "assets"), { recursive: true });
  writeFileSync(join(page, "index.html"), "<!doctype html><title>the page</title>");
  writeFileSync(join(page, "assets", "app.js"), "let app;");
  writeFileSync(join(page, "icon.svg"), "<svg/>");
  writeFileSync(join(page, "notes.md"), SECRET); // a kind of file that no page needs
  writeFileSync(join(home, "secret.js"), SECRET);
  symlinkSync(join(home, "secret.js"), join(page, "assets", "link.js"));
  mkdirSync(join(dataDir, "kmnist"), { recursive: true });
  for (const part of ["train", "t10k"]) {
    writeFileSync(join(dataDir, "kmnist", `${part}-images-idx3-ubyte`), writeIdx(8, [1, 2, 2], [1, 2, 3, 4]));
    writeFileSync(join(dataDir, "kmnist", `${part}-labels-idx1-ubyte`), writeIdx(8, [1], [7]));
  }
  writeFileSync(join(dataDir, "kmnist", "other.txt"), SECRET);
  const { files } = await dataFiles({ dataDir, cache: join(home, "empty") });
  studio = await startStudio(new Map([...(await pageFiles(page)), ...files]));
  port = studio.port;
  cookie = `Cookie: deltaprop-${port}=${token()}`;
});
afterAll(async () => {
  await studio.close();
  remove();
});

const token = () => new URL(studio.url).searchParams.get("token")!;
const own = () => `Host: 127.0.0.1:${port}`;
const routes = () => ["/", "/assets/app.js", "/icon.svg", "/data/index.json", `/data/kmnist/${FILE}`, "/nothing"];
const FILE = "train-images-idx3-ubyte.gz"; // served by its published name, though unpacked here

const EVERYWHERE = {
  "content-security-policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self' blob: data:; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

/** The answer, held against what is true of every answer. */
async function ask(text: string): Promise<Answer> {
  const answer = (await send(port, text))!;
  expect(answer, text).toBeDefined();
  // the page's own files, the same for everybody
  const kept = answer.status === 200 && /^(GET|HEAD) \/(assets|icon)/.test(text);
  const expected = { ...EVERYWHERE, ...(kept && { "cache-control": "private, max-age=86400" }) };
  expect(Object.fromEntries(answer.headers), text).toMatchObject(expected);
  expect([...answer.headers.keys()].filter((name) => /^access-control|^server$|^x-powered/.test(name))).toEqual([]);
  expect(answer.body).not.toContain(SECRET);
  if (answer.status >= 400) {
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(answer.body.length).toBeLessThan(100);
    expect(answer.body).not.toContain(home);
    expect(answer.body).not.toMatch(/[/\\<>]|\d\.\d|\bat\b.*:\d/); // no path, markup, version or stack
  }
  return answer;
}

const statuses = async (texts: readonly string[]) => {
  const answers = [];
  for (const text of texts) answers.push((await ask(text)).status);
  return answers;
};

test("our own page gets every file with its type, and HEAD the same without a body", async () => {
  const types = ["text/html; charset=utf-8", "text/javascript; charset=utf-8", "image/svg+xml", "application/json"];
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
    const lines = [`Host: ${host}`, `Origin: http://${host}`, "Sec-Fetch-Site: same-origin", cookie];
    for (const [r, route] of routes().slice(0, 5).entries()) {
      const { status, headers, body } = await ask(get(route, ...lines));
      expect([status, headers.get("content-type")]).toEqual([200, types[r] ?? "application/octet-stream"]);
      const head = await ask(get(route, ...lines).replace("GET", "HEAD"));
      expect([head.status, head.body, head.headers.get("content-length")]).toEqual([200, "", String(body.length)]);
    }
  }
  expect((await ask(get("/", own(), cookie))).body).toContain("the page");
  expect((await ask(get(`/data/kmnist/${FILE}`, own(), cookie))).body.slice(-4)).toBe("\x01\x02\x03\x04");
  const index = JSON.parse((await ask(get("/data/index.json", own(), cookie))).body);
  const files = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"];
  expect(index.sets).toEqual([{ name: "kmnist", files: files.map((name) => `${name}-ubyte.gz`) }]);
});

test("forty foreign, rebound or malformed Hosts are refused on every route, token or not", async () => {
  const names = [
    ...["evil.com", "127.0.0.1.nip.io", "localhost.evil", "evil.localhost", "localhost.", "LOCALHOST", "LocalHost"],
    ...["127.0.0.1.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.0.0.2", "0.0.0.0"],
    ...["10.0.0.1", "192.168.0.1", "169.254.169.254", "[::]", "[::2]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]"],
    ...["::1", "[::1", "localhost:80", "user@127.0.0.1", "127.0.0.1%00", "localhost,evil.com", "127.0.0.1/"],
  ].map((name) => `Host: ${name}:${port}`);
  const whole = [
    ...["Host: 127.0.0.1", "Host: localhost", `Host: 127.0.0.1:${port + 1}`, `Host: localhost:0${port}`, "Host: "],
    ...[`X-Forwarded-Host: 127.0.0.1:${port}`, `Host: evil.com\r\n${own()}`, `${own()}\r\nHost: evil.com`],
    ...[`${own()}\r\n${own()}`, `${own()}, ${own()}`],
  ];
  const vectors = [...names, ...whole];
  expect(new Set(vectors).size).toBe(40);
  for (const route of [...routes(), `/?token=${token()}`])
    for (const vector of vectors) {
      const { status, headers } = await ask(get(route, vector, cookie));
      expect([vector, status]).toEqual([vector, 403]);
      expect(headers.has("set-cookie")).toBe(false);
    }
});

test("twenty foreign Origins, and requests that another site started, are refused on every route", async () => {
  const origins = [
    ...["null", "http://evil.com", "https://evil.com", `http://evil.com:${port}`, `http://localhost.evil:${port}`],
    ...[`http://127.0.0.1:${port + 1}`, "http://127.0.0.1", "http://localhost", `https://127.0.0.1:${port}`],
    ...[`HTTP://127.0.0.1:${port}`, `http://127.0.0.1:${port}/`, `http://127.0.0.1:${port}.evil.com`, "file://"],
    ...[`127.0.0.1:${port}`, `http://user@127.0.0.1:${port}`, "", `chrome-extension://127.0.0.1:${port}`],
    ...[`http://127.0.0.1:${port}, http://evil.com`, `http://10.0.0.1:${port}`, `http://0.0.0.0:${port}`],
  ].map((origin) => `Origin: ${origin}`);
  expect(new Set(origins).size).toBe(20);
  const twice = `Origin: http://127.0.0.1:${port}\r\nOrigin: http://evil.com`;
  const sites = ["cross-site", "same-site", "Same-Origin", "none, cross-site", "unknown", ""].map(
    (site) => `Sec-Fetch-Site: ${site}`,
  );
  for (const route of [...routes(), `/?token=${token()}`])
    for (const vector of [...origins, twice, ...sites, "Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site"]) {
      const { status, headers } = await ask(get(route, own(), vector, cookie));
      expect([vector, status, headers.has("set-cookie")]).toEqual([vector, 403, false]);
    }
  // a rebound name sends Host and Origin alike
  const rebound = [`Host: evil.com:${port}`, `Origin: http://evil.com:${port}`, "Sec-Fetch-Site: same-origin", cookie];
  expect(await statuses(routes().map((route) => get(route, ...rebound)))).toEqual(routes().map(() => 403));
});

test("without this start's token every route is closed; the printed address trades it for a cookie", async () => {
  const value = token();
  expect(Buffer.from(value, "base64url")).toHaveLength(32);
  const wrong = [
    ...["X: y", "Cookie: ", `Cookie: deltaprop-${port}=`, `Cookie: deltaprop-${port}=${value.slice(0, -1)}`],
    ...[`Cookie: deltaprop-${port}=${value}x`, `Cookie: deltaprop-${port + 1}=${value}`, `Cookie: token=${value}`],
    ...[`Cookie: xdeltaprop-${port}=${value}`, `Authorization: Bearer ${value}`, `Cookie: ${value}`],
    `Cookie: deltaprop-${port}=${"A".repeat(43)}`,
  ];
  for (const route of routes())
    expect(await statuses(wrong.map((line) => get(route, own(), line)))).toEqual(wrong.map(() => 403));
  const guesses = ["", "x", value.slice(1), `${value}=`, `${value}&token=${value}`, `${value}%00`, value.toLowerCase()];
  const asked = guesses.map((guess) => get(`/?token=${guess}`, own()));
  expect(await statuses(asked)).toEqual(guesses.map(() => 403));
  expect(await statuses([get(`/icon.svg?token=${value}`, own()), get(`//?token=${value}`, own())])).toEqual([403, 403]);
  const { status, headers } = await ask(get(`/?token=${value}`, own(), "Sec-Fetch-Site: none"));
  expect([status, headers.get("location")]).toEqual([303, "./"]);
  expect(headers.get("set-cookie")).toBe(`deltaprop-${port}=${value}; Path=/; HttpOnly; SameSite=Strict`);
  // another port of this host may add its own
  const among = `Cookie: deltaprop-${port}=junk; a=b; deltaprop-${port}=${value}`;
  expect((await ask(get("/", own(), among))).status).toBe(200);
  const other = await startStudio(new Map(), undefined);
  expect(new URL(other.url).searchParams.get("token")).not.toBe(value);
  await other.close();
});

test("a hundred and twenty paths to other files find nothing", async () => {
  const targets = ["secret.js", "etc/passwd", "proc/self/environ", "page/notes.md", "data/kmnist/other.txt"];
  const ways = [
    ...["/../", "/../../../../../../", "/assets/../../", "/assets/..%2f..%2f", "/%2e%2e/", "/%2e%2e%2f", "/.%2e/"],
    ...["/%252e%252e%252f", "/..%5c", "/..\\", "//", "/./", "/@fs/", "/@fs//", "/data/kmnist/../../", "/%c0%ae%c0%ae/"],
    ...["/assets/app.js/../../../", "/#/../", "/?raw??", "/;/../", "/%00/../", "/file:///"],
  ];
  const single = [
    ...["/notes.md", "/assets/link.js", "/assets/app.js%00", "/assets/app.js?raw", "/assets/app.js?import&raw??"],
    ...["/assets", "/assets/", "/index.html", "/ASSETS/APP.JS", "/assets/%61pp.js", "/data/kmnist/", "/data/"],
    ...["/data/kmnist/other.txt", "/data/mnist/train-images-idx3-ubyte", "/data/kmnist/t10k-images-idx3-ubyte"],
    ...["/data/index.json/", "/__proto__", "/constructor", "/toString", "/favicon.ico", "/.env", "/.git/config"],
  ];
  const paths = [...ways.flatMap((way) => targets.map((target) => way + target)), ...single];
  expect(new Set(paths).size).toBeGreaterThanOrEqual(120);
  for (const path of paths) expect([path, (await ask(get(path, own(), cookie))).status]).toEqual([path, 404]);
  const odd = [
    "http://evil.com/",
    `http://127.0.0.1:${port}/`,
    "*",
    "assets/app.js",
    `/${"a".repeat(8200)}`,
    "/\x00",
    "",
  ];
  const refused = await statuses(odd.map((path) => get(path, own(), cookie)));
  expect(refused).toEqual([400, 400, 400, 400, 431, 400, 400]);
});

test("nothing but GET and HEAD without a body is answered", async () => {
  const methods = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "CONNECT"];
  for (const route of routes()) {
    const lines = [own(), cookie, "Access-Control-Request-Method: GET"];
    const asked = methods.map((method) => get(route, ...lines).replace("GET", method));
    expect(await statuses(asked)).toEqual(methods.map(() => 405));
  }
  const form = ["Content-Type: text/plain", "Content-Length: 2"];
  const bodies = [
    ...[get("/", own(), cookie, ...form), get("/", own(), cookie, "Transfer-Encoding: chunked")],
    ...[get("/", own(), cookie, "Content-Length: 99999999999999999999"), get("/", own(), cookie, "Content-Length: -1")],
    ...["BREW / HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00", "hello\r\n\r\n"],
  ];
  expect(await statuses(bodies)).toEqual(bodies.map(() => 400));
  expect((await ask(get("/", own(), cookie, `X: ${"x".repeat(9000)}`))).status).toBe(431);
  expect((await ask("GET / HTTP/1.0\r\n\r\n")).status).toBe(403); // no Host
  const asks = get("/", own(), cookie, "Upgrade: websocket", "Expect: 100-continue");
  expect((await ask(get("/", own(), cookie, "Expect: the-unexpected"))).status).toBe(200);
  expect((await ask(asks.replace("Connection: close", "Connection: upgrade, close"))).status).toBe(200);
});

test("a data file that is gone is an error without its path, and the server goes on", async () => {
  const path = "t10k-labels-idx1-ubyte";
  unlinkSync(join(dataDir, "kmnist", path));
  expect((await ask(get(`/data/kmnist/${path}.gz`, own(), cookie))).status).toBe(500);
  rmSync(join(page, "icon.svg"));
  expect((await ask(get("/icon.svg", own(), cookie))).status).toBe(200); // the page was read once
});

test("a client that never ends its headers is sent away, and one too many is not let in", async () => {
  const slow = await startStudio(await pageFiles(page), undefined, { headers: 100, connections: 2 });
  const waiting = ["GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ", "GE"].map((text) => send(slow.port, text));
  for (const answer of await Promise.all(waiting)) expect(answer?.status).toBe(408);
  const held = [connect(slow.port, "127.0.0.1"), connect(slow.port, "127.0.0.1")];
  await Promise.all(held.map((socket) => new Promise((open) => socket.on("connect", open))));
  expect(await send(slow.port, "GET / HTTP/1.1\r\n\r\n").catch(() => undefined)).toBeUndefined();
  for (const socket of held) socket.destroy();
  await slow.close();
});

test("only the loopback listens, a taken port is named, and another start finds a free one", async () => {
  if (process.platform === "linux")
    // where all of 127.0.0.0/8 is this machine
    await expect(send(port, get("/", own(), cookie), "127.0.0.2")).rejects.toThrow("ECONNREFUSED");
  const taken = startStudio(new Map(), port);
  await expect(taken).rejects.toThrow(EnvironmentFailure);
  await expect(taken).rejects.toThrow(`port ${port} is taken by another program. Choose another --port, or none.`);
  const second = await startStudio(new Map());
  expect(second.port).not.toBe(port);
  await second.close();
});

test("files of a named set beside each other in --data-dir are told apart by folder name or checksum; the cache by checksum", async () => {
  const list = async (options: Parameters<typeof dataFiles>[0]) =>
    (await dataFiles({ cache: join(home, "empty"), ...options })).index.sets.map(({ name }) => name);
  expect(await list({ dataDir })).toEqual([]); // a file is gone since the test above
  writeFileSync(join(dataDir, "kmnist", "t10k-labels-idx1-ubyte.gz"), "");
  expect(await list({ dataDir })).toEqual(["kmnist"]);
  expect(await list({ dataDir: join(dataDir, "kmnist") })).toEqual(["kmnist"]);
  expect(await list({ cache: dataDir })).toEqual([]); // not the published bytes
});

test("the opener is the system's own, and none on a Linux without a display", () => {
  expect(opener("darwin", {})[0]).toBe("open");
  expect(opener("win32", {})[0]).toBe("rundll32");
  expect(opener("linux", { DISPLAY: ":0" })[0]).toBe("xdg-open");
  expect(opener("linux", { WAYLAND_DISPLAY: "wayland-0" })[0]).toBe("xdg-open");
  expect(opener("linux", {})[0]).toBeUndefined();
});
