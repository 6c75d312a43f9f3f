// The values of the selected equation: its terms with their shapes, the chosen one as a picture, and its origin.
import { signal } from "@preact/signals";
import { lossText } from "../../training/loss-text.ts";
import { ofSoftmaxAlone, type Quantity, type ScalarValue } from "../lab/quantity.ts";
import { locale, plural, rich, t } from "../language/words.ts";
import { Formula } from "../parts/formula.tsx";
import { useLab } from "../parts/use-lab.ts";
import { lab, opened, place } from "../state/store.ts";
import { equationOf } from "./equations.ts";
import { ValueFigure } from "./figure.tsx";
import { openEquation } from "./open-equation.ts";
import { meaningOf, originOf, plainOf, symbolOf } from "./quantity-names.ts";
import { boundTerms, focus, intermediates, keyOf, pinned, selectTerm, tracedBack } from "./selection.ts";

/** Whether values are below their equation instead of beside the text. */
export const narrow = signal(false);
const query = matchMedia("(max-width: 999px)");
narrow.value = query.matches;
query.addEventListener("change", () => {
  narrow.value = query.matches;
});

export function TermValues() {
  const values = useValues();
  const { id, term } = focus.value;
  const { remark } = equationOf(id);
  const quantities = boundTerms.value;
  const chosen = tracedBack.value ?? quantities[term];
  const shown = [
    ...distinctTerms(quantities).map(({ quantity, at }) => ({
      quantity,
      choose: () => selectTerm(id, at),
      back: null,
    })),
    ...intermediates.value.map((quantity) => ({ quantity, choose: () => {}, back: quantity })),
  ];
  return (
    <section id="values" class="values" tabIndex={-1} lang={locale.value} aria-label={t("Values in {id}", { id })}>
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
                tracedBack.value = back;
                pinned.value = true;
              }}
            >
              <Spoken of={quantity} />
              <span class="shape">{shapeOf(values.get(keyOf(quantity)))}</span>
            </button>
          </li>
        ))}
      </ul>
      {!opened.value ? (
        <p class="what">{t("The data are being opened …")}</p>
      ) : chosen && lacksSoftmax() && ofSoftmaxAlone(chosen) ? (
        <OfSoftmax />
      ) : chosen ? (
        <Chosen quantity={chosen} value={values.get(keyOf(chosen))} />
      ) : (
        <Absent />
      )}
      {remark && (
        <p class="remark" lang="en">
          {withSigns(remark)}
        </p>
      )}
      <p class="quiet">
        {t(pinned.value ? "Held: Escape, or the same term again, lets go." : "Point at a term, or tap it to hold it.")}
      </p>
    </section>
  );
}

function Chosen({ quantity, value }: { readonly quantity: Quantity; readonly value: ScalarValue | undefined }) {
  const depth = opened.value ? opened.value.layers.length - 1 : 0;
  const softmax = !lacksSoftmax();
  const { by, given, from } = originOf(quantity, depth, softmax);
  return (
    <>
      <p class="what" aria-live="polite">
        <Formula tex={symbolOf(quantity)} /> <span lang="en">{meaningOf(quantity, depth, softmax)}.</span>
        <span class="unseen">{shapeOf(value)}</span>
      </p>
      {value && <ValueFigure quantity={quantity} value={value} />}
      <p class="origin">
        {by
          ? rich("Made by {equation} from {operands}", {
              equation: (
                <button type="button" class="plain" onClick={() => openEquation(by)}>
                  {by}
                </button>
              ),
              operands: from.map((operand) => (
                <button
                  type="button"
                  class="plain"
                  key={keyOf(operand)}
                  onClick={() => {
                    tracedBack.value = operand;
                    pinned.value = true;
                  }}
                >
                  <Spoken of={operand} />
                </button>
              )),
            })
          : rich("Given: {what}.", { what: <span lang="en">{given}</span> })}
      </p>
    </>
  );
}

/** A quantity's symbol, with plain text for screen readers. */
function Spoken({ of }: { readonly of: Quantity }) {
  return (
    <>
      <span aria-hidden="true">
        <Formula tex={symbolOf(of)} />
      </span>
      <span class="unseen">{plainOf(of)} </span>
    </>
  );
}

const lacksSoftmax = () => opened.value !== null && opened.value.loss.name !== "softmax-cross-entropy";

function OfSoftmax() {
  const to = () => {
    const section = document.getElementById("own-loss");
    section?.scrollIntoView({ block: "center" });
    section?.focus({ preventScroll: true });
  };
  return (
    <p class="what">
      {rich("This run minimizes {loss}, which has no softmax.", {
        loss: <span lang="en">{lossText(opened.value!.loss)}</span>,
      })}{" "}
      <button type="button" class="plain" onClick={to}>
        {t("Its own loss and δ")}
      </button>
    </p>
  );
}

function Absent() {
  const depth = opened.value ? opened.value.layers.length - 1 : 0;
  return (
    <p class="what">
      {plural(
        depth,
        "The network has {n} layer, and this one of the note’s four is not among them.",
        "The network has {n} layers, and this one of the note’s four is not among them.",
      )}
    </p>
  );
}

/** Values by keyOf: of the selected equation's terms and of the traced quantity; the old ones until new ones arrive. */
function useValues(): ReadonlyMap<string, ScalarValue> {
  const answer = useLab(() => {
    const wanted = [...boundTerms.value, ...intermediates.value, tracedBack.value].filter(
      (each) => each !== undefined && each !== null,
    );
    const at = place.value;
    return async () => {
      const found = await lab.values(at, wanted);
      return new Map(wanted.map((quantity, k) => [keyOf(quantity), found[k]!]));
    };
  });
  return answer.value ?? NONE;
}

const NONE: ReadonlyMap<string, ScalarValue> = new Map();

/** A remark's plain text with real indices: x_i and δ^{l+1} as they are printed. */
const withSigns = (remark: string): string => remark.replaceAll("_i", "ᵢ").replaceAll("^{l+1}", "ˡ⁺¹");

function distinctTerms(quantities: readonly (Quantity | undefined)[]): { quantity: Quantity; at: number }[] {
  const seen = new Map<string, { quantity: Quantity; at: number }>();
  quantities.forEach((quantity, at) => {
    if (quantity && !seen.has(keyOf(quantity))) seen.set(keyOf(quantity), { quantity, at });
  });
  return [...seen.values()];
}

function whose({ kind, batch }: Quantity): string {
  if (batch) return t("of the next mini-batch");
  if (kind === "W" || kind === "WT" || kind === "b") return t("as they are now");
  const { part, row } = place.value;
  return t(part === "test" ? "of test example {row}" : "of training example {row}", { row: row + 1 });
}

const shapeOf = (value: ScalarValue | undefined): string =>
  value && value.values.length > 0 ? `${value.rows} × ${value.cols}` : "";
