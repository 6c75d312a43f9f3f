// Mistakes in what bounds a step, in what it draws, in what lies between layers, in mixed rows and in private training.
import { betweenOver } from "../../../src/gradients/between-layers.ts";
import { DELTA_ANSWERS } from "../../../src/gradients/delta-answers.ts";
import { exampleNormsOver } from "../../../src/gradients/example-norms.ts";
import type { Memory } from "../../../src/network/memory.ts";
import type { View } from "../../../src/network/plan.ts";
import { nextWord } from "../../../src/privacy/private-draws.ts";
import {
  ABOVE,
  at,
  between,
  denormalized,
  draws,
  fill,
  front,
  kernel,
  limits,
  type Mistake,
  mixing,
  scale,
} from "./planting.ts";

export const STEP_MISTAKES: readonly Mistake[] = [
  {
    name: "the gradient clipped by the square of its factor",
    red: "X33",
    green: `E17 E36 E37 X10 X30 X34 X35`,
    wrap: limits((l) => ({ clip: (span, factor) => l.clip(span, factor * factor) })),
  },
  {
    name: "‖∇W‖² of the even rows alone",
    red: "X33",
    green: `E17 E36 E37 X10 X30 X34 X35`,
    wrap: limits((l, { doubles }) => ({
      squares(squares, dW) {
        l.squares(squares, dW);
        for (let k = 1; k < dW.rows; k += 2) doubles[squares.offset + k] = 0;
      },
    })),
  },
  {
    name: "the L1 penalty's step beyond 0",
    red: "X34",
    green: `E17 E36 E37 X10 X30 X33 X35`,
    wrap: limits((_, { floats: f }) => ({
      shrink({ offset, length }, by) {
        for (let i = offset; i < offset + length; i++) f[i]! -= by * Math.sign(f[i]!);
      },
    })),
  },
  {
    name: "every unit's weights held as one vector",
    red: "X35",
    green: `E17 E36 E37 X10 X30 X33 X34`,
    wrap: limits((_, { floats: f }) => ({
      holdUnits(W, most) {
        let sum = 0;
        for (let k = 0; k < W.rows; k++) for (let o = 0; o < W.cols; o++) sum += f[at(W, k, o)]! ** 2;
        const factor = Math.min(1, most / Math.sqrt(sum));
        for (let k = 0; k < W.rows; k++) for (let o = 0; o < W.cols; o++) f[at(W, k, o)]! *= factor;
      },
    })),
  },
  {
    name: "dropout without 1/(1 − p)",
    red: "X36",
    green: "E17 E36 E37 X10 X30 X33 X37",
    wrap: draws((own, { floats: f }) => ({
      drop(passed, mask, ...more) {
        own.drop(passed, mask, ...more);
        for (const view of [passed, mask])
          for (let r = 0; r < view.rows; r++) for (let o = 0; o < view.cols; o++) f[at(view, r, o)]! *= 0.7;
      },
    })),
  },
  {
    name: "the mask of the place in the batch on the inputs, not of the example",
    red: "X36",
    green: "E17 E36 E37 X10 X30 X33 X37",
    wrap: draws((own, { integers }, plan) => ({
      drop(passed, mask, output, planned, place, layer) {
        const numbers = integers.slice(planned.examples, planned.examples + output.rows);
        if (mask.offset === plan.batch.inputMask?.offset)
          for (let r = 0; r < output.rows; r++) integers[planned.examples + r] = r;
        own.drop(passed, mask, output, planned, place, layer);
        integers.set(numbers, planned.examples);
      },
    })),
  },
  {
    name: "δ not masked as a was",
    red: "X36",
    green: "E17 E36 E37 X10 X30 X33 X37",
    wrap: draws(() => ({ mask: () => {} })),
  },
  {
    name: "one mask for every layer",
    red: "X36",
    green: "E17 E36 E37 X10 X30 X33 X37",
    wrap: draws((own) => ({
      drop: (passed, mask, output, planned, place) => own.drop(passed, mask, output, planned, place, 0),
    })),
  },
  {
    name: "the noise of the place in the batch, not of the example",
    red: "X37",
    green: "E17 E36 E37 X10 X30 X33 X36",
    wrap: draws((own, { integers }) => ({
      addNoise(input, planned, place) {
        const numbers = integers.slice(planned.examples, planned.examples + input.rows);
        for (let r = 0; r < input.rows; r++) integers[planned.examples + r] = r;
        own.addNoise(input, planned, place);
        integers.set(numbers, planned.examples);
      },
    })),
  },
  {
    name: "noise in evaluation, too",
    red: "X37",
    green: "E17 E36 E37 X10 X30 X33 X36",
    wrap: draws((own) => ({
      addNoise: (input, planned, { at }) => own.addNoise(input, planned, { epoch: 3, at }),
    })),
  },
  {
    name: "the shares of the mean and of the newest parameters exchanged",
    red: "X38",
    green: "E17 E36 E37 X10 X11 X33 X36",
    wrap: limits((own) => ({ average: (mean, θ, share) => own.average(mean, θ, 1 - share) })),
  },
  {
    name: "a mean from 0, whose first share is small, too",
    red: "X38",
    green: "E17 E36 E37 X10 X11 X33 X36",
    wrap: limits((own) => ({ average: (mean, θ, share) => own.average(mean, θ, Math.min(share, 0.6)) })),
  },
  {
    name: "∇s of the scaled inputs",
    red: "X39",
    green: "E17 E36 E37 X10 X15 X33 X36",
    wrap: front((own, plan) => ({
      scaleGradient(g, input, delta) {
        const { scaled = input } = plan.batch.front ?? {};
        own.scaleGradient(g, { ...scaled, rows: delta.rows, cols: g.cols }, delta);
      },
    })),
  },
  ...(
    [
      ["δ through a normalization without the mean's part", denormalized((p, n, _, m2, s) => s * (p - n * m2))],
      ["δ through a normalization without the variance's part", denormalized((p, _n, m1, _, s) => s * (p - m1))],
      ["the deviation forgotten in δ", denormalized((p, n, m1, m2) => p - m1 - n * m2)],
      [
        "the variance divided by O − 1",
        between((own, { floats: f, doubles }) => ({
          normalize(output, gain, offset, kept) {
            own.normalize(output, gain, offset, kept);
            const O = output.cols;
            for (let r = 0; kept && r < output.rows; r++) {
              doubles[at(kept.inverses, r, 0)]! *= Math.sqrt((O - 1) / O);
              for (let j = 0; j < O; j++) {
                f[at(kept.normalized, r, j)]! *= Math.sqrt((O - 1) / O);
                f[at(output, r, j)] = f[at(gain, 0, j)]! * f[at(kept.normalized, r, j)]! + f[at(offset, 0, j)]!;
              }
            }
          },
        })),
      ],
      [
        "the gain forgotten in δ",
        between((own, { floats: f }) => ({
          denormalize(delta, above, gain, kept) {
            const γ = f.slice(gain.offset, gain.offset + gain.cols);
            f.fill(1, gain.offset, gain.offset + gain.cols);
            own.denormalize(delta, above, gain, kept);
            f.set(γ, gain.offset);
          },
        })),
      ],
      [
        "∇γ without n",
        front((own, plan, { floats: f }) => ({
          scaleGradient(g, input, delta) {
            const norm = plan.batch.layers.some(({ norm }) => norm?.step?.normalized.offset === input.offset);
            if (norm) fill({ floats: f } as Memory, input, () => 1);
            own.scaleGradient(g, input, delta);
          },
        })),
      ],
    ] as const
  ).map(
    ([name, wrap]): Mistake => ({ name, red: "X49", green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X10 X30 X36 X39 X50`, wrap }),
  ),
  ...(
    [
      ["the gradient of a residual path left out", 0],
      ["the gradient of a residual path counted twice", 2],
    ] as const
  ).map(
    ([name, times]): Mistake => ({
      name,
      red: "X50",
      green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X10 X30 X36 X39 X49`,
      wrap: (k, memory, plan) => ({
        ...k,
        between: {
          join(sum, x, y) {
            const { join } = betweenOver(memory);
            const back = plan.batch.layers.some(({ joined }) => joined?.offset === y.offset);
            for (let n = 0; n < (back ? times : 1); n++) join(sum, n === 0 ? x : sum, y);
          },
        },
      }),
    }),
  ),
  {
    name: "∇s not divided by B",
    red: "X39",
    green: "E17 E36 E37 X10 X15 X33 X36",
    wrap: front((own, _, { floats: f }) => ({
      scaleGradient(g, input, delta) {
        own.scaleGradient(g, input, delta);
        for (let j = 0; j < g.cols; j++) f[g.offset + j]! *= delta.rows;
      },
    })),
  },
  {
    name: "the scale at the rate of other parameters",
    red: "X39",
    green: "E17 E36 E37 X10 X15 X33 X36",
    wrap: front(() => ({ extend: () => {} })),
  },
  ...(
    [
      [
        "rows mixed and their targets left alone",
        mixing((own, _, plan) => (rows, partners, shares) => {
          if (partners.offset === plan.batch.partners!.input.offset) own(rows, partners, shares);
        }),
      ],
      [
        "targets mixed and their rows left alone",
        mixing((own, _, plan) => (rows, partners, shares) => {
          if (partners.offset === plan.batch.partners!.targets.offset) own(rows, partners, shares);
        }),
      ],
      [
        "λ and 1 − λ exchanged",
        mixing((own, { doubles }) => (rows, partners, shares) => {
          const kept = doubles.slice(shares, shares + rows.rows);
          doubles.set(
            kept.map((share) => 1 - share),
            shares,
          );
          own(rows, partners, shares);
          doubles.set(kept, shares);
        }),
      ],
      [
        "one λ for the whole step",
        mixing((own) => (rows, partners, shares) => {
          for (let r = 0; r < rows.rows; r++) {
            const one = (view: View) => ({ ...view, offset: view.offset + r * view.stride, rows: 1 });
            own(one(rows), one(partners), shares);
          }
        }),
      ],
      [
        "each row mixed with the next",
        mixing((own) => (rows, partners, shares) => {
          for (let r = 0; r < rows.rows; r++) {
            const one = (view: View, row: number) => ({ ...view, offset: view.offset + row * view.stride, rows: 1 });
            own(one(rows, r), one(partners, (r + 1) % rows.rows), shares + r);
          }
        }),
      ],
    ] as const
  ).map(
    ([name, wrap]): Mistake => ({ name, red: "X52", green: `E1 E2 ${ABOVE} E17 E36 E37 X1 X6 X10 X36 X37 X39`, wrap }),
  ),
  {
    name: "the clipped sum divided by the rows that were drawn",
    red: "X40",
    green: `E17 E36 E37 X10 X30 X33 X41 X42 X43`,
    wrap: kernel((k, memory, { clipping }) => ({
      weightGradient(dW, input, delta) {
        k.weightGradient(dW, input, delta);
        if (clipping) scale(memory, dW, clipping.expected / delta.rows);
      },
      biasGradient(db, delta) {
        k.biasGradient(db, delta);
        if (clipping) scale(memory, db, clipping.expected / delta.rows);
      },
    })),
  },
  {
    name: "clipping after the sum: one factor for all rows",
    red: "X40",
    green: `E17 E36 E37 X10 X30 X33 X41 X42 X43`,
    wrap: kernel((_, { floats: f, doubles }, { clipping }) => ({
      exampleNorms(out, input, delta) {
        if (!clipping) return exampleNormsOver({ floats: f, doubles })(out, input, delta);
        let square = 0;
        for (let o = 0; o < delta.cols; o++)
          for (let i = 0; i <= input.cols; i++) {
            let sum = 0;
            for (let r = 0; r < out.rows; r++) sum += (i < input.cols ? f[at(input, r, i)]! : 1) * f[at(delta, r, o)]!;
            square += sum * sum;
          }
        for (let r = 0; r < out.rows; r++) doubles[out.offset + r] = square;
      },
    })),
  },
  {
    name: "noise once a thread, of two",
    red: "X41",
    green: `E17 E36 E37 X10 X30 X33 X40 X42 X43`,
    wrap: kernel((k, _, { clipping }) => ({
      update(optimizer, spans, coefficients) {
        k.update(optimizer, spans, coefficients);
        if (clipping && coefficients === clipping.factor) k.update(optimizer, spans, coefficients);
      },
    })),
  },
  {
    name: "noise on the weights and none on the biases",
    red: "X41",
    green: `E17 E36 E37 X10 X30 X33 X40 X42 X43`,
    wrap: kernel((k, _, { clipping, batch }) => ({
      update(optimizer, spans, coefficients) {
        const biases = batch.layers.some(({ db }) => db.offset === spans.parameters.offset);
        if (!clipping || coefficients !== clipping.factor || !biases) k.update(optimizer, spans, coefficients);
      },
    })),
  },
  {
    name: "sampling by shuffle",
    red: "X42",
    green: `E17 E36 E37 X10 X30 X33 X40 X41 X43`,
    answers: {
      ...DELTA_ANSWERS,
      drawRows(words, rows, rate) {
        const order = Uint32Array.from({ length: rows }, (_, i) => i);
        for (let i = rows - 1; i > 0; i--) {
          const j = nextWord(words) % (i + 1);
          [order[i], order[j]] = [order[j]!, order[i]!];
        }
        return order.slice(0, Math.round(rate * rows));
      },
    },
  },
  {
    name: "a budget without the sampling's q^α",
    red: "X43",
    green: `E17 E36 E37 X10 X30 X33 X40 X41 X42`,
    answers: {
      ...DELTA_ANSWERS,
      renyiDivergence: (noise, rate, order) => rate * rate * DELTA_ANSWERS.renyiDivergence(noise, 1, order),
    },
  },
];
