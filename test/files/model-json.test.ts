import { expect, test } from "vitest";
import { encodeModelJson } from "../../src/files/model/model-json.ts";
import { packedLayers } from "../../src/network/parameters.ts";
import { EXPORTED } from "./exported.ts";

test.each(EXPORTED)("JSON for people holds every bit of $title", ({ model }) => {
  const read = JSON.parse(encodeModelJson(model));
  expect(read.layers).toEqual(model.network.layers);
  expect(read.classes).toEqual(model.classes);
  expect(read.scaling.kind).toBe(model.scaling.kind);
  if (model.scaling.kind === "standardize") expect(Float64Array.from(read.scaling.mean)).toEqual(model.scaling.mean);
  const packed = read.weights.flatMap(({ W, b }: { W: number[][]; b: number[] }) => [...W.flat(), ...b]);
  expect(Float32Array.from(packed)).toEqual(model.parameters);
  for (const [l, { inputs, outputs }] of packedLayers(model.network).entries())
    expect([read.weights[l].W.length, read.weights[l].W[0].length]).toEqual([inputs, outputs]);
});

test("a weight is written with no more digits than it takes, one row of a matrix a line", () => {
  const { model } = EXPORTED[0]!;
  const parameters = Float32Array.of(0.1, -0, 1e-45, 3.4028235e38, 0.3, 16777216, -1, 1 / 3);
  expect(encodeModelJson({ ...model, parameters })).toContain(`  "weights": [
    {
      "W": [
        [0.1, -0],
        [1.4013e-45, 3.4028235e+38],
        [0.3, 16777216]
      ],
      "b": [-1, 0.33333334]
    }
  ]
}
`);
});
