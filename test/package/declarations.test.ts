// The types as an editor shows them: read from the emitted declarations of every entry.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { apiPages } from "../../scripts/api.ts";
import { Declarations, ENTRIES, emitDeclarations, type Name } from "../../scripts/declarations.ts";

const folder = mkdtempSync(join(tmpdir(), "deltaprop-declarations-"));
let entries: Map<string, Name[]>;
let declarations: Declarations;

beforeAll(() => {
  emitDeclarations(folder);
  declarations = new Declarations(folder);
  entries = new Map(ENTRIES.map((entry) => [entry, declarations.namesOf(entry)]));
});
afterAll(() => rmSync(folder, { recursive: true }));

const every = () => [...new Map([...entries.values()].flat().map((name) => [idOf(name), name])).values()];
const idOf = ({ file, declared }: Pick<Name, "file" | "declared">) => `${file}#${declared}`;

/** Names and members without a comment that an editor shows. */
const undocumented = (names: readonly Name[]): string[] =>
  names.flatMap(({ name, doc, members }) => [
    ...(doc === "" ? [name] : []),
    ...members.filter((member) => member.doc === "").map((member) => `${name}.${member.name}`),
  ]);

/** Fields of options that are missing what a caller wants to know: the default, and of a number its range. */
const vague = (names: readonly Name[]): string[] =>
  names
    .filter(({ name }) => /(Options|Settings|Machine|Limits|Basis|Setup|Place|Abortable)$/.test(name))
    .flatMap(({ name, members }) =>
      members.flatMap(({ name: field, optional, type, doc }) => [
        ...(optional && !/\b(default|needed)\b/i.test(doc) ? [`${name}.${field}: no default`] : []),
        ...(/^number\b/.test(type) && !/[≥≤<>…]|\bin [[(]|integer/i.test(doc) ? [`${name}.${field}: no range`] : []),
      ]),
    );

/** Names in the types of `entry` that a program cannot import. */
function unexported(entry: string): string[] {
  const also = entry === "index" ? [] : ["index", "sessions"];
  const known = new Set([entry, ...also].flatMap((one) => entries.get(one)!).map(idOf));
  return entries
    .get(entry)!
    .flatMap(({ name, refers }) =>
      refers.filter((used) => !known.has(used) && !declarations.isMark(used)).map((used) => `${name} names ${used}`),
    );
}

test("every exported name, field and method, and every field of a parameter, has a comment that an editor shows", () => {
  expect(every().length).toBeGreaterThan(100);
  expect(undocumented(every())).toEqual([]);
});

test("every field of options says its default, and every number its range", () => {
  expect(vague(every())).toEqual([]);
});

test.each(ENTRIES)(
  "every type that a signature of %s names can be imported, from there or from the main entry",
  (entry) => {
    expect(unexported(entry)).toEqual([]);
  },
);

test("the main entry completes to what a program with a classifier needs, and nothing else", async () => {
  const values = [
    ..."Classifier DeltapropError Diverged EngineUnavailable EnvironmentFailure InvalidInput NumericalStop".split(" "),
    ..."centerDigit classifierOf defineNetwork drawDigits evaluate fit fitScaling fromArrays fromJSON fromRows".split(
      " ",
    ),
    ..."load loadValues openTrainer predict splitDataset train ValueModel valueModelOf".split(" "),
  ];
  expect(Object.keys(await import("../../src/index.ts")).sort()).toEqual(values.sort());
  const types = entries.get("index")!.filter(({ kind, typeOnly }) => typeOnly || kind === "type");
  expect(types.map(({ name }) => name)).toEqual(
    [
      "Abortable Activation Answer Answers Augmentation AugmentationName BatchFigures BatchTrainer CenteredBy CheckedDataset ClassIndices",
      "ClassifierMachine Column ColumnKind ColumnRole Cycle DataPart Dataset DateOrder DigitsOptions DistortionLimits EngineChoice",
      "EngineName EnvironmentFailureCode EpochEvent EpochRecord ErrorCode FitOptions FittedColumn",
      "FromArraysOptions FromRowsOptions ImageSize Initialization InputRow Interval InvalidInputCode LabelFigures LayerOptions Loss LossName Machine ManyRows",
      "MeasuredColumn Metric MetricRows Metrics MissingChoice Model ModelPrivacy Network NumericalStopCode OneHotColumn",
      "Optimizer OptimizerSettings PictureBorder PictureColor PictureFit PictureForm PictureOptions PictureSize",
      "Place Prediction PrivateOptions RankExchange RateOf RejectedRow RowChoices RowLabels Rows RunBasis RunMachine RunOptions Scaling ScalingKind",
      "Schedule Scores Source SourceTable SplitParts Splits StepOptions StopReason TableColumn TableOptions TargetFigures",
      "TargetScaling Task TrainEvent TrainOptions TrainedOn TrainerOptions TrainingOptimizer TrainingOptions TrainingResult ValueAnswer",
      "ValueAnswers ValueFitOptions ValueLoss ValueMetrics ValuePrediction",
    ].flatMap((line) => line.split(" ")),
  );
});

test("engines, codes and kinds are unions that an editor completes", () => {
  const text = (name: string) => entries.get("index")!.find((one) => one.name === name)!.signatures[0]!;
  expect(text("EngineName")).toBe('type EngineName = "native" | "wasm" | "reference" | "reference-float64"');
  expect(text("StopReason")).toMatch(/^type StopReason = ("\w+" \| )+"\w+"$/);
  expect(text("InvalidInputCode")).toMatch(/^type InvalidInputCode = ("\w+" \| )+"\w+"$/);
  for (const name of ["DeltapropError", "InvalidInput", "EnvironmentFailure", "NumericalStop", "EngineUnavailable"]) {
    const { members } = entries.get("index")!.find((one) => one.name === name)!;
    expect(members.find((member) => member.name === "code")!.type, name).toMatch(/Code$|^"ENGINE_UNAVAILABLE"$/);
  }
});

test("the reader sees a missing comment, default, range and export", () => {
  const source = `
import { type Hidden, type B } from "./b.ts";
/** Options. */
export type AOptions = {
  /** Rate. */
  readonly rate?: number | undefined;
  readonly plain: Hidden | Promise<B>;
};
// no comment that an editor shows
export declare class C {
  #private;
  private secret: Hidden;
  /** Ends it. */
  [Symbol.dispose](): void;
  get size(): number;
}
/** f. */
export declare function f<T extends B>(a: T, { b }?: { readonly b?: T }): C;
`;
  const small = mkdtempSync(join(folder, "small-"));
  writeFileSync(join(small, "a.d.ts"), source);
  writeFileSync(join(small, "b.d.ts"), "export type Hidden = 1;\n/** B. */\nexport interface B { x(): void }\n");
  writeFileSync(join(small, "entry.d.ts"), 'export { type AOptions, C, f } from "./a.ts";\n');
  const names = new Declarations(small).namesOf("entry");
  expect(undocumented(names)).toEqual(["AOptions.plain", "C", "C.size", "f.argument 2.b"]);
  expect(vague(names)).toEqual(["AOptions.rate: no default", "AOptions.rate: no range"]);
  expect(names.map(({ name, kind, refers }) => [name, kind, refers])).toEqual([
    ["AOptions", "type", ["b.d.ts#Hidden", "b.d.ts#B"]],
    ["C", "class", []],
    ["f", "function", ["b.d.ts#B", "a.d.ts#C"]],
  ]);
});

test("docs/api is current", () => {
  const pages = resolve(import.meta.dirname, "../../docs/api");
  const committed = readdirSync(pages).map((name) => [
    name,
    readFileSync(join(pages, name), "utf8").replaceAll("\r\n", "\n"),
  ]);
  expect(Object.fromEntries(committed), "stale: write it with `npm run docs:api`").toEqual(
    Object.fromEntries(apiPages(declarations)),
  );
});

test("package.json, the build and this reader have the same entries", () => {
  const { exports } = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../package.json"), "utf8")) as {
    readonly exports: Record<string, unknown>;
  };
  const paths = Object.keys(exports).filter((path) => path !== "./package.json");
  expect(paths.map((path) => (path === "." ? "index" : path.slice(2))).sort()).toEqual([...ENTRIES].sort());
});
