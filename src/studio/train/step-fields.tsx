// What bounds a step beside its optimizer: dropout, noise on the inputs, L1, and the norms of gradient and weights.
import { type PlainText, t } from "../language/words.ts";
import { TypedField } from "../parts/field.tsx";
import { readNumber, readShare, type StepSettings } from "../state/setup.ts";
import { choose, draft } from "./draft.ts";

type FieldOf = { readonly label: PlainText; readonly hint: PlainText; readonly share?: true };

const FIELDS: Readonly<Record<keyof StepSettings, FieldOf>> = {
  dropout: { label: "Dropout", hint: "share of hidden units left out", share: true },
  inputNoise: { label: "Input noise", hint: "deviation, of scaled inputs" },
  l1: { label: "L1", hint: "weights move towards 0" },
  clipNorm: { label: "Gradient's norm", hint: "at most; 0: any" },
  maxNorm: { label: "Unit's norm", hint: "of incoming weights, at most; 0: any" },
};

export function StepFields() {
  const { value } = draft;
  if (value.optimizer === "lbfgs") return null;
  const names = Object.keys(FIELDS) as (keyof StepSettings)[];
  return (
    <details class="more" open={names.some((name) => value[name] > 0)}>
      <summary>{t("Dropout, noise and limits")}</summary>
      <div class="pair">
        {names.map((name) => {
          const { label, hint, share } = FIELDS[name];
          return (
            <TypedField
              key={name}
              label={t(label)}
              hint={t(hint)}
              expected={t(share ? "a number from 0, below 1" : "a number, 0 or more")}
              value={value[name]}
              read={share ? readShare : (text) => (readNumber(text) >= 0 ? readNumber(text) : undefined)}
              onValue={(next) => choose({ [name]: next })}
            />
          );
        })}
      </div>
    </details>
  );
}
