// Rows of a table that cannot be read, written as they stand, so that they can be mended and asked about again.
import { basename, dirname, join } from "node:path";
import { textLine } from "../data/formats/write-table.ts";
import type { RejectedRow } from "../data/table/table-options.ts";
import { writeDurably } from "../files/disk.ts";
import { type Overwrite, refuseTaken } from "../files/output-file.ts";
import type { Asked, RejectedRows } from "./asked.ts";
import { warn } from "./program.ts";
import { count, plural } from "./tables.ts";

/** Where the rejected rows of a file go: beside `out`, or into the working folder. */
export function rejectsFile(file: string, out: string | undefined): string {
  const stem = file === "-" ? "stdin" : basename(file).replace(/(?<=.)(\.[^.]*?)(\.gz)?$/, "");
  return join(out === undefined ? "" : dirname(out), `${stem}.rejects.csv`);
}

/** Raises InvalidInput OUT_TAKEN where a file of rejected rows would replace another. */
export async function refuseTakenRejects(all: readonly Asked[], out: string | undefined, overwrite: Overwrite) {
  for (const { file, rejected } of all) if (rejected) await refuseTaken(rejectsFile(file, out), overwrite);
}

/** Write the rejected rows, under the table's header and with the reasons beside, and say how many there are. */
export async function writeRejects({ file, numbers, rejected }: Asked, out: string | undefined) {
  if (!rejected) return undefined;
  const { rows, reread } = rejected;
  const place = rejectsFile(file, out);
  const { found, separator } = await rowsAsTheyStand(rows, reread);
  const lines = found.map(([cells, reason], k) => {
    const last = found[0]![1] === undefined ? [k === 0 ? "rejected because" : reason] : [];
    return textLine([...cells, ...last], separator === " " ? "\t" : separator);
  });
  await writeDurably(place, `${lines.join("\n")}\n`);
  const all = rows.length + numbers!.length;
  const shown = rows.slice(0, MOST_SHOWN).map(({ row, reason }) => `row ${row}: ${reason}`);
  const more = rows.length > MOST_SHOWN ? ` And ${count(rows.length - MOST_SHOWN)} more.` : "";
  warn(
    `${file}: ${count(rows.length)} of ${plural(all, "row")} cannot be read and ${rows.length === 1 ? "is" : "are"} in ${place}. ${shown.join(" ")}${more}`,
  );
  return { file: place, rows: rows.length };
}

const MOST_SHOWN = 3;

type RowAsItStands = readonly [cells: readonly unknown[], reason: string | undefined];

/** The header, if there is one, and the rejected rows with their reasons; what splits them. */
async function rowsAsTheyStand(rows: readonly RejectedRow[], reread: RejectedRows["reread"]) {
  const reasons = new Map(rows.map(({ row, reason }) => [row, reason]));
  const found: RowAsItStands[] = [];
  let first: readonly unknown[] | undefined;
  let separator: string | undefined;
  const header = await reread((cells, row, delimiter) => {
    first ??= [...cells];
    separator = delimiter;
    if (reasons.has(row)) found.push([[...cells], reasons.get(row)]);
  });
  return { found: header ? [[first!, undefined] as const, ...found] : found, separator };
}
