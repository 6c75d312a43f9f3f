import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DownloadOptions, type DownloadProgress, downloadFile } from "../../src/data/named/download.ts";
import { EnvironmentFailure } from "../../src/errors.ts";
import { type Mirror, mirror, serve } from "./mirror.ts";

const body = Uint8Array.from({ length: 300_000 }, (_, k) => (k * k) >> 3);
const sha256 = createHash("sha256").update(body).digest("hex");

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deltaprop-"));
});
afterEach(() => rm(folder, { recursive: true }));

const fetchFrom = (mirrors: readonly Mirror[], more: Partial<DownloadOptions> = {}) =>
  downloadFile({
    urls: mirrors.map(({ url }) => `${url}x.gz`),
    to: join(folder, "x.gz"),
    bytes: body.length,
    sha256,
    ...more,
  });

async function failure(work: Promise<void>): Promise<EnvironmentFailure> {
  const error = await work.then(
    () => new Error("it was fetched"),
    (reason: unknown) => reason,
  );
  if (error instanceof EnvironmentFailure) return error;
  throw error;
}

const whole = async () => expect(new Uint8Array(await readFile(join(folder, "x.gz")))).toEqual(body);
const files = () => readdir(folder);

type Fault = (request: IncomingMessage, response: ServerResponse, n: number) => void;
const half = body.subarray(0, 150_000);
const faults: Record<string, { fault: Fault; says: string; patience?: number }> = {
  "cuts the connection half-way": {
    fault: (_, response) => {
      response.writeHead(200, { "content-length": body.length });
      response.write(half, () => response.destroy());
    },
    says: "broke off",
  },
  "ends early without a length": {
    fault: (_, response) => response.writeHead(200, { "transfer-encoding": "chunked" }).end(half),
    says: "sent 150000 of 300000 bytes",
  },
  "flips a bit": {
    fault: (request, response) => serve(body.with(77, (body[77] as number) ^ 1), request, response),
    says: "sent other bytes: SHA-256",
  },
  "sends a page instead": {
    fault: (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<h1>log in</h1>"),
    says: "sent 15 of 300000 bytes",
  },
  "sends without end": {
    fault: (_, response) => {
      response.writeHead(200);
      const more = () => response.writable && response.write(body, more);
      more();
    },
    says: "sent more than the 300000 bytes",
  },
  "stalls before its answer": { fault: () => {}, says: "was silent for 0.25 s", patience: 250 },
  "stalls half-way": {
    fault: (_, response) => {
      response.writeHead(200, { "content-length": body.length });
      response.write(half);
    },
    says: "was silent for 0.25 s",
    patience: 250,
  },
  "does not have it": { fault: (_, response) => response.writeHead(404).end("no"), says: "answered 404 Not Found" },
  "redirects in a circle": {
    fault: (_, response) => response.writeHead(302, { location: "/x.gz" }).end(),
    says: "broke off (redirect count exceeded)",
  },
  "continues at the wrong place": {
    fault: (request, response) => {
      if (request.headers.range) response.setHeader("content-range", `bytes 0-${body.length - 1}/${body.length}`);
      response.writeHead(request.headers.range ? 206 : 200).end(request.headers.range ? body : half);
    },
    says: "answered 206",
  },
};

describe.each(Object.entries(faults))("a mirror that %s", (_, { fault, says, patience = 30_000 }) => {
  test("is reported, and no file appears", async () => {
    await using bad = await mirror(fault);
    const error = await failure(fetchFrom([bad], { patience }));
    expect([error.code, error.exit, error.file]).toEqual(["DOWNLOAD_FAILED", 3, join(folder, "x.gz")]);
    expect(error.message).toContain(says);
    expect(error.message).toContain("--data-dir");
    expect(bad.requests).toHaveLength(error.message.includes("redirect") ? 42 : 2);
    expect(await files()).not.toContain("x.gz");
  });

  test("is followed by the next mirror, which gives the file", async () => {
    await using bad = await mirror(fault);
    await using good = await mirror((request, response) => serve(body, request, response));
    await fetchFrom([bad, good], { patience });
    await whole();
    expect(await files()).toEqual(["x.gz"]);
  });
});

test("a broken connection is continued where it broke, not begun again", async () => {
  await using server = await mirror((request, response, n) =>
    n === 1 ? faults["cuts the connection half-way"]?.fault(request, response, n) : serve(body, request, response),
  );
  const seen: DownloadProgress[] = [];
  await fetchFrom([server], { onProgress: (progress) => seen.push(progress) });
  await whole();
  expect(server.requests[0]).toBe("/x.gz whole");
  expect(server.requests[1]).toMatch(/^\/x\.gz bytes=[1-9]\d*-$/);
  expect(seen.at(-1)).toEqual({ file: join(folder, "x.gz"), received: body.length, total: body.length });
  expect(seen.every((progress, k) => k === 0 || progress.received >= (seen[k - 1] as DownloadProgress).received)).toBe(
    true,
  );
});

test("an earlier run's part is continued; where Range is refused the file is fetched anew", async () => {
  for (const range of [true, false]) {
    await writeFile(join(folder, "x.gz.part"), body.subarray(0, 1000));
    await using server = await mirror((request, response) => {
      if (!range) delete request.headers.range;
      serve(body, request, response);
    });
    await fetchFrom([server]);
    expect(server.requests).toEqual(["/x.gz bytes=1000-"]);
    await whole();
    await rm(join(folder, "x.gz"));
  }
});

test("a server that answers 416 to a Range is asked for the whole", async () => {
  await writeFile(join(folder, "x.gz.part"), body.subarray(0, 1000));
  await using server = await mirror((request, response) =>
    request.headers.range ? response.writeHead(416).end() : serve(body, request, response),
  );
  await fetchFrom([server]);
  expect(server.requests).toEqual(["/x.gz bytes=1000-", "/x.gz whole"]);
  await whole();
});

test("a damaged part is not trusted, neither a short nor a whole one", async () => {
  for (const part of [new Uint8Array(1000), new Uint8Array(body.length), new Uint8Array(body.length + 1)]) {
    await writeFile(join(folder, "x.gz.part"), part);
    await using server = await mirror((request, response) => serve(body, request, response));
    await fetchFrom([server]);
    await whole();
    await rm(join(folder, "x.gz"));
  }
});

test("a redirect to another place is followed", async () => {
  await using server = await mirror((request, response) =>
    request.url === "/x.gz" ? response.writeHead(307, { location: "/y" }).end() : serve(body, request, response),
  );
  await fetchFrom([server]);
  expect(server.requests).toEqual(["/x.gz whole", "/y whole"]);
  await whole();
});

test("nobody at the other end, and a folder that cannot be made, are failures of the environment", async () => {
  const gone = await mirror(() => {});
  await gone[Symbol.asyncDispose]();
  expect((await failure(fetchFrom([gone]))).message).toContain("broke off (connect ECONNREFUSED");
  await writeFile(join(folder, "file"), "");
  const error = await failure(fetchFrom([], { to: join(folder, "file", "x.gz") }));
  expect([error.code, error.exit]).toEqual(["CACHE_NOT_WRITABLE", 3]);
});
