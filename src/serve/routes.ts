// `deltaprop serve`: models over HTTP, by the Open Inference Protocol v2 and by name. This file has the routes;
// the order of checks is access, room for the body, the body's size, its schema, its values.

import type { AddressInfo } from "node:net";
import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
  type preValidationHookHandler,
} from "fastify";
import { VERSION } from "../files/library-version.ts";
import { admit } from "./access.ts";
import { BodyBudget } from "./body-budget.ts";
import { answerBrokenRequests } from "./broken-requests.ts";
import { busy, HttpRefusal, refusalOf } from "./http-refusal.ts";
import { type InferRequest, infer } from "./infer.ts";
import { openApi } from "./openapi.ts";
import { answerNamed, answerPicture } from "./predict-request.ts";
import { type JsonBody, pictureIn, readRows, readTensorBody } from "./read-body.ts";
import { INFER_REQUEST } from "./schemas.ts";
import type { ServeLimits } from "./serve-limits.ts";
import type { ServeMetrics } from "./serve-metrics.ts";
import { describe, type ServedModels } from "./served-models.ts";

export type ServerSetup = {
  readonly host: string;
  /** What requests must carry; none where undefined. */
  readonly token?: string | undefined;
  /** The page at `/`, with its content policy inside; none where undefined. */
  readonly page?: string | undefined;
  /** Where the log's lines go; nowhere where undefined. */
  readonly log?: { write(line: string): void } | undefined;
  readonly limits: ServeLimits;
};

type Named = { readonly model?: string; readonly version?: string };

const HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
};

/** HEADERS and the type of JSON as http's writeHead takes them at once. */
const JSON_HEADERS = [...Object.entries(HEADERS), ["content-type", "application/json; charset=utf-8"]].flat();

/** What a request holds until its answer has been sent. */
type Held = { readonly joined: () => void; readonly begun: number };
declare module "fastify" {
  interface FastifyRequest {
    /** Of a POST that has been admitted. */
    held: Held | undefined;
  }
}

/** Where the server stands. */
export type ServerState = {
  stopping: boolean;
  /** When the newest request began, as performance.now() tells it. */
  newest: number;
};

/** The server, not yet listening. */
export function makeServer(
  models: ServedModels,
  metrics: ServeMetrics,
  { host, token, page, log, limits }: ServerSetup,
  state: ServerState,
): FastifyInstance {
  const app = fastify({
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headers,
      connectionsCheckingInterval: Math.min(1000, limits.headers),
      requireHostHeader: false, // refused here, with an answer in full
    },
    requestTimeout: limits.request,
    connectionTimeout: limits.idle,
    keepAliveTimeout: limits.keepAlive,
    bodyLimit: limits.body,
    return503OnClosing: false, // what has arrived is answered
    logger: log ? { level: "info", base: null, stream: log } : false,
    logController: new LogController({ disableRequestLogging: true }), // nothing of a request in the log
    routerOptions: { maxParamLength: 128, ignoreTrailingSlash: true },
    ajv: { customOptions: { coerceTypes: false, useDefaults: false, removeAdditional: false } },
    clientErrorHandler: answerBrokenRequests,
    frameworkErrors: (error, _, reply) => void refuse(reply, error),
    schemaErrorFormatter: ([first]) =>
      new Error(
        `${(first?.instancePath ?? "").replace(/^\/json/, "the body")} ${first?.message ?? "is not as it must be"}`,
      ),
  });
  app.server.maxConnections = limits.connections;
  const budget = new BodyBudget(limits.bodies, limits.body);
  app.decorateRequest("held", undefined);

  const refuse = (reply: FastifyReply, error: unknown) => {
    const refusal = refusalOf(error);
    if (refusal === undefined) {
      const { stack = "" } = error as Error;
      app.log.error({ stack: stack.split("\n").slice(1) }, "a mistake of ours"); // its message may quote a request
    }
    const { status, message, headers } =
      refusal ?? new HttpRefusal(500, "The server made a mistake; its log says where.");
    return reply
      .code(status)
      .headers(headers)
      .type("application/json")
      .send(JSON.stringify({ error: message }));
  };
  app.setErrorHandler((error, _, reply) => refuse(reply, error));
  app.setNotFoundHandler((_, reply) =>
    refuse(reply, new HttpRefusal(404, "There is nothing at this address and method.")),
  );

  let admitted: ReturnType<typeof admit> | undefined; // from the first request on: before it the port may be any
  app.addHook("onRequest", (request, reply, done) => {
    state.newest = performance.now();
    admitted ??= admit({ host, port: (app.server.address() as AddressInfo).port, token });
    admitted(request.raw);
    if (request.method === "POST") receive(request, reply);
    done();
  });
  app.addHook("onSend", (_, reply, __, done) => {
    reply.headers(HEADERS);
    if (state.stopping) reply.header("connection", "close");
    done();
  });

  /** Room for the body, and a place among those on their way. */
  const receive = (request: FastifyRequest, reply: FastifyReply) => {
    const { "content-length": length, "content-encoding": encoding = "identity" } = request.headers;
    if (encoding !== "identity") throw new HttpRefusal(415, "Bodies are read as they are, without Content-Encoding.");
    const giveBack = budget.take(length);
    if (giveBack === undefined) throw busy();
    const joined = models.arrivals.begin();
    const begun = state.newest;
    request.held = { joined, begun };
    reply.raw.on("close", () => {
      giveBack();
      joined();
      const { model: name } = request.params as Named;
      const known = reply.raw.writableFinished && !request.is404 ? (name ?? models.all[0]?.name) : undefined;
      if (known !== undefined && models.has(known))
        metrics.ended(known, reply.raw.statusCode, (performance.now() - begun) / 1000);
    });
  };

  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, (_, body, done) => done(null, body));

  const sent = (reply: FastifyReply, value: object) => reply.type("application/json").send(JSON.stringify(value));
  /** The work of a POST, which has a place in a batch once it has been called. */
  const answering = async <T>(request: FastifyRequest, work: Promise<T>): Promise<T> => {
    request.held?.joined();
    return work;
  };
  /** Without the reply's copies of headers and body. */
  const sentAtOnce = (reply: FastifyReply, text: string) => {
    reply.hijack();
    const own = ["content-length", String(Buffer.byteLength(text)), ...(state.stopping ? ["connection", "close"] : [])];
    reply.raw.writeHead(200, [...JSON_HEADERS, ...own]).end(text);
  };

  const ready = (_: FastifyRequest, reply: FastifyReply) =>
    state.stopping ? sent(reply.code(400), { ready: false }) : sent(reply, { ready: true });
  app.get("/v2", (_, reply) =>
    sent(reply, { name: "deltaprop", version: VERSION, extensions: ["binary_tensor_data"] }),
  );
  app.get("/v2/health/live", (_, reply) => sent(reply, { live: true }));
  app.get("/v2/health/ready", ready);

  for (const path of ["/v2/models/:model", "/v2/models/:model/versions/:version"]) {
    const served = ({ params }: FastifyRequest) => models.get((params as Named).model, (params as Named).version);
    app.get(path, (request, reply) => {
      const { name, version, inputs, outputs } = served(request);
      return sent(reply, { name, versions: [version], platform: "deltaprop", inputs, outputs });
    });
    app.get(`${path}/ready`, (request, reply) => {
      const { name } = served(request);
      return sent(state.stopping ? reply.code(400) : reply, { name, ready: !state.stopping });
    });
    const schema = { body: { type: "object", properties: { json: INFER_REQUEST } } };
    const preValidation: preValidationHookHandler = (request, _, done) => {
      const length = request.headers["inference-header-content-length"];
      const body = request.body as Buffer | undefined;
      if (body) request.body = readTensorBody(body, length === undefined ? undefined : String(length));
      done();
    };
    app.post(`${path}/infer`, { schema, preValidation }, async (request, reply) => {
      const { json, tail } = request.body as JsonBody;
      const response = await answering(request, infer(served(request), json as InferRequest, tail));
      if (response.tail === undefined) return sentAtOnce(reply, response.json);
      const header = Buffer.from(response.json);
      reply.header("inference-header-content-length", header.length).type("application/octet-stream");
      return reply.send(Buffer.concat([header, response.tail]));
    });
  }

  for (const path of ["/predict", "/predict/:model"])
    app.post(path, async (request, reply) => {
      const served = models.get((request.params as Named).model);
      const body = request.body as Buffer | undefined;
      if (body === undefined) throw new HttpRefusal(400, "The body is empty.");
      const picture = pictureIn(body);
      const answer = picture ? answerPicture(served, picture) : answerNamed(served, readRows(body));
      return sent(reply, await answering(request, answer));
    });
  app.get("/models", (_, reply) => sent(reply, { models: models.all.map(describe) }));
  app.get("/openapi.json", (_, reply) => sent(reply, openApi(models, token !== undefined)));
  app.get("/metrics", async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  app.get("/favicon.ico", (_, reply) => reply.code(204).send()); // browsers ask for it
  if (page !== undefined) app.get("/", (_, reply) => reply.type("text/html; charset=utf-8").send(page));
  return app;
}
