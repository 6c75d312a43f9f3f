// The network as a picture: from the chosen example on the left, layer by layer, to the classes on the right; units in
// the colors of their values, weights as edges where they are few and as blocks where they are many.
import type { RunDescription } from "../lab/protocol.ts";
import { plural, t } from "../language/words.ts";
import { outputNames } from "../parts/answer-words.ts";
import { scaleOf } from "../parts/colors.ts";
import { whole } from "../parts/numbers.ts";
import { Picture } from "../parts/picture.tsx";
import { useSight } from "../parts/sight.ts";
import { useLab } from "../parts/use-lab.ts";
import { lab, opened, place } from "../state/store.ts";
import { Between } from "./between.tsx";
import { Histograms } from "./histograms.tsx";
import { LayerColumn } from "./layer-column.tsx";
import { LayerMap } from "./layer-map.tsx";
import { MOST_SHOWN } from "./layout.ts";
import { OverTime } from "./over-time.tsx";
import { moveBy, picked } from "./picked-unit.ts";
import { UnitPanel } from "./unit-panel.tsx";
import "./network.css";

/** "3 classes", "1 output"; "16 units" of a layer below. */
function countText(count: number, task: RunDescription["task"] | null): string {
  if (task === null) return plural(count, "{n} unit", "{n} units");
  if (task === "classify") return plural(count, "{n} class", "{n} classes");
  return task === "regress" ? plural(count, "{n} output", "{n} outputs") : plural(count, "{n} label", "{n} labels");
}

export function NetworkPicture() {
  const sight = useSight();
  const look = useLab(
    () => {
      const at = place.value;
      return async () => ({ blocks: await lab.weightBlocks(), example: await lab.example(at) });
    },
    { sight },
  );
  const found = opened.value;
  const current = look.value;
  if (!found || !current || current.blocks.length !== found.layers.length - 1) return null;
  const { blocks, example } = current;
  const { layers, task, featureNames, image } = found;
  const { layer, unit } = picked.value;
  const input = example.layers[0]!.input;
  const pictured = image && input.length === image.height * image.width ? image : null;
  return (
    <section class="network" aria-labelledby="network-title">
      <h2 id="network-title">{t("The network")}</h2>
      <p class="quiet">
        {t(
          "The chosen example from the left to the right: blue is above zero, orange below. Point at a unit, or pick one with a click or the arrow keys.",
        )}
      </p>
      <div
        class="network-picture"
        ref={sight.place}
        role="application"
        aria-roledescription={t("network")}
        aria-label={t("{units} units. At unit {o} of layer {l}. Arrow keys move.", {
          units: layers.join(", "),
          o: unit + 1,
          l: layer,
        })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the role takes keys
        tabIndex={0}
        onKeyDown={(event) => {
          if (moveBy(event.key, layers)) event.preventDefault();
        }}
      >
        <div class="layer-of">
          {pictured ? (
            <Picture pixels={example.raw} {...pictured} label={t("The example")} class="whole-input" />
          ) : (
            <LayerColumn
              layer={0}
              values={input}
              units={layers[0]!}
              scale={scaleOf(input)}
              names={featureNames?.length === layers[0] ? featureNames : null}
            />
          )}
          <span class="quiet">{t("{n} inputs", { n: whole(layers[0]!) })}</span>
        </div>
        {blocks.map((block, k) => {
          const { output } = example.layers[k]!;
          const last = k === blocks.length - 1;
          const shares = last && task !== "regress";
          const values = shares ? Float32Array.from(example.probabilities) : output;
          return [
            <div key={`w${k}`} class="layer-of">
              <Between block={block} />
              <span class="quiet">
                W<sub>{k + 1}</sub>
              </span>
            </div>,
            <div key={`a${k}`} class="layer-of">
              <LayerColumn
                layer={k + 1}
                values={values}
                units={block.O}
                scale={shares ? 1 : scaleOf(output)}
                names={last ? outputNames(found) : null}
              />
              <span class="quiet">
                {countText(block.O, last ? task : null)}
                {block.O > MOST_SHOWN && t(", {n} shown", { n: MOST_SHOWN })}
              </span>
            </div>,
          ];
        })}
      </div>
      <UnitPanel />
      <div class="network-two">
        <Histograms />
        <LayerMap />
      </div>
      <OverTime />
    </section>
  );
}
