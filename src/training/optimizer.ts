// The coefficients of an optimizer for each step, in float64, the same for every engine. The step itself is the kernel
// `update` (gradients/reference.ts).
import { must } from "../errors.ts";
import { OPTIMIZERS, type Optimizer } from "../gradients/kernels.ts";
import { COEFFICIENT, COEFFICIENTS } from "../network/plan.ts";

/** The optimizers of a run: those whose step is a kernel, and L-BFGS on all rows (full-batch.ts). */
export const TRAINING_OPTIMIZERS = [...OPTIMIZERS, "lbfgs"] as const;
/** "sgd", "momentum", "nesterov", "adam", "adamw" or "lbfgs". */
export type TrainingOptimizer = Optimizer | "lbfgs";

/** An optimizer with its constants; those it does not have are ignored. */
export type OptimizerSettings = {
  /**
   * "sgd", "momentum", "nesterov", "adam", "adamw", or "lbfgs": all rows a step, at most 65,536. Default "adamw"; from
   * 10,000 images, and where a learning rate is given without an optimizer, "sgd".
   */
  readonly optimizer: TrainingOptimizer;
  /**
   * λ ≥ 0, on weights and not on biases. Default 0; for adamw 1 (10/C above ten classes), but 0 from 10,000 images; for
   * lbfgs 0.0001.
   */
  readonly weightDecay: number;
  /** μ in [0, 1): momentum, nesterov. Default 0.9. */
  readonly momentum: number;
  /** β₁ in [0, 1): adam, adamw. Default 0.9. */
  readonly beta1: number;
  /** β₂ in [0, 1): adam, adamw. Default 0.999. */
  readonly beta2: number;
  /** ε > 0: adam, adamw. Default 1e-8. */
  readonly epsilon: number;
  /** λ₁ > 0 of the L1 penalty on weights: each step moves them by ηλ₁ towards 0, and no further. Default: none. */
  readonly l1?: number | undefined;
  /**
   * β in [0, 1): the model is the mean of θ over steps, θ̄ ← β_t θ̄ + (1 − β_t)θ with β_t = min(β, (t − 1)/(t + 8)).
   * Default: the last θ.
   */
  readonly averageDecay?: number | undefined;
};

/** The optimizer where `what` takes a step a mini-batch. Raises InvalidInput for lbfgs. */
export function steppingOptimizer({ optimizer }: Pick<OptimizerSettings, "optimizer">, what: string): Optimizer {
  must(optimizer !== "lbfgs", "optimizer", `another than lbfgs in ${what}, which steps by batches`, optimizer);
  return optimizer as Optimizer;
}

/** μ = 0.9 is PyTorch's and Keras' usual value; β₁, β₂, ε are those of Kingma and Ba (ICLR 2015). */
export const OPTIMIZER_DEFAULTS: OptimizerSettings = {
  optimizer: "sgd",
  weightDecay: 0,
  momentum: 0.9,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
};

/** Raises InvalidInput unless every constant is in its range. */
export function checkOptimizer(settings: OptimizerSettings): void {
  const { optimizer, weightDecay, momentum, beta1, beta2, epsilon, l1, averageDecay = 0 } = settings;
  must(TRAINING_OPTIMIZERS.includes(optimizer), "optimizer", `one of ${TRAINING_OPTIMIZERS.join(", ")}`, optimizer);
  must(
    weightDecay >= 0 && Number.isFinite(Math.fround(weightDecay)),
    "weightDecay",
    "a finite number ≥ 0",
    weightDecay,
  );
  for (const [name, value] of Object.entries({ momentum, beta1, beta2, averageDecay }))
    must(value >= 0 && Math.fround(value) < 1, name, "a number in [0, 1)", value);
  must(l1 === undefined || (l1 > 0 && Number.isFinite(Math.fround(l1))), "l1", "a finite number > 0", l1);
  must(Math.fround(epsilon) > 0 && Number.isFinite(Math.fround(epsilon)), "epsilon", "a finite number > 0", epsilon);
}

/**
 * COEFFICIENTS numbers for each of `rates.length` steps with learning rates η, the first of which is step `firstStep` ≥
 * 1 of the run, in the places of COEFFICIENT.
 */
export function optimizerCoefficients(
  settings: OptimizerSettings,
  rates: Float64Array,
  firstStep: number,
): Float64Array {
  const { optimizer, weightDecay, momentum, beta1, beta2, epsilon, l1 = 0, averageDecay = 0 } = settings;
  const adaptive = optimizer === "adam" || optimizer === "adamw";
  const out = new Float64Array(rates.length * COEFFICIENTS);
  rates.forEach((rate, s) => {
    const t = firstStep + s;
    const c = out.subarray(s * COEFFICIENTS, (s + 1) * COEFFICIENTS);
    c[COEFFICIENT.rate] = adaptive ? rate / (1 - power(beta1, t)) : rate;
    c[COEFFICIENT.shrink] = rate * l1;
    c[COEFFICIENT.average] = 1 - Math.min(averageDecay, (t - 1) / (t + 8)); // the first mean is θ₁
    c[COEFFICIENT.decay] = optimizer === "adamw" ? rate * weightDecay : weightDecay;
    if (!adaptive) {
      c[COEFFICIENT.momentum] = momentum;
      return;
    }
    c[COEFFICIENT.beta1] = beta1;
    c[COEFFICIENT.oneMinusBeta1] = 1 - beta1;
    c[COEFFICIENT.beta2] = beta2;
    c[COEFFICIENT.oneMinusBeta2] = 1 - beta2;
    c[COEFFICIENT.epsilon] = epsilon;
    c[COEFFICIENT.correction] = 1 / Math.sqrt(1 - power(beta2, t));
  });
  return out;
}

/**
 * base^n for an integer n ≥ 0 by squaring: a fixed order of products, unlike Math.pow, whose last bits differ between
 * engines.
 */
export function power(base: number, n: number): number {
  let result = 1;
  let square = base;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
