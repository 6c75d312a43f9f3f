import fc from "fast-check";
import { expect, test } from "vitest";
import { InvalidInput } from "../../src/errors.ts";
import { packBlock, unpackBlock, viewMemory } from "../../src/network/memory.ts";
import { ACTIVATIONS, defineNetwork, parameterCount, stepFlops } from "../../src/network/network.ts";
import { initialize, packedLayers } from "../../src/network/parameters.ts";
import { forwardRows, planSession, type Span, type View } from "../../src/network/plan.ts";
import { byLayer, rowShare, rowSlice, weightSlice } from "../../src/network/slices.ts";

const sizes = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 2, maxLength: 6 });
const request = (layers: readonly number[], batchSize: number) =>
  ({
    network: defineNetwork(layers),
    batchSize,
    states: 2,
    capacity: 3 * batchSize,
    rows: 50,
    form: "bytes",
    divisor: 255,
    soft: true,
    inputDelta: true,
  }) as const;

test.each([[[784]], [[784, 0, 10]], [[784, 2.5, 10]], [[Number.NaN, 10]], [[1 << 21, 2]], [[60_000, 60_000]]])(
  "layers %j are refused",
  (layers) => {
    expect(() => defineNetwork(layers)).toThrow(InvalidInput);
  },
);

test("an unknown activation is refused with the list of known ones", () => {
  expect(() => defineNetwork([2, 2], "relu6" as "relu")).toThrow(
    `activation must be one of ${ACTIVATIONS.join(", ")}, got "relu6".`,
  );
});

test("the note's network has the parameters E1 says", () => {
  const network = defineNetwork([784, 256, 256, 256, 10]);
  expect(parameterCount(network)).toBe(784 * 256 + 2 * 256 * 256 + 256 * 10 + 3 * 256 + 10);
  expect(stepFlops(network, 64)).toBe(2 * 64 * (3 * parameterCount(network) - 784 * 256));
  expect(packedLayers(network).map(({ inputs, outputs }) => [inputs, outputs])).toEqual([
    [784, 256],
    [256, 256],
    [256, 256],
    [256, 10],
  ]);
});

test("no two arrays of a plan overlap, in either precision", () => {
  fc.assert(
    fc.property(
      sizes,
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(4 as const, 8 as const),
      (layers, B, floatBytes) => {
        const plan = planSession(request(layers, B), floatBytes);
        const { evaluated: batch, examples: e } = plan;
        const runs: [from: number, to: number][] = [];
        const add = (offset: number, length: number, bytes: number) =>
          runs.push([offset * bytes, (offset + length) * bytes]);
        const span = (s: Span, bytes: number) => add(s.offset, s.length, bytes);
        const matrix = (v: View, bytes = floatBytes as number) => add(v.offset, v.rows * v.stride, bytes);
        for (const s of [plan.parameters, plan.gradients, ...plan.states, plan.coefficients]) span(s, floatBytes);
        for (const v of [
          batch.input,
          plan.batch.inputDelta!,
          batch.targets,
          ...batch.layers.flatMap((l) => [l.output, l.delta]),
        ])
          matrix(v);
        matrix(batch.losses, 8);
        matrix(batch.predictions, 4);
        span(plan.control, 4);
        span(plan.losses, 8);
        span(plan.predictions, 4);
        add(e.order, plan.capacity, 4);
        add(e.scale, e.classes, 8);
        add(e.shift, e.classes, 8);
        add(e.labels, e.rows, 4);
        add(e.soft!, e.rows * e.classes, floatBytes);
        add(e.features, e.rows * e.cols, 1);
        runs.sort((a, b) => a[0] - b[0]);
        for (let i = 1; i < runs.length; i++) expect(runs[i]![0]).toBeGreaterThanOrEqual(runs[i - 1]![1]);
        expect(plan.bytes).toBeGreaterThanOrEqual(runs.at(-1)![1]);
        for (const l of batch.layers)
          for (const v of [l.W, l.b, l.output, l.delta]) expect((v.offset * floatBytes) % 64).toBe(0);
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});

test("a forward pass takes 512 rows whatever B is, unless B is more, or an order or the room for them less", () => {
  const rows = (layers: readonly number[], batchSize: number, capacity: number) =>
    forwardRows({ network: defineNetwork(layers), batchSize, capacity });
  expect([1, 64, 700].map((B) => rows([784, 32, 10], B, 10_000))).toEqual([512, 512, 700]);
  expect(rows([784, 32, 10], 8, 40)).toBe(40);
  expect(rows([1 << 20, 10], 8, 10_000)).toBe(8);
  const plan = planSession({ ...request([5, 4, 3], 7), capacity: 40 }, 4);
  const { batch, evaluated } = plan;
  expect(batch).toEqual({ ...rowSlice(evaluated, 0, 7), inputDelta: batch.inputDelta });
});

test("packing and unpacking a block are inverse, and touch no padding", () => {
  fc.assert(
    fc.property(sizes, (layers) => {
      const plan = planSession(request(layers, 2), 4);
      const { floats } = viewMemory(new ArrayBuffer(plan.bytes), 4);
      const packed = Float32Array.from({ length: parameterCount(plan.network) }, (_, i) => i + 1);
      unpackBlock(plan, floats, plan.gradients, packed);
      expect(packBlock(plan, floats, plan.gradients)).toEqual(packed);
      expect(floats.filter((x) => x !== 0).length).toBe(packed.length);
    }),
    { numRuns: 40, seed: 1 },
  );
});

test("shares of rows and weights cover everything once, for any number of threads", () => {
  const batches = fc.integer({ min: 1, max: 40 });
  const teams = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(sizes, batches, teams, (layers, B, threads) => {
      const plan = planSession(request(layers, B), 4);
      const seen = new Map<number, number>();
      const mark = (v: View) => {
        for (let i = 0; i < v.rows; i++)
          for (let j = 0; j < v.cols; j++) {
            const at = v.offset + i * v.stride + j;
            seen.set(at, (seen.get(at) ?? 0) + 1);
          }
      };
      const updates: Span[] = [];
      let rows = 0;
      for (let t = 0; t < threads; t++) {
        const [from, to] = rowShare(B, t, threads);
        rows += rowSlice(plan.batch, from, to).input.rows;
        const pieces = byLayer(weightSlice(plan, B, t, threads));
        const [weights, biases] = [pieces.flatMap((piece) => piece.weights), pieces.flatMap((piece) => piece.biases)];
        expect(pieces.every((piece) => piece.weights.length <= 1)).toBe(true);
        for (const { dW, input } of weights) {
          mark(dW);
          expect(input.cols).toBe(dW.rows);
        }
        for (const { db } of biases) mark(db);
        updates.push(...[...weights, ...biases].map(({ spans }) => spans.parameters));
      }
      expect(rows).toBe(B);
      expect(seen.size).toBe(parameterCount(plan.network));
      expect([...seen.values()].every((times) => times === 1)).toBe(true);
      updates.sort((a, b) => a.offset - b.offset);
      for (let i = 1; i < updates.length; i++) {
        const { offset, length } = updates[i - 1]!;
        expect(updates[i]!.offset).toBeGreaterThanOrEqual(offset + length);
      }
    }),
    { numRuns: 60, seed: 1 },
  );
});

test("He, Glorot and zero initialization have the variance their papers state; biases are zero", () => {
  const network = defineNetwork([400, 300, 10]);
  const variance = (scheme: "he" | "glorot" | "zero") => {
    const packed = initialize(network, scheme, 1);
    const { W, b, outputs } = packedLayers(network)[0]!;
    expect(packed.subarray(b, b + outputs).every((x) => x === 0)).toBe(true);
    return packed.subarray(W, b).reduce((sum, x) => sum + x * x, 0) / (b - W);
  };
  const n = 400 * 300;
  expect(Math.abs(variance("he") / (2 / 400) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  expect(Math.abs(variance("glorot") / (2 / 700) - 1)).toBeLessThan(5 * Math.sqrt(0.8 / n));
  expect(variance("zero")).toBe(0);
  expect(initialize(network, "he", 1)).toEqual(initialize(network, "he", 1));
  expect(initialize(network, "he", 1)).not.toEqual(initialize(network, "he", 2));
});
