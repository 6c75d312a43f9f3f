// The layer sizes from input to classes; hidden layers can be changed, added and removed.
import { outputsPerTarget } from "../../network/losses.ts";
import { defineNetwork, parameterCount } from "../../network/network.ts";
import { t } from "../language/words.ts";
import { whole } from "../parts/numbers.ts";
import { readSizes } from "../state/setup.ts";
import { opened } from "../state/store.ts";
import { choose, draft } from "./draft.ts";
import { draftLoss } from "./loss-field.tsx";

export function LayerSizes() {
  const { hidden, activation } = draft.value;
  const found = opened.value;
  const D = found?.cols;
  const C = found === null ? undefined : found.classes.length * outputsPerTarget(draftLoss(draft.value));
  const set = (sizes: readonly number[]) => {
    if (readSizes(String(sizes))) choose({ hidden: sizes });
  };
  return (
    <div class="layer-sizes">
      <p class="label" id="layer-sizes">
        {t("Layers")}
      </p>
      <ol aria-labelledby="layer-sizes">
        <li class="fixed">
          <span>{D ?? "…"}</span>
        </li>
        {hidden.map((size, l) => (
          <li key={l}>
            <input
              type="text"
              inputMode="numeric"
              aria-label={t("Units of hidden layer {l}", { l: l + 1 })}
              value={size}
              onChange={(event) => {
                const value = Number(event.currentTarget.value);
                if (readSizes(event.currentTarget.value)?.length === 1) set(hidden.with(l, value));
                else event.currentTarget.value = String(size);
              }}
            />
            <button
              type="button"
              class="plain"
              aria-label={t("Take hidden layer {l} away", { l: l + 1 })}
              onClick={() => set(hidden.toSpliced(l, 1))}
            >
              ×
            </button>
          </li>
        ))}
        <li>
          <button
            type="button"
            aria-label={t("Add a hidden layer")}
            onClick={() => set([...hidden, hidden.at(-1) ?? 32])}
          >
            +
          </button>
        </li>
        <li class="fixed">
          <span>{C ?? "…"}</span>
        </li>
      </ol>
      {D !== undefined && C !== undefined && (
        <p class="quiet">
          {t("{n} parameters", { n: whole(parameterCount(defineNetwork([D, ...hidden, C], activation))) })}
        </p>
      )}
    </div>
  );
}
