// Every row of the check, in the note's order, then ours.
import { ACTIVATION_ROWS } from "./beyond-activations.ts";
import { INPUT_ROWS } from "./beyond-inputs.ts";
import { LOSS_ROWS } from "./beyond-losses.ts";
import { RULE_ROWS } from "./beyond-rules.ts";
import type { Row } from "./rows.ts";
import { SECTION_1 } from "./section-1.ts";
import { ANY_DEPTH } from "./section-2-1.ts";
import { FOUR_LAYERS } from "./section-2-2.ts";
import { LAYERS } from "./section-2-layers.ts";
import { SOFTMAX } from "./section-2-softmax.ts";
import { MINI_BATCHES } from "./section-3.ts";

export const ROWS: readonly Row[] = [
  ...[...SECTION_1, ...SOFTMAX, ...LAYERS, ...ANY_DEPTH, ...FOUR_LAYERS, ...MINI_BATCHES],
  ...[...ACTIVATION_ROWS, ...LOSS_ROWS, ...RULE_ROWS, ...INPUT_ROWS],
];

/** The note's section headings; X is ours. */
export const SECTIONS: Readonly<Record<string, string>> = {
  "1": "1 Definitions",
  "2": "2 Finding gradients",
  "2.1": "2.1 Gradients for an arbitrary feed-forward network",
  "2.2": "2.2 Gradients for four layers",
  "3": "3 Mini-batches",
  X: "Beyond the note",
};
