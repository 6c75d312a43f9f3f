// −δ¹W₁ᵀ, the gradient of the chosen class's log-probability in the pixels, as a heat map over the drawing.
import { signal } from "@preact/signals";
import type { DrawingView } from "../lab/protocol.ts";
import { t } from "../language/words.ts";
import { scaleOf } from "../parts/colors.ts";
import { Formula } from "../parts/formula.tsx";
import { MatrixView } from "../parts/matrix.tsx";
import { shortNumber } from "../parts/numbers.ts";
import { SIDE, targetClass } from "./drawing.ts";
import { outlineOf } from "./outline.ts";

/** "ink": the gradient; "drawn": x ⊙ the gradient, the ink that is there. */
const mode = signal<"ink" | "drawn">("ink");

const RAMP = Float32Array.from({ length: 65 }, (_, k) => k / 32 - 1);

export function Push({ prediction, pixels, classes }: PushProps) {
  const drawn = mode.value === "drawn";
  const push = prediction?.inputDelta.map((slope, j) => (drawn ? -slope * (pixels![j]! / 255) : -slope));
  const values = push ?? new Float32Array(SIDE * SIDE);
  const scale = scaleOf(values);
  const name = classes[prediction?.targetClass ?? targetClass.value ?? 0]!;
  return (
    <section class="push" aria-labelledby="push-title">
      <h2 id="push-title">{t("Which pixels pushed")}</h2>
      <div class="push-body">
        <div class="heat">
          <MatrixView
            values={values}
            rows={SIDE}
            cols={SIDE}
            scale={scale}
            label={t("Push of each pixel on {name}", { name })}
          />
          {pixels && (
            <svg viewBox={`0 0 ${SIDE} ${SIDE}`} aria-hidden="true">
              <path d={outlineOf(pixels, SIDE, SIDE)} />
            </svg>
          )}
        </div>
        <div class="push-side">
          <div class="fields">
            <label>
              {t("on class")}
              <select
                value={targetClass.value ?? ""}
                onChange={({ currentTarget: { value } }) => {
                  targetClass.value = value === "" ? null : Number(value);
                }}
              >
                <option value="">
                  {t("predicted")}
                  {prediction && targetClass.value === null ? ` (${classes[prediction.predicted]})` : ""}
                </option>
                {classes.map((each, c) => (
                  <option key={each} value={c}>
                    {each}
                  </option>
                ))}
              </select>
            </label>
            <label>
              {t("by")}
              <select
                value={mode.value}
                onChange={({ currentTarget: { value } }) => {
                  mode.value = value as typeof mode.value;
                }}
              >
                <option value="ink">{t("more ink here")}</option>
                <option value="drawn">{t("the ink that is there")}</option>
              </select>
            </label>
          </div>
          <div class="legend">
            <MatrixView values={RAMP} rows={1} cols={RAMP.length} scale={1} label={t("Colors of the push")} />
            <p>
              <span>
                {prediction ? `−${shortNumber(scale, 2)}` : "−"}
                <br />
                {t("pushes {name} down", { name: prediction ? name : t("it") })}
              </span>
              <span>
                {prediction ? `+${shortNumber(scale, 2)}` : "+"}
                <br />
                {t("pushes {name} up", { name: prediction ? name : t("it") })}
              </span>
            </p>
          </div>
          <Formula
            display
            tex={
              drawn
                ? String.raw`x \odot \frac{\partial \log S_c}{\partial x} = -\,x \odot \delta^{1} W_1^{\top}`
                : String.raw`\frac{\partial \log S_c}{\partial x} = -\,\delta^{1} W_1^{\top}`
            }
          />
          <p class="quiet">
            {t("The recursion's next step: δ¹ goes through W₁ once more and arrives at the pixels.")}{" "}
            {explained(drawn, name)}
          </p>
        </div>
      </div>
    </section>
  );
}

const explained = (drawn: boolean, name: string): string =>
  drawn
    ? t("Only pixels with ink count here: blue ink speaks for {name}, orange ink against it.", { name })
    : t("Blue: ink there would make {name} likelier. Orange: less likely. The line is the edge of what was drawn.", {
        name,
      });

type PushProps = {
  readonly prediction: DrawingView | null;
  readonly pixels: Uint8Array | null;
  readonly classes: readonly string[];
};
