// Section 1 of the note, as printed.
import type { Block } from "./note-blocks.ts";

export const SECTION_1: readonly Block[] = [
  { kind: "heading", text: "1 Definitions" },
  {
    kind: "list",
    items: [
      "$B$ Batch size",
      "$D$ Input Feature Size",
      "$H$ Hidden Size",
      "$C$ Number of Classes",
      "$y_i$ True class for a input image",
      "$x_i$ Input image 28x28",
    ],
  },
  { kind: "prose", text: "Now defining the dimensions of each matrix" },
  { kind: "equation", id: "E1" },
  {
    kind: "prose",
    text: "We can now define the loss function for a multiclass classification task as cross entropy loss.",
  },
  { kind: "equation", id: "E2" },
];
