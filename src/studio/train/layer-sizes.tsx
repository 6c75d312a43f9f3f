// The layer sizes from input to classes; hidden layers can be changed, added and removed.
import { outputsPerTarget } from "../../network/losses.ts";
import { ACTIVATIONS, type Activation, parameterCount } from "../../network/network.ts";
import { t } from "../language/words.ts";
import { Switch } from "../parts/field.tsx";
import { whole } from "../parts/numbers.ts";
import { readSizes } from "../state/setup.ts";
import { opened } from "../state/store.ts";
import { choose, draft } from "./draft.ts";
import { draftLoss } from "./loss-field.tsx";

export function LayerSizes() {
  const { hidden, activation, layerNorm, residual } = draft.value;
  const wide = hidden.length > 0 && hidden.every((size) => size > 1);
  const equal = hidden.some((size, l) => l > 0 && size === hidden[l - 1]);
  const found = opened.value;
  const D = found?.cols;
  const C = found === null ? undefined : found.classes.length * outputsPerTarget(draftLoss(draft.value));
  const each = typeof activation === "string" ? null : activation;
  const set = (sizes: readonly number[], σ: readonly Activation[] | null | undefined = each) => {
    const one = σ && sizes.length < 2 ? (σ[0] ?? "relu") : σ; // two layers can differ
    if (readSizes(String(sizes))) choose({ hidden: sizes, activation: one ?? activation });
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
            {each && (
              <select
                aria-label={t("Activation of hidden layer {l}", { l: l + 1 })}
                value={each[l]}
                onChange={({ currentTarget: { value } }) => set(hidden, each.with(l, value as Activation))}
              >
                {ACTIVATIONS.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            )}
            <button
              type="button"
              class="plain"
              aria-label={t("Take hidden layer {l} away", { l: l + 1 })}
              onClick={() => set(hidden.toSpliced(l, 1), each?.toSpliced(l, 1))}
            >
              ×
            </button>
          </li>
        ))}
        <li>
          <button
            type="button"
            aria-label={t("Add a hidden layer")}
            onClick={() => set([...hidden, hidden.at(-1) ?? 32], each && [...each, each.at(-1)!])}
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
          {t("{n} parameters", {
            n: whole(parameterCount({ layers: [D, ...hidden, C], activation: "relu", layerNorm })),
          })}
        </p>
      )}
      {(wide || layerNorm) && (
        <Switch
          label={t("Layer normalization")}
          hint={wide ? undefined : t("every hidden layer needs two units")}
          on={layerNorm}
          onSwitch={(on) => choose({ layerNorm: on })}
        />
      )}
      {(equal || residual) && (
        <Switch
          label={t("Residual connections")}
          hint={t(equal ? "between hidden layers of equal width" : "no two hidden layers are of equal width")}
          on={residual}
          onSwitch={(on) => choose({ residual: on })}
        />
      )}
    </div>
  );
}
