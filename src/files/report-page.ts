// The data of a run's report, and their place in the built page. Texts only; none of them is read as markup.
import type { Metrics } from "../training/metrics.ts";
import type { EpochRecord } from "../training/training-result.ts";
import type { ValueMetrics } from "../training/value-metrics.ts";

/** A name and its value, both as text. */
export type ReportLine = readonly [name: string, text: string];

/** An example whose own class has a low probability. */
export type WorstExample = {
  /** Of the rows tested, from 1. */
  readonly row: number;
  readonly label: number;
  readonly predicted: number;
  /** Of the label's class. */
  readonly probability: number;
  /** Bytes [height×width], base64; null where the rows are no images. */
  readonly picture: string | null;
  /** The first features of a row that is no image. */
  readonly values: readonly ReportLine[];
};

/** A test row for the report: its label and where it stands, its picture or first features. */
export type ReportRow = Pick<WorstExample, "row" | "label" | "picture" | "values">;

/** What δ tells of the test rows. */
export type ReportInsights = {
  /** How many were looked at: the first 10,000 of more. */
  readonly rows: number;
  /** Rows whose label confident learning counts as wrong, the most doubtful first. */
  readonly suspected: readonly (ReportRow & { readonly suggested: number; readonly probability: number })[];
  /** The rows with the least and the largest ‖g_i‖. */
  readonly typical: readonly (ReportRow & { readonly norm: number })[];
  readonly unusual: readonly (ReportRow & { readonly norm: number })[];
  /** Of images: what pushed log p of some answers, in signed bytes [height×width], base64, each of its own scale. */
  readonly pushed: readonly (ReportRow & {
    readonly predicted: number;
    readonly saliency: string;
    readonly integrated: string;
  })[];
  /** Of a table: permutation importance, the most important column first; null for images. */
  readonly importance:
    | readonly {
        readonly column: string;
        readonly loss: number;
        readonly lossError: number;
        readonly accuracy: number;
        readonly accuracyError: number;
      }[]
    | null;
};

/** A row whose numbers or labels are far from its targets. */
export type WorstAnswer = {
  /** Of the rows tested, from 1. */
  readonly row: number;
  /** Of each target its name, and in words what it is and what was answered. */
  readonly answers: readonly ReportLine[];
  /** The first features. */
  readonly values: readonly ReportLine[];
};

/** One layer's weights in 255 steps: value = step/127 × `scale`. */
export type LayerPicture = {
  /** I. */
  readonly inputs: number;
  /** O. */
  readonly outputs: number;
  /** max |W|. */
  readonly scale: number;
  /** √ΣW². */
  readonly norm: number;
  /** Signed bytes [I×O], base64; null for a layer too large for a page. */
  readonly steps: string | null;
};

export type ReportData = {
  readonly run: string;
  readonly summary: string;
  readonly figures: readonly ReportLine[];
  readonly configuration: readonly ReportLine[];
  readonly epochs: readonly EpochRecord[];
  readonly keptEpoch: number | null;
  readonly classes: readonly string[];
  readonly image: { readonly height: number; readonly width: number } | null;
  /** Null where the data were not found; `missing` has the reason. */
  readonly tested: { readonly on: string; readonly metrics: Metrics; readonly worst: readonly WorstExample[] } | null;
  /** The same where numbers or labels are learned; absent where classes are. */
  readonly testedValues?:
    | { readonly on: string; readonly metrics: ValueMetrics; readonly worst: readonly WorstAnswer[] }
    | undefined;
  readonly missing: string | null;
  /** Null without test rows, and where these have soft targets. */
  readonly insights: ReportInsights | null;
  readonly layers: readonly LayerPicture[];
  readonly hashes: readonly ReportLine[];
  readonly commands: readonly ReportLine[];
};

const MARK = '<!doctype html>\n<html lang="en" data-deltaprop="report">';
const PLACE = '<script type="application/json" id="run">null</script>';

/**
 * `template`, the built page, with the data of one run in it. JSON in which no character can end the element it stands
 * in.
 */
export function fillReport(template: string, data: ReportData): string {
  const [before, after, ...more] = template.split(PLACE);
  if (!template.startsWith(MARK) || after === undefined || more.length > 0)
    throw new Error("the built page of a report has no place for a run's data");
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return `${before}${PLACE.replace("null", () => json)}${after}`;
}

/** Whether a file with this beginning is a report, which a new one may replace. */
export function isReport(beginning: string): boolean {
  return beginning.startsWith(MARK);
}
