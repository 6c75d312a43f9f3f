// Arrays and objects of a program as datasets: what they become, and what is refused with its place.
import { expect, test } from "vitest";
import { selectRows } from "../../src/data/dataset.ts";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { fromRows } from "../../src/data/from-rows.ts";

const X = [
  [5.1, 3.5],
  [6.2, 2.9],
  [5, 3],
];

test("rows and labels become features, classes in order and class indices", () => {
  const data = fromArrays(X, ["setosa", "virginica", "setosa"], { columns: ["length", "width"] });
  expect(data).toMatchObject({ rows: 3, cols: 2, classes: ["setosa", "virginica"], featureNames: ["length", "width"] });
  expect([...data.features]).toEqual(X.flat());
  expect([...data.labels]).toEqual([0, 1, 0]);
});

test("numbers sort as numbers, booleans are classes, and given classes keep their order", () => {
  expect(fromArrays(X, [10, 9, 10]).classes).toEqual(["9", "10"]);
  expect(fromArrays(X, [true, false, true]).classes).toEqual(["false", "true"]);
  expect([...fromArrays(X, ["b", "a", "b"], { classes: ["b", "c", "a"] }).labels]).toEqual([0, 2, 0]);
  expect([...fromArrays(X, [1, 0, 1], { classes: ["no", "yes"] }).labels]).toEqual([1, 0, 1]);
});

test("typed arrays are taken whole, bytes as bytes, images with their size", () => {
  const bytes = fromArrays(new Uint8Array(8), ["a", "b"], { image: { height: 2, width: 2 } });
  expect(bytes.features).toBeInstanceOf(Uint8Array);
  expect(bytes).toMatchObject({ cols: 4, image: { height: 2, width: 2 } });
  expect(fromArrays(Float32Array.of(1, 2), ["a", "b"]).features).toBeInstanceOf(Float32Array);
  expect(fromArrays([Uint8Array.of(1), Uint8Array.of(2)], ["a", "b"]).features).toEqual(Uint8Array.of(1, 2));
});

test("rows of probabilities are soft targets, and their largest is the label", () => {
  const soft = [
    [0.9, 0.1],
    [0.2, 0.8],
    [0.5, 0.5],
  ];
  const data = fromArrays(X, soft, { classes: ["no", "yes"] });
  expect([...data.labels]).toEqual([0, 1, 0]);
  expect([...data.targets!]).toEqual(soft.flat());
});

test("weights go with their rows when rows are selected", () => {
  const data = fromArrays(X, ["a", "b", "a"], { weights: [1, 2, 3] });
  expect([...selectRows(data, Uint32Array.of(2, 0)).weights!]).toEqual([3, 1]);
});

test("objects become rows by column name, whatever the order of their keys", () => {
  const data = fromRows(
    [
      { sl: 5.1, hairy: true, kind: "a", w: 2 },
      { kind: "b", w: 1, hairy: false, sl: 6 },
    ],
    { label: "kind", weight: "w" },
  );
  expect(data.featureNames).toEqual(["sl", "hairy"]);
  expect([...data.features]).toEqual([5.1, 1, 6, 0]);
  expect([...data.weights!]).toEqual([2, 1]);
});

test("objects with words, yes and no, dates and missing values become coded columns", () => {
  const day = (n: number) => new Date(Date.UTC(1970, 0, n + 1));
  const rows = Array.from({ length: 12 }, (_, k) => ({
    sky: k % 2 === 0 ? "sun" : "rain",
    1: k === 3 ? null : k,
    wet: k === 4 ? undefined : k % 3 === 0,
    day: day(k),
    size: "SML"[k % 3],
    plan: k % 2 === 0,
    w: k,
  }));
  const data = fromRows(rows, { label: "plan", weight: "w", ordinal: { size: ["S", "M", "L"] } });
  expect(data.columns).toEqual([
    { name: "1", kind: "number" },
    { name: "sky", kind: "category", levels: ["rain", "sun"] },
    { name: "wet", kind: "boolean" },
    { name: "day", kind: "date" },
    { name: "size", kind: "ordinal", levels: ["S", "M", "L"] },
  ]);
  expect([...data.features.subarray(0, 5)]).toEqual([0, 1, 1, 0, 0]);
  expect([data.features[15], data.features[22]]).toEqual([Number.NaN, Number.NaN]);
  expect([data.classes, [...data.weights!]]).toEqual([["false", "true"], rows.map(({ w }) => w)]);
});

test("groups and times of rows and of objects go with them, whatever else their columns hold", () => {
  const times = [new Date(Date.UTC(1970, 0, 3)), "1970-01-02", "1970-01-05T12:00"];
  const given = fromArrays(X, ["a", "b", "a"], { groups: ["ann", 7, "7"], times });
  expect([[...given.groups!], given.groupNames, [...given.times!]]).toEqual([
    [0, 1, 1],
    ["ann", "7"],
    [2, 1, 4.5],
  ]);
  const objects = ["ann", "bob", "ann", "cy"].map((who, k) => ({
    who,
    when: 9 - k,
    x: k === 1 ? null : k,
    kind: k % 2,
  }));
  const options = { label: "kind", group: "who", time: "when", missing: "drop" } as const;
  const data = fromRows(objects, options);
  expect([data.featureNames, [...data.features]]).toEqual([["x"], [0, 2, 3]]);
  expect([data.groupNames, [...data.groups!], [...data.times!]]).toEqual([
    ["ann", "bob", "cy"],
    [0, 0, 2],
    [9, 7, 6],
  ]);
  const plain = fromRows(
    objects.map((one) => ({ ...one, x: 1 })),
    options,
  );
  expect([plain.groupNames, [...plain.times!]]).toEqual([
    ["ann", "bob", "cy"],
    [9, 8, 7, 6],
  ]);
  expect(() => fromArrays(X, ["a", "b", "a"], { groups: ["ann", "", "ann"] })).toThrow("groups[1] must be a text");
  expect(() => fromRows([{ who: "ann", x: 1, kind: 0 }], options)).toThrow('row 1 has no column "when".');
});

const y = ["a", "b", "a"];
test.each<[string, () => unknown, RegExp]>([
  ["a ragged row", () => fromArrays([[1, 2], [3], [4, 5]], y), /^row 2 must be 2 numbers, as in row 1, got 1\./],
  [
    "NaN",
    () =>
      fromArrays(
        [
          [1, 2],
          [3, Number.NaN],
          [4, 5],
        ],
        y,
      ),
    /^row 2, column 2 must be a finite number, got NaN/,
  ],
  ["null", () => fromArrays([[1, null as never]], ["a"]), /^row 1, column 2 must be a finite number, got null/],
  [
    "a number as text",
    () => fromArrays([["1" as never]], ["a"], { columns: ["x"] }),
    /^row 1, column 1 \(x\).* got "1"/,
  ],
  ["NaN in a typed array", () => fromArrays(Float64Array.of(1, 2, 3, Number.NaN), ["a", "b"]), /^row 2, column 2 must/],
  ["fewer labels than rows", () => fromArrays(X, ["a", "b"]), /^X must be 2 rows, one for each label, got 3/],
  [
    "a typed array of broken rows",
    () => fromArrays(new Float32Array(7), y),
    /^X must be whole rows for 3 labels, got 7/,
  ],
  ["one class", () => fromArrays(X, ["a", "a", "a"]), /^y must be labels of at least two classes, got \["a"\]/],
  ["a missing label", () => fromArrays(X, ["a", undefined as never, "b"]), /^the label of row 2 must .* got undefined/],
  [
    "an unknown class",
    () => fromArrays(X, ["yes", "noo", "no"], { classes: ["no", "yes"] }),
    /row 2 .*Did you mean "no"/,
  ],
  ["a wrong count of columns", () => fromArrays(X, y, { columns: ["x"] }), /^row 1 must be 1 numbers/],
  ["a column twice", () => fromArrays(X, y, { columns: ["x", "x"] }), /^columns\[1\] must be a text that no other has/],
  ["an image of another size", () => fromArrays(X, y, { image: { height: 2, width: 2 } }), /^image must be/],
  ["a negative weight", () => fromArrays(X, y, { weights: [1, -1, 1] }), /^weights\[1\] must be a finite number ≥ 0/],
  ["probabilities that sum to 2", () => fromArrays([[1]], [[1, 1]]), /^the label of row 1 must be probabilities/],
  ["no arrays", () => fromArrays(undefined as never, y), /^X must be rows of numbers/],
  [
    "an object without a column",
    () =>
      fromRows(
        [
          { x: 1, k: 1 },
          { X: 1, k: 2 },
        ],
        { label: "k" },
      ),
    /^row 2 has no column "x"\. Did you mean "X"/,
  ],
  [
    "an object in a cell",
    () => fromRows([{ x: {}, k: 1 }], { label: "k" }),
    /^row 1, column "x" must be a number, text or date, got an object/,
  ],
  [
    "a text among numbers",
    () => fromRows([...X.map(([x], k) => ({ x, k: k % 2 })), { x: "no number", k: 1 }], { label: "k" }),
    /^row 4 column 1 \(x\): a feature must be a decimal number/,
  ],
  [
    "texts that are ids",
    () =>
      fromRows(
        Array.from({ length: 30 }, (_, k) => ({ id: `A${k}`, x: k, k: k % 2 })),
        { label: "k" },
      ),
    /^column "id" has 30 different values in 30 rows, as of names or ids\. Leave it out of columns, or name it/,
  ],
  [
    "text of one class",
    () => fromRows([{ x: "a", k: 1 }], { label: "k" }),
    /^the labels must be of at least two classes/,
  ],
  ["no label", () => fromRows([{ x: 1 }], undefined as never), /^label must be the key of the label/],
])("refused with its place: %s", (_, build, message) => {
  expect(build).toThrow(expect.objectContaining({ name: "InvalidInput", message: expect.stringMatching(message) }));
});
