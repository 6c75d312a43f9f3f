// Every row of the check: E1 … E37 in the note's order, then X1 …
import { DEFINITION_ROWS } from "./e01-e02-definitions.ts";
import { SOFTMAX_ROWS } from "./e03-e08-softmax.ts";
import { LAYER_ROWS } from "./e09-e18-layers.ts";
import { RECURSION_ROWS } from "./e19-e22-recursion.ts";
import { FOUR_LAYER_ROWS } from "./e23-e34-four-layers.ts";
import { MINI_BATCH_ROWS } from "./e35-e37-mini-batches.ts";
import type { Row } from "./rows.ts";
import { ACTIVATION_ROWS, MORE_ACTIVATION_ROWS } from "./x01-x05-activations.ts";
import { LOSS_ROWS } from "./x06-x09-losses.ts";
import { OPTIMIZER_ROWS } from "./x10-x14-optimizers.ts";
import { INPUT_ROWS } from "./x15-inputs.ts";
import { MORE_LOSS_ROWS } from "./x22-x29-more-losses.ts";
import { EXAMPLE_ROWS } from "./x30-x31-examples.ts";
import { PATH_ROWS } from "./x32-paths.ts";
import { LIMIT_ROWS } from "./x33-x35-limits.ts";
import { DRAW_ROWS } from "./x36-x37-draws.ts";
import { AVERAGE_ROWS } from "./x38-average.ts";
import { FRONT_ROWS } from "./x39-front-scale.ts";
import { PRIVATE_ROWS } from "./x40-x43-private.ts";
import { INFLUENCE_ROWS } from "./x44-x46-influence.ts";
import { WARP_ROWS } from "./x47-x48-warps.ts";
import { BETWEEN_ROWS } from "./x49-x50-between.ts";
import { FULL_BATCH_ROWS } from "./x51-full-batch.ts";
import { MIX_ROWS } from "./x52-mixup.ts";

export const ROWS: readonly Row[] = [
  ...DEFINITION_ROWS,
  ...SOFTMAX_ROWS,
  ...LAYER_ROWS,
  ...RECURSION_ROWS,
  ...FOUR_LAYER_ROWS,
  ...MINI_BATCH_ROWS,
  ...ACTIVATION_ROWS,
  ...LOSS_ROWS,
  ...OPTIMIZER_ROWS,
  ...INPUT_ROWS,
  ...MORE_ACTIVATION_ROWS,
  ...MORE_LOSS_ROWS,
  ...EXAMPLE_ROWS,
  ...PATH_ROWS,
  ...LIMIT_ROWS,
  ...DRAW_ROWS,
  ...AVERAGE_ROWS,
  ...FRONT_ROWS,
  ...PRIVATE_ROWS,
  ...INFLUENCE_ROWS,
  ...WARP_ROWS,
  ...BETWEEN_ROWS,
  ...FULL_BATCH_ROWS,
  ...MIX_ROWS,
];

/** Rows that are about softmax cross-entropy: absent from a check under another loss. */
export const OF_SOFTMAX: readonly string[] = ["E2", "E3", "E4", "E5", "E6", "E7", "E8", "E10", "E23"];

/** Headings of the note's sections; X: beyond the note. */
export const SECTIONS: Readonly<Record<string, string>> = {
  "1": "1 Definitions",
  "2": "2 Finding gradients",
  "2.1": "2.1 Gradients for an arbitrary feed-forward network",
  "2.2": "2.2 Gradients for four layers",
  "3": "3 Mini-batches",
  X: "Beyond the note",
};
