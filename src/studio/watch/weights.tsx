// The weights of the chosen layer as pictures: receptive fields where the input is an image, else the matrix; and one
// unit.
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { WeightMatrices } from "../lab/protocol.ts";
import { plural, t } from "../language/words.ts";
import { scaleOf } from "../parts/colors.ts";
import { MatrixView } from "../parts/matrix.tsx";
import { shortNumber } from "../parts/numbers.ts";
import { ScaleLegend } from "../parts/scale.tsx";
import { useSight } from "../parts/sight.ts";
import { useLab } from "../parts/use-lab.ts";
import { lab, layer, opened } from "../state/store.ts";
import { asFields, asMatrix } from "./fields.ts";

const ACROSS = 480; // cells a row of tiles takes

export function LayerWeights() {
  const sight = useSight();
  const weights = useLab(
    () => {
      const l = layer.value;
      return () => lab.weights(l);
    },
    { sight },
  );
  const found = opened.value;
  const current = weights.value;
  return (
    <section class="weights" ref={sight.place} aria-labelledby="weights-title">
      <div class="title">
        <h2 id="weights-title">
          {t("Weights")} W<sub>{layer.value}</sub>
        </h2>
        {found && <LayerTabs count={found.layers.length - 1} />}
      </div>
      {current && <Fields key={`${layer.value} ${current.I} ${current.O}`} weights={current} />}
    </section>
  );
}

function LayerTabs({ count }: { readonly count: number }) {
  return (
    <fieldset class="tabs">
      <legend class="unseen">{t("Layer")}</legend>
      {Array.from({ length: count }, (_, k) => k + 1).map((l) => (
        <label key={l}>
          <input
            type="radio"
            name="layer"
            checked={l === layer.value}
            onChange={() => {
              layer.value = l;
            }}
          />
          <span>{l}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Fields({ weights }: { readonly weights: WeightMatrices }) {
  const unit = useSignal<number | null>(0);
  const { image, cols } = opened.value!;
  const tiles = image && layer.value === 1 && weights.I === cols ? image : null;
  const layout = useMemo(() => (tiles ? asFields(weights, tiles, ACROSS) : asMatrix(weights)), [weights, tiles]);
  const scale = useMemo(() => scaleOf(weights.W), [weights]);
  const { values, rows, cols: width, unitAt } = layout;
  const { W, b, I, O } = weights;
  const chosen = unit.value;
  return (
    <>
      <p class="quiet">
        {tiles
          ? t("Each tile holds the {I} weights into one of {units}, laid out as the image is.", {
              I,
              units: plural(O, "{n} unit", "{n} units"),
            })
          : t("{I} rows, one for each input; {O} columns, one for each unit.", { I, O })}{" "}
        {t("Pick one to look closer.")}
      </p>
      <MatrixView
        class={tiles ? "tiles" : "plain"}
        values={values}
        rows={rows}
        cols={width}
        scale={scale}
        label={t("Weights of layer {layer}", { layer: layer.value })}
        onPick={(row, col) => {
          unit.value = unitAt(row, col) ?? unit.value;
        }}
      />
      <div class="under">
        <ScaleLegend scale={scale} />
        <label class="unit">
          {t("Unit")}{" "}
          <input
            type="number"
            min="1"
            max={O}
            value={chosen === null ? "" : chosen + 1}
            onInput={(event) => {
              const o = Number(event.currentTarget.value) - 1;
              unit.value = Number.isInteger(o) && o >= 0 && o < O ? o : null;
            }}
          />
        </label>
      </div>
      {chosen !== null && chosen < O && (
        <div class="unit-view">
          <MatrixView
            values={Float32Array.from({ length: I }, (_, i) => W[i * O + chosen]!)}
            rows={tiles ? tiles.height : 1}
            cols={tiles ? tiles.width : I}
            scale={scale}
            label={t("Weights into unit {o}", { o: chosen + 1 })}
          />
          <p>{t("Unit {o} of layer {l}: bias {b}.", { o: chosen + 1, l: layer.value, b: shortNumber(b[chosen]!) })}</p>
        </div>
      )}
    </>
  );
}
