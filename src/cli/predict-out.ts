// The answers of `predict` as a file: CSV, TSV, JSON lines or Parquet, by its ending.
import { textLine } from "../data/formats/write-table.ts";
import { must } from "../errors.ts";
import { writeDurably } from "../files/disk.ts";
import type { Prediction, ValuePrediction } from "../training/evaluate.ts";
import type { Model } from "../training/model.ts";
import { type ValueAnswerRow, valueAnswer } from "../training/value-answer.ts";
import type { Asked } from "./asked.ts";
import { valueColumns } from "./value-answers.ts";

/** The answers for some rows of a file or folder, from row `first` on: classes, or numbers or labels. */
export type Answered = {
  readonly asked: Asked;
  readonly first: number;
  readonly prediction: Prediction | ValuePrediction;
};

/** How many rows these are. */
export const rowCount = ({ prediction }: Answered, { classes }: Model): number =>
  "classes" in prediction ? prediction.classes.length : prediction.values.length / classes.length;

const ENDINGS = { csv: ",", tsv: "\t", jsonl: "", ndjson: "", parquet: "" } as const;
type Ending = keyof typeof ENDINGS;
const MOST_CLASSES = 20; // with a column each

/** The kind of file that a name asks for. Raises InvalidInput. */
export function endingOf(file: string): Ending {
  const ending = /\.([^./\\]+)$/.exec(file)?.[1]?.toLowerCase() ?? "";
  const known = Object.hasOwn(ENDINGS, ending);
  must(known, "--out", "a name that ends in .csv, .tsv, .jsonl or .parquet", file);
  return ending as Ending;
}

/** What is said of row `i` of these rows. */
export function answerRow({ asked, first, prediction }: Answered, model: Model, i: number) {
  const { file, names, numbers, kept } = asked;
  const at = first + i;
  return {
    file: names?.[at] ?? file,
    row: names ? 1 : (numbers?.[at] ?? at + 1),
    ...(kept && { kept: Object.fromEntries(Object.entries(kept).map(([name, cells]) => [name, cells[at]!])) }),
    ...("classes" in prediction ? classAnswer(prediction, model.classes, i) : valueAnswer(model, prediction, i)),
  };
}

type ClassAnswerRow = ReturnType<typeof classAnswer>;

function classAnswer(prediction: Prediction, classes: readonly string[], i: number) {
  const C = classes.length;
  const row = prediction.probabilities.subarray(i * C, (i + 1) * C);
  const c = prediction.classes[i]!;
  return {
    class: classes[c]!,
    probability: row[c]!,
    probabilities: Object.fromEntries(classes.map((name, k) => [name, row[k]!])),
  };
}

type AnyAnswer = AnswerRow & ClassAnswerRow & ValueAnswerRow;
type OutColumn = { readonly name: string; readonly of: (answer: AnyAnswer) => string | number };

/** Columns of a table: where a row comes from, its cells that are kept, the answer; P(class) of up to 20 classes. */
function columnsOfAnswers(inputs: readonly Asked[], model: Model): readonly OutColumn[] {
  const pictures = inputs.some((asked) => asked.names);
  const keptNames = [...new Set(inputs.flatMap((asked) => Object.keys(asked.kept ?? {})))];
  const column = (name: string, of: (answer: AnswerRow) => string | number) => ({ name, of });
  const wanted = [
    ...(pictures || inputs.length > 1 ? [column("file", ({ file }) => file)] : []),
    ...(pictures ? [] : [column("row", ({ row }) => row)]),
    ...keptNames.map((name) => column(name, ({ kept }) => kept?.[name] ?? "")),
    ...(model.loss ? valueColumns(model) : classColumns(model.classes)),
  ];
  const names = wanted.map(({ name }) => name);
  const twice = names.find((name, k) => names.indexOf(name) !== k);
  must(
    twice === undefined,
    "--keep",
    "columns whose names the answers do not have",
    twice,
    `They have ${names.join(", ")}.`,
  );
  return wanted as readonly OutColumn[];
}

type AnswerRow = ReturnType<typeof answerRow>;

const classColumns = (classes: readonly string[]) => {
  const column = (name: string, of: (answer: ClassAnswerRow) => string | number) => ({ name, of });
  return [
    column("predicted", (answer) => answer.class),
    column("probability", ({ probability }) => probability),
    ...(classes.length > MOST_CLASSES
      ? []
      : classes.map((name) => column(`P(${name})`, ({ probabilities }) => probabilities[name]!))),
  ];
};

/** Write the answers as they come, whole or not at all; a Parquet file once all are there. */
export async function writeAnswers(
  file: string,
  inputs: readonly Asked[],
  all: AsyncIterable<Answered>,
  model: Model,
): Promise<void> {
  const ending = endingOf(file);
  if (ending === "jsonl" || ending === "ndjson") return writeDurably(file, jsonLines(all, model));
  const columns = columnsOfAnswers(inputs, model);
  if (ending !== "parquet") return writeDurably(file, textLines(columns, all, model, ENDINGS[ending]));
  const { parquetOf } = await import("./parquet-out.ts");
  const whole = columns.map(({ name }) => ({ name, values: [] as (string | number)[] }));
  for await (const rows of linesOf(columns, all, model))
    for (const cells of rows) for (const [k, cell] of cells.entries()) whole[k]!.values.push(cell);
  await writeDurably(file, parquetOf(whole));
}

async function* jsonLines(all: AsyncIterable<Answered>, model: Model): AsyncGenerator<string> {
  for await (const answered of all)
    for (let i = 0; i < rowCount(answered, model); i++) yield `${JSON.stringify(answerRow(answered, model, i))}\n`;
}

const LINES = 1024; // of one piece

/** The cells of the answers, some rows at a time. */
async function* linesOf(columns: readonly OutColumn[], all: AsyncIterable<Answered>, model: Model) {
  for await (const answered of all) {
    const rows = rowCount(answered, model);
    for (let from = 0; from < rows; from += LINES)
      yield Array.from({ length: Math.min(LINES, rows - from) }, (_, k) => {
        const answer = answerRow(answered, model, from + k) as AnyAnswer;
        return columns.map(({ of }) => of(answer));
      });
  }
}

async function* textLines(
  columns: readonly OutColumn[],
  all: AsyncIterable<Answered>,
  model: Model,
  separator: string,
): AsyncGenerator<string> {
  yield `${textLine(
    columns.map(({ name }) => name),
    separator,
  )}\n`;
  for await (const rows of linesOf(columns, all, model))
    yield `${rows.map((cells) => textLine(cells, separator)).join("\n")}\n`;
}
