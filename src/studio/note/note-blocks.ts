// What the note's text is made of. The text itself is section-1.ts …, as printed, slips and all; a slip says in the margin what is meant.

/** `$…$` inside a text is mathematics. */
export type Block = { readonly slip?: string } & (
  | { readonly kind: "heading"; readonly text: string; readonly minor?: true }
  | { readonly kind: "prose"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | { readonly kind: "steps"; readonly latex: string; readonly says: string } //      a formula without a number, and how to say it
  | { readonly kind: "equation"; readonly id: string; readonly printed?: string } // E1 … E37; `printed` where the note slipped
);
