// What this server answers, as an OpenAPI document: for generators of clients, and for the page.
import { VERSION } from "../files/library-version.ts";
import { ERROR, INFER_REQUEST, INFER_RESPONSE } from "./schemas.ts";
import type { ServedModels } from "./served-models.ts";

type Operation = {
  readonly method: "get" | "post";
  readonly path: string;
  readonly what: string;
  readonly body?: object;
};

const json = (schema: object) => ({ "application/json": { schema } });
const ANY = { type: "object" };
const PREDICT = {
  description: 'A row (an object by column, or an array), an array of rows, or { "rows": [...] }; or a picture',
  content: { ...json({}), "image/png": {}, "image/jpeg": {}, "image/webp": {} },
};
const INFER = {
  description: "JSON; with Inference-Header-Content-Length binary data may follow it",
  content: { ...json(INFER_REQUEST), "application/octet-stream": {} },
};

const ofModel = (end: string, version: boolean) => `/v2/models/{model}${version ? "/versions/{version}" : ""}${end}`;

const both = (version: boolean): Operation[] => [
  { method: "get", path: ofModel("", version), what: "Inputs and outputs of a model" },
  { method: "get", path: ofModel("/ready", version), what: "Whether a model takes requests" },
  { method: "post", path: ofModel("/infer", version), what: "Answers to tensors of rows", body: INFER },
];

const OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: "/predict",
    what: "Answers by name, where one model is served",
    body: PREDICT,
  },
  { method: "post", path: "/predict/{model}", what: "Answers by name", body: PREDICT },
  { method: "get", path: "/models", what: "The models, with their columns and what they answer" },
  { method: "get", path: "/v2", what: "Name, version and extensions of the server" },
  { method: "get", path: "/v2/health/live", what: "Whether the server runs" },
  { method: "get", path: "/v2/health/ready", what: "Whether it takes requests; 400 while it stops" },
  ...both(false),
  ...both(true),
  { method: "get", path: "/metrics", what: "Figures for Prometheus" },
  { method: "get", path: "/openapi.json", what: "This document" },
];

export function openApi(models: ServedModels, token: boolean): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { method, path, what, body } of OPERATIONS) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
    const values = models.all.map(({ name }) => name);
    const parameters = names.map((name) => ({
      name,
      in: "path",
      required: true,
      schema: { type: "string", ...(name === "model" && { enum: values }) },
    }));
    const answer = path.endsWith("/infer") ? INFER_RESPONSE : ANY;
    paths[path] = {
      ...paths[path],
      [method]: {
        summary: what,
        operationId: `${method}${path.replaceAll(/[^A-Za-z0-9]+(\w)?/g, (_, c: string = "") => c.toUpperCase())}`,
        parameters,
        ...(body && { requestBody: { required: true, ...body } }),
        responses: {
          200: { description: "OK", content: json(answer) },
          default: { description: "What is wrong, in one sentence", content: json(ERROR) },
        },
      },
    };
  }
  const schemes = { securitySchemes: { token: { type: "http", scheme: "bearer" } } };
  return {
    openapi: "3.1.0",
    info: {
      title: "Deltaprop",
      version: VERSION,
      description: "Models by the Open Inference Protocol v2, and by name at /predict.",
    },
    paths,
    ...(token && { components: schemes, security: [{ token: [] }] }),
  };
}
