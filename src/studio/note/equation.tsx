// A numbered equation. Its terms can be selected with the pointer, by tapping, or with the arrow keys.
import { locale, t } from "../language/words.ts";
import { Formula } from "../parts/formula.tsx";
import { equationOf } from "./equations.ts";
import { focus, pinned, selectTerm } from "./selection.ts";

export function NumberedEquation({ id }: { readonly id: string }) {
  const { latex, terms, spoken } = equationOf(id);
  const here = focus.value.id === id;
  const at = here ? focus.value.term : 0;
  const pin = (term: number) => {
    const again = pinned.value && here && at === term;
    selectTerm(id, term);
    pinned.value = !again;
  };
  const keys: Record<string, () => void> = {
    ArrowRight: () => selectTerm(id, (at + 1) % terms.length),
    ArrowLeft: () => selectTerm(id, (at + terms.length - 1) % terms.length),
    Enter: () => pin(at),
    " ": () => pin(at),
    Escape: () => {
      pinned.value = false;
    },
  };
  return (
    <div class={`numbered ${here ? "here" : ""} ${here && pinned.value ? "pinned" : ""}`} id={id}>
      {/* biome-ignore lint/a11y/useSemanticElements: a button element cannot scroll a wide formula */}
      <div
        class="formula live"
        role="button"
        tabIndex={0}
        aria-pressed={here && pinned.value}
        data-on={here ? terms[at]!.key : undefined}
        onFocus={() => !pinned.value && !here && selectTerm(id, 0)}
        onPointerMove={(event) => {
          const term = termUnder(event.target);
          if (term >= 0 && !pinned.value && event.pointerType === "mouse") selectTerm(id, term);
        }}
        onClick={(event) => pin(Math.max(termUnder(event.target), here && !pinned.value ? at : 0))}
        onKeyDown={(event) => {
          const act = keys[event.key];
          if (!act) return;
          event.preventDefault();
          act();
          const term = event.currentTarget.querySelector(`.t${focus.value.term}`);
          term?.scrollIntoView({ block: "nearest", inline: "nearest" }); // a wide formula scrolls in its box
        }}
      >
        <span class="unseen">{`${id}: ${spoken}`}</span>
        <span aria-hidden="true">
          <Formula tex={latex} display />
        </span>
      </div>
      {here && pinned.value && (
        <button
          type="button"
          class="plain to-values"
          lang={locale.value}
          onClick={() => document.getElementById("values")?.focus()}
        >
          {t("To its values")}
        </button>
      )}
      <span class="number" aria-hidden="true">
        ({id})
      </span>
    </div>
  );
}

/** The number of the term that contains an element; −1 for none. */
function termUnder(target: EventTarget | null): number {
  const term = target instanceof Element ? target.closest(".term") : null;
  const key = term && [...term.classList].find((name) => /^t\d+$/.test(name));
  return key ? Number(key.slice(1)) : -1;
}
