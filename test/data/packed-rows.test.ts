// Rows that are kept packed give every bit back, in any order, and a large table is read through them.
import fc from "fast-check";
import { expect, test } from "vitest";
import { readCsv } from "../../src/data/csv-source.ts";
import { selectRows } from "../../src/data/dataset.ts";
import { formIn } from "../../src/data/stored/pack-columns.ts";
import { PackedRows } from "../../src/data/stored/packed-rows.ts";
import { eachRows, rowsOf, storeOf } from "../../src/data/stored/row-store.ts";
import { MemorySpace } from "../../src/data/stored/space.ts";
import { plainDecimal } from "../../src/data/table/read-number.ts";
import { atOnce } from "../../src/engines/turns.ts";

const bits = (values: Float64Array) => [...new BigInt64Array(values.slice().buffer)];
const decimal = fc.tuple(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), fc.nat(9)).map(([k, d]) => k / 10 ** d);
const text = fc.nat(65_536).map((k) => (k + 1) * 2 ** 200);
const float = fc.float({ noNaN: true });
const number = fc.oneof(
  decimal,
  decimal,
  text,
  float,
  fc.double({ noNaN: true }),
  fc.constant(-0),
  fc.constant(Number.NaN),
);
const column = fc.oneof(
  ...[decimal, text, float, number, fc.integer({ min: 0, max: 255 })].map((values) =>
    fc.array(fc.oneof({ weight: 9, arbitrary: values }, fc.constant(Number.NaN)), { minLength: 12, maxLength: 12 }),
  ),
);

function packed(columns: readonly (readonly number[])[], each = 5): { rows: PackedRows; cells: Float64Array } {
  const width = columns.length;
  const cells = Float64Array.from({ length: 12 * width }, (_, at) => columns[at % width]![Math.floor(at / width)]!);
  const rows = new PackedRows(width);
  for (let from = 0; from < 12; from += each) rows.append(cells.subarray(from * width), Math.min(each, 12 - from));
  return { rows, cells };
}

test("blocks, columns and chosen rows have the bits that were put in", () => {
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(11)), (columns, wanted) => {
      const { rows, cells } = packed(columns);
      const width = columns.length;
      const row = (i: number) => bits(cells.subarray(i * width, (i + 1) * width));
      expect([...rows.blocks().flatMap(({ cells }) => bits(cells))]).toEqual(bits(cells));
      expect([...rows.column(width - 1).flatMap(bits)]).toEqual(bits(Float64Array.from(columns.at(-1)!)));
      expect(bits(atOnce(rows.gathering(Uint32Array.from(wanted))))).toEqual(wanted.flatMap(row));
    }),
    { seed: 3 },
  );
});

test.each([
  ["bytes", (i: number) => i % 256, 1],
  ["decimals of two digits", (i: number) => ((i * 37) % 601) / 100, 2],
  ["prices", (i: number) => ((i * 7919) % 99_999) / 100, 4],
  ["float32", (i: number) => Math.fround(1 / (i + 3)), 4],
  ["all digits", (i: number) => 1 / (i + 3), 8],
  ["the codes of texts", (i: number) => ((i % 300) + 1) * 2 ** 200, 2],
])("%s take few bytes", (_, value, size) => {
  const rows = new PackedRows(1);
  rows.append(
    Float64Array.from({ length: 600 }, (_, i) => value(i)),
    600,
  );
  const sizes: Record<string, number> = { uint8: 1, int16: 2, int32: 4, float32: 4, float64: 8 };
  expect(sizes[formIn(rows.heads[0]!.forms, 1).columns[0]!.form]).toBe(size);
});

test("memory of dropped blocks is given back, and what was not dropped stays", () => {
  const space = new MemorySpace();
  for (let k = 0; k < 4; k++) space.put(2 ** 16, (bytes) => bytes.fill(k + 1));
  const first = space.get(0).buffer;
  space.drop(0);
  space.drop(1);
  expect(first.detached).toBe(true);
  expect([space.get(2)[9], space.get(3)[9]]).toEqual([3, 4]);
});

const N = 30_000;
const value = (i: number, j: number) => (j === 0 ? ((i * 7919) % 10_007) / 100 : j === 1 ? 1 / (i + 1) : (i % 5) - 2);
const word = (i: number) => ["red", "green", "blue"][(i * 31) % 3]!;
const line = (i: number) => `${[0, 1, 2, 1, 0].map((j) => value(i, j)).join(",")},${word(i)},${"xyz"[i % 3]}`;
const wide = `a,b,c,d,e,color,kind\n${Array.from({ length: N }, (_, i) => line(i)).join("\n")}\n`;

test("a table of more cells than a block has its values, its holes and its codes", async () => {
  const { data } = await readCsv(wide.replace("\n0.00,", "\n,"));
  expect(storeOf(data)).toBeDefined();
  const order = Uint32Array.from({ length: 500 }, (_, i) => (i * 7919) % N);
  const colors = data.columns![5]!.levels!;
  const expected = [...order].flatMap((i) => [...[0, 1, 2, 1, 0].map((j) => value(i, j)), colors.indexOf(word(i))]);
  expect([...rowsOf(data, order)]).toEqual(expected);
  const kept = selectRows(data, order, "some");
  const pieces: number[] = [];
  atOnce(eachRows(kept, ({ features }) => pieces.push(...features), 999));
  expect(pieces).toEqual(expected);
  expect([...kept.features]).toEqual(expected);
  expect([...data.features.subarray(6 * 77, 6 * 78)]).toEqual([...rowsOf(data, Uint32Array.of(77))]); // and again
  expect([...rowsOf(kept, Uint32Array.of(1))]).toEqual(expected.slice(6, 12));
});

test("a short decimal is the number that the language reads, and every other text is left to it", () => {
  const digits = fc.stringMatching(/^-?[0-9]{0,9}\.?[0-9]{0,9}$/);
  fc.assert(
    fc.property(fc.oneof(digits, fc.string({ maxLength: 6 })), (text) => {
      const x = plainDecimal(text);
      const count = text.replace(/[^0-9]/g, "").length;
      expect(Number.isNaN(x)).toBe(!/^-?([0-9]+\.?[0-9]*|\.[0-9]+)$/.test(text) || count > 15);
      if (!Number.isNaN(x)) expect(x).toBe(Number(text));
    }),
    { seed: 4, numRuns: 2000 },
  );
});
