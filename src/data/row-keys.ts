// Groups and times of a program's rows, as a data set holds them: what decides which part a row comes to.
import { must } from "../errors.ts";
import type { Dataset } from "./dataset.ts";
import { asCell, isMissing, levelName, plainText } from "./table/cell-text.ts";
import { readDate } from "./table/read-date.ts";

/** Indices of the groups that rows belong to, by texts, numbers or booleans; 1 and "1" are one group. */
export function rowGroups(values: ArrayLike<unknown>, place = "groups"): Pick<Dataset, "groups" | "groupNames"> {
  const ids = new Map<string, number>();
  const groups = Int32Array.from({ length: values.length }, (_, i) => {
    const cell = asCell(values[i]);
    const name = cell === undefined || cell === null ? "" : levelName(cell);
    must(!isMissing(plainText(name)), `${place}[${i}]`, "a text or a number", values[i]);
    if (!ids.has(name)) ids.set(name, ids.size);
    return ids.get(name)!;
  });
  return { groups, groupNames: [...ids.keys()] };
}

/** The times of rows: numbers as they are; dates, as objects or in ISO 8601, as days since 1970. */
export function rowTimes(values: ArrayLike<unknown>, place = "times"): Float64Array {
  const numbers = typeof values[0] === "number";
  return Float64Array.from({ length: values.length }, (_, i) => {
    const cell = asCell(values[i]);
    const time = numbers ? cell : typeof cell === "string" ? readDate(plainText(cell)) : undefined;
    const expected = numbers ? "a finite number, as the first is" : "a number, a Date or a date such as 2026-11-28";
    must(typeof time === "number" && Number.isFinite(time), `${place}[${i}]`, expected, values[i]);
    return time;
  });
}
