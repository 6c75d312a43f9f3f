// Steps of L-BFGS: the gradient of all training rows by the closed forms, a direction from the last steps, and a length
// along it by the Wolfe conditions (Liu and Nocedal, Math. Programming 45, 1989). The engine's sums run in index order
// and everything here in float64 in index order, so a step has the same bits on every engine and number of threads.
import type { Session, StepResults } from "../engines/engine.ts";
import { type Floats, packGradients } from "../network/memory.ts";
import { packedLayers } from "../network/parameters.ts";
import { type LinePoint, wolfePoint } from "../numerics/line-search.ts";
import { descent, dot, type Secant, secantOf } from "../numerics/minimize.ts";
import { meanOf } from "./metrics.ts";

const REMEMBERED = 10; //  steps
const EVALUATIONS = 20; // of a line search
/** The largest |∂f/∂θ_k| at which training ends. */
export const FLAT = 1e-5;

/** The loss at θ with its penalty, its gradient in float64, ∇θ as the engine gave it, and the results of the rows. */
type Point = {
  readonly parameters: Floats;
  readonly raw: Floats;
  readonly gradient: Float64Array;
  readonly value: number;
  readonly results: StepResults;
};

/** Of the last step: the results of the rows before it, and its length in that of the direction. */
type Taken = { readonly results: StepResults; readonly length: number };

/** The order of a full batch: rows as they lie. */
export const everyRow = (rows: number): Uint32Array => Uint32Array.from({ length: rows }, (_, i) => i);

export class FullBatchSteps {
  readonly #session: Session;
  readonly #order: Uint32Array;
  readonly #decay: number;
  readonly #weights: readonly (readonly [from: number, to: number])[];
  readonly #history: { readonly parameters: Floats; readonly raw: Floats }[] = [];
  #here: Point | undefined; //  the session's θ, once it was evaluated
  #taken: Taken | undefined;

  /** Over a session of B ≥ `rows`; `states` as `states()` gave them. */
  constructor(session: Session, weightDecay: number, rows: number, states: readonly Floats[]) {
    this.#session = session;
    this.#order = everyRow(rows);
    this.#decay = weightDecay;
    this.#weights = packedLayers(session.network).map(({ W, b }) => [W, b] as const);
    for (let i = 0; i + 1 < states.length; i += 2) this.#remember(states[i]!, states[i + 1]!);
  }

  /** The points behind the last steps: θ and ∇θ of each, oldest first. */
  states(): readonly Floats[] {
    return this.#history.flatMap(({ parameters, raw }) => [parameters, raw]);
  }

  /** Of the last step; there was one. */
  get taken(): Taken {
    return this.#taken!;
  }

  /**
   * One step. False where the loss is not finite; undefined where there is no step: the gradient is flat, or rounding
   * leaves nothing lower along it.
   */
  async step(): Promise<boolean | undefined> {
    this.#here ??= await this.#evaluate(this.#session.readParameters());
    const here = this.#here;
    if (!Number.isFinite(here.value)) return false;
    if (here.gradient.every((g) => Math.abs(g) <= FLAT)) return undefined;
    const found = (await this.#along(here, this.#secants(here))) ?? (await this.#along(here, []));
    this.#session.writeParameters((found ?? here).parameters);
    if (!found) return undefined;
    this.#remember(here.parameters, here.raw);
    this.#here = found;
    this.#taken = { results: here.results, length: found.t };
    return true;
  }

  #remember(parameters: Floats, raw: Floats): void {
    this.#history.push({ parameters, raw });
    if (this.#history.length > REMEMBERED) this.#history.shift();
  }

  /** The steps between the points that are remembered, the last of which led here. */
  #secants(here: Point): readonly Secant[] {
    const points = [
      ...this.#history.map(({ parameters, raw }) => ({ parameters, gradient: this.#decayed(parameters, raw) })),
      here,
    ];
    return points.slice(1).flatMap((next, i) => {
      const { parameters, gradient } = points[i]!;
      return secantOf(next.parameters, parameters, next.gradient, gradient) ?? [];
    });
  }

  async #along(here: Point, steps: readonly Secant[]): Promise<(Point & LinePoint) | undefined> {
    const direction = descent(here.gradient, steps);
    const start = { t: 0, value: here.value, slope: dot(direction, here.gradient) };
    if (!(start.slope < 0)) return undefined;
    const first = steps.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(dot(here.gradient, here.gradient)));
    const at = async (t: number) => {
      const parameters = here.parameters.map((value, k) => value + t * direction[k]!);
      const point = await this.#evaluate(parameters);
      return { ...point, t, slope: dot(direction, point.gradient) };
    };
    return wolfePoint(at, start, first, EVALUATIONS);
  }

  async #evaluate(parameters: Floats): Promise<Point> {
    this.#session.writeParameters(parameters);
    const { layers, losses, predictions, stoppedAt } = await this.#session.gradients(this.#order);
    const raw = packGradients(layers);
    let penalty = 0;
    for (const [from, to] of this.#weights) for (let k = from; k < to; k++) penalty += parameters[k]! * parameters[k]!;
    const value = meanOf(losses) + (this.#decay / 2) * penalty;
    const results = { losses, predictions, stoppedAt };
    return { parameters, raw, gradient: this.#decayed(parameters, raw), value, results };
  }

  /** ∇(mean ℓ) + λW. */
  #decayed(parameters: Floats, raw: Floats): Float64Array {
    const gradient = Float64Array.from(raw);
    for (const [from, to] of this.#weights)
      for (let k = from; k < to; k++) gradient[k]! += this.#decay * parameters[k]!;
    return gradient;
  }
}
