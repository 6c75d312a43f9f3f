// A server's own times of its requests: one for each that was answered, and which of them came alone.
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client, requestBytes } from "../../bench/serve/load.ts";
import { timeOwn } from "../../bench/serve/own_times.ts";

const server = createServer((request, response) => {
  request.resume().on("end", () => response.writeHead(200, { "content-length": 2 }).end("{}"));
});
beforeAll(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", done)));
afterAll(() => server.close());

const request = requestBytes("/", "{}");
const port = () => (server.address() as AddressInfo).port;

test("requests one after another come alone, and are timed until they are told no more", async () => {
  const client = new Client(port());
  const times = timeOwn();
  for (let k = 0; k < 20; k++) expect(await client.ask(request)).toBe(200);
  const { all, alone } = times();
  expect([all.length, alone]).toEqual([20, all]);
  expect(all.filter((ms) => !Number.isFinite(ms))).toEqual([]);
  await client.ask(request);
  expect(all.length).toBe(20);
  client.close();
});

test("requests that were read in one turn of the loop did not come alone", async () => {
  const times = timeOwn();
  const socket = connect(port(), "127.0.0.1");
  let said = "";
  await new Promise<void>((done) => {
    socket.on("data", (chunk) => (said += chunk.toString()).split("{}").length === 4 && done());
    socket.write(Buffer.concat([request, request, request]));
  });
  socket.destroy();
  const { all, alone } = times();
  expect([all.length, alone.length]).toEqual([3, 0]);
});
