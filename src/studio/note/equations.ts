// E1 … E37 as the page shows them: the note's LaTeX, cut into terms. The formulas stand once, in src/equations/.
import { ROWS } from "../../equations/note.ts";
import { type Marked, mark } from "./notation.ts";
import { TEXT } from "./note-text.ts";

/** One numbered equation of the note, as it is shown. */
export type Equation = Marked & {
  readonly id: string;
  readonly says: string; //   in plain text
  readonly remark: string;
};

/** E1 … E37 in the note's order, each cut into terms. */
export const EQUATIONS: readonly Equation[] = TEXT.flatMap((block) => {
  if (block.kind !== "equation") return [];
  const row = ROWS.find(({ id }) => id === block.id)!;
  return [{ ...mark(row.id, block.printed ?? row.latex), id: row.id, says: row.text, remark: row.remark }];
});

export const equationOf = (id: string): Equation => EQUATIONS.find((equation) => equation.id === id)!;
