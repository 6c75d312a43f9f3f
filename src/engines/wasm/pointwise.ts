// The kernels that are neither matrix products nor updates: gathering examples, softmax and cross-entropy, tanh and
// sigmoid, the bias gradient. Sizes are arguments; addresses and strides are bytes.
import {
  copy,
  f32,
  f32x4,
  f64,
  f64x2,
  type I32,
  i32,
  type Local,
  type ModuleBuilder,
  type NewLocal,
  type Statement,
  v128,
  when,
} from "./assembler.ts";
import { advance, each, i32s, number, several, sum, times, whileBelow } from "./loops.ts";
import { exp, log, logistic, tanh } from "./math-functions.ts";

const FLOAT = number(4);
const DOUBLE = number(8);
const UNROLL = 4; // bytes of an example an iteration

export function definePointwise(module: ModuleBuilder): void {
  defineGather(module);
  defineSoftmax(module);
  defineActivation(module, "tanh", tanh);
  defineActivation(module, "sigmoid", logistic);

  // E36: db = 1·δ·(1/B), 16 columns at a time
  module.define("biasGradient", [...i32s(6), "f32"], (local, db, columns, delta, deltaStride, rows, adds, inverseB) => {
    const [n, d, r] = several(local, "i32", 3);
    const sums = several(local, "v128", 4);
    return each(n, number(0), times(columns, FLOAT), number(64), [
      d.set(sum(delta, n)),
      when(
        adds,
        sums.map((s, v) => s.set(v128.load(sum(db, n), 16 * v))),
        sums.map((s) => s.set(v128.zero)),
      ),
      ...each(r, number(0), rows, number(1), [
        ...sums.map((s, v) => s.set(f32x4.add(s, v128.load(d, 16 * v)))),
        advance(d, deltaStride),
      ]),
      ...sums.map((s, v) => v128.store(sum(db, n), f32x4.mul(s, f32x4.splatOf(inverseB)), 16 * v)),
    ]);
  });
}

function defineGather(module: ModuleBuilder): void {
  /** For each row r of a slice: `source` = address of example order[r], `to` = address of row r of the batch. */
  const eachExample = (
    [to, r, source]: readonly [Local<"i32">, Local<"i32">, Local<"i32">],
    [stride, rows, order, features, exampleBytes]: readonly I32[],
    body: readonly Statement[],
  ): readonly Statement[] =>
    each(r, number(0), rows!, number(1), [
      source.set(sum(features!, times(i32.load(sum(order!, times(r, FLOAT))), exampleBytes!))),
      ...body,
      advance(to, stride!),
    ]);

  // input[r][j] = table[byte]: the quotients byte / divisor that wasm-backend.ts puts at `table`
  module.define("gatherBytes", i32s(7), (local, input, stride, rows, cols, order, features, table) => {
    const [r, source, to, end, turns] = several(local, "i32", 5);
    const quotient = (at: number) => i32.store(to, i32.load(sum(table, times(i32.load8(source, at), FLOAT))), 4 * at);
    const move = (count: number, to: Local<"i32">) => [advance(source, number(count)), advance(to, number(4 * count))];
    return eachExample(
      [input, r, source],
      [stride, rows, order, features, cols],
      [
        end.set(sum(input, times(cols, FLOAT))),
        turns.set(sum(input, times(i32.and(cols, number(-UNROLL)), FLOAT))),
        to.set(input),
        ...whileBelow(to, turns, [...[0, 1, 2, 3].map(quotient), ...move(UNROLL, to)]),
        ...whileBelow(to, end, [quotient(0), ...move(1, to)]),
      ],
    );
  });

  // input[r][j] = feature / divisor
  module.define("gatherFloats", [...i32s(6), "f64"], (local, input, stride, rows, cols, order, features, divisor) => {
    const [r, source, to, end] = several(local, "i32", 4);
    const bytes = times(cols, FLOAT);
    const quotient = f32.demote(f64.div(f64.promote(f32.load(source)), divisor));
    return eachExample(
      [input, r, source],
      [stride, rows, order, features, bytes],
      [
        when(
          f64.eq(divisor, f64.const(1)),
          [copy(input, source, bytes)],
          [
            end.set(sum(input, bytes)),
            to.set(input),
            ...whileBelow(to, end, [f32.store(to, quotient), advance(source, FLOAT), advance(to, FLOAT)]),
          ],
        ),
      ],
    );
  });

  // X6 … X8: t_c = scale_c · y_c + shift_c; y from probability rows at `soft`, or from labels if `soft` is 0
  module.define(
    "gatherTargets",
    i32s(9),
    (local, targets, stride, rows, classes, order, labels, soft, scale, shift) => {
      const [r, row, c, label] = several(local, "i32", 4);
      const y = local("f64");
      const double = (base: I32) => f64.load(sum(base, times(c, DOUBLE)));
      return each(r, number(0), rows, number(1), [
        row.set(i32.load(sum(order, times(r, FLOAT)))),
        label.set(i32.load(sum(labels, times(row, FLOAT)))),
        ...each(c, number(0), classes, number(1), [
          y.set(f64.ofI32U(i32.eq(label, c))),
          when(soft, [y.set(f64.promote(f32.load(sum(soft, times(sum(times(row, classes), c), FLOAT)))))]),
          f32.store(sum(targets, times(c, FLOAT)), f32.demote(f64.add(f64.mul(double(scale), y), double(shift)))),
        ]),
        advance(targets, stride),
      ]);
    },
  );
}

/** E2, E8, E10: S(z), ℓ, δ^L and the argmax of each row, in doubles; `e` is scratch for e^{z − max}. */
function defineSoftmax(module: ModuleBuilder): void {
  module.define(
    "softmaxCrossEntropy",
    i32s(11),
    (
      local,
      delta,
      deltaStride,
      losses,
      predictions,
      logits,
      logitsStride,
      targets,
      targetsStride,
      rows,
      classes,
      e,
    ) => {
      const [r, c, best] = several(local, "i32", 3);
      const [max, total, mass, logSum, loss, y] = several(local, "f64", 6);
      const [x, power] = several(local, "v128", 2);
      const at = (base: I32, size: I32 = FLOAT) => sum(base, times(c, size));
      return each(r, number(0), rows, number(1), [
        best.set(logits),
        ...each(c, number(1), classes, number(1), [
          when(f32.gt(f32.load(at(logits)), f32.load(best)), [best.set(at(logits))]),
        ]),
        max.set(f64.promote(f32.load(best))),
        ...each(c, number(0), classes, number(2), [
          x.set(f64x2.sub(f64x2.promoteLow(v128.load64Zero(at(logits))), f64x2.splatOf(max))),
          ...exp(local, power, x),
          v128.store(at(e, DOUBLE), power),
        ]),
        total.set(f64.const(0)),
        mass.set(f64.const(0)),
        ...each(c, number(0), classes, number(1), [
          total.set(f64.add(total, f64.load(at(e, DOUBLE)))),
          mass.set(f64.add(mass, f64.promote(f32.load(at(targets))))),
        ]),
        ...log(local, logSum, total),
        loss.set(f64.const(0)),
        ...each(c, number(0), classes, number(1), [
          y.set(f64.promote(f32.load(at(targets)))),
          when(f64.ne(y, f64.const(0)), [
            // 0·log 0 = 0
            loss.set(f64.add(loss, f64.mul(y, f64.add(logSum, f64.sub(max, f64.promote(f32.load(at(logits)))))))),
          ]),
          f32.store(at(delta), f32.demote(f64.sub(f64.mul(mass, f64.div(f64.load(at(e, DOUBLE)), total)), y))),
        ]),
        f64.store(losses, loss),
        i32.store(predictions, i32.shrU(i32.sub(best, logits), number(2))),
        advance(logits, logitsStride),
        advance(targets, targetsStride),
        advance(delta, deltaStride),
        advance(losses, DOUBLE),
        advance(predictions, FLOAT),
      ]);
    },
  );
}

/** a ← σ(a) (X3, X4) in place, four elements at a time in doubles. Padding is set to 0, as σ(0) may not be. */
function defineActivation(
  module: ModuleBuilder,
  name: string,
  σ: (local: NewLocal, y: Local<"v128">, x: Local<"v128">) => Statement[],
): void {
  module.define(name, i32s(4), (local, a, stride, rows, cols) => {
    const [r, c] = several(local, "i32", 2);
    const [z, x, low, high] = several(local, "v128", 4);
    const at = sum(a, times(c, FLOAT));
    return each(r, number(0), rows, number(1), [
      ...each(c, number(0), cols, number(4), [
        z.set(v128.load(at)),
        x.set(f64x2.promoteLow(z)),
        ...σ(local, low, x),
        x.set(f64x2.promoteLow(v128.shuffle32(z, z, [2, 3, 2, 3]))),
        ...σ(local, high, x),
        v128.store(at, v128.shuffle32(f32x4.demote(low), f32x4.demote(high), [0, 1, 4, 5])),
      ]),
      ...each(c, cols, i32.and(sum(cols, number(3)), number(-4)), number(1), [i32.store(at, number(0))]),
      advance(a, stride),
    ]);
  });
}
