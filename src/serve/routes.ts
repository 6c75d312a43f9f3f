// `deltaprop serve`: models over HTTP, by the Open Inference Protocol v2 and by name. This file has the routes;
// the order of checks is access, room for the body, the body's size, its schema, its values.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifySchemaCompiler,
  fastify,
  LogController,
  type preValidationHookHandler,
} from "fastify";
import { printable } from "../errors.ts";
import { VERSION } from "../files/library-version.ts";
import { Admission, type ServerState } from "./admission.ts";
import { answerBrokenRequests } from "./broken-requests.ts";
import { answerDirectly, headerLength } from "./direct-infer.ts";
import { HttpRefusal, refusalOf } from "./http-refusal.ts";
import { type InferRequest, infer } from "./infer.ts";
import { openApi } from "./openapi.ts";
import { answerNamed, answerPicture } from "./predict-request.ts";
import { type JsonBody, pictureIn, readRows, readTensorBody } from "./read-body.ts";
import { INFER_REQUEST } from "./schemas.ts";
import { HEADERS, sendInferred } from "./send.ts";
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

declare module "fastify" {
  interface FastifyRequest {
    /** Of a POST that has been admitted: says that its rows have joined a batch. */
    joined: (() => void) | undefined;
  }
}

const INFER_BODY = { type: "object", properties: { json: INFER_REQUEST } };

/** What is wrong with a body, by the first problem that its schema finds. */
const schemaProblem = (first: { readonly instancePath?: string; readonly message?: string } | undefined) =>
  `${(first?.instancePath ?? "").replace(/^\/json/, "the body")} ${first?.message ?? "is not as it must be"}`;

/** The server, not yet listening. */
export function makeServer(
  models: ServedModels,
  metrics: ServeMetrics,
  { host, token, page, log, limits }: ServerSetup,
  state: ServerState,
): FastifyInstance {
  const refusal = (error: unknown): HttpRefusal => {
    const known = refusalOf(error);
    if (known !== undefined) return known;
    const { stack = "" } = error as Error;
    app.log.error({ stack: stack.split("\n").slice(1) }, "a mistake of ours"); // its message may quote a request
    return new HttpRefusal(500, "The server made a mistake; its log says where.");
  };
  const refuse = (reply: FastifyReply, error: unknown) => {
    const { status, message, headers } = refusal(error);
    return reply
      .code(status)
      .headers(headers)
      .type("application/json")
      .send(JSON.stringify({ error: message }));
  };
  const admission = new Admission(models, metrics, state, limits, () => {
    return { host, port: (app.server.address() as AddressInfo).port, token };
  });
  let validate: ReturnType<FastifySchemaCompiler<object>> | undefined;
  const check = (body: JsonBody) => {
    validate ??= app.validatorCompiler!({ schema: INFER_BODY, method: "POST", url: "", httpPart: "body" });
    if (!validate(body)) throw new HttpRefusal(400, printable(schemaProblem(validate.errors?.[0])));
  };
  const direct = answerDirectly({ models, admission, limits, state, check, refusal });
  const http = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headers,
    requestTimeout: limits.request,
    keepAliveTimeout: limits.keepAlive,
    connectionsCheckingInterval: Math.min(1000, limits.headers),
    requireHostHeader: false, // refused here, with an answer in full
  };

  const app = fastify({
    serverFactory: (routed) =>
      createServer(http, (request, response) => {
        if (!direct(request, response)) routed(request, response);
      }).setTimeout(limits.idle),
    bodyLimit: limits.body,
    return503OnClosing: false, // what has arrived is answered
    logger: log ? { level: "info", base: null, stream: log } : false,
    childLoggerFactory: (logger) => logger,
    logController: new LogController({ disableRequestLogging: true }), // nothing of a request in the log
    routerOptions: { maxParamLength: 128, ignoreTrailingSlash: true },
    ajv: { customOptions: { coerceTypes: false, useDefaults: false, removeAdditional: false } },
    clientErrorHandler: answerBrokenRequests,
    frameworkErrors: (error, _, reply) => void refuse(reply, error),
    schemaErrorFormatter: ([first]) => new Error(schemaProblem(first)),
  });
  app.server.maxConnections = limits.connections;
  app.decorateRequest("joined", undefined);
  app.setErrorHandler((error, _, reply) => refuse(reply, error));
  app.setNotFoundHandler((_, reply) =>
    refuse(reply, new HttpRefusal(404, "There is nothing at this address and method.")),
  );
  app.addHook("onRequest", (request, reply, done) => {
    admission.admit(request.raw);
    if (request.method === "POST") {
      const { model } = request.params as Named;
      const modelOf = () => (request.is404 ? undefined : (model ?? models.all[0]?.name));
      request.joined = admission.receive(request.raw, reply.raw, modelOf);
    }
    done();
  });
  app.addHook("onSend", (_, reply, __, done) => {
    reply.headers(HEADERS);
    if (state.stopping) reply.header("connection", "close");
    done();
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, (_, body, done) => done(null, body));

  const sent = (reply: FastifyReply, value: object) => reply.type("application/json").send(JSON.stringify(value));
  /** The work of a POST, which has a place in a batch once it has been called. */
  const answering = async <T>(request: FastifyRequest, work: Promise<T>): Promise<T> => {
    request.joined?.();
    return work;
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
    const preValidation: preValidationHookHandler = (request, _, done) => {
      const body = request.body as Buffer | undefined;
      if (body) request.body = readTensorBody(body, headerLength(request));
      done();
    };
    app.post(`${path}/infer`, { schema: { body: INFER_BODY }, preValidation }, async (request, reply) => {
      const { json, tail } = request.body as JsonBody;
      const response = await answering(request, infer(served(request), json as InferRequest, tail));
      reply.hijack();
      sendInferred(reply.raw, response, state.stopping);
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
  if (page !== undefined)
    app.get("/", (_, reply) =>
      reply.header("referrer-policy", "no-referrer").type("text/html; charset=utf-8").send(page),
    );
  return app;
}
