// Mistakes in what is asked of a network, in distorted images and in L-BFGS: X30 … X32, X44 … X48, X51.
import { DELTA_ANSWERS } from "../../../src/gradients/delta-answers.ts";
import { WARP_NUMBER, WARP_NUMBERS } from "../../../src/network/warp.ts";
import { ABOVE, at, dot, kernel, type Mistake, norms, numbersChanged, rowAt } from "./planting.ts";

export const ANSWER_MISTAKES: readonly Mistake[] = [
  {
    name: "the bias forgotten in ‖g_i‖²",
    red: "X30 X31",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X10 X15`,
    wrap: norms((a, d) => a * d),
  },
  {
    name: "‖g_i‖² of an example divided by B, as the mean's gradient is",
    red: "X30 X31",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X10 X15`,
    wrap: norms((a, d, B) => ((a + 1) * d) / B ** 2),
  },
  {
    name: "‖g_i‖ without its square",
    red: "X30 X31",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X10 X15`,
    wrap: norms((a, d) => Math.sqrt((a + 1) * d)),
  },
  {
    name: "tr Σ divided by n",
    red: "X31",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X10 X15 X30`,
    answers: {
      ...DELTA_ANSWERS,
      gradientNoise(n, squares, mean) {
        const trace = (squares - n * mean) / n;
        return { ...DELTA_ANSWERS.gradientNoise(n, squares, mean), trace, squaredGradient: mean - trace / n };
      },
    },
  },
  {
    name: "‖ḡ‖² taken for ‖G‖²",
    red: "X31",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X10 X15 X30`,
    answers: {
      ...DELTA_ANSWERS,
      gradientNoise: (n, squares, mean) => ({
        ...DELTA_ANSWERS.gradientNoise(n, squares, mean),
        squaredGradient: mean,
      }),
    },
  },
  {
    name: "the elastic displacement left out",
    red: "X47",
    green: `E1 E2 ${ABOVE} X1 X48`,
    wrap: numbersChanged((n) => n.fill(0, WARP_NUMBER.elastic, WARP_NUMBER.elastic + 1)),
  },
  {
    name: "rows and columns of the fields exchanged",
    red: "X47",
    green: `E1 E2 ${ABOVE} X1 X48`,
    wrap: numbersChanged((n) => n.subarray(WARP_NUMBER.windowX, WARP_NUMBER.windowY + 1).reverse()),
  },
  {
    name: "the border of an image not counted",
    red: "X47 X48",
    green: `E1 E2 ${ABOVE} X1`,
    wrap: numbersChanged((n) => {
      n[WARP_NUMBER.u0]!--;
    }),
  },
  {
    name: "an image turned the other way",
    red: "X47",
    green: `E1 E2 ${ABOVE} X1 X48`,
    wrap: numbersChanged((n) => {
      [n[WARP_NUMBER.uy], n[WARP_NUMBER.vx]] = [n[WARP_NUMBER.vx]!, n[WARP_NUMBER.uy]!];
    }),
  },
  {
    name: "pixels of a distorted image left where they were",
    red: "X47",
    green: `E1 E2 ${ABOVE} X1 X48`,
    wrap: kernel((k, { floats: f }) => ({
      gather(input, targets, examples, from) {
        k.gather(input, targets, examples, from);
        if (!examples.warp) return;
        for (let r = 0; r < input.rows; r++) {
          const n = f.subarray(examples.warp.numbers + (from + r) * WARP_NUMBERS);
          for (const j of [0, 1, 2, 3])
            if (n[WARP_NUMBER.elastic] !== 0)
              f[at(input, r, j)] = f[examples.features + (from + r) * examples.cols + j]!;
        }
      },
    })),
  },
  {
    name: "integrated gradients by eight left end-points",
    red: "X32",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X10 X15 X30 X31`,
    answers: {
      ...DELTA_ANSWERS,
      async integrateGradient(step, evaluate, limits) {
        const { gradients } = await evaluate([0, 1, 2, 3, 4, 5, 6, 7].map((k) => k / 8));
        const mean = Float64Array.from(step, (_, j) => gradients.reduce((sum, g) => sum + g[j]! / 8, 0));
        return { ...(await DELTA_ANSWERS.integrateGradient(step, evaluate, limits)), mean };
      },
    },
  },
  {
    name: "the direction of L-BFGS with its steps newest first",
    red: "X51",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X10 X30 X31`,
    answers: { ...DELTA_ANSWERS, descent: (g, steps) => DELTA_ANSWERS.descent(g, steps.toReversed()) },
  },
  {
    name: "the direction of L-BFGS uphill",
    red: "X51",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X10 X30 X31`,
    answers: { ...DELTA_ANSWERS, descent: (g, steps) => DELTA_ANSWERS.descent(g, steps).map((d) => -d) },
  },
  {
    name: "the direction of L-BFGS without the oldest step",
    red: "X51",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X10 X30 X31`,
    answers: { ...DELTA_ANSWERS, descent: (g, steps) => DELTA_ANSWERS.descent(g, steps.slice(1)) },
  },
  {
    name: "⟨g_i, g_j⟩ without the biases",
    red: "X44",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X15 X30 X31 X45 X46`,
    answers: {
      ...DELTA_ANSWERS,
      gradientProduct(layers, n, i, j) {
        const biases = layers.reduce((sum, { delta }) => sum + dot(rowAt(delta, n, i), rowAt(delta, n, j)), 0);
        return DELTA_ANSWERS.gradientProduct(layers, n, i, j) - biases;
      },
    },
  },
  {
    name: "⟨g_i, g_j⟩ of the last layer alone",
    red: "X44",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X15 X30 X31 X45 X46`,
    answers: {
      ...DELTA_ANSWERS,
      gradientProduct: (layers, n, i, j) => DELTA_ANSWERS.gradientProduct(layers.slice(-1), n, i, j),
    },
  },
  {
    name: "eigenvalues of A ⊗ S instead of the gradients' own second moments",
    red: "X45",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X15 X30 X31 X44 X46`,
    answers: {
      ...DELTA_ANSWERS,
      async kroneckerCurvature(rows, product) {
        const found = await DELTA_ANSWERS.kroneckerCurvature(rows, product);
        const O = Math.sqrt(found.outputs.length);
        const K = found.eigenvalues.length / O;
        const [s, t] = [new Float64Array(K), new Float64Array(O)];
        found.eigenvalues.forEach((value, at) => {
          s[Math.floor(at / O)]! += value;
          t[at % O]! += value;
        });
        const whole = s.reduce((sum, value) => sum + value, 0);
        return {
          ...found,
          eigenvalues: found.eigenvalues.map((_, at) => (s[Math.floor(at / O)]! * t[at % O]!) / whole),
        };
      },
    },
  },
  {
    name: "curvature without the coordinate of the biases",
    red: "X45",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X15 X30 X31 X44 X46`,
    answers: {
      ...DELTA_ANSWERS,
      curvatureProduct(curvature, damping, one, other) {
        const K = one.input.length + 1;
        const inputs = curvature.inputs.map((value, at) => (at % K === K - 1 ? 0 : value));
        return DELTA_ANSWERS.curvatureProduct({ ...curvature, inputs }, damping, one, other);
      },
    },
  },
  {
    name: "twice the damping",
    red: "X45",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X15 X30 X31 X44 X46`,
    answers: {
      ...DELTA_ANSWERS,
      curvatureProduct: (curvature, damping, one, other) =>
        DELTA_ANSWERS.curvatureProduct(curvature, 2 * damping, one, other),
    },
  },
  {
    name: "representer values not divided by n",
    red: "X46",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X15 X30 X31 X44 X45`,
    answers: {
      ...DELTA_ANSWERS,
      representerValue: (rows, n, ...rest) => n * DELTA_ANSWERS.representerValue(rows, n, ...rest),
    },
  },
  {
    name: "representer values with the error's sign",
    red: "X46",
    green: `E1 E2 ${ABOVE} E17 E36 E37 X15 X30 X31 X44 X45`,
    answers: { ...DELTA_ANSWERS, representerValue: (...all) => -DELTA_ANSWERS.representerValue(...all) },
  },
];
