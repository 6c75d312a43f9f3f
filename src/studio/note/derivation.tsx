// The note as a page of text: prose, formulas, numbered equations, and corrections in the margin.
import { useEffect } from "preact/hooks";
import { Formula } from "../parts/formula.tsx";
import { NumberedEquation } from "./equation.tsx";
import type { Block } from "./note-blocks.ts";
import { DATE, TEXT, TITLE } from "./note-text.ts";
import { requestedEquation } from "./open-equation.ts";
import { OwnLoss } from "./own-loss.tsx";
import { narrow, TermValues } from "./panel.tsx";
import { Prose } from "./prose.tsx";
import { Scroller } from "./scroller.tsx";
import { focus, pinned } from "./selection.ts";

let first = true; // an equation of the address is brought into sight once

export function Derivation() {
  const aim = requestedEquation.value || (first && pinned.peek() ? focus.peek().id : "");
  first = false;
  useEffect(() => {
    const element = aim && document.getElementById(aim);
    if (!element) return;
    element.scrollIntoView({ block: "center" });
    element.querySelector<HTMLElement>("[role=button]")?.focus({ preventScroll: true });
    requestedEquation.value = "";
  }, [aim]);
  return (
    <div class="derivation">
      <article class="paper" aria-label={TITLE} lang="en">
        <header>
          <h2>{TITLE}</h2>
          <p class="date">{DATE}</p>
        </header>
        {TEXT.map((block, at) => (
          <div class={`block ${block.kind}`} key={at}>
            <BlockBody block={block} />
            {block.kind === "equation" && block.id === "E8" && <OwnLoss />}
            {block.slip && (
              <div class="slip" role="note">
                <Prose text={block.slip} />
              </div>
            )}
          </div>
        ))}
      </article>
      {!narrow.value && <TermValues />}
    </div>
  );
}

function BlockBody({ block }: { readonly block: Block }) {
  switch (block.kind) {
    case "heading":
      return block.minor ? <h4>{block.text}</h4> : <h3>{block.text}</h3>;
    case "prose":
      return (
        <p>
          <Prose text={block.text} />
        </p>
      );
    case "list":
      return (
        <ul>
          {block.items.map((item) => (
            <li key={item}>
              <Prose text={item} />
            </li>
          ))}
        </ul>
      );
    case "steps":
      return (
        <Scroller class="formula" label={block.spoken}>
          <Formula tex={block.latex} display />
        </Scroller>
      );
    case "equation":
      return (
        <>
          <NumberedEquation id={block.id} />
          {narrow.value && focus.value.id === block.id && <TermValues />}
        </>
      );
  }
}
