// The plane of a run on two features: the network's answer all over it, live, with the points on it; below, one small
// plane a unit, layer by layer. Points are added, moved and taken away; they are a table of the visitor's then.
import { computed, signal, useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { PlaneRange, PlaneSurface } from "../lab/protocol.ts";
import { plural, t } from "../language/words.ts";
import { MatrixView } from "../parts/matrix.tsx";
import { shortNumber, typedText } from "../parts/numbers.ts";
import { useSight } from "../parts/sight.ts";
import { useLab } from "../parts/use-lab.ts";
import { lab, opened } from "../state/store.ts";
import { addPoint, loadPoints, movePoint, type PlanePoint, points, removePoint } from "./plane-points.ts";

const SHOWN = 1000; // points drawn
const wide = computed(() => opened.value?.plane === true);

export function Plane() {
  return wide.value ? <Shown /> : null;
}

function Shown() {
  const sight = useSight();
  const surface = useLab(() => () => lab.surface(), { sight });
  useSignalEffect(() => {
    if (opened.value?.plane) void loadPoints(SHOWN);
  });
  const current = surface.value;
  const found = opened.value;
  if (!current || !found) return null;
  return (
    <section class="plane" ref={sight.place} aria-labelledby="plane-title">
      <h2 id="plane-title">{t("The plane")}</h2>
      <Surface surface={current} classes={found.classes} />
      {current.units.map((units, l) => (
        <fieldset key={l} class="plane-units">
          <legend>
            {t("Layer {l}:", { l: l + 1 })} {plural(found.layers[l + 1]!, "{n} unit", "{n} units")}
            {units.length < found.layers[l + 1]! && t(", the first {n}", { n: units.length })}
          </legend>
          {units.map((values, o) => (
            <MatrixView
              key={o}
              class="unit"
              values={values}
              rows={current.side}
              cols={current.side}
              label={t("Unit {o} of layer {l} over the plane", { o: o + 1, l: l + 1 })}
            />
          ))}
        </fieldset>
      ))}
    </section>
  );
}

/** The class that a click adds. */
const painted = signal(0);

function Surface({ surface, classes }: { readonly surface: PlaneSurface; readonly classes: readonly string[] }) {
  const { side, range, probabilities } = surface;
  const place = useRef<SVGSVGElement>(null);
  const dragged = useSignal<number | null>(null); // index of the point under the pointer
  const C = classes.length;
  // two classes: how much surer of the first; more: how sure of the one that wins
  const values = Float32Array.from({ length: side * side }, (_, p) =>
    C === 2
      ? probabilities[C * p]! - probabilities[C * p + 1]!
      : 2 * Math.max(...probabilities.subarray(C * p, C * p + C)) - 1,
  );
  const at = ({ clientX, clientY }: PointerEvent): readonly [x: number, y: number] => {
    const box = place.current!.getBoundingClientRect();
    const [left, right, low, high] = range;
    const across = Math.min(1, Math.max(0, (clientX - box.left) / box.width));
    const down = Math.min(1, Math.max(0, (clientY - box.top) / box.height));
    return [left + across * (right - left), high - down * (high - low)];
  };
  return (
    <>
      <div class="surface">
        <MatrixView
          values={values}
          rows={side}
          cols={side}
          scale={1}
          label={
            C === 2
              ? t("Probability of {one} less that of {other}", { one: classes[0]!, other: classes[1]! })
              : t("How sure it is of the class that wins")
          }
        />
        <svg
          ref={place}
          viewBox="0 0 100 100"
          role="img"
          aria-label={plural(points.value.length, "{n} point of the training part", "{n} points of the training part")}
          onPointerDown={(event) => {
            const target = (event.target as Element).getAttribute("data-point");
            if (event.button !== 0) return;
            if (target === null) void addPoint([...at(event), painted.value]);
            else {
              dragged.value = Number(target);
              place.current!.setPointerCapture(event.pointerId);
            }
          }}
          onPointerMove={(event) => {
            if (dragged.value !== null) movePoint(dragged.value, at(event), false);
          }}
          onPointerUp={(event) => {
            if (dragged.value !== null) movePoint(dragged.value, at(event), true);
            dragged.value = null;
          }}
          onContextMenu={(event) => {
            const target = (event.target as Element).getAttribute("data-point");
            if (target === null) return;
            event.preventDefault();
            void removePoint(Number(target));
          }}
        >
          {points.value.map((point, k) => (
            <circle key={k} data-point={k} class={`class-${point[2] % 8}`} r="1.4" {...placed(point, range)} />
          ))}
        </svg>
      </div>
      <Tools classes={classes} />
    </>
  );
}

function placed(
  [x, y]: PlanePoint,
  [left, right, low, high]: PlaneRange,
): { readonly cx: number; readonly cy: number } {
  return { cx: (100 * (x - left)) / (right - left), cy: (100 * (high - y)) / (high - low) };
}

/** The class of new points, and a way to add and take away without a pointer. */
function Tools({ classes }: { readonly classes: readonly string[] }) {
  const [x, y] = [useSignal("0"), useSignal("0")];
  const typed = [Number(typedText(x.value)), Number(typedText(y.value))] as const;
  const number = (name: string, value: typeof x) => (
    <label>
      {name}{" "}
      <input
        type="text"
        inputMode="decimal"
        size={5}
        value={value.value}
        onInput={({ currentTarget }) => {
          value.value = currentTarget.value;
        }}
      />
    </label>
  );
  return (
    <div class="plane-tools">
      <p class="quiet">
        {t(
          "A click adds a point, a drag moves one, a right click takes one away. From the first change on the points are a table of your own.",
        )}
      </p>
      <div class="keys">
        <label>
          {t("class")}{" "}
          <select
            value={painted.value}
            onChange={({ currentTarget }) => {
              painted.value = Number(currentTarget.value);
            }}
          >
            {classes.map((name, c) => (
              <option key={name} value={c}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {number("x", x)}
        {number("y", y)}
        <button
          type="button"
          disabled={!typed.every(Number.isFinite)}
          onClick={() => void addPoint([...typed, painted.value])}
        >
          {t("Add a point")}
        </button>
        <button type="button" disabled={points.value.length <= 4} onClick={() => void removePoint(nearestTo(typed))}>
          {t("Take away the nearest to {x}, {y}", { x: shortNumber(typed[0]), y: shortNumber(typed[1]) })}
        </button>
      </div>
    </div>
  );
}

function nearestTo([x, y]: readonly [number, number]): number {
  const distances = points.value.map(([u, v]) => Math.hypot(u - x, v - y));
  return distances.indexOf(Math.min(...distances));
}
