// Figures of a model that answers with numbers or labels: RMSE, MAE, R², pinball loss; precision, recall, F1, ROC
// and PR area of each label.
import type { Loss } from "../network/losses.ts";
import { lossTask } from "../network/losses.ts";
import {
  f1Interval,
  type Interval,
  meanInterval,
  r2Interval,
  rocInterval,
  rootMeanInterval,
  wilson,
} from "./intervals.ts";
import { meanOf } from "./metrics.ts";
import type { ReadOutputs, TargetScaling } from "./value-targets.ts";

/** Of one target that is a number, in the units of the data. */
export type TargetFigures = {
  /** The target's name. */
  readonly name: string;
  /** Root of the mean squared error. */
  readonly rmse: number;
  /** The 95 % interval of `rmse`, from the normal one of the mean squared error. */
  readonly rmseInterval: Interval;
  /** Mean absolute error. */
  readonly mae: number;
  /** The 95 % interval of `mae`, the normal one. */
  readonly maeInterval: Interval;
  /** 1 − Σ(t − value)²/Σ(t − mean)²; null where all targets are equal. */
  readonly r2: number | null;
  /** The 95 % interval of `r2`, by the delta method. */
  readonly r2Interval: Interval | null;
  /** Under "quantile": of each level its mean pinball loss, and the share of targets at or below its quantile. */
  readonly quantiles?:
    | readonly {
        /** τ. */
        readonly level: number;
        /** Mean of max(τ(t − q), (τ − 1)(t − q)). */
        readonly pinball: number;
        /** In [0, 1]; near τ where the quantile is right. */
        readonly covered: number;
      }[]
    | undefined;
};

/** Of one label that is there or not; null where it divides by 0. */
export type LabelFigures = {
  /** The label's name. */
  readonly name: string;
  /** Rows that have it. */
  readonly support: number;
  /** Of the rows with a probability of at least ½, the share that have it. */
  readonly precision: number | null;
  /** Of the rows that have it, the share with a probability of at least ½. */
  readonly recall: number | null;
  /** 2PR/(P + R). */
  readonly f1: number | null;
  /** The 95 % interval of `f1`: that of PR/(P + R − PR), a share of rows, by Wilson's score. */
  readonly f1Interval: Interval | null;
  /** Area under the ROC curve: the chance that a row with it has the greater probability; ties count half. */
  readonly rocArea: number | null;
  /** The 95 % interval of `rocArea`, by DeLong's variance. */
  readonly rocAreaInterval: Interval | null;
  /** Area under precision and recall by steps, Σ(R_k − R_{k−1})P_k: average precision. */
  readonly prArea: number | null;
  /** The 95 % interval of `prArea`: Wilson's of a share of `support` rows (Boyd, Eng and Page, ECML 2013). */
  readonly prAreaInterval: Interval | null;
};

/** Figures of n rows. */
export type ValueMetrics = {
  /** n ≥ 1. */
  readonly rows: number;
  /** Mean loss, of scaled targets and without weights of rows and label smoothing. */
  readonly loss: number;
  /** Of each target of a regression; [] for labels. */
  readonly targets: readonly TargetFigures[];
  /** Of each label; [] for a regression. */
  readonly labels: readonly LabelFigures[];
};

/** Figures of answers to rows with the targets `wanted` [n×T]. */
export function measureValues(
  loss: Loss,
  names: readonly string[],
  wanted: ArrayLike<number>,
  answers: readonly ReadOutputs[],
  losses: ArrayLike<number>,
): ValueMetrics {
  const T = names.length;
  const column = (j: number) => Float64Array.from(answers, (_, i) => wanted[i * T + j]!);
  const labels = lossTask(loss) === "multilabel";
  return {
    rows: answers.length,
    loss: meanOf(losses),
    targets: labels ? [] : names.map((name, j) => targetFigures(loss, name, column(j), answers, j)),
    labels: labels
      ? names.map((name, j) =>
          labelFigures(
            name,
            column(j),
            Float64Array.from(answers, ({ values }) => values[j]!),
          ),
        )
      : [],
  };
}

/** The mean of the figures that are known; null where none is. */
export function meanKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** How far each row's answer is off: its largest |value − target| of T, each in deviations of its target. */
export function farOff(
  values: ArrayLike<number>,
  wanted: ArrayLike<number>,
  T: number,
  scaling: TargetScaling | undefined,
): Float64Array {
  const out = new Float64Array(values.length / T);
  for (let k = 0; k < values.length; k++) {
    const off = Math.abs(values[k]! - wanted[k]!) / (scaling?.deviation[k % T] ?? 1);
    const i = Math.floor(k / T);
    if (off > out[i]!) out[i] = off;
  }
  return out;
}

function targetFigures(
  loss: Loss,
  name: string,
  t: Float64Array,
  answers: readonly ReadOutputs[],
  j: number,
): TargetFigures {
  const errors = t.map((x, i) => x - answers[i]!.values[j]!);
  const mean = meanOf(t);
  const spreads = t.map((x) => (x - mean) ** 2);
  const squares = errors.map((e) => e * e);
  const [spread, squared] = [meanOf(spreads), meanOf(squares)];
  const sizes = errors.map(Math.abs);
  const figures = {
    name,
    rmse: Math.sqrt(squared),
    rmseInterval: rootMeanInterval(squares),
    mae: meanOf(sizes),
    maeInterval: meanInterval(sizes),
    r2: spread > 0 ? 1 - squared / spread : null,
    r2Interval: spread > 0 ? r2Interval(squares, spreads) : null,
  };
  if (loss.name !== "quantile") return figures;
  const K = loss.levels!.length;
  const quantiles = loss.levels!.map((level, q) => {
    const at = (i: number) => answers[i]!.quantiles![j * K + q]!;
    return {
      level,
      pinball: meanOf(t.map((x, i) => Math.max(level * (x - at(i)), (level - 1) * (x - at(i))))),
      covered: meanOf(t.map((x, i) => Number(x <= at(i)))),
    };
  });
  return { ...figures, quantiles };
}

function labelFigures(name: string, t: Float64Array, p: Float64Array): LabelFigures {
  const has = t.map((x) => Number(x >= 0.5));
  const said = p.map((x) => Number(x >= 0.5));
  const count = (of: Float64Array) => of.reduce((sum, x) => sum + x, 0);
  const [support, claimed] = [count(has), count(said)];
  const hits = count(has.map((x, i) => x * said[i]!));
  const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  return {
    name,
    support,
    precision: ratio(hits, claimed),
    recall: ratio(hits, support),
    f1: ratio(2 * hits, support + claimed),
    f1Interval: f1Interval(hits, support + claimed - hits),
    ...areas(has, p, support),
  };
}

type Areas = Pick<LabelFigures, "rocArea" | "rocAreaInterval" | "prArea" | "prAreaInterval">;

/** Both areas from one walk along falling probabilities, rows of equal probability together. */
function areas(has: Float64Array, p: Float64Array, support: number): Areas {
  const order = Array.from(p, (_, i) => i).sort((a, b) => p[b]! - p[a]!);
  const without = has.length - support;
  const [above, below] = [new Float64Array(support), new Float64Array(without)];
  let [hits, misses, area] = [0, 0, 0];
  for (let k = 0, end = 0; k < order.length; k = end) {
    let here = 0;
    for (end = k; end < order.length && p[order[end]!] === p[order[k]!]; end++) here += has[order[end]!]!;
    const missed = end - k - here;
    above.fill(without - misses - missed / 2, hits, hits + here); // rows without it that rank below; ties count half
    below.fill(hits + here / 2, misses, misses + missed);
    hits += here;
    misses += missed;
    area += (here / support) * (hits / (hits + misses));
  }
  const both = support > 0 && without > 0;
  const rocArea = both ? above.reduce((sum, x) => sum + x, 0) / (support * without) : null;
  const shares = (counts: Float64Array, of: number) => counts.map((n) => n / of);
  return {
    rocArea,
    rocAreaInterval: rocArea === null ? null : rocInterval(rocArea, shares(above, without), shares(below, support)),
    prArea: support > 0 ? area : null,
    prAreaInterval: support > 0 ? wilson(area, support) : null,
  };
}
