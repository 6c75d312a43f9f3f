// The page of a search: every trial as a line across its options (parallel coordinates), what mattered, and the trials.

import type { SearchResult } from "../../search/halving-search.ts";
import type { OptionImportance } from "../../search/importance.ts";
import type { Dimension, SearchSpace, SpaceValue } from "../../search/search-space.ts";
import { pointsText, scoreText } from "../score-text.ts";
import { loss, percent, plural } from "../tables.ts";
import { escaped, pageOf, tableOf } from "./page.ts";

const [HEIGHT, TOP, SIDE] = [320, 36, 60];
const [LEAST_WIDTH, BETWEEN] = [960, 104]; // of the picture, and of two axes: the longest name fits

export function searchPage(
  data: string,
  result: SearchResult,
  space: SearchSpace,
  importance: readonly OptionImportance[],
) {
  const { measure, trials, best, noise } = result;
  const names = Object.keys(space);
  const lines = trials.map(({ trial, values, fits }) => [
    trial === best.trial ? `<strong>${trial}</strong>` : String(trial),
    String(fits.at(-1)!.epochs),
    scoreText(measure, fits.at(-1)!.score),
    fits.at(-1)!.loss === null ? "diverged" : loss(fits.at(-1)!.loss!),
    ...names.map((name) => (values[name] === undefined ? "default" : escaped(textOf(values[name])))),
  ]);
  const floor = noise
    ? `<p>The best trial with other seeds: ${scoreText(measure, noise.mean)} ± ${pointsText(measure, noise.deviation)}. Smaller
differences are noise.</p>`
    : "";
  const shares = importance.map(({ name, share }) => [escaped(name), share === null ? "?" : percent(share)]);
  return pageOf(
    `Search on ${data}`,
    `<p>${plural(trials.length, "trial")}, judged on rows that training never saw; the best is trial ${best.trial}. The test part
was not looked at.</p>
${floor}
${coordinates(result, space)}
<h2>What mattered</h2>
<p>The share of the variance of the trials' first fits that lies between groups of an option's values, without what
chance alone gives (ω²). Options that only matter together have small shares.</p>
${tableOf(["option", "share"], shares)}
<h2>Trials</h2>
${tableOf(["trial", "epochs", measure, "loss", ...names], lines)}`,
  );
}

const textOf = (value: SpaceValue) => (Array.isArray(value) ? value.join("-") : String(value));

/** One axis an option and one for the score; the best trial is drawn last and thick. */
function coordinates({ measure, trials, best }: SearchResult, space: SearchSpace): string {
  const names = Object.keys(space);
  const width = Math.max(LEAST_WIDTH, 2 * SIDE + BETWEEN * names.length);
  const drawn = trials.filter(({ values, fits }) => Object.keys(values).length > 0 && fits[0]!.loss !== null);
  const ordered = [...drawn.filter((one) => one !== best), ...drawn.filter((one) => one === best)];
  const scores = drawn.map(({ fits }) => fits.at(-1)!.score);
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const x = (axis: number) => SIDE + (axis * (width - 2 * SIDE)) / names.length;
  const y = (share: number) => HEIGHT - 24 - share * (HEIGHT - 24 - TOP);
  const place = (score: number) => (high > low ? (score - low) / (high - low) : 1);
  const lines = ordered.map((one) => {
    const { score } = one.fits.at(-1)!;
    const shares = [...names.map((name) => shareOf(space[name]!, one.values[name]!)), place(score)];
    const points = shares.map((share, axis) => `${x(axis).toFixed(1)},${y(share).toFixed(1)}`).join(" ");
    const [color, thick, opacity] = one === best ? ["#c2512f", 3, 1] : ["#2a6fbb", 1.2, 0.15 + 0.6 * place(score)];
    return `<polyline points="${points}" fill="none" stroke="${color}" stroke-width="${thick}" opacity="${Number(opacity).toFixed(2)}"/>`;
  });
  const ends = names.map((name) => endsOf(space[name]!));
  const axes = [...names, measure].map((name, axis) => {
    const [bottom, top] = ends[axis] ?? [scoreText(measure, low), scoreText(measure, high)];
    const label = (text: string, at: number) =>
      `<text x="${x(axis)}" y="${at}" text-anchor="middle" font-size="11" fill="currentColor">${escaped(text)}</text>`;
    return `<line x1="${x(axis)}" x2="${x(axis)}" y1="${y(0)}" y2="${y(1)}" stroke="currentColor" opacity=".5"/>
${label(name, 12)}${label(top, TOP - 6)}${label(bottom, HEIGHT - 8)}`;
  });
  const words = `Parallel coordinates of ${plural(drawn.length, "trial")}; the table below has the same values.`;
  return `<div class="wide"><svg viewBox="0 0 ${width} ${HEIGHT}" width="${width}" role="img" aria-label="${words}">
${lines.join("\n")}
${axes.join("\n")}
</svg></div>`;
}

/** Where a value lies between the ends of its axis, in [0, 1]. */
function shareOf(dimension: Dimension, value: SpaceValue): number {
  if ("choices" in dimension) {
    const at = dimension.choices.findIndex((choice) => JSON.stringify(choice) === JSON.stringify(value));
    return at / (dimension.choices.length - 1);
  }
  const { from, to, scale } = dimension;
  const of = (x: number) => (scale === "log" ? Math.log(x) : x);
  return (of(value as number) - of(from)) / (of(to) - of(from));
}

const endsOf = (dimension: Dimension): readonly [string, string] =>
  "choices" in dimension
    ? [textOf(dimension.choices[0]!), textOf(dimension.choices.at(-1)!)]
    : [String(dimension.from), String(dimension.to)];
