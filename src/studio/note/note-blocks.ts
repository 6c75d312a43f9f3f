// The blocks of the note's text. The text is in section-1.ts … section-3.ts, as printed; a block's `slip` corrects an
// error of the print in the margin.

/** `$…$` inside a text is LaTeX. */
export type Block = { readonly slip?: string } & (
  | { readonly kind: "heading"; readonly text: string; readonly minor?: true }
  | { readonly kind: "prose"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly string[] }
  // a formula without a number; `spoken`: the same for screen readers
  | { readonly kind: "steps"; readonly latex: string; readonly spoken: string }
  // E1 … E37; `printed`: the LaTeX as printed, where it has an error
  | { readonly kind: "equation"; readonly id: string; readonly printed?: string }
);
