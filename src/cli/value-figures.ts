// Figures of numbers and labels as text: one line for a run, tables for `test`.
import type { Interval } from "../training/intervals.ts";
import { type LabelFigures, meanKnown, type TargetFigures, type ValueMetrics } from "../training/value-metrics.ts";
import { clip, columns, count, loss, plural, table } from "./tables.ts";

type Figures = Pick<ValueMetrics, "targets" | "labels">;

const number = (x: number): string => String(Number(x.toPrecision(4)));
const share = (x: number | null): string => (x === null ? "n/a" : x.toFixed(4));

/** The figures by name; of several targets or labels the means, and no RMSE, as their units differ. */
export function figureTexts({ targets, labels }: Figures): string[] {
  const [first] = targets;
  if (targets.length + labels.length === 0) return [];
  const of = labels.length > 1 || targets.length > 1 ? ` (mean of ${targets.length + labels.length})` : "";
  if (first === undefined)
    return [
      `F1 ${share(meanKnown(labels.map(({ f1 }) => f1)))}${of}`,
      `ROC area ${share(meanKnown(labels.map(({ rocArea }) => rocArea)))}`,
      `PR area ${share(meanKnown(labels.map(({ prArea }) => prArea)))}`,
    ];
  const r2 = `R² ${share(meanKnown(targets.map((target) => target.r2)))}${of}`;
  return targets.length > 1 ? [r2] : [`RMSE ${number(first.rmse)}`, `MAE ${number(first.mae)}`, r2];
}

/** Figures of each target or label, in lines of at most `width` columns. */
export function valueTables(metrics: ValueMetrics, width = Number.POSITIVE_INFINITY): string[] {
  const { targets, labels, rows } = metrics;
  const name = (text: string) => clip(text, width < 64 ? 12 : 30);
  return [
    `${figureTexts(metrics).join("   ")}   loss ${loss(metrics.loss)}   ${plural(rows, "row")}`,
    "",
    ...(targets.length > 0 ? targetTable(targets, name) : labelTable(labels, name, width)),
    ...quantileTable(targets, name),
  ];
}

const ends = (interval: Interval | null, text: (x: number) => string): string =>
  interval === null ? "" : interval.map(text).join(" … ");

const INTERVALS = "  95 %"; // the row below a target or label

function targetTable(targets: readonly TargetFigures[], name: (text: string) => string): string[] {
  return table([
    ["target", "RMSE", "MAE", "R²"],
    ...targets.flatMap((one) => [
      [name(one.name), number(one.rmse), number(one.mae), share(one.r2)],
      [INTERVALS, ends(one.rmseInterval, number), ends(one.maeInterval, number), ends(one.r2Interval, share)],
    ]),
  ]);
}

function quantileTable(targets: readonly TargetFigures[], name: (text: string) => string): string[] {
  const rows = targets.flatMap((one) =>
    (one.quantiles ?? []).map(({ level, pinball, covered }) => [
      name(one.name),
      String(level),
      number(pinball),
      share(covered),
    ]),
  );
  return rows.length === 0 ? [] : ["", ...table([["quantile of", "level", "pinball loss", "share below"], ...rows])];
}

function labelTable(labels: readonly LabelFigures[], name: (text: string) => string, width: number): string[] {
  const rows = labels.flatMap((one) => [
    [name(one.name), ...[one.precision, one.recall, one.f1, one.rocArea, one.prArea].map(share), count(one.support)],
    [
      INTERVALS,
      "",
      "",
      ...[one.f1Interval, one.rocAreaInterval, one.prAreaInterval].map((interval) => ends(interval, share)),
      "",
    ],
  ]);
  const wide = table([["label", "precision", "recall", "F1", "ROC area", "PR area", "rows"], ...rows]);
  if (wide.every((line) => columns(line) <= width)) return wide;
  return table([["label", "F1", "rows"], ...rows.map((row) => [row[0]!, row[3]!, row[6]!])]);
}
