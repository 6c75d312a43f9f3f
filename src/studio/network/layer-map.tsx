// The map of a layer: where the test rows lie by its outputs, each as the first letters of its class.
import type { LayerMap as MapValues } from "../lab/network-api.ts";
import type { RunDescription } from "../lab/protocol.ts";
import { t } from "../language/words.ts";
import { cssColor, dark } from "../parts/colors.ts";
import { percentText } from "../parts/numbers.ts";
import { useSight } from "../parts/sight.ts";
import { useLab } from "../parts/use-lab.ts";
import { lab, layer, opened, place } from "../state/store.ts";

const SIDE = 320;
const EDGE = 14;

export function LayerMap() {
  const sight = useSight();
  const map = useLab(
    () => {
      const l = layer.value;
      return () => lab.layerMap(l);
    },
    { sight },
  );
  const found = opened.value;
  const current = map.value;
  if (!found || !current) return null;
  const { layer: l, shares } = current;
  return (
    <section class="layer-map" ref={sight.place} aria-labelledby="layer-map-title">
      <h3 id="layer-map-title">{t("Where layer {l} puts the test rows", { l })}</h3>
      <p class="quiet">
        {t("Its {n} outputs on the two axes along which they differ most: {one} and {two} of all variance.", {
          n: found.layers[l]!,
          one: percentText(shares[0], 0),
          two: percentText(shares[1], 0),
        })}{" "}
        {said(found)}
      </p>
      <Scatter map={current} classes={found.classes} />
    </section>
  );
}

function said({ task, classes }: Pick<RunDescription, "task" | "classes">): string {
  if (task === "classify") return t("Early layers mix the classes, the last one has parted them.");
  const name = classes[0]!;
  if (task === "multilabel") return t("Blue rows have {name}, orange ones do not.", { name });
  return t("Of blue rows {name} is above its mean, of orange ones below.", { name });
}

function Scatter({
  map: { points, labels, values, layer: l },
  classes,
}: {
  readonly map: MapValues;
  readonly classes: readonly string[];
}) {
  dark.value; // the colors are this theme's
  const binary = opened.value?.task === "multilabel";
  const reach = points.reduce((high, x) => Math.max(high, Math.abs(x)), 1e-12);
  const at = (score: number) => SIDE / 2 + (score / reach) * (SIDE / 2 - EDGE);
  return (
    <svg
      viewBox={`0 0 ${SIDE} ${SIDE}`}
      role="img"
      aria-label={t("{n} test rows by the outputs of layer {l}", { n: labels.length, l })}
    >
      {values
        ? Array.from(values, (t, i) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: the picker of the example is the way by keyboard
            <circle
              key={i}
              r={3}
              cx={at(points[2 * i]!)}
              cy={at(-points[2 * i + 1]!)}
              fill={cssColor(binary ? 2 * t - 1 : t, binary ? 1 : 2)}
              onClick={() => {
                place.value = { part: "test", row: i };
              }}
            />
          ))
        : Array.from(labels, (label, i) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: the picker of the example is the way by keyboard
            <text
              key={i}
              class={`class-${label % 8}`}
              x={at(points[2 * i]!)}
              y={at(-points[2 * i + 1]!)}
              onClick={() => {
                place.value = { part: "test", row: i };
              }}
            >
              {classes[label]!.slice(0, 2)}
            </text>
          ))}
    </svg>
  );
}
