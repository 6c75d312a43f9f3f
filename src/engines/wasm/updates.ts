// The optimizers' updates on whole vectors: the formulas of UPDATE in gradients/reference.ts, in the same order of
// operations.
import type { Optimizer } from "../../gradients/kernels.ts";
import { COEFFICIENT, COEFFICIENTS } from "../../network/plan.ts";
import { f32x4, type Local, type ModuleBuilder, type Statement, type V128, v128 } from "./assembler.ts";
import { advance, i32s, number, several, whileBelow } from "./loops.ts";

const { add, sub, mul, div, sqrt } = f32x4;

/** One vector of parameters: addresses of θ and of the states m and v, the gradient g, the coefficients. */
type Step = Readonly<Record<keyof typeof COEFFICIENT, V128>> & {
  readonly θ: Local<"i32">;
  readonly m: Local<"i32">;
  readonly v: Local<"i32">;
  readonly g: V128;
  readonly λ: V128; //             `decay` for weights, 0 for biases
  readonly d: Local<"v128">; //    scratch: the direction before momentum
};

const load = (at: Local<"i32">) => v128.load(at);
const store = (at: Local<"i32">, value: V128) => v128.store(at, value);
const decayed = ({ θ, g, λ }: Step) => add(g, mul(λ, load(θ))); //              g + λθ
const move = ({ θ, rate }: Step, by: V128) => store(θ, sub(load(θ), mul(rate, by))); // θ ← θ − η·by

const UPDATE: Record<Optimizer, (s: Step) => Statement[]> = {
  // X10, with the λ of X9
  sgd: (s) => [move(s, decayed(s))],
  // X11
  momentum: (s) => [store(s.m, add(mul(s.momentum, load(s.m)), decayed(s))), move(s, load(s.m))],
  // X12
  nesterov: (s) => [
    s.d.set(decayed(s)),
    store(s.m, add(mul(s.momentum, load(s.m)), s.d)),
    move(s, add(s.d, mul(s.momentum, load(s.m)))),
  ],
  // X13
  adam: (s) => [s.d.set(decayed(s)), ...adamStep(s)],
  // X14: λ is ηλ
  adamw: (s) => [s.d.set(s.g), store(s.θ, sub(load(s.θ), mul(s.λ, load(s.θ)))), ...adamStep(s)],
};

/** X13: m ← β₁m + (1 − β₁)d; v ← β₂v + (1 − β₂)d²; θ ← θ − η̂·m / (√v·κ + ε). */
function adamStep({ θ, m, v, d, rate, beta1, oneMinusBeta1, beta2, oneMinusBeta2, epsilon, correction }: Step) {
  const size = add(mul(sqrt(load(v)), correction), epsilon);
  return [
    store(m, add(mul(beta1, load(m)), mul(oneMinusBeta1, d))),
    store(v, add(mul(beta2, load(v)), mul(oneMinusBeta2, mul(d, d)))),
    store(θ, sub(load(θ), div(mul(rate, load(m)), size))),
  ];
}

export function defineUpdates(module: ModuleBuilder): void {
  for (const [optimizer, update] of Object.entries(UPDATE))
    module.define(optimizer, [...i32s(6), "f32"], (local, θ, end, gradients, m, v, coefficients, decay) => {
      const c = several(local, "v128", COEFFICIENTS);
      const [λ, g, d] = several(local, "v128", 3);
      const named = Object.fromEntries(
        Object.entries(COEFFICIENT).map(([name, place]) => [name, c[place]!]),
      ) as unknown as Record<keyof typeof COEFFICIENT, V128>;
      return [
        ...c.map((value, place) => value.set(v128.load32Splat(coefficients, 4 * place))),
        λ.set(f32x4.splatOf(decay)),
        ...whileBelow(θ, end, [
          g.set(v128.load(gradients)),
          ...update({ ...named, θ, m, v, g, d, λ }),
          ...[θ, gradients, m, v].map((pointer) => advance(pointer, number(16))),
        ]),
      ];
    });
}
