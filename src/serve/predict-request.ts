// `POST /predict`: a row, rows or a picture, answered by name, as `deltaprop
// predict --json` prints them.
import { inScale, pictureFormOf } from "../classifier/picture-row.ts";
import type { InputRow } from "../classifier/row-input.ts";
import { decodePicture } from "../data/pictures/decode.ts";
import { oddities } from "../data/pictures/picture-tally.ts";
import { toRow } from "../data/pictures/to-row.ts";
import { InvalidInput, must } from "../errors.ts";
import { columnCount } from "../training/model.ts";
import { type ValueAnswerRow, valueAnswer } from "../training/value-answer.ts";
import type { RowAnswers, ServedModel } from "./served-model.ts";

/** What is said of a row: its class with probabilities, or its numbers or labels. */
export type NamedAnswer =
  | {
      readonly class: string;
      readonly probability: number;
      readonly probabilities: Readonly<Record<string, number>>;
    }
  | ValueAnswerRow;

/** Answer a body: one row's answer, or `{ rows: [...] }`. Raises InvalidInput or Busy. */
export async function answerNamed(
  served: ServedModel,
  body: unknown,
): Promise<NamedAnswer | { readonly rows: readonly NamedAnswer[] }> {
  const { rows, one } = rowsIn(body, served.model.featureNames);
  const answers = await served.answer(rows);
  const named = rows.map((_, i) => namedAnswer(served, answers, i));
  return one ? named[0]! : { rows: named };
}

/** Answer the bytes of a picture, with what is odd about it. Raises InvalidInput or Busy. */
export async function answerPicture(
  served: ServedModel,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<NamedAnswer & { readonly notes?: readonly string[] }> {
  const { model } = served;
  const form = pictureFormOf(model);
  if (form === undefined) {
    const reason = `this model was not trained on pictures: it takes rows of ${columnCount(model)} columns.`;
    throw new InvalidInput("WRONG_COLUMNS", reason);
  }
  const { row, facts } = toRow(await decodePicture(bytes), form);
  const answer = namedAnswer(served, await served.answer([inScale(row, form)]), 0);
  const notes = oddities(facts, form, "Send it inverted.");
  return notes.length > 0 ? { ...answer, notes } : answer;
}

function rowsIn(body: unknown, columns: readonly string[] = []): { rows: readonly InputRow[]; one: boolean } {
  const isObject = typeof body === "object" && body !== null;
  must(isObject, "the body", 'a row, an array of rows, or { "rows": [...] }', body);
  const inside = !Array.isArray(body) && Object.hasOwn(body, "rows") && !columns.includes("rows");
  const rows: unknown = inside ? (body as { rows: unknown }).rows : body;
  if (inside) must(Array.isArray(rows), "rows", "an array of rows", rows);
  if (!Array.isArray(rows)) return { rows: [rows as InputRow], one: true };
  must(rows.length > 0, inside ? "rows" : "the body", "at least one row", rows);
  const many = inside || (typeof rows[0] === "object" && rows[0] !== null);
  return many ? { rows, one: false } : { rows: [rows], one: true };
}

function namedAnswer({ model }: ServedModel, { answers: prediction, first }: RowAnswers, row: number): NamedAnswer {
  const i = first + row;
  if (!("classes" in prediction)) return valueAnswer(model, prediction, i);
  const { probabilities } = prediction;
  const { classes } = model;
  const C = classes.length;
  const c = prediction.classes[i]!;
  return {
    class: classes[c]!,
    probability: probabilities[i * C + c]!,
    probabilities: Object.fromEntries(classes.map((name, k) => [name, probabilities[i * C + k]!])),
  };
}
