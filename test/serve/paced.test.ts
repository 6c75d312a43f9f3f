// The measurements' generator of requests at a rate: it asks all that is due, whatever the answers do.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestBytes } from "../../bench/serve/load.ts";
import { paced } from "../../bench/serve/paced.ts";

const CONNECTIONS = 4;
let asked = 0;
let together = 0;
let most = 0;
const server = createServer((request, response) => {
  most = Math.max(most, ++together);
  asked++;
  const status = asked > CONNECTIONS && asked % 5 === 0 ? 503 : 200; // the first of each connection only open it
  request.resume().on("end", () => {
    together--;
    response.writeHead(status, { "content-length": 0 }).end();
  });
});
beforeAll(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", done)));
afterAll(() => server.close());

test("every request that is due is asked and timed, and those without a 200 are lost", async () => {
  const { port } = server.address() as AddressInfo;
  const load = { connections: CONNECTIONS, seconds: 0.05, rate: 4000 };
  const { times, undisturbed, late, lost } = await paced(port, requestBytes("/", "{}"), load);
  expect([asked, times.length, late.length]).toEqual([204, 200, 200]);
  expect(lost).toBe(40);
  expect(most).toBeLessThanOrEqual(CONNECTIONS);
  expect(Math.min(...times, ...late)).toBeGreaterThan(0);
  expect(times).toEqual(expect.arrayContaining(undisturbed));
});

/** What `answer` makes of each request, from the first that counts on; and what is measured then. */
async function measured(answer: (end: () => void) => void, connections: number, total: number) {
  let opened = 0;
  const other = createServer((request, response) => {
    const end = () => response.writeHead(200, { "content-length": 0 }).end();
    request.resume().on("end", () => (++opened > connections ? answer(end) : end()));
  });
  await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
  const { port } = other.address() as AddressInfo;
  const load = { connections, seconds: 1e-4, rate: 1e4 * total };
  const found = await paced(port, requestBytes("/", "{}"), load);
  other.closeAllConnections();
  other.close();
  return found;
}

test("what is due is sent while other answers are awaited", async () => {
  const held: (() => void)[] = [];
  const answer = (end: () => void) => {
    if (held.push(end) === 4) for (const each of held.splice(0)) each(); // none before four have asked
  };
  expect((await measured(answer, 4, 40)).lost).toBe(0);
}, 20_000);

test("an answer's time counts from when the request was due, so that a wait for a free connection is in it", async () => {
  const { times } = await measured((end) => end(), 1, 20); // all due within a tenth of a millisecond, one after another
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test("a server that does not answer is no measurement", async () => {
  const silent = createServer((_, response) => response.writeHead(500, { "content-length": 0 }).end());
  await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
  const { port } = silent.address() as AddressInfo;
  await expect(paced(port, requestBytes("/", "{}"), { connections: 1, seconds: 1, rate: 10 })).rejects.toThrow(
    "the server does not answer",
  );
  silent.closeAllConnections();
  silent.close();
});
