// The values of the equation looked at: its terms with their shapes, the chosen one as a picture, and where it came from.
import { signal, useSignalEffect } from "@preact/signals";
import type { Quantity, Value } from "../lab/quantity.ts";
import { Maths } from "../parts/maths.tsx";
import { lab, opened, place, tick } from "../state/store.ts";
import { equationOf } from "./equations.ts";
import { ValueFigure } from "./figure.tsx";
import { goTo } from "./going.ts";
import { latestOnly } from "./latest.ts";
import { meaningOf, originOf, plainOf, symbolOf } from "./names.ts";
import { between, bound, focus, keyOf, look, pinned, source } from "./state.ts";

/** Whether values stand below their equation instead of beside the text. */
export const narrow = signal(false);
const query = matchMedia("(max-width: 999px)");
narrow.value = query.matches;
query.addEventListener("change", () => {
  narrow.value = query.matches;
});

/** The latest values, by keyOf. Those of another equation stay until theirs have come. */
const values = signal<ReadonlyMap<string, Value>>(new Map());

export function Values() {
  useFreshValues();
  const { id, term } = focus.value;
  const { remark } = equationOf(id);
  const quantities = bound.value;
  const chosen = source.value ?? quantities[term];
  const shown = [
    ...distinctTerms(quantities).map(({ quantity, at }) => ({ quantity, choose: () => look(id, at), back: null })),
    ...between.value.map((quantity) => ({ quantity, choose: () => {}, back: quantity })),
  ];
  return (
    <section class="values" aria-label={`Values in ${id}`}>
      <header>
        <h3>{id}</h3>
        <p class="quiet">{chosen && whose(chosen)}</p>
      </header>
      <ul class="terms">
        {shown.map(({ quantity, choose, back }) => (
          <li key={keyOf(quantity)}>
            <button
              type="button"
              aria-pressed={chosen !== undefined && keyOf(chosen) === keyOf(quantity)}
              onClick={() => {
                choose();
                source.value = back;
                pinned.value = true;
              }}
            >
              <Spoken of={quantity} />
              <span class="shape">{shapeOf(values.value.get(keyOf(quantity)))}</span>
            </button>
          </li>
        ))}
      </ul>
      {!opened.value ? (
        <p class="what">The data are being opened …</p>
      ) : chosen ? (
        <Chosen quantity={chosen} />
      ) : (
        <Absent />
      )}
      {remark && <p class="remark">{remark}</p>}
      <p class="quiet">
        {pinned.value ? "Held: Escape, or the same term again, lets go." : "Point at a term, or tap it to hold it."}
      </p>
    </section>
  );
}

function Chosen({ quantity }: { readonly quantity: Quantity }) {
  const depth = opened.value ? opened.value.layers.length - 1 : 0;
  const value = values.value.get(keyOf(quantity));
  const { by, says, from } = originOf(quantity, depth);
  return (
    <>
      <p class="what" aria-live="polite">
        <Maths tex={symbolOf(quantity)} /> {meaningOf(quantity, depth)}.<span class="unseen">{shapeOf(value)}</span>
      </p>
      {value && <ValueFigure quantity={quantity} value={value} />}
      <p class="origin">
        {by ? (
          <>
            Made by{" "}
            <button type="button" class="plain" onClick={() => goTo(by)}>
              {by}
            </button>{" "}
            from{" "}
            {from.map((quantityBefore) => (
              <button
                type="button"
                class="plain"
                key={keyOf(quantityBefore)}
                onClick={() => {
                  source.value = quantityBefore;
                  pinned.value = true;
                }}
              >
                <Spoken of={quantityBefore} />
              </button>
            ))}
          </>
        ) : (
          `Given: ${says}.`
        )}
      </p>
    </>
  );
}

/** A quantity's symbol, read aloud as plain text. */
function Spoken({ of }: { readonly of: Quantity }) {
  return (
    <>
      <span aria-hidden="true">
        <Maths tex={symbolOf(of)} />
      </span>
      <span class="unseen">{plainOf(of)} </span>
    </>
  );
}

function Absent() {
  const depth = opened.value ? opened.value.layers.length - 1 : 0;
  return <p class="what">The network has {depth} layers, and this one of the note’s four is not among them.</p>;
}

/** Ask the lab for the terms of the equation looked at, and for what is followed back. */
const refresh = latestOnly(async () => {
  const wanted = [...bound.peek(), ...between.peek(), source.peek()].filter(
    (quantity) => quantity !== undefined && quantity !== null,
  );
  const found = await lab.values(place.peek(), wanted);
  values.value = new Map(wanted.map((quantity, k) => [keyOf(quantity), found[k]!]));
});

/** Again whenever the equation, the example or the parameters are others. */
function useFreshValues(): void {
  useSignalEffect(() => {
    const depends = [bound.value, between.value, source.value, place.value, tick.value];
    if (opened.value && depends) refresh();
  });
}

function distinctTerms(quantities: readonly (Quantity | undefined)[]): { quantity: Quantity; at: number }[] {
  const seen = new Map<string, { quantity: Quantity; at: number }>();
  quantities.forEach((quantity, at) => {
    if (quantity && !seen.has(keyOf(quantity))) seen.set(keyOf(quantity), { quantity, at });
  });
  return [...seen.values()];
}

function whose({ kind, batch }: Quantity): string {
  if (batch) return "of the next mini-batch";
  if (kind === "W" || kind === "WT" || kind === "b") return "as they are now";
  return `of ${place.value.part} example ${place.value.row + 1}`;
}

const shapeOf = (value: Value | undefined): string => (value ? `${value.rows} × ${value.cols}` : "");
