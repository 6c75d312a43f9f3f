// The bodies of requests as JSON Schema: Fastify checks by them, and the OpenAPI document shows them. Values of
// tensors and rows are checked where they are read, once.
const parameters = { type: "object", description: "Extensions, such as binary_data_size" } as const;

const tensor = {
  type: "object",
  required: ["name", "shape", "datatype"],
  properties: {
    name: { type: "string", maxLength: 1024 },
    shape: { type: "array", items: { type: "integer" }, maxItems: 8 },
    datatype: { type: "string", maxLength: 16 },
    parameters,
    data: { description: "Nested by the shape or flat, row by row; left out beside binary_data_size" },
  },
} as const;

export const INFER_REQUEST = {
  type: "object",
  required: ["inputs"],
  properties: {
    id: { type: "string", maxLength: 1024 },
    parameters,
    inputs: { type: "array", items: tensor, minItems: 1, maxItems: 65_536 },
    outputs: {
      type: "array",
      maxItems: 16,
      items: { type: "object", required: ["name"], properties: { name: { type: "string" }, parameters } },
    },
  },
} as const;

export const INFER_RESPONSE = {
  type: "object",
  required: ["model_name", "outputs"],
  properties: {
    model_name: { type: "string" },
    model_version: { type: "string" },
    id: { type: "string" },
    outputs: { type: "array", items: tensor },
  },
} as const;

export const ERROR = { type: "object", required: ["error"], properties: { error: { type: "string" } } } as const;
