// A run's report: what is put into the built page of a report, and how. Texts only; nothing in them is ever read as
// markup.
import type { Metrics } from "../training/metrics.ts";
import type { EpochRecord } from "../training/training-result.ts";

/** A name and what stands beside it. */
export type ReportLine = readonly [name: string, text: string];

/** An example that the network got wrong, or least right. */
export type WorstExample = {
  readonly row: number; //                        of the rows tested, from 1
  readonly label: number;
  readonly predicted: number;
  readonly probability: number; //                of the label's class
  readonly picture: string | null; //             bytes [height×width], base64; null where the rows are no images
  readonly values: readonly ReportLine[]; //            the first features of a row that is no image
};

/** One layer's weights in 255 steps: value = step/127 × `scale`. */
export type LayerPicture = {
  readonly inputs: number; //                     I
  readonly outputs: number; //                    O
  readonly scale: number; //                      max |W|
  readonly norm: number; //                       √ΣW²
  readonly steps: string | null; //               signed bytes [I×O], base64; null where they are too many for a page
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
  /** null where the data were not to be found; then `missing` says why. */
  readonly tested: { readonly on: string; readonly metrics: Metrics; readonly worst: readonly WorstExample[] } | null;
  readonly missing: string | null;
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

/** Whether a file that begins so is a report of ours, which another may replace. */
export function isReport(beginning: string): boolean {
  return beginning.startsWith(MARK);
}
