// The Note view: the derivation with live values, one training step array by array, one weight beside a difference.
import { useSignalEffect } from "@preact/signals";
import { t } from "../language/words.ts";
import "./note.css";
import "./maths.css";
import "./paper.css";
import "./values.css";
import "./step.css";
import "./weight.css";
import { NOTE_TABS, type NoteTab } from "../state/looks.ts";
import { ChosenExample } from "./chosen.tsx";
import { Derivation } from "./derivation.tsx";
import { requestedEquation } from "./open-equation.ts";
import { pinned, selectTerm, tab } from "./selection.ts";
import { OneStep } from "./step.tsx";
import { OneWeight } from "./weight.tsx";

const PAGES = { text: Derivation, step: OneStep, weight: OneWeight };

export function NoteView() {
  useSignalEffect(() => {
    if (!requestedEquation.value) return;
    tab.value = "text";
    pinned.value = false;
    selectTerm(requestedEquation.value, 0);
  });
  const Page = PAGES[tab.value];
  return (
    <div class="note">
      <div class="note-head">
        <fieldset class="tabs">
          <legend class="unseen">{t("What to look at")}</legend>
          {(Object.keys(NOTE_TABS) as NoteTab[]).map((key) => (
            <button
              type="button"
              key={key}
              aria-pressed={tab.value === key}
              onClick={() => {
                tab.value = key;
              }}
            >
              {t(NOTE_TABS[key])}
            </button>
          ))}
        </fieldset>
        <ChosenExample />
      </div>
      <Page />
    </div>
  );
}
