// The values under the note's formulas, from the page's lab: each has the shape it claims, and the equations hold among
// them.
import { beforeAll, expect, test } from "vitest";
import { Lab } from "../../src/studio/lab/lab.ts";
import type { RowPlace } from "../../src/studio/lab/protocol.ts";
import type { Quantity, ScalarValue } from "../../src/studio/lab/quantity.ts";
import { EQUATIONS } from "../../src/studio/note/equations.ts";
import { bind } from "../../src/studio/note/notation.ts";
import { arraysOfStep } from "../../src/studio/note/stages.ts";
import { DEFAULT_SETUP, type StudioSetup } from "../../src/studio/state/setup.ts";
import { memoryStore } from "./memory-store.ts";

const SETUP: StudioSetup = { ...DEFAULT_SETUP, hidden: [12, 9, 7], rows: 300, batchSize: 16, activation: "tanh" };
const LAYERS = [784, 12, 9, 7, 10];
const L = 4;
const C = 10;
const B = SETUP.batchSize;
const PLACE: RowPlace = { part: "test", row: 5 };

const store = memoryStore();
const lab = new Lab({ base: "http://127.0.0.1/", store, versions: {}, emit() {} });

beforeAll(async () => {
  await lab.open(SETUP);
  for (let s = 0; s < 5; s++) await lab.step();
});

/** Rows and columns by E1 and the note's words for each kind. */
function shapeOf({ kind, layer: l, batch }: Quantity): [number, number] {
  const [I, O] = [LAYERS[l - 1]!, LAYERS[l]!];
  const n = batch ? B : 1;
  switch (kind) {
    case "W":
    case "dW":
      return [I, O];
    case "WT":
      return [O, I];
    case "b":
    case "db":
      return [1, O];
    case "aT":
      return [O, n];
    case "a":
    case "z":
    case "slope":
    case "delta":
      return [n, O];
    case "diagonal":
      return [O, O];
    case "y":
    case "S":
      return [n, C];
    case "exp":
    case "lossByS":
    case "jacobianDiagonal":
      return [1, C];
    case "loss":
    case "expSum":
    case "share":
      return [1, 1];
    case "ones":
      return [1, B];
    case "jacobian":
    case "jacobianOff":
    case "identity":
      return [C, C];
    case "tensor":
      return [C, LAYERS[L - 1]!];
  }
}

/** The values of an equation's terms by their LaTeX, at layer l. */
async function valuesIn(id: string, l = 2): Promise<(latex: string) => ScalarValue> {
  const { terms } = EQUATIONS.find((equation) => equation.id === id)!;
  const found = await lab.values(
    PLACE,
    terms.map((term) => bind(id, term, L, l)!),
  );
  return (latex) => found[terms.findIndex((term) => term.latex === latex)]!;
}

const times = (X: ScalarValue, Y: ScalarValue): ScalarValue => {
  expect(X.cols).toBe(Y.rows);
  const values = new Float64Array(X.rows * Y.cols);
  for (let i = 0; i < X.rows; i++)
    for (let j = 0; j < Y.cols; j++)
      for (let k = 0; k < X.cols; k++) values[i * Y.cols + j]! += X.values[i * X.cols + k]! * Y.values[k * Y.cols + j]!;
  return { rows: X.rows, cols: Y.cols, values };
};
const each = (X: ScalarValue, Y: ScalarValue, f: (x: number, y: number) => number): ScalarValue => ({
  ...X,
  values: Float64Array.from(X.values, (x, k) => f(x, Y.values[k]!)),
});
const minus = (X: ScalarValue, Y: ScalarValue) => each(X, Y, (x, y) => x - y);
const masked = (X: ScalarValue, Y: ScalarValue) => each(X, Y, (x, y) => x * y);
const scaled = (X: ScalarValue, by: ScalarValue) => each(X, X, (x) => x * by.values[0]!);

function close(got: ScalarValue, expected: ScalarValue): void {
  expect([got.rows, got.cols]).toEqual([expected.rows, expected.cols]);
  const size = Math.max(...expected.values.map(Math.abs));
  expect(size).toBeGreaterThan(0);
  got.values.forEach((value, k) => {
    expect(Math.abs(value - expected.values[k]!)).toBeLessThanOrEqual(2e-6 * size);
  });
}

test("every term of every equation, at every layer, has a value of the shape it claims", async () => {
  let count = 0;
  for (const l of [1, 2, 3, 4])
    for (const { id, terms } of EQUATIONS) {
      const wanted = terms.map((term) => bind(id, term, L, l)!);
      const found = await lab.values(PLACE, wanted);
      wanted.forEach((quantity, k) => {
        const { rows, cols, values } = found[k]!;
        expect([rows, cols], `${id} ${terms[k]!.latex} at l = ${l}`).toEqual(shapeOf(quantity));
        expect(values.length).toBe(rows * cols);
        expect(values.every(Number.isFinite)).toBe(true);
        count++;
      });
    }
  expect(count).toBeGreaterThan(400);
});

test("softmax, its Jacobian and the loss hold among the values: E3, E7, E8", async () => {
  const e3 = await valuesIn("E3");
  close(
    e3("S_i(z)"),
    each(e3("\\exp(z_i)"), e3("\\exp(z_i)"), (x) => x / e3("\\sum_{j=1}^{C} \\exp(z_j)").values[0]!),
  );
  const e8 = await valuesIn("E8");
  const chain = times(e8("\\frac{\\partial \\ell}{\\partial S(z)}"), e8("\\frac{\\partial S(z)}{\\partial z}"));
  close(chain, minus(e8("S(z)"), e8("y")));
  close(e8("\\frac{\\partial \\ell}{\\partial z}"), chain);
  const [off, on, whole] = await lab.values(
    PLACE,
    (["jacobianOff", "jacobianDiagonal", "jacobian"] as const).map((kind) => ({ kind, layer: L, batch: false })),
  );
  whole!.values.forEach((value, k) => {
    const [i, j] = [Math.floor(k / C), k % C];
    expect(value).toBe(i === j ? on!.values[i]! : off!.values[k]!);
  });
});

test("the layers' equations hold among the values: E13, E16, E17, E22, at every layer", async () => {
  const e13 = await valuesIn("E13");
  close(e13("\\nabla_{W_4} \\ell"), times(e13("\\sigma(z_3)^T"), e13("\\delta^4")));
  const e16 = await valuesIn("E16");
  const pulled = times(e16("\\delta^4"), e16("W_4^T"));
  close(e16("\\nabla_{b_3} \\ell"), times(pulled, e16("\\mathrm{diag}(\\sigma'(z_3))")));
  close(e16("\\nabla_{b_3} \\ell"), masked(pulled, e16("\\sigma'(z_3)")));
  for (const l of [1, 2, 3]) {
    const e17 = await valuesIn("E17", l);
    close(e17("\\delta^l"), masked(times(e17("\\delta^{l+1}"), e17("W_{l+1}^T")), e17("\\sigma'(z_l)")));
  }
  for (const l of [1, 2, 3, 4]) {
    const e22 = await valuesIn("E22", l);
    close(e22("\\nabla_{W_l} \\mathcal{L}"), times(e22("\\sigma(z_{l-1})^T"), e22("\\delta^l")));
  }
});

test("E12's slice, times δ, gives the column of ∇W that belongs to the true class", async () => {
  const e12 = await valuesIn("E12");
  const { label } = await lab.example(PLACE);
  const column = times(e12("\\delta^4_q"), e12("\\frac{\\partial f(x)}{\\partial W_4}"));
  const gradient = e12("\\frac{\\partial \\ell}{\\partial w_{p,q}}");
  column.values.forEach((value, p) => {
    expect(value).toBeCloseTo(gradient.values[p * C + label]!, 6);
  });
});

test("the mini-batch's equations hold among the values: E36, E37, at every layer", async () => {
  for (const l of [1, 2, 3, 4]) {
    const e36 = await valuesIn("E36", l);
    const share = e36("\\frac{1}{|B|}");
    close(e36("\\nabla_{b_l} \\mathcal{L}"), scaled(times(e36("\\mathbf{1}"), e36("\\delta^l")), share));
    const e37 = await valuesIn("E37", l);
    const sum = times(e37("\\sigma(z_{l-1})^T"), e37("\\delta^l"));
    close(e37("\\nabla_{W_l} \\mathcal{L}"), scaled(sum, share));
  }
});

test("the arrays of a step are those of the step that is then taken: θ moves by −η∇θ", async () => {
  const arrays = arraysOfStep(L);
  const before = await lab.values(PLACE, arrays);
  await lab.step();
  const after = await lab.values(PLACE, arrays);
  const at = (kind: string, l: number) =>
    arrays.findIndex((quantity) => quantity.kind === kind && quantity.layer === l);
  for (let l = 1; l <= L; l++)
    for (const [kind, by] of [
      ["W", "dW"],
      ["b", "db"],
    ] as const) {
      const [from, to, g] = [before[at(kind, l)]!, after[at(kind, l)]!, before[at(by, l)]!];
      const moved = from.values.map((value, k) => value - Math.fround(SETUP.learningRate) * g.values[k]!);
      close(to, { ...to, values: Float64Array.from(moved) });
      expect(to.values).not.toEqual(from.values);
    }
});

test("a picked weight's product is its central difference within the bound the page shows", async () => {
  const picks = [
    [4, 3, 7],
    [4, -1, 2],
    [3, 0, 0],
    [2, 11, 8],
    [1, 350, 4],
    [1, -1, 11],
  ] as const;
  for (const [l, p, q] of picks) {
    const { product, a, delta, difference, error, rounding, kink } = await lab.weightCheck(PLACE, l, p, q);
    expect(kink).toBe(false);
    expect(product).toBe(Math.fround(a * delta));
    expect(Math.abs(product - difference), `${l},${p},${q}`).toBeLessThanOrEqual(error + rounding);
    expect(error + rounding).toBeLessThan(1e-4);
  }
});

test("all values of one look are of one state of the parameters, even when a step is asked for meanwhile", async () => {
  const asked = valuesIn("E16");
  const stepped = lab.step();
  const e16 = await asked;
  await stepped;
  close(e16("\\nabla_{b_3} \\ell"), masked(times(e16("\\delta^4"), e16("W_4^T")), e16("\\sigma'(z_3)")));
});
