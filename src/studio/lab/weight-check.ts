// One weight's gradient twice: as the note's product δ_o·a_i, from the kernels' arrays, and as a central difference of
// the loss.
import { exact } from "../../equations/ball.ts";
import { runningBounds } from "../../equations/bounds.ts";
import { kinkWithin, lossKinkWithin } from "../../equations/case.ts";
import { Differences } from "../../equations/differences.ts";
import { slope } from "../../equations/dual.ts";
import { columnsOf, Directions, differentiate, type Variable } from "../../equations/oracle.ts";
import type { Loss } from "../../network/losses.ts";
import type { Network } from "../../network/network.ts";
import { FLOAT32 } from "../../numerics/rounding.ts";
import type { ProbedExample } from "./probe.ts";
import type { WeightCheck } from "./protocol.ts";

/** Of W_l[i, o], or of b_l[o] for i = −1. */
export function checkWeight(
  network: Network,
  parameters: Float32Array,
  { loss, layers }: ProbedExample,
  { loss: objective, targets: t }: { readonly loss: Loss; readonly targets: Float64Array },
  [l, i, o]: readonly [l: number, i: number, o: number],
): WeightCheck {
  const { input, delta: deltas } = layers[l - 1]!;
  const a = i < 0 ? 1 : input[i]!;
  const delta = deltas[o]!;
  const theta = Float64Array.from(parameters);
  const x = Float64Array.from(layers[0]!.input);
  const targets = Array.from(t);
  const outputs = layers.map(({ output }) => Float64Array.from(output));
  const variable: Variable = { kind: i < 0 ? "b" : "W", layer: l, row: Math.max(0, i), column: o };
  const active = (layer: number, unit: number) => outputs[layer - 1]![unit]! > 0; // σ′(0) = 0
  const { z } = differentiate(
    columnsOf(network, theta, new Directions([variable])),
    Array.from(x, exact),
    targets.map(exact),
    1,
    active,
    (layer, unit) => outputs[layer - 1]![unit]!,
    objective,
  );
  const rates = z.at(-1)!.map((unit) => slope(unit, 0).v);
  const spread = Math.max(...rates) - Math.min(...rates);
  const { value, error } = new Differences(network, theta, x, targets, outputs, objective).quotient(l, i, o, spread);
  const kink =
    kinkWithin(network, z, { layer: l, column: o }, 0, a, active) ||
    lossKinkWithin(objective, z.at(-1)!, targets.map(exact), 0);
  const observed = {
    rows: 1,
    input: x,
    outputs,
    deltas: layers.map((layer) => Float64Array.from(layer.delta)),
    losses: Float64Array.of(loss),
    gradients: new Float64Array(),
    parameters: theta,
  };
  const bounds = runningBounds(network, theta, observed, [targets.map(exact)], FLOAT32, objective);
  const rounding = i < 0 ? bounds.db(l, o) : bounds.dW(l, i, o);
  return { product: Math.fround(a * delta), a, delta, difference: value, error, rounding, kink };
}
