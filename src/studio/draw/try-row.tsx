// Try a row of a table: a slider or a choice for each column, the answer live, and what each column pushes.
import { useEffect } from "preact/hooks";
import { cellText } from "../../data/columns.ts";
import { ATTRIBUTIONS, type AttributionMethod } from "../../insights/attributions.ts";
import type { RunDescription } from "../lab/protocol.ts";
import type { RowAnswer, TriedColumn } from "../lab/row-api.ts";
import { type PlainText, plural, t } from "../language/words.ts";
import { AnswerTable } from "../parts/answer-table.tsx";
import { Bars } from "../parts/bars.tsx";
import { ChoiceField } from "../parts/field.tsx";
import { Formula } from "../parts/formula.tsx";
import { localText, percentText, shortNumber, typedText } from "../parts/numbers.ts";
import { PlacePicker } from "../parts/place-picker.tsx";
import { opened } from "../state/store.ts";
import { answer, columns, followPlace, followRow, method, pushedTarget, row, setValue } from "./tried-row.ts";
import "./try-row.css";

const SHOWN = 60; // columns: the others stay as they are in the example

export function TryRow() {
  useEffect(() => {
    const stops = [followPlace(), followRow()];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  const values = row.value;
  const found = opened.value;
  if (!found || !values || values.length !== columns.value.length) return <p class="empty">{t("Reading the row …")}</p>;
  const said = answer.value;
  const classes = found.task === "classify";
  const pushes = said?.pushes[method.value];
  const most = pushes ? pushes.reduce((high, push) => Math.max(high, Math.abs(push)), 0) : 0;
  return (
    <div class="try-row">
      <section class="row-values" aria-labelledby="row-title">
        <div class="title">
          <h2 id="row-title">{t("Try a row")}</h2>
          <PlacePicker />
        </div>
        <p class="quiet">{t("A row of the data to begin with. Change it: the answer and the pushes follow.")}</p>
        <ul>
          {columns.value.slice(0, SHOWN).map((column, j) => (
            <li key={`${j} ${column.name}`}>
              <Control column={column} value={values[j]!} onValue={(value) => setValue(j, value)} />
              <PushBar name={column.name} push={pushes?.[j]} most={most} />
            </li>
          ))}
        </ul>
        {values.length > SHOWN && (
          <p class="quiet">
            {plural(
              values.length - SHOWN,
              "{n} column more stays as in the example.",
              "{n} columns more stay as in the example.",
            )}
          </p>
        )}
      </section>
      <section class="row-says" aria-labelledby="row-says-title">
        <h2 id="row-says-title">{t("It says")}</h2>
        {said?.values ? (
          <AnswerTable found={found} answer={said.values} wanted={null} />
        ) : (
          <Classes said={said} classes={found.classes} />
        )}
        <h3>{t("What each column pushes")}</h3>
        <div class="row-fields">
          <ChoiceField
            label={t(classes ? "on class" : "on")}
            value={String(pushedTarget.value ?? (classes ? "" : 0))}
            options={[
              ...(classes ? [{ value: "", name: t("predicted") }] : []),
              ...found.classes.map((name, c) => ({ value: String(c), name })),
            ]}
            onChoose={(value) => {
              pushedTarget.value = value === "" ? null : Number(value);
            }}
          />
          <ChoiceField
            label={t("by")}
            value={method.value}
            options={ATTRIBUTIONS.map((value) => ({ value, name: t(METHOD_NAMES[value]) }))}
            onChoose={(value) => {
              method.value = value;
            }}
          />
        </div>
        <Formula display tex={texOf(method.value, pushedOn(found, "").tex)} />
        {said && <p class="quiet">{explained(said, found)}</p>}
      </section>
    </div>
  );
}

function Classes({ said, classes }: { readonly said: RowAnswer | null; readonly classes: readonly string[] }) {
  return (
    <>
      <p class="verdict">
        {said && said.predicted >= 0 ? (
          <>
            <strong>{classes[said.predicted]}</strong>, {percentText(said.probabilities[said.predicted]!)}
          </>
        ) : (
          <span>{t("nothing yet")}</span>
        )}
      </p>
      {classes.length <= 40 && (
        <Bars
          names={classes}
          values={said?.probabilities ?? new Float64Array(classes.length)}
          picked={said?.predicted}
          label={t("Probability of each class")}
        />
      )}
    </>
  );
}

const METHOD_NAMES: Readonly<Record<AttributionMethod, PlainText>> = {
  integrated: "the way from 0 to the row",
  inputTimesGradient: "value times gradient",
  saliency: "the gradient's size",
};

/** The method's formula for a pushed quantity g. */
function texOf(by: AttributionMethod, g: string): string {
  const slope = String.raw`\frac{\partial ${g}}{\partial x_j}`;
  const classes = g.includes("S_c"); // by what the passes give: δ¹ is that of −log S_c
  if (by === "integrated") return String.raw`x_j \int_0^1 ${slope}(tx)\,dt`;
  const [size, product] = [String.raw`\left|${slope}\right|`, `x_j ${slope}`];
  if (by === "saliency") return classes ? String.raw`${size} = \left|(\delta^{1} W_1^{\top})_j\right|` : size;
  return classes ? String.raw`${product} = -\,x_j\,(\delta^{1} W_1^{\top})_j` : product;
}

/** What the columns push on, in words and as a formula. */
function pushedOn({ task, loss }: Pick<RunDescription, "task" | "loss">, name: string): { of: string; tex: string } {
  if (task === "classify") return { of: t("log S of {name}", { name }), tex: String.raw`\log S_c` };
  if (task === "multilabel") return { of: t("the log-odds of {name}", { name }), tex: "z_c" };
  return loss.name === "poisson"
    ? { of: t("the log of {name}", { name }), tex: String.raw`\log \hat{t}` }
    : { of: name, tex: String.raw`\hat{t}` };
}

function explained({ target, explained: here, none, pushes }: RowAnswer, found: RunDescription): string {
  const name = found.classes[target]!;
  const { of } = pushedOn(found, name);
  const up =
    found.task === "regress"
      ? t("Blue pushes {name} up, orange down.", { name })
      : t("Blue speaks for {name}, orange against it.", { name });
  if (method.value === "saliency") return t("How strongly a column could push here, whichever way.");
  if (method.value === "inputTimesGradient") return `${up} ${t("So it is at this row.")}`;
  const sum = pushes.integrated.reduce((total, push) => total + push, 0);
  const added = t(
    "The pushes add up: {of} is {here} here, {none} where every input is 0 (for a number its mean), and they are {sum}.",
    { of, here: shortNumber(here), none: shortNumber(none), sum: shortNumber(sum) },
  );
  return `${up} ${added}`;
}

const NONE = "none";
const OTHER = "other";

type ControlProps = {
  readonly column: TriedColumn;
  readonly value: number;
  readonly onValue: (value: number) => void;
};

function Control({ column, value, onValue }: ControlProps) {
  const { name, kind, levels, other, holes } = column;
  const missing = Number.isNaN(value);
  if (levels || kind === "boolean") {
    const names = levels ?? [t("no"), t("yes")];
    return (
      <div class="control">
        <span class="name">{name}</span>
        <select
          aria-label={name}
          value={missing ? NONE : value < 0 ? OTHER : String(value)}
          onChange={({ currentTarget: { value: chosen } }) =>
            onValue(chosen === NONE ? Number.NaN : chosen === OTHER ? -1 : Number(chosen))
          }
        >
          {names.map((level, k) => (
            <option key={level} value={k}>
              {level}
            </option>
          ))}
          {(other || value < 0) && <option value={OTHER}>{t("another")}</option>}
          {(holes || missing) && <option value={NONE}>{t("missing")}</option>}
        </select>
      </div>
    );
  }
  return <Slider column={column} value={value} onValue={onValue} />;
}

function Slider({ column: { name, kind, low, high, whole, holes }, value, onValue }: ControlProps) {
  const missing = Number.isNaN(value);
  const date = kind === "date";
  const text = missing ? "" : date ? cellText(value, { name, kind }) : localText(String(Number(value.toPrecision(7))));
  const typed = (given: string) => {
    const read =
      given.trim() === "" ? Number.NaN : date ? Date.parse(`${given}Z`) / 86_400_000 : Number(typedText(given));
    if (!Number.isNaN(read) || (given.trim() === "" && holes)) onValue(read);
  };
  return (
    <div class="control">
      <span class="name">{name}</span>
      <input
        type="range"
        aria-label={t("{name}, from {low} to {high}", { name, low: shortNumber(low), high: shortNumber(high) })}
        min={low}
        max={high}
        step={whole ? 1 : "any"}
        value={missing ? (low + high) / 2 : value}
        onInput={({ currentTarget }) => onValue(Number(currentTarget.value))}
      />
      <input
        type="text"
        class="typed"
        aria-label={name}
        placeholder={missing ? t("missing") : ""}
        value={text}
        onChange={({ currentTarget }) => typed(currentTarget.value)}
      />
    </div>
  );
}

/** From the middle to the right for, to the left against. */
function PushBar({
  name,
  push,
  most,
}: {
  readonly name: string;
  readonly push: number | undefined;
  readonly most: number;
}) {
  const share = push === undefined || most === 0 ? 0 : push / most;
  return (
    <span class="push-bar" title={push === undefined ? undefined : `${name}: ${shortNumber(push)}`}>
      <span class="push-track" aria-hidden="true">
        <span class={share < 0 ? "against" : "for"} style={{ width: `${50 * Math.abs(share)}%` }} />
      </span>
      <span class="figure">{push === undefined ? "–" : `${push > 0 ? "+" : ""}${shortNumber(push, 2)}`}</span>
    </span>
  );
}
