// `POST /predict`: rows by name, pictures, and what is refused, with the numbers of `deltaprop predict`.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Serving } from "../../src/serve/serving.ts";
import { predict, predictValues } from "../../src/training/evaluate.ts";
import type { Model } from "../../src/training/model.ts";
import { valueAnswer } from "../../src/training/value-answer.ts";
import { writePng } from "../data/write-png.ts";
import { numbers, pictures, post, serve, values } from "./models.ts";

let serving: Serving;
let model: Model;
let shapes: Model;
beforeAll(async () => {
  [model, shapes] = [await numbers(), await pictures()];
  const ink = { width: 4, height: 4, color: "grey", fit: "pad", invert: false, white: 255 } as const;
  const inked: Model = { ...shapes, picture: { ...ink, border: { mean: 3, deviation: 2 } } };
  serving = await serve({ numbers: model, shapes, inked });
});
afterAll(() => serving.stop());

const ask = async (path: string, body: unknown) => {
  const response = await post(serving.url + path, body);
  return [response.status, await response.json()] as const;
};

test("a row as an object or an array, and rows, are answered by name with the bits of predict", async () => {
  const row = [50_000, 0.5, -1, 2];
  const { classes, probabilities } = await predict(model, Float64Array.from(row));
  const answer = {
    class: model.classes[classes[0]!],
    probability: probabilities[classes[0]!],
    probabilities: Object.fromEntries(model.classes.map((name, c) => [name, probabilities[c]])),
  };
  const named = { mass: 2, height: 0.5, other: "ignored", depth: -1, width: 50_000 };
  expect(await ask("/predict/numbers", named)).toEqual([200, answer]);
  expect(await ask("/predict/numbers", row)).toEqual([200, answer]);
  for (const rows of [[row, named], { rows: [named, row] }])
    expect(await ask("/predict/numbers", rows)).toEqual([200, { rows: [answer, answer] }]);
});

test("numbers and labels are answered by name and as tensors, with the bits of predictValues", async () => {
  const models = { numbers: await values("regress"), labels: await values("multilabel") };
  const other = await serve(models);
  try {
    for (const [name, one] of Object.entries(models)) {
      const row = [0.25, -1.5];
      const expected = await predictValues(one, Float64Array.from(row));
      const answer = await (await post(`${other.url}/predict/${name}`, row)).json();
      expect(answer).toEqual(valueAnswer(one, expected, 0));
      const inputs = [{ name: "features", shape: [1, 2], datatype: "FP64", data: row }];
      const tensors = await (await post(`${other.url}/v2/models/${name}/infer`, { inputs })).json();
      const of = (output: string) => tensors.outputs.find((each: { name: string }) => each.name === output);
      if (name === "numbers") {
        expect(of("values")).toMatchObject({ datatype: "FP64", shape: [1, 2], data: [...expected.values] });
        expect(of("quantiles")).toMatchObject({ shape: [1, 2, 2], data: [...expected.quantiles!] });
      } else {
        expect(of("probabilities").data).toEqual([...expected.values]);
        expect(of("labels")).toMatchObject({ datatype: "BOOL", data: Array.from(expected.values, (p) => p >= 0.5) });
      }
    }
  } finally {
    await other.stop();
  }
});

test("a picture's file is answered as predict answers it", async () => {
  const pixels = Uint8Array.from({ length: 16 }, (_, k) => 16 * k);
  const png = writePng({ width: 4, height: 4, depth: 8, colour: 0, samples: pixels });
  const { probabilities } = await predict(shapes, pixels);
  const [status, answer] = await ask("/predict/shapes", png);
  expect([status, Object.values(answer.probabilities)]).toEqual([200, [...probabilities]]);
  expect(answer).not.toHaveProperty("notes");
  const light = writePng({
    width: 8,
    height: 4,
    depth: 8,
    colour: 0,
    samples: new Uint8Array(32).fill(255).fill(0, 12, 14),
  });
  expect((await ask("/predict/inked", light))[1].notes).toEqual([
    "its border is light, that of the training's pictures dark: it looks inverted. Send it inverted.",
    "its 8 × 4 pixels were filled up with their border to 4 × 4.",
  ]);
  expect((await ask("/predict/shapes", png.subarray(0, 40)))[0]).toBe(400);
  expect((await ask("/predict/numbers", png))[1].error).toMatch(/was not trained on pictures/);
});

test.each([
  [{ width: 1, height: 2, depth: 3 }, /has no column "mass"/],
  [{ width: "x", height: 2, depth: 3, mass: 4 }, /column 1 \(width\) must be a finite number, got "x"/],
  [[1, 2, 3], /must be 4 numbers, got 3/],
  [
    [
      [1, 2, 3, 4],
      [1, null, 3, 4],
    ],
    /row 2, column 2 \(height\)/,
  ],
  [[], /at least one row/],
  [{ rows: [] }, /at least one row/],
  [{ rows: 7 }, /rows must be an array of rows, got 7/],
  ["text", /the body must be a row/],
  [null, /the body must be a row/],
  [Array.from({ length: 65 }, () => [1, 2, 3, 4]), /1 to 64 rows \(--max-batch\), got 65/],
])("%.60j is refused with what was expected", async (body, words) => {
  const [status, answer] = await ask("/predict/numbers", body);
  expect([status, answer]).toEqual([400, { error: expect.stringMatching(words) }]);
});

test("without a name the only model answers; of several one must be named", async () => {
  expect((await ask("/predict", [1, 2, 3, 4]))[0]).toBe(404);
  const one = await serve({ only: model });
  const response = await post(`${one.url}/predict`, [1, 2, 3, 4]);
  expect(response.status).toBe(200);
  await one.stop();
});

test("GET /models has what a page needs to ask: columns, classes, the size of pictures", async () => {
  const { models } = (await (await fetch(`${serving.url}/models`)).json()) as { models: Record<string, unknown>[] };
  expect(models).toMatchObject([
    { name: "numbers", named: true, classes: model.classes, picture: null, rowsAtOnce: 64 },
    { name: "shapes", named: false, picture: { width: 4, height: 4, color: "grey" } },
    { name: "inked" },
  ]);
});

test("the OpenAPI document names every path that is answered", async () => {
  const document = (await (await fetch(`${serving.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  for (const [path, operations] of Object.entries(document.paths))
    for (const method of Object.keys(operations)) {
      const url = serving.url + path.replace("{model}", "numbers").replace("{version}", "1");
      const response = await fetch(url, { method, ...(method === "post" && { body: "[]" }) });
      expect([path, method, response.status]).toEqual([path, method, method === "post" ? expect.any(Number) : 200]);
      if (path !== "/predict") expect(response.status).not.toBe(404);
    }
});

test("metrics count answers by model and status, and name no request", async () => {
  await ask("/predict/numbers", [1, 2, 3, 4]);
  await ask("/predict/numbers", ["a-secret", 2, 3, 4]);
  const text = await (await fetch(`${serving.url}/metrics`)).text();
  expect(text).toMatch(/deltaprop_requests_total\{model="numbers",status="200"\} \d+/);
  expect(text).toMatch(/deltaprop_requests_total\{model="numbers",status="400"\} \d+/);
  expect(text).toMatch(/deltaprop_batch_rows_count\{model="numbers"\} \d+/);
  expect(text).not.toContain("a-secret");
});
