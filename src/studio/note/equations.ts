// E1 … E37 as the page shows them: the LaTeX of src/equations/, or as the note prints it, split into terms.
import { ROWS } from "../../equations/note.ts";
import { type SplitFormula, splitFormula } from "./notation.ts";
import { TEXT } from "./note-text.ts";

/** One numbered equation of the note. */
export type Equation = SplitFormula & {
  readonly id: string;
  readonly spoken: string; //   in plain text
  readonly remark: string;
};

/** E1 … E37 in the note's order. */
export const EQUATIONS: readonly Equation[] = TEXT.flatMap((block) => {
  if (block.kind !== "equation") return [];
  const row = ROWS.find(({ id }) => id === block.id)!;
  return [{ ...splitFormula(row.id, block.printed ?? row.latex), id: row.id, spoken: row.text, remark: row.remark }];
});

export const equationOf = (id: string): Equation => EQUATIONS.find((equation) => equation.id === id)!;
