// The chosen example through the network: each layer's activations and errors.
import { useSignal } from "@preact/signals";
import type { ExampleView } from "../lab/protocol.ts";
import { plural, t } from "../language/words.ts";
import { useChosenExample } from "../parts/chosen-example.ts";
import { scaleOf } from "../parts/colors.ts";
import { Switch } from "../parts/field.tsx";
import { MatrixView } from "../parts/matrix.tsx";
import { shortNumber } from "../parts/numbers.ts";
import { PlacePicker } from "../parts/place-picker.tsx";
import { ScaleLegend } from "../parts/scale.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { layer, opened } from "../state/store.ts";
import { asBlock } from "./fields.ts";

export function Example() {
  const { sight, example } = useChosenExample();
  const found = opened.value;
  const current = example.value;
  return (
    <section class="example" id="example" ref={sight.place} aria-labelledby="example-title">
      <div class="title">
        <h2 id="example-title">{t("One example")}</h2>
        <PlacePicker />
      </div>
      {found && current && (
        <div class={current.answer ? "through valued" : "through"}>
          <Verdict example={current} />
          <Layers example={current} />
        </div>
      )}
    </section>
  );
}

/** A hint where every |δ| is too small for the shared scale. */
function faint(ofDeltas: number, shared: number): string {
  return ofDeltas < 0.05 * shared
    ? t("at most {size} here: too small to see on the scale of a", { size: shortNumber(ofDeltas) })
    : "";
}

function Layers({ example }: { readonly example: ExampleView }) {
  const stretched = useSignal(true); // once an example is right, its δ are far smaller than a
  const { layers } = example;
  const classes = example.answer === null;
  const ofOutputs = scaleOf(...layers.map(({ output }) => output));
  const ofDeltas = scaleOf(...layers.map(({ delta }) => delta));
  const shared = Math.max(ofOutputs, ofDeltas);
  return (
    <div class="layers-of-one">
      <table>
        <caption class="unseen">{t("Activations and errors of each layer")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("layer")}</th>
            <th scope="col">
              {t("what it gives,")} a<sub>l</sub>
            </th>
            <th scope="col">
              {t("its error,")} δ<sup>l</sup>
            </th>
          </tr>
        </thead>
        <tbody>
          {layers.map(({ layer: l, O, output, delta }) => {
            const last = l === layers.length;
            const zeros = output.reduce((sum, value) => sum + Number(value === 0), 0);
            return (
              <tr key={l} class={l === layer.value ? "at" : undefined}>
                <th scope="row">
                  <button
                    type="button"
                    class="plain"
                    aria-label={t("Choose layer {l}", { l })}
                    onClick={() => {
                      layer.value = l;
                    }}
                  >
                    {l}
                  </button>
                  <span class="quiet">
                    {!last
                      ? plural(O, "{n} unit", "{n} units")
                      : classes
                        ? plural(O, "{n} logit", "{n} logits")
                        : plural(O, "{n} output", "{n} outputs")}
                    {zeros > 0 && !last && t(", {n} at 0", { n: zeros })}
                  </span>
                </th>
                <td>
                  <MatrixView
                    {...asBlock(output)}
                    scale={shared}
                    label={t(!last ? "Layer {l}, activations" : classes ? "Layer {l}, logits" : "Layer {l}, outputs", {
                      l,
                    })}
                  />
                </td>
                <td>
                  <MatrixView
                    {...asBlock(delta)}
                    scale={stretched.value ? ofDeltas : shared}
                    label={t("Layer {l}, errors", { l })}
                  />
                </td>
              </tr>
            );
          })}
        </tbody>
        <tfoot>
          <tr>
            <td />
            <td>
              <ScaleLegend scale={shared} />
            </td>
            <td>
              <ScaleLegend scale={stretched.value ? ofDeltas : shared} />
            </td>
          </tr>
        </tfoot>
      </table>
      <Switch
        label={t("Stretch δ to its own largest")}
        hint={
          stretched.value
            ? t("{n} times the scale of a", { n: shortNumber(shared / ofDeltas, 2) })
            : faint(ofDeltas, shared)
        }
        on={stretched.value}
        onSwitch={(on) => {
          stretched.value = on;
        }}
      />
    </div>
  );
}
