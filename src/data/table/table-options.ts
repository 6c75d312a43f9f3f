// What a person or a model says about a table's columns before it is read.
import type { Column } from "../columns.ts";

/** Columns are named by their names, or by their positions counted from 1 where these are made of digits. */
export type TableOptions = {
  readonly file?: string | undefined;
  /**
   * The label column. By default the one column with a name such as label, class or target, else the last, or the first
   * where the last cannot be; `null` says that there is none.
   */
  readonly label?: string | null | undefined;
  /** The classes and their order, e.g. a model's. */
  readonly classes?: readonly string[] | undefined;
  /** The features; the other columns are left out. Default: every column that is fit for one. */
  readonly columns?: readonly string[] | undefined;
  /** Columns to leave out. */
  readonly ignore?: readonly string[] | undefined;
  /** Columns whose values are names, also where they are numbers. */
  readonly categorical?: readonly string[] | undefined;
  /** Columns of numbers, also where they count the rows. */
  readonly numeric?: readonly string[] | undefined;
  /** Columns of ranks, with their levels from least to most. */
  readonly ordinal?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Kinds by column, e.g. of a schema's file: with levels a category has these and no others. */
  readonly kinds?: Readonly<Record<string, Omit<Column, "name">>> | undefined;
  /** "fill" (default): a hole is the column's median or a level of its own; "refuse"; "drop": rows with one. */
  readonly missing?: MissingChoice | undefined;
  /** The column of the rows' weights. */
  readonly weight?: string | undefined;
  /** The column of the rows' groups, none of which may be on both sides of a split. */
  readonly group?: string | undefined;
  /** The column of the rows' times, of which the later are tested on. */
  readonly time?: string | undefined;
  /** Columns to hand back beside predictions, such as ids. */
  readonly keep?: readonly string[] | undefined;
  /** Of rows for a model without names of columns: the position of their label, where they have one. */
  readonly without?: string | undefined;
  /** The columns of a model: rows are read by them, in their order and codes, and nothing is guessed. */
  readonly known?: readonly Column[] | undefined;
};

export const MISSING_CHOICES = ["fill", "refuse", "drop"] as const;
export type MissingChoice = (typeof MISSING_CHOICES)[number];

export type ColumnRole = "label" | "feature" | "ignored" | "weight" | "group" | "time" | "keep";

/** A column of a table as it was found, and what is done with it. */
export type TableColumn = {
  readonly name: string;
  /** From 1. */
  readonly position: number;
  readonly role: ColumnRole;
  readonly kind: Column["kind"] | "text" | "empty";
  /** Of a column that is ignored, or of a label that was chosen: why, in words. */
  readonly why?: string | undefined;
  /** Cells without a value. */
  readonly missing: number;
  /** Different values; at least so many where `more` is set. */
  readonly distinct: number;
  readonly more?: true | undefined;
  /** The first value. */
  readonly example: string;
};
