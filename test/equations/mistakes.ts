// Classic mistakes, planted one at a time: in the kernels (through `wrap` of referenceImplementation) or in one of the
// note's formulas.
import { ANSWER_MISTAKES } from "./mistakes/answers.ts";
import { NOTE_MISTAKES } from "./mistakes/note.ts";
import type { Mistake } from "./mistakes/planting.ts";
import { STEP_MISTAKES } from "./mistakes/steps.ts";

export const MISTAKES: readonly Mistake[] = [...NOTE_MISTAKES, ...ANSWER_MISTAKES, ...STEP_MISTAKES];
