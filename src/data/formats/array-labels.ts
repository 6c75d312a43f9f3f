// An array of labels as one class a row: integers of any width, truth values, text, a column [N×1], or one-hot [N×C].
import { InvalidInput, type InvalidInputCode, must, show } from "../../errors.ts";
import type { LabelArray } from "./label-array.ts";

type Place = { readonly code: InvalidInputCode; readonly labelsFile?: string | undefined };

/** One value a row. `remedy` goes with a count that differs. */
export function labelsOf(
  labels: LabelArray,
  rows: number,
  { code, labelsFile: file, remedy }: Place & { readonly remedy: string },
): { readonly values: LabelArray["values"]; readonly notes: readonly string[] } {
  const { shape, values, names } = labels;
  const [count, width = 1] = shape;
  const place = { file, at: "shape" };
  const flat = shape.length === 1 || (shape.length === 2 && (width === 1 || names === undefined));
  must(flat, "labels", "an array [N], [N, 1] or, one-hot, [N, classes]", shape, "", place, code);
  must(count === rows, "labels", `${rows} values`, count, remedy, place, code);
  if (width === 1) return { values, notes: [] };
  const out = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    const row = values.subarray(i * width, (i + 1) * width);
    const at = row.indexOf(1);
    const hot = at >= 0 && row.every((value, c) => value === (c === at ? 1 : 0));
    if (!hot) {
      const reason = `labels of ${width} columns must be one-hot: each row one 1 and else 0. Give one class a row: y.argmax(axis=1).`;
      throw new InvalidInput(code, reason, { file, at: `row ${i + 1}` });
    }
    out[i] = at;
  }
  return { values: out, notes: [`Labels are one-hot: the place of the 1 among ${width} columns is the class.`] };
}

/**
 * Class indices. Without `classes` the values that occur are the classes, in order; with them a value is the name of
 * one, or else its place among them.
 */
export function classesOf(
  values: LabelArray["values"],
  names: readonly string[] | undefined,
  {
    code,
    labelsFile: file,
    classes,
    most,
  }: Place & { readonly classes?: readonly string[] | undefined; readonly most: number },
): { readonly labels: Int32Array; readonly classes: readonly string[] } {
  const whole = classes === undefined ? "an integer" : `a class in [0, ${classes.length})`;
  const occurring = new Set<number>();
  values.forEach((value, i) => {
    if (!Number.isSafeInteger(value)) must(false, `labels[${i}]`, whole, value, "", { file, at: `label ${i}` }, code);
    occurring.add(value);
  });
  const seen = [...occurring].sort((a, b) => a - b);
  const nameOf = (value: number) => names?.[value] ?? String(value + 0); // + 0: no -0
  if (classes === undefined) {
    if (seen.length > most)
      throw new InvalidInput(code, `labels have ${seen.length} different values; at most ${most} classes are taken.`, {
        file,
      });
    const place = new Map(seen.map((value, c) => [value, c]));
    return { labels: Int32Array.from(values, (value) => place.get(value)!), classes: seen.map(nameOf) };
  }
  const named = new Map(classes.map((name, c) => [name, c]));
  if (seen.every((value) => named.has(nameOf(value))))
    return { labels: Int32Array.from(values, (value) => named.get(nameOf(value))!), classes };
  values.forEach((value, i) => {
    const known = names === undefined && value >= 0 && value < classes.length;
    if (known) return;
    const place = { file, at: `label ${i}` };
    const got = names ? names[value] : value;
    must(false, `labels[${i}]`, names ? `one of ${show(classes)}` : whole, got, "", place, code);
  });
  return { labels: Int32Array.from(values), classes };
}
