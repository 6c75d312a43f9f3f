// A small network under tanh, with masks and a scale of its inputs. Twice: over dual numbers, which know no formula of
// a gradient, and as the closed form in balls, whose radius bounds what an implementation of that form may differ by.
import { type Ball, Balls, exact } from "./ball.ts";
import { layerOffsets } from "./bounds.ts";
import { add, type Dual, mul, seed, slope, sum } from "./dual.ts";
import type { Implementation, Observation } from "./implementation.ts";
import { activate } from "./oracle.ts";
import { crossEntropy } from "./oracle-losses.ts";
import type { Tally } from "./tally.ts";

/** One example: its inputs as the first layer is given them, its target row, the mask of each hidden layer. */
export type SmallExample = {
  readonly x: readonly Ball[];
  readonly target: readonly Ball[];
  readonly masks?: readonly (readonly number[])[] | undefined;
};

export type SmallNet = {
  readonly layers: readonly number[];
  readonly parameters: Float64Array; // [W₁, b₁, …], with a scale [W₁, b₁, …, s]
  readonly scaled?: boolean | undefined;
};

/** The target row of a class among `classes`. */
export const oneHot = (label: number, classes: number): readonly Ball[] =>
  Array.from({ length: classes }, (_, c) => exact(c === label ? 1 : 0));

/** ℓ of one example with its derivatives by θ. */
function differentiated({ layers, parameters, scaled }: SmallNet, { x, target, masks }: SmallExample): Dual {
  const size = parameters.length;
  const θ = (at: number) => seed(parameters[at]!, at, size);
  let a: readonly Dual[] = scaled ? x.map((value, j) => mul(value, θ(size - x.length + j))) : x;
  layerOffsets(layers).forEach(({ I, O, W, b }, l) => {
    const z = Array.from({ length: O }, (_, o) =>
      add(sum(Array.from({ length: I }, (_, k) => mul(a[k]!, θ(W + k * O + o)))), θ(b + o)),
    );
    if (l === layers.length - 2) {
      a = z;
      return;
    }
    a = z.map((value, o) =>
      mul(
        exact(masks?.[l]?.[o] ?? 1),
        activate("tanh", value, () => true),
      ),
    );
  });
  return crossEntropy(a, target).loss;
}

/** ∇θ of one example, and ℓ last, by the closed form. */
function closedForm(o: Balls, { layers, parameters, scaled }: SmallNet, { x, target, masks }: SmallExample): Ball[] {
  const all = layerOffsets(layers);
  const θ = (at: number) => exact(parameters[at]!);
  const total = (terms: readonly Ball[]) => terms.reduce((s, t) => o.add(s, t), exact(0));
  const first = parameters.length - x.length; // s
  const inputs: (readonly Ball[])[] = [scaled ? x.map((value, j) => o.mul(value, θ(first + j))) : x];
  const own: Ball[][] = []; // σ(z_l)
  all.forEach(({ I, O, W, b }, l) => {
    const a = inputs[l]!;
    const z = Array.from({ length: O }, (_, c) =>
      o.add(total(Array.from({ length: I }, (_, k) => o.mul(a[k]!, θ(W + k * O + c)))), θ(b + c)),
    );
    own.push(l === all.length - 1 ? z : z.map((value) => hyperbolic(o, value)));
    inputs.push(own[l]!.map((value, c) => o.mul(exact(masks?.[l]?.[c] ?? 1), value)));
  });
  const z = own.at(-1)!;
  const max = z.reduce((most, { v }) => Math.max(most, v), Number.NEGATIVE_INFINITY);
  const e = z.map((value) => o.exp(o.sub(value, exact(max))));
  const S = e.map((value) => o.div(value, total(e)));
  const out: Ball[] = Array.from(parameters, () => exact(0));
  let delta = S.map((value, c) => o.sub(o.mul(total(target), value), target[c]!));
  for (let l = all.length - 1; l >= 0; l--) {
    const { I, O, W, b } = all[l]!;
    for (let c = 0; c < O; c++) {
      out[b + c] = delta[c]!;
      for (let k = 0; k < I; k++) out[W + k * O + c] = o.mul(inputs[l]![k]!, delta[c]!);
    }
    const above = delta;
    const backs = Array.from({ length: I }, (_, k) => total(above.map((d, c) => o.mul(d, θ(W + k * O + c)))));
    if (l === 0) {
      if (scaled) for (const [j, back] of backs.entries()) out[first + j] = o.mul(x[j]!, back);
      break;
    }
    delta = backs.map((back, k) => {
      const a = own[l - 1]![k]!;
      const slope = o.sub(exact(1), o.mul(a, a));
      return o.mul(o.mul(back, slope), exact(masks?.[l - 1]?.[k] ?? 1));
    });
  }
  const log = o.log(total(e));
  const loss = total(target.map((t, c) => o.mul(t, o.sub(log, o.sub(z[c]!, exact(max))))));
  return [...out, loss];
}

function hyperbolic(o: Balls, z: Ball): Ball {
  const e = o.exp(o.mul(exact(z.v < 0 ? 2 : -2), z));
  const t = o.div(o.sub(exact(1), e), o.add(exact(1), e));
  return z.v < 0 ? o.neg(t) : t;
}

/** ∇θ of the batch and every ℓ against dual numbers, within the radius of the closed form. */
export function againstDuals(
  tally: Tally,
  implementation: Implementation,
  net: SmallNet,
  examples: readonly SmallExample[],
  { gradients, losses }: Pick<Observation, "gradients" | "losses">,
): void {
  const B = examples.length;
  const duals = examples.map((example) => differentiated(net, example));
  const forms = examples.map((example) => closedForm(new Balls(implementation.precision), net, example));
  const mean = (of: (i: number) => Ball): Ball => {
    const o = new Balls();
    return o.div(
      examples.reduce((total, _, i) => o.add(total, of(i)), exact(0)),
      exact(B),
    );
  };
  gradients.forEach((got, k) => {
    const expected = mean((i) => slope(duals[i]!, k));
    const o = new Balls(implementation.precision); // the batch's sum and its 1/B, in this precision
    const form = o.div(
      forms.reduce((total, form) => o.add(total, form[k]!), exact(0)),
      exact(B),
    );
    tally.add(`∇θ[${k}]`, got, expected.v, 2 * form.e + expected.e);
  });
  losses.forEach((got, i) => {
    const { v, e } = duals[i]!;
    tally.add(`ℓ of example ${i}`, got, v, 2 * forms[i]!.at(-1)!.e + e);
  });
}
