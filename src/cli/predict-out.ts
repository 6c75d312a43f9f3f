// The answers of `predict` as a file: CSV, TSV, JSON lines or Parquet, by its ending.
import { textLine } from "../data/formats/write-table.ts";
import { must } from "../errors.ts";
import { writeDurably } from "../files/disk.ts";
import type { Prediction, ValuePrediction } from "../training/evaluate.ts";
import type { Model } from "../training/model.ts";
import { type ValueAnswerRow, valueAnswer } from "../training/value-answer.ts";
import type { Asked } from "./asked.ts";
import { valueColumns } from "./value-answers.ts";

/** The answers for one file or folder: classes, or numbers or labels. */
export type Answered = { readonly asked: Asked; readonly prediction: Prediction | ValuePrediction };

/** How many rows were asked about. */
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

/** What is said of row `i` of the rows asked about. */
export function answerRow({ asked, prediction }: Answered, model: Model, i: number) {
  const { file, names, numbers, kept } = asked;
  return {
    file: names?.[i] ?? file,
    row: names ? 1 : (numbers?.[i] ?? i + 1),
    ...(kept && { kept: Object.fromEntries(Object.entries(kept).map(([name, cells]) => [name, cells[i]!])) }),
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

type OutColumn = { readonly name: string; readonly values: (string | number)[] };

/** Columns of a table: where a row comes from, its cells that are kept, the answer; P(class) of up to 20 classes. */
function columnsOfAnswers(all: readonly Answered[], model: Model): OutColumn[] {
  const pictures = all.some(({ asked }) => asked.names);
  const keptNames = [...new Set(all.flatMap(({ asked }) => Object.keys(asked.kept ?? {})))];
  const column = (name: string, of: (answer: AnswerRow) => string | number) => ({ name, of });
  const wanted = [
    ...(pictures || all.length > 1 ? [column("file", ({ file }) => file)] : []),
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
  const columns = wanted.map(({ name }): OutColumn => ({ name, values: [] }));
  for (const answered of all)
    for (let i = 0; i < rowCount(answered, model); i++) {
      const answer = answerRow(answered, model, i) as AnswerRow & ClassAnswerRow & ValueAnswerRow;
      wanted.forEach(({ of }, k) => {
        columns[k]!.values.push(of(answer));
      });
    }
  return columns;
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

/** Write the answers, whole or not at all. */
export async function writeAnswers(file: string, all: readonly Answered[], model: Model): Promise<void> {
  const ending = endingOf(file);
  if (ending === "jsonl" || ending === "ndjson") return writeDurably(file, jsonLines(all, model));
  const columns = columnsOfAnswers(all, model);
  if (ending === "parquet") {
    const { parquetOf } = await import("./parquet-out.ts");
    return writeDurably(file, parquetOf(columns));
  }
  await writeDurably(file, textLines(columns, ENDINGS[ending]));
}

async function* jsonLines(all: readonly Answered[], model: Model): AsyncGenerator<string> {
  for (const answered of all)
    for (let i = 0; i < rowCount(answered, model); i++) yield `${JSON.stringify(answerRow(answered, model, i))}\n`;
}

const LINES = 1024; // of one piece

async function* textLines(columns: readonly OutColumn[], separator: string): AsyncGenerator<string> {
  yield `${textLine(
    columns.map(({ name }) => name),
    separator,
  )}\n`;
  const rows = columns[0]!.values.length;
  for (let from = 0; from < rows; from += LINES) {
    const lines = Array.from({ length: Math.min(LINES, rows - from) }, (_, k) =>
      textLine(
        columns.map(({ values }) => values[from + k]),
        separator,
      ),
    );
    yield `${lines.join("\n")}\n`;
  }
}
