// The meaning of a table's cells: which row is a header, which column is the label, what the others are, which classes
// there are. Takes rows of cells one by one; knows nothing of delimiters and quotes. data/table/ has the parts.
import { InvalidInput, type InvalidInputCode, show } from "../../errors.ts";
import { checkDataset, type Dataset, storedDataset } from "../dataset.ts";
import { OverflowSpace, type WithKeeping } from "../stored/keeping.ts";
import { PackedStore } from "../stored/packed-store.ts";
import { CellStore } from "../table/cell-store.ts";
import { type Cell, isMissing, plainText } from "../table/cell-text.ts";
import { type BadCell, codeFeatures, rowsWithoutHoles } from "../table/code-rows.ts";
import { type ColumnFacts, columnFacts } from "../table/column-facts.ts";
import { badCell } from "../table/explain-cell.ts";
import { countsRemedy, isHeader } from "../table/find-header.ts";
import { firstHole } from "../table/first-hole.ts";
import { learnedColumns } from "../table/learned-columns.ts";
import { planColumns, type TablePlan } from "../table/plan-columns.ts";
import { hasNames, planKnown } from "../table/plan-known.ts";
import { columnValues } from "../table/side-columns.ts";
import type { RejectedRow, TableOptions } from "../table/table-options.ts";
import type { RowWatch, TableKind, TableResult } from "../table/table-result.ts";
import { tableWarnings } from "../warnings.ts";
import { NUMBER } from "./class-order.ts";

/** Class indices, of stored rows as they were coded. */
function labelsOf(coded: Uint16Array | undefined, rows: number, stored: boolean): Dataset["labels"] {
  if (coded) return stored ? coded : Int32Array.from(coded);
  return stored ? new Uint8Array(rows) : new Int32Array(rows);
}

const MOST_FIELD = 131_072; // bytes in one cell
const MOST_COLUMNS = 100_000;
const SEPARATORS = new Map(Object.entries({ ",": "a comma", ";": "a semicolon", "\t": "a tab" }));

export type { Cell } from "../table/cell-text.ts";
export type { TableOptions } from "../table/table-options.ts";

export type { RowWatch, TableKind, TableResult } from "../table/table-result.ts";

/** Rows of cells, collected. `add` and `finish` raise InvalidInput naming row and column. */
export class Table {
  readonly #options: TableOptions & RowWatch & WithKeeping;
  readonly #rejected = new Map<number, string>(); // by their index in the store: where and why
  readonly #kind: TableKind;
  #first: readonly string[] | undefined; // the first row, in plain form
  #store: CellStore | undefined;
  #space: OverflowSpace | undefined;
  readonly #kept = new Map<number, string[]>(); // cells to hand back, as they stand
  readonly #jumps: { readonly index: number; readonly row: number }[] = []; // where row numbers leave out some
  #next = Number.NaN;

  constructor(options: TableOptions & RowWatch & WithKeeping, kind: TableKind) {
    this.#options = options;
    this.#kind = kind;
  }

  /** One more row; `row` is its number in the file, `delimiter` what split it. Row 0 is a header from elsewhere. */
  add(cells: readonly Cell[], row: number, delimiter?: string): void {
    if (this.#first === undefined) this.#begin(cells, row, delimiter);
    const store = this.#store!;
    const { length } = cells;
    this.#options.onRow?.(cells, row, delimiter);
    if (length !== store.width) {
      const than = `the row has ${length} cells; the first row has ${store.width}.${countsRemedy(this.#first!, length)}`;
      const ragged = this.#refuse(than, row);
      if (!this.#skips) throw ragged;
      this.#rejected.set(store.rows, ragged.reason);
      this.#keep(new Array<Cell>(store.width).fill(null), row);
      return;
    }
    for (let j = 0; j < length; j++) {
      const cell = cells[j]!;
      if (typeof cell === "string" && cell.length > MOST_FIELD / 4) this.#checkSize(cell, row, j);
    }
    this.#keep(cells, row);
  }

  /** Rows are skipped where a model is asked about others. */
  get #skips(): boolean {
    return this.#options.onBad === "skip" && this.#options.known !== undefined;
  }

  #keep(cells: readonly Cell[], row: number): void {
    const store = this.#store!;
    if (row !== this.#next) this.#jumps.push({ index: store.rows, row });
    this.#next = row + 1;
    store.add(cells);
    for (const [j, texts] of this.#kept) texts.push(String(cells[j] ?? ""));
  }

  #begin(cells: readonly Cell[], row: number, delimiter: string | undefined): void {
    const width = cells.length;
    this.#first = cells.map((cell) => plainText(String(cell ?? "")));
    if (width === 0) throw this.#refuse("the table has no columns.", 1);
    if (width > MOST_COLUMNS)
      throw this.#refuse(`the table has ${width} columns; at most ${MOST_COLUMNS} are read.`, row);
    if (width === 1 && this.#options.label !== null) {
      const name = SEPARATORS.get(delimiter ?? "");
      const split = name === undefined ? "" : ` (cells are split by ${name})`;
      throw this.#refuse(`the table has one column only${split}; it needs features and a label.`, row);
    }
    this.#space = this.#options.keeping && new OverflowSpace(this.#options.keeping);
    this.#store = new CellStore(width, delimiter, this.#space);
    for (const name of this.#options.keep ?? []) {
      const j = /^[0-9]+$/.test(name) ? Number(name) - 1 : this.#first.indexOf(name.trim());
      if (j >= 0 && j < width) this.#kept.set(j, []); // where there is none, the plan of the columns says so
    }
  }

  /** Give back what was taken beside memory. */
  close(): void {
    this.#space?.close();
  }

  /** The data set named `name`, once every row is in. */
  finish(name: string): TableResult {
    const store = this.#store;
    if (store === undefined) throw this.#refuse("the file has no rows.", 1);
    const { known, label } = this.#options;
    const below = columnFacts(store, 1);
    const header = this.#hasHeader(below);
    const start = header ? 1 : 0;
    if (store.rows === start) throw this.#refuse("the table has a header and no rows under it.", this.#row(0));
    const names = header ? this.#names() : undefined;
    const facts = header ? below : columnFacts(store, 0);
    const refuse = (reason: string, column?: number, code?: InvalidInputCode) =>
      this.#refuse(reason, column === undefined ? this.#row(0) : undefined, column, names, code);
    const plan = known
      ? planKnown(facts, names, start, this.#options, refuse)
      : planColumns(store, facts, names, start, this.#options, refuse);
    if (plan.features.length === 0)
      throw refuse("no column is left that can be a feature. Choose columns with --columns.");
    const learned = learnedColumns(store, plan, facts, this.#options, (reason, column, row) =>
      this.#refuse(reason, row === undefined ? undefined : this.#row(row), column, names),
    );
    const whole = this.#keptRows(store, plan, names, learned?.keep);
    const most = whole ? whole.reduce((sum, kept) => sum + kept, 0) - (whole[0]! & start) : store.rows - start;
    if (most < 1) throw refuse("every row has a missing value, and --missing drop leaves them out.");
    const columns = plan.features.map(({ column }) => column);
    const side = columnValues(store, facts, plan, (reason, row, j, code) =>
      this.#refuse(reason, row === undefined ? undefined : this.#row(row), j, names, code),
    );
    const space = this.#space?.overflowed ? this.#options.keeping!.rows() : undefined;
    const onBad = (bad: BadCell) => {
      const { kind } = plan.features.find(({ source }) => source === bad.column)!.column;
      const name = known ? undefined : (names?.[bad.column] ?? String(bad.column + 1));
      const error = this.#refuse(badCell(bad.cell, kind, name), this.#row(bad.row), bad.column, names);
      if (!this.#skips) throw error;
      this.#rejected.set(bad.row, `${error.at!.replace(/^row \d+ /, "")}: ${error.reason}`);
    };
    const coded = codeFeatures(store, plan.features, start, most, this.#unrejected(store, whole), onBad, space);
    const [rows, keep] = [coded.rows, this.#unrejected(store, whole)];
    const rejected = this.#rejectedRows(start);
    if (rows < 1) throw this.#refuse(`no row can be read. ${rejected[0]!.reason}`, rejected[0]!.row);
    const pick = <T extends Dataset["labels"] | Float64Array>(values: T | undefined, width = 1): T | undefined =>
      values && keep ? (values.filter((_, i) => keep[Math.floor(i / width) + start] === 1) as T) : values;
    const plain = known === undefined && columns.every(({ kind }) => kind === "number") && !coded.holes;
    const allNamed = names !== undefined || !plain || plan.columns.some(({ role }) => role === "ignored");
    const about = {
      name,
      rows,
      cols: columns.length,
      labels: labelsOf(pick(learned?.labels), rows, space !== undefined),
      classes: learned?.classes ?? ["0"],
      ...(learned?.values && { task: learned.task, values: pick(learned.values, plan.labels.length) }),
      featureNames: allNamed ? columns.map((column) => column.name) : undefined,
      columns: plain ? undefined : columns,
      weights: pick(side.weights),
      groups: pick(side.groups),
      groupNames: side.groupNames,
      times: pick(side.times),
    };
    const data = coded.packed
      ? storedDataset(about, new PackedStore(coded.packed))
      : checkDataset({ ...about, features: coded.features });
    const kept = Object.fromEntries(
      plan.keep.map((j) => {
        const texts = this.#kept.get(j)!.slice(start);
        return [plan.columns[j]!.name, keep ? texts.filter((_, i) => keep[i + start] === 1) : texts];
      }),
    );
    const dropped = store.rows - start - most;
    const notes =
      dropped > 0 ? [`${dropped} of ${store.rows - start} rows have a missing value and are left out.`] : [];
    const counted =
      header && Number(this.#first![0]) === store.rows - 1 ? countsRemedy(this.#first!, store.width).trim() : "";
    const named = columns.map((column) => column.name);
    const found = known ? [] : tableWarnings(data, label !== null, named);
    const warnings = [...plan.notes, ...(learned?.notes ?? []), ...notes, ...(counted ? [counted] : []), ...found];
    const labelNames = plan.labels.map((j) => names?.[j] ?? String(j + 1));
    const labelName = labelNames.length === 0 ? undefined : labelNames.join(",");
    return { data, columns: plan.columns, labelName, kept, rejected, header, notes: plan.notes, warnings };
  }

  #hasHeader(below: readonly ColumnFacts[]): boolean {
    const first = this.#first!;
    const { label, known } = this.#options;
    if (this.#kind.header) return true;
    if (known && hasNames(first, known)) return true;
    if (typeof label === "string" && !/^[0-9]+(?:,[0-9]+)*$/.test(label)) return true; // a name, to be found in it
    const told = label === null ? -1 : label === undefined ? undefined : Number(label.split(",")[0]) - 1;
    return isHeader(first, below, told);
  }

  /** The names of the first row; unnamed columns are called by their position. */
  #names(): string[] {
    const seen = new Map<string, number>();
    return this.#first!.map((name, j) => {
      const other = seen.get(name);
      if (other !== undefined && name !== "")
        throw this.#refuse(
          `columns ${other + 1} and ${j + 1} have the same name, ${show(name)}. Rename one.`,
          this.#row(0),
        );
      seen.set(name, j);
      return name || `column ${j + 1}`;
    });
  }

  /** The number in the file of a row of the store. */
  #row(index: number): number {
    const jump = this.#jumps.findLast((one) => one.index <= index)!;
    return jump.row + index - jump.index;
  }

  /** `keep` without the rows that are rejected. */
  #unrejected(store: CellStore, keep: Uint8Array | undefined): Uint8Array | undefined {
    if (this.#rejected.size === 0) return keep;
    const kept = keep ?? new Uint8Array(store.rows).fill(1);
    for (const index of this.#rejected.keys()) kept[index] = 0;
    return kept;
  }

  #rejectedRows(start: number): RejectedRow[] {
    const all = [...this.#rejected].sort(([a], [b]) => a - b);
    return all.map(([index, reason]) => ({ row: this.#row(index), index: index - start, reason }));
  }

  /** Which rows stay; undefined for all. */
  #keptRows(
    store: CellStore,
    plan: TablePlan,
    names: readonly string[] | undefined,
    labelled: Uint8Array | undefined,
  ): Uint8Array | undefined {
    const { missing } = this.#options;
    if (missing !== "drop" && missing !== "refuse") return labelled;
    const sources = plan.features.map(({ source }) => source);
    const whole = rowsWithoutHoles(store, sources, (text) => isMissing(plainText(text)));
    if (missing === "refuse") this.#refuseHoles(store, plan, whole, names);
    return labelled ? whole.map((kept, i) => kept & labelled[i]!) : whole;
  }

  #refuseHoles(store: CellStore, plan: TablePlan, whole: Uint8Array, names: readonly string[] | undefined): void {
    const hole = firstHole(store, plan, whole);
    if (hole) throw this.#refuse(hole.reason, this.#row(hole.row), hole.column, names);
  }

  #refuse(
    reason: string,
    row?: number,
    column?: number,
    names?: readonly string[],
    code: InvalidInputCode = this.#kind.code,
  ): InvalidInput {
    const name = column === undefined ? undefined : names?.[column];
    const at = [
      row === undefined ? [] : row === 0 ? ["schema"] : [`row ${row}`],
      column === undefined ? [] : [`column ${column + 1}`],
      name ? [`(${name})`] : [],
    ].flat();
    const place = { file: this.#options.file, at: at.length > 0 ? at.join(" ") : undefined };
    return new InvalidInput(code, reason, place);
  }

  #checkSize(cell: string, row: number, column: number): void {
    const bytes = new TextEncoder().encode(cell).length;
    if (bytes <= MOST_FIELD) return;
    const names = this.#store!.rows > 0 && this.#first!.some((name) => !NUMBER.test(name)) ? this.#names() : undefined;
    const reason = `the cell holds ${bytes} bytes; at most ${MOST_FIELD} are read. Is a quote " left open?`;
    throw this.#refuse(reason, row, column, names);
  }
}
