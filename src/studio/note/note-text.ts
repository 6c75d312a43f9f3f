// The whole note, section by section.
import type { Block } from "./note-blocks.ts";
import { SECTION_1 } from "./section-1.ts";
import { SECTION_2_GRADIENTS } from "./section-2-gradients.ts";
import { SECTION_2_LAYERS } from "./section-2-layers.ts";
import { SECTION_2_SOFTMAX } from "./section-2-softmax.ts";
import { SECTION_3 } from "./section-3.ts";

export const TITLE = "Gradients for FF NN";
export const DATE = "March 2025";

export const TEXT: readonly Block[] = [
  ...SECTION_1,
  ...SECTION_2_SOFTMAX,
  ...SECTION_2_LAYERS,
  ...SECTION_2_GRADIENTS,
  ...SECTION_3,
];
