// The update rules over whole vectors: the formulas beside STEP in gradients/reference.ts, in the same order of operations.
import type { Optimizer } from "../../gradients/kernels.ts";
import { f32x4, type Local, type ModuleBuilder, type Statement, type V128, v128 } from "./assembler.ts";
import { advance, number, several, whileBelow } from "./loops.ts";

const { add, sub, mul, div, sqrt } = f32x4;

/** What a rule works on: places of θ, g and the two states, the coefficients c, and λ (0 for biases). */
type Step = {
  readonly θ: Local<"i32">;
  readonly m: Local<"i32">;
  readonly v: Local<"i32">;
  readonly g: V128;
  readonly c: readonly V128[];
  readonly λ: V128;
  readonly pull: Local<"v128">;
};

const state = (at: Local<"i32">) => v128.load(at);
const store = (at: Local<"i32">, value: V128) => v128.store(at, value);
const gradient = ({ θ, g, λ }: Step) => add(g, mul(λ, state(θ))); //             g + λθ
const follow = ({ θ, c }: Step, direction: V128) => store(θ, sub(state(θ), mul(c[0]!, direction))); // θ ← θ − η·

const RULE: Record<Optimizer, (s: Step) => Statement[]> = {
  sgd: (s) => [follow(s, gradient(s))],
  momentum: (s) => [store(s.m, add(mul(s.c[2]!, state(s.m)), gradient(s))), follow(s, state(s.m))],
  nesterov: (s) => [
    s.pull.set(gradient(s)),
    store(s.m, add(mul(s.c[2]!, state(s.m)), s.pull)),
    follow(s, add(s.pull, mul(s.c[2]!, state(s.m)))),
  ],
  adam: (s) => [s.pull.set(gradient(s)), ...moments(s)],
  adamw: (s) => [s.pull.set(s.g), store(s.θ, sub(state(s.θ), mul(s.λ, state(s.θ)))), ...moments(s)],
};

function moments({ θ, m, v, c, pull }: Step): Statement[] {
  const size = add(mul(sqrt(state(v)), c[7]!), c[6]!);
  return [
    store(m, add(mul(c[2]!, state(m)), mul(c[3]!, pull))),
    store(v, add(mul(c[4]!, state(v)), mul(c[5]!, mul(pull, pull)))),
    store(θ, sub(state(θ), div(mul(c[0]!, state(m)), size))),
  ];
}

export function defineRules(module: ModuleBuilder): void {
  for (const [rule, step] of Object.entries(RULE))
    module.define(
      rule,
      ["i32", "i32", "i32", "i32", "i32", "i32", "f32"],
      (local, θ, end, gradients, m, v, coefficients, decay) => {
        const c = several(local, "v128", 8);
        const [λ, g, pull] = several(local, "v128", 3);
        return [
          ...c.map((value, i) => value.set(v128.load32Splat(coefficients, 4 * i))),
          λ.set(f32x4.splatOf(decay)),
          ...whileBelow(θ, end, [
            g.set(v128.load(gradients)),
            ...step({ θ, m, v, g, c, λ, pull }),
            ...[θ, gradients, m, v].map((pointer) => advance(pointer, number(16))),
          ]),
        ];
      },
    );
}
