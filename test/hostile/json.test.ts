// JSON that we read back: the record of a run that already lies in --out. What is not one is refused, whatever else it
// is.
import { describe, expect, test } from "vitest";
import { InvalidInput } from "../../src/errors.ts";
import { duplicateKey, parseJson } from "../../src/files/model/json.ts";
import { refuseOtherRun } from "../../src/files/run/run-folder.ts";
import { readRunRecord } from "../../src/files/run/run-record.ts";
import { resolveOptions } from "../../src/training/defaults.ts";

const good = {
  ...{
    format: 1,
    status: "complete",
    epochParametersSha256: ["00"],
    engine: "x",
    threads: 1,
    versions: {},
    layers: [2, 2],
    activation: "relu",
    precision: "float32",
  },
  ...{
    data: {
      name: "t",
      from: "t.csv",
      sha256: "00",
      label: null,
      heldOut: null,
      rows: { train: 2, validation: 0, test: 1 },
    },
    options: { seed: 1 },
  },
  ending: "finished",
  parametersSha256: "00",
};
const text = (more: object) => JSON.stringify({ ...good, ...more });
const deep = `${"[".repeat(1e5)}${"]".repeat(1e5)}`;

function refusal(work: () => unknown): InvalidInput {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
  throw new Error("it was read");
}

test("a record is read, and one that differs is refused with what differs", () => {
  const found = readRunRecord(text({}), "run.json");
  const planned = readRunRecord(text({ options: { seed: 2 } }), "run.json");
  expect(() => refuseOtherRun("out", found, found)).not.toThrow();
  expect(refusal(() => refuseOtherRun("out", found, planned)).message).toContain("seed 1, now 2");
});

describe("a record is refused", () => {
  test.each<[string, string]>([
    ["that is empty", ""],
    ["that is cut short", text({}).slice(0, -1)],
    ["with bytes after it", `${text({})}x`],
    ["in UTF-16", Buffer.from(text({}), "utf16le").toString("latin1")],
    ["that is null", "null"],
    ["that is a list", "[]"],
    ["of another format", text({ format: 2 })],
    ["with a number for a status", text({ status: 1 })],
    ["with an unknown status", text({ status: "walking" })],
    ["with a number for an epoch's hash", text({ epochParametersSha256: [1] })],
    ["with words for the epochs' hashes", text({ epochParametersSha256: "00" })],
    ["with a number for layers", text({ layers: 2 })],
    ["without layers", text({ layers: null })],
    ["without versions", text({ versions: null })],
    ["with a number for a version", text({ versions: { node: 1 } })],
    ["without options", text({ options: null })],
    ["without data", text({ data: null })],
    ["with a number for a hash", text({ data: { sha256: 1 } })],
    ["complete, with the ending of an interrupted run", text({ ending: "interrupted" })],
    ["interrupted, with the ending of a complete run", text({ status: "interrupted" })],
    ["complete, without the hash of its parameters", text({ parametersSha256: null })],
    ["with an unknown activation", text({ activation: "swish" })],
    ["with a layer of no units", text({ layers: [2, 0, 2] })],
    ["with half a layer", text({ layers: [2, 1.5, 2] })],
    ["of float64 by an engine of float32", text({ precision: "float64" })],
    ["without rows", text({ data: { ...good.data, rows: undefined } })],
    ["with rows below none", text({ data: { ...good.data, rows: { train: -1, validation: 0, test: 0 } } })],
    ["with words for rows", text({ data: { ...good.data, rows: { train: "2", validation: 0, test: 0 } } })],
    ["with a key twice", text({}).replace('"format":1', '"format":1,"format":1')],
    ["with a key twice, once escaped", text({}).replace('"format":1', '"format":1,"form\\u0061t":1')],
    ["with layers 100,000 deep", text({ layers: "x" }).replace('"x"', deep)],
    ["with NaN", text({}).replace('"format":1', '"format":NaN')],
    ["50,000 braces deep", "{".repeat(50_000)],
  ])("%s", (_, json) => {
    const error = refusal(() => readRunRecord(json, "run.json"));
    expect(error.line).toBe("error BAD_RUN run.json:content: this is not the run.json of a Deltaprop run.");
  });
  test("and __proto__ in it changes nothing", () => {
    const found = readRunRecord(text({}).replace('"seed":1', '"seed":1,"__proto__":{"polluted":1}'), "run.json");
    expect(() => refuseOtherRun("out", found, readRunRecord(text({}), "run.json"))).toThrow(InvalidInput);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

test.each<[string, unknown]>([
  ["batchSize", { toString: 1 }],
  ["batchSize", "16"],
  ["learningRate", [0.1]],
  ["patience", "3"],
  ["optimizer", 1],
  ["classWeights", [1, { toString: 1 }]],
  ["classWeights", 1],
])("a choice %s of %j in a record is refused by its name", (key, value) => {
  expect(refusal(() => resolveOptions({ [key]: value }, { rows: 100, classes: 3, bytes: false })).message).toMatch(
    new RegExp(`^${key} must be `),
  );
});

test("keys are found twice where they are, and only there", () => {
  expect(duplicateKey('{"a":{"b":1},"b":{"a":2},"c":[{"a":1},{"a":2}]}')).toBeUndefined();
  expect(duplicateKey('{"a":"\\"b\\":","b":"{","c":"}"}')).toBeUndefined();
  expect(duplicateKey('{"a":[{"x":1, "y":2, "x" : 3}]}')).toBe("x");
  expect(duplicateKey('{"\\\\":1,"\\\\":2}')).toBe("\\");
  expect(parseJson('{"a":1}')).toEqual({ a: 1 });
});

test("what a record says of a table's columns is read, and refused by its name where it can be no choice", () => {
  const said = (table: unknown) => text({ data: { ...good.data, table } });
  const choices = {
    ...{ encoding: "utf-16", sheet: "s", weight: "w", group: "g", time: "t", missing: "drop" },
    ...{ columns: ["a"], ignore: [], categorical: ["a"], numeric: ["b"], keep: ["id"], ordinal: { size: ["S", "M"] } },
    kinds: { a: { kind: "category", levels: ["x"] }, d: { kind: "date", order: "dmy" } },
  };
  expect(readRunRecord(said(choices), "run.json").data.table).toEqual(choices);
  for (const [table, words] of [
    [[], "data.table must be an object."],
    [{ columns: "a" }, 'data.table.columns must be a list of texts, got "a".'],
    [{ ordinal: { size: [1] } }, "data.table.ordinal must be lists of texts by column"],
    [{ kinds: { a: { kind: "word" } } }, "data.table.kinds must be kinds by column"],
    [{ kinds: { a: { kind: "number", more: 1 } } }, "data.table.kinds must be kinds by column"],
    [{ missing: "guess" }, "data.table.missing must be one of fill, refuse, drop"],
    [{ group: 3 }, "data.table.group must be a text, got 3."],
    [{ known: [] }, 'data.table has "known", which is no choice of a table.'],
    [JSON.parse('{"__proto__":{"group":3}}'), 'data.table has "__proto__"'],
  ] as const) {
    const error = refusal(() => readRunRecord(said(table), "run.json"));
    expect(error.line).toContain(`error BAD_RUN run.json:content: ${words}`);
  }
});
