// Sections 2.1 and 2.2 of the note, as printed.
import type { Block } from "./note-blocks.ts";

const equations = (...ids: readonly string[]): readonly Block[] => ids.map((id) => ({ kind: "equation", id }));

export const SECTION_2_GRADIENTS: readonly Block[] = [
  { kind: "heading", text: "2.1 Gradients for Arbritrary FF NN", minor: true },
  ...equations("E19", "E20", "E21", "E22"),
  { kind: "heading", text: "2.2 Gradients for 4 Layer FF", minor: true },
  { kind: "prose", text: "For our specific 4-layer network," },
  ...equations("E23", "E24", "E25", "E26", "E27", "E28"),
  {
    kind: "equation",
    id: "E29",
    printed: String.raw`\delta^2 = (((S(z_4) - y) W_4^T) \odot \sigma'(z_3)) W_3^T) \odot \sigma'(z_2)`,
    slip: String.raw`One opening bracket is missing. It is $(\delta^3 W_3^T) \odot \sigma'(z_2)$, written out.`,
  },
  ...equations("E30", "E31"),
  {
    kind: "equation",
    id: "E32",
    printed: String.raw`\delta^1 = ((((S(z_4) - y) W_4^T) \odot \sigma'(z_3)) W_3^T) \odot \sigma'(z_2)) W_2^t) \odot \sigma'(z_1))`,
    slip: String.raw`The brackets do not pair, and $W_2^t$ is $W_2^T$. It is $(\delta^2 W_2^T) \odot \sigma'(z_1)$, written out.`,
  },
  ...equations("E33"),
  {
    kind: "equation",
    id: "E34",
    printed: String.raw`\nabla_{W_2} \mathcal{L} = x^T \delta^1`,
    slip: String.raw`$\nabla_{W_2}$ stands here a second time; $\nabla_{W_1}$ is meant, and is what the values show.`,
  },
];
