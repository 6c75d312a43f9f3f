// What a person or a model says about a table's columns before it is read.
import type { Column } from "../columns.ts";

/** Columns are named by their names, or by their positions counted from 1 where these are made of digits. */
export type TableOptions = {
  /** The file that messages name. Default: none. */
  readonly file?: string | undefined;
  /** Of a text: its encoding by name, e.g. "windows-1252". Default: UTF-8, or UTF-16 where the bytes say so. */
  readonly encoding?: string | undefined;
  /** Of a workbook: the sheet by name. Default: the first. */
  readonly sheet?: string | undefined;
  /**
   * The label column, or several with commas between. By default the one column with a name such as label, class or
   * target, else the last, or the first where the last cannot be; `null` says that there is none.
   */
  readonly label?: string | null | undefined;
  /**
   * "classify": the label is a class, also where it is a measured number; "regress": each label column is a number to
   * learn; "multilabel": each is a label, 1 or yes where it is there; "found": by the values. Default: a class, and a
   * measured number is refused.
   */
  readonly task?: Task | "found" | undefined;
  /** The classes and their order, e.g. a model's. Default: the labels that occur. */
  readonly classes?: readonly string[] | undefined;
  /** The features; the other columns are left out. Default: every column that is fit for one. */
  readonly columns?: readonly string[] | undefined;
  /** Columns to leave out. Default: indices, identifiers and texts of very many values. */
  readonly ignore?: readonly string[] | undefined;
  /** Columns whose values are names, also where they are numbers. Default: those of words that come again. */
  readonly categorical?: readonly string[] | undefined;
  /** Columns of numbers, also where they count the rows. Default: those whose cells are numbers. */
  readonly numeric?: readonly string[] | undefined;
  /** Columns of ranks, with their levels from least to most. Default: none. */
  readonly ordinal?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Kinds by column, e.g. of a schema's file: with levels a category has these and no others. Default: found. */
  readonly kinds?: Readonly<Record<string, Omit<Column, "name">>> | undefined;
  /** "fill" (default): a hole is the column's median or a level of its own; "refuse"; "drop": rows with one. */
  readonly missing?: MissingChoice | undefined;
  /**
   * Of rows for a model: "stop" (default) refuses the table at the first that cannot be read, "skip" leaves such rows
   * out and names them.
   */
  readonly onBad?: "stop" | "skip" | undefined;
  /** The column of the rows' weights. Default: none, 1 each. */
  readonly weight?: string | undefined;
  /** The column of the rows' groups, none of which may be on both sides of a split. Default: none. */
  readonly group?: string | undefined;
  /** The column of the rows' times, of which the later are tested on. Default: none. */
  readonly time?: string | undefined;
  /** Columns to hand back beside predictions, such as ids. Default: none. */
  readonly keep?: readonly string[] | undefined;
  /** Of rows for a model without names of columns: the position of their label. Default: none. */
  readonly without?: string | undefined;
  /** The columns of a model: rows are read by them, in their order and codes, and nothing is guessed. Default: none. */
  readonly known?: readonly Column[] | undefined;
};

/** Names of what there can be to learn. */
export const TASKS = ["classify", "regress", "multilabel"] as const;
/** One class a row, numbers, or labels that are there or not. */
export type Task = (typeof TASKS)[number];

/** Names of what can be done with a hole. */
export const MISSING_CHOICES = ["fill", "refuse", "drop"] as const;
/** What becomes of rows with a hole. */
export type MissingChoice = (typeof MISSING_CHOICES)[number];

/** A row that cannot be read. */
export type RejectedRow = {
  /** Its number in the file, from 1, as a spreadsheet counts. */
  readonly row: number;
  /** Its place among the rows below the header, from 0. */
  readonly index: number;
  /** Column and cell, in words. */
  readonly reason: string;
};

/** What a column is for. */
export type ColumnRole = "label" | "feature" | "ignored" | "weight" | "group" | "time" | "keep";

/** A column of a table as it was found, and what is done with it. */
export type TableColumn = {
  /** As in the header; "column 3" without one. */
  readonly name: string;
  /** From 1. */
  readonly position: number;
  /** What it is for. */
  readonly role: ColumnRole;
  /** What its cells are. */
  readonly kind: Column["kind"] | "text" | "empty";
  /** Of a column that is ignored, or of a label that was chosen: why, in words. */
  readonly why?: string | undefined;
  /** Cells without a value. */
  readonly missing: number;
  /** Different values; at least so many where `more` is set. */
  readonly distinct: number;
  /** Whether it has more different values than were counted. */
  readonly more?: true | undefined;
  /** The first value. */
  readonly example: string;
};
