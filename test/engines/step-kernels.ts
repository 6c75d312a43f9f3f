// What a step draws and what bounds it, of an engine against the loops that define them: part of conformance.ts.
import { expect } from "vitest";
import type { Backend } from "../../src/engines/backend.ts";
import type { DrawKernels, LimitKernels, PrivateKernels } from "../../src/gradients/kernels.ts";
import { limitsOver } from "../../src/gradients/limits.ts";
import { privateOver } from "../../src/gradients/private-kernels.ts";
import { drawsOver } from "../../src/gradients/row-draws.ts";
import { PAD, padded, type View } from "../../src/network/plan.ts";
import { EXAMPLES, type Flavour, Twins } from "./twins.ts";

const WIDTH = 2000; // floats of an example: the examples' room is that of the arrays below
const ROWS = 5;

export async function checkStepKernels(source: Backend, flavour: Flavour): Promise<void> {
  const twins = await Twins.of(source, {
    layers: [WIDTH, 1],
    batchSize: 1,
    clipping: { norm: 1, expected: 1 },
    draws: { seed: 1 },
  });
  const {
    draws,
    limits,
    private: own,
  } = twins.engine[0]! as {
    draws?: DrawKernels;
    limits?: LimitKernels;
    private?: PrivateKernels;
  };
  const theirs = {
    draws: drawsOver(twins.wanted),
    limits: limitsOver(twins.wanted),
    own: privateOver(twins.wanted, twins.reference),
  };
  expect(Object.keys(draws ?? {}).sort()).toEqual(Object.keys(theirs.draws).sort());
  expect(Object.keys(limits ?? {}).sort()).toEqual(Object.keys(theirs.limits).sort());
  const both = (what: string, call: (k: typeof theirs) => void) =>
    twins.run(
      what,
      flavour,
      () => call(theirs),
      () => call({ draws: draws!, limits: limits!, own: own! }),
    );

  for (const cols of [1, 3, 16, 17, 33, 64, 65, 131, 200]) {
    let next = twins.plan.examples.features;
    const matrix = (rows: number): View => {
      const view = { offset: next, rows, cols, stride: padded(cols) };
      next += rows * view.stride;
      twins.wanted.floats.fill(0, view.offset, next);
      twins.fill(view, flavour);
      return view;
    };
    const [output, mask, passed, delta, input] = [matrix(ROWS), matrix(ROWS), matrix(ROWS), matrix(ROWS), matrix(ROWS)];
    const numbers = next; // of the examples, from position 3 on
    for (let i = 0; i < 3 + ROWS; i++) twins.wanted.integers[numbers + i] = [7, 0, 2 ** 31 - 1, 123456, 9][i % 5]!;
    next += PAD;
    for (const [seed, epoch, p, layer] of [
      [1, 1, 0.3, 0],
      [2 ** 52 + 12345, 7, 0.5, 2],
      [3, 0, 0.5, 1],
      [3, 2, 1 - 2 ** -40, 0],
      [3, 2, 2 ** -33, 0],
    ] as const) {
      const drawn = { seed, dropout: p, inputNoise: p, examples: numbers };
      const place = { epoch, at: 3 };
      both(`drop ${p} in epoch ${epoch}`, (k) => k.draws.drop(passed, mask, output, drawn, place, layer));
      both(`addNoise ${p} in epoch ${epoch}`, (k) => k.draws.addNoise(input, drawn, place));
      both("mask", (k) => k.draws.mask(delta, mask));
    }

    const [W, mean, other] = [matrix(ROWS + 14), matrix(ROWS), matrix(ROWS)];
    const [θ, m] = [matrix(ROWS + 14), matrix(ROWS + 14)];
    next += next % 2;
    const squares = { offset: next / 2, rows: W.rows, cols: 1, stride: 1 };
    next += 2 * W.rows;
    expect(next).toBeLessThan(twins.plan.examples.features + EXAMPLES * WIDTH);
    const span = (view: View) => ({ offset: view.offset, length: view.rows * view.stride });
    both("squares", (k) => k.limits.squares(squares, W));
    const column = { offset: W.offset, rows: Math.min(cols, W.rows), cols: 1, stride: 1 };
    both("squares of a bias", (k) => k.limits.squares({ ...squares, rows: column.rows }, column));
    for (const by of [0.3, 1e-7, 2 ** -149]) {
      both(`clip by ${by}`, (k) => k.limits.clip(span(mean), by));
      both(`shrink by ${by}`, (k) => k.limits.shrink(span(other), by));
      both(`average by ${by}`, (k) => k.limits.average(span(mean), span(other), by));
    }
    const factors = { ...squares, rows: ROWS };
    for (let r = 0; r < ROWS; r++) twins.wanted.doubles[factors.offset + r] = [1, 0.3, 1e-30, 0, 1 / 3][r]!;
    both("scaleRows", (k) => k.own.scaleRows(delta, factors));
    const noise = { key: numbers, factor: mean.offset };
    const blocks = { parameters: span(θ), gradients: span(W), decays: true };
    const far = 256 * 36693 + 103; // a word below 2¹⁰: its radius has bits of its own
    for (const first of [0, 100, 255, 2 ** 12, 2 ** 30 + 77, far])
      for (const optimizer of ["sgd", "nesterov"] as const) {
        const spans = { ...blocks, states: optimizer === "sgd" ? [] : [span(m)] };
        both(`noisyUpdate from ${first}`, (k) =>
          k.own.noisyUpdate(optimizer, spans, W, { first }, noise, other.offset),
        );
      }
    for (const most of [1e6, 3, 0.2]) both(`holdUnits within ${most}`, (k) => k.limits.holdUnits(W, most));
  }
}
