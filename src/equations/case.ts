// A case of the check: one problem with the observations of the implementation, their rounding bounds and the dual
// numbers of every example. Computed once, read by many rows.
import { type Loss, lossTask, outputsPerTarget, SOFTMAX, targetColumns } from "../network/losses.ts";
import { activationOf, type Network } from "../network/network.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { BALLS, type Ball, exact } from "./ball.ts";
import { type Bounds, type LayerOffsets, layerOffsets, runningBounds } from "./bounds.ts";
import { Differences, STEP } from "./differences.ts";
import { type Dual, slope } from "./dual.ts";
import type { Implementation, Observation, Problem } from "./implementation.ts";
import { columnsOf, type Differentiated, Directions, differentiate, type Variable } from "./oracle.ts";

/** The observation of one batch, with its bounds. */
export type BoundedObservation = { readonly observation: Observation; readonly bounds: Bounds };

export class Case {
  readonly implementation: Implementation;
  readonly problem: Problem;
  readonly network: Network;
  readonly loss: Loss;
  readonly rows: number;
  readonly directions: Directions;
  readonly targets: readonly (readonly Ball[])[]; //  t [rows][C]
  readonly full: BoundedObservation; //               of all rows in one batch
  readonly partial: BoundedObservation; //            of the first rows, in memory planned for all of them
  readonly singles: readonly BoundedObservation[]; // of each row as a batch of one
  readonly examples: readonly Differentiated[]; //    at the observed activations
  readonly truth: readonly Differentiated[]; //       values from x and θ, without derivatives
  readonly #offsets: readonly LayerOffsets[];
  readonly #quotients = new Map<string, Ball | undefined>();
  #differences: Differences[] | undefined;

  constructor(
    parts: Pick<Case, "implementation" | "problem" | "directions" | "targets" | "full" | "partial" | "singles">,
  ) {
    ({
      implementation: this.implementation,
      problem: this.problem,
      directions: this.directions,
      targets: this.targets,
      full: this.full,
      partial: this.partial,
      singles: this.singles,
    } = parts);
    this.network = this.problem.network;
    this.rows = this.problem.labels.length;
    this.loss = this.problem.loss ?? SOFTMAX;
    this.#offsets = layerOffsets(this.network.layers);
    const { outputs } = this.full.observation;
    const { layers } = this.network;
    const value = (i: number) => (l: number, o: number) => outputs[l - 1]![i * layers[l]! + o]!;
    const active = (i: number) => (l: number, o: number) => value(i)(l, o) > 0; // σ′(0) = 0
    const columns = columnsOf(this.network, this.problem.parameters, this.directions);
    this.examples = this.targets.map((t, i) =>
      differentiate(columns, Array.from(this.input(i), exact), t, this.directions.size, active(i), value(i), this.loss),
    );
    const unseeded = columnsOf(this.network, this.problem.parameters, new Directions([]));
    this.truth = this.targets.map((t, i) =>
      differentiate(unseeded, Array.from(this.input(i), exact), t, 0, active(i), undefined, this.loss),
    );
  }

  get depth(): number {
    return this.network.layers.length - 1;
  }

  /** O of layer l. */
  width(l: number): number {
    return this.network.layers[l]!;
  }

  input(i: number): Float64Array {
    const D = this.width(0);
    return this.problem.features.subarray(i * D, (i + 1) * D);
  }

  /** a_l[o] of example i, as observed. */
  activation(l: number, i: number, o: number): number {
    return this.full.observation.outputs[l - 1]![i * this.width(l) + o]!;
  }

  /** W_l[k, o], or b_l[o] for k = −1. */
  parameter(l: number, k: number, o: number): number {
    return this.problem.parameters[this.packed(l, k, o)]!;
  }

  /** The offset of that parameter in packed θ. */
  packed(l: number, k: number, o: number): number {
    const { O, W, b } = this.#offsets[l - 1]!;
    return k < 0 ? b + o : W + k * O + o;
  }

  /** ∂ℓ_i/∂(variable k), from dual numbers. */
  slope(i: number, k: number): Ball {
    return slope(this.examples[i]!.loss, k);
  }

  /** The mean of ∂ℓ_i/∂(variable k) over the first n rows. */
  meanSlope(n: number, k: number): Ball {
    let total: Ball = exact(0);
    for (let i = 0; i < n; i++) total = BALLS.add(total, this.slope(i, k));
    return BALLS.div(total, exact(n));
  }

  /** ∂ℓ_i/∂(variable) by central differences, or undefined if a kink lies within the step. */
  quotient(i: number, variable: Variable, k: number): Ball | undefined {
    const key = `${i},${k}`;
    if (!this.#quotients.has(key)) this.#quotients.set(key, this.#quotient(i, variable, k));
    return this.#quotients.get(key);
  }

  #quotient(i: number, { layer, kind, row, column }: Variable, k: number): Ball | undefined {
    const { z } = this.examples[i]!;
    const a = kind === "b" ? 1 : layer === 1 ? this.input(i)[row]! : this.examples[i]!.a[layer - 2]![row]!.v;
    const active = (l: number, o: number) => this.activation(l, i, o) > 0;
    if (kinkWithin(this.network, z, { layer, column }, k, a, active)) return undefined;
    if (lossKinkWithin(this.loss, this.examples[i]!.a.at(-1)!, this.targets[i]!, k)) return undefined;
    this.#differences ??= this.targets.map(
      (t, example) =>
        new Differences(
          this.network,
          this.problem.parameters,
          this.input(example),
          t.map(({ v }) => v),
          this.full.observation.outputs.map((a, at) =>
            a.subarray(example * this.width(at + 1), (example + 1) * this.width(at + 1)),
          ),
          this.loss,
        ),
    );
    const rates = z[this.depth - 1]!.map((unit) => slope(unit, k).v);
    const spread = Math.max(...rates) - Math.min(...rates);
    const { value, error } = this.#differences[i]!.quotient(layer, kind === "b" ? -1 : row, column, spread);
    return { v: value, e: error };
  }
}

/**
 * Whether a step of STEP along direction k may meet a kink of σ. The variable of k is a parameter of unit (layer,
 * column) with input `a`; `z` are the example's pre-activations over dual numbers.
 */
export function kinkWithin(
  network: Network,
  z: readonly (readonly Dual[])[],
  { layer, column }: Pick<Variable, "layer" | "column">,
  k: number,
  a: number,
  active: (l: number, o: number) => boolean,
): boolean {
  for (let l = layer; l < network.layers.length - 1; l++) {
    if (!KINKED.includes(activationOf(network, l))) continue;
    for (const [o, unit] of z[l - 1]!.entries()) {
      const rate = l === layer ? (o === column ? Math.abs(a) : 0) : Math.abs(slope(unit, k).v) + slope(unit, k).e;
      const near = Math.abs(unit.v) - unit.e <= 2 * STEP * rate; // twice, so that no rounding matters
      if (rate > 0 && (near || active(l, o) !== unit.v > 0)) return true;
    }
  }
  return false;
}

/** Activations whose first or second derivative jumps at 0. */
export const KINKED: readonly string[] = ["relu", "leaky-relu", "selu", "elu"];

/** Whether two steps of STEP along direction k may meet a kink of the loss, of which the outputs are `z`. */
export function lossKinkWithin(loss: Loss, z: readonly Dual[], targets: readonly Ball[], k: number): boolean {
  const kinks = { "absolute-error": [0], quantile: [0], huber: [-1, 1] }[loss.name as string];
  if (!kinks) return false;
  const threshold = loss.name === "huber" ? loss.threshold! : 0;
  return z.some((output, c) => {
    const r = output.v - targets[Math.floor(c / outputsPerTarget(loss))]!.v;
    const reach = 4 * STEP * (Math.abs(slope(output, k).v) + slope(output, k).e);
    return reach > 0 && kinks.some((side) => Math.abs(r - side * threshold) <= reach);
  });
}

/** Observe the implementation on all rows, on the first ones, and on each in a batch of one. */
export async function gatherCase(
  implementation: Implementation,
  problem: Problem,
  sample: number | undefined,
  seed: number,
): Promise<Case> {
  const n = problem.labels.length;
  const { network, parameters } = problem;
  const targets = Array.from({ length: n }, (_, i) => targetRow(problem, i));
  const observed = (observation: Observation): BoundedObservation => ({
    observation,
    bounds: runningBounds(
      network,
      parameters,
      observation,
      targets.slice(0, observation.rows),
      implementation.precision,
      problem.loss,
    ),
  });
  const run = await implementation.open(problem);
  const rows = Uint32Array.from({ length: n }, (_, i) => i);
  const full = observed(await run.gradients(rows));
  const partial = observed(await run.gradients(rows.slice(0, Math.max(1, Math.ceil(n / 2) - 1))));
  await run.close();
  const alone = await implementation.open({ ...problem, batchSize: 1 });
  const singles: BoundedObservation[] = [];
  for (let i = 0; i < n; i++) {
    const observation = await alone.gradients(Uint32Array.of(i));
    singles.push({
      observation,
      bounds: runningBounds(network, parameters, observation, [targets[i]!], implementation.precision, problem.loss),
    });
  }
  await alone.close();
  const directions = new Directions(chooseVariables(network, sample, seed));
  return new Case({ implementation, problem, directions, targets, full, partial, singles });
}

/** Row i of the targets, t_c = w_c((1 − ε)y_c + ε/C), or ε/2 for labels, with the float64 rounding in its radius. */
export function targetRow(problem: Problem, i: number): Ball[] {
  const { network, labels, targets, labelSmoothing = 0, classWeights, loss = SOFTMAX } = problem;
  const C = targetColumns(loss, network.layers.at(-1)!);
  const share = lossTask(loss) === "classify" ? C : 2;
  return Array.from({ length: C }, (_, c) => {
    const y = targets ? targets[i * C + c]! : labels[i] === c ? 1 : 0;
    if (labelSmoothing === 0) return classWeights ? BALLS.mul(exact(classWeights[c]!), exact(y)) : exact(y);
    const kept = BALLS.mul(BALLS.sub(exact(1), exact(labelSmoothing)), exact(y));
    const smooth = BALLS.add(kept, BALLS.div(exact(labelSmoothing), exact(share)));
    return BALLS.mul(exact(classWeights?.[c] ?? 1), smooth);
  });
}

/**
 * Every W_l[k, o], b_l[o], z_l[o], a_{L−1}[o], γ_l[o] and β_l[o]; or, with `sample`, about that many parameters,
 * equally many of every W_l and b_l, and what belongs to their units.
 */
export function chooseVariables({ layers, layerNorm }: Network, sample: number | undefined, seed: number): Variable[] {
  const L = layers.length - 1;
  const random = new Random(seed, PURPOSE.check, 1);
  const share = sample === undefined ? Number.POSITIVE_INFINITY : Math.max(2, Math.floor(sample / (2 * L)));
  const chosen: Variable[] = [];
  for (let layer = 1; layer <= L; layer++) {
    const [I, O] = [layers[layer - 1]!, layers[layer]!];
    for (const at of pick(random, I * O, share))
      chosen.push({ kind: "W", layer, row: Math.floor(at / O), column: at % O });
    const units = pick(random, O, share);
    for (const column of units) chosen.push({ kind: "b", layer, row: 0, column });
    for (const column of layer === L && O <= 1024 ? pick(random, O, O) : units)
      chosen.push({ kind: "z", layer, row: 0, column });
    if (layerNorm && layer < L)
      for (const kind of ["gain", "offset"] as const)
        for (const column of units) chosen.push({ kind, layer, row: 0, column });
    if (layer === L - 1) for (const column of units) chosen.push({ kind: "a", layer, row: 0, column });
  }
  return chosen;
}

/** `count` different integers in [0, below), ascending; all of them for count ≥ below. */
export function pick(random: Random, below: number, count: number): number[] {
  if (count >= below) return Array.from({ length: below }, (_, i) => i);
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(random.integer(below));
  return [...chosen].sort((x, y) => x - y);
}
