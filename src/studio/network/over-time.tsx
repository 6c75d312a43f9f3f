// The histograms of the chosen layer over the steps so far: time from left to right, values from below to above.
import { t } from "../language/words.ts";
import { MatrixView } from "../parts/matrix.tsx";
import { shortNumber, whole } from "../parts/numbers.ts";
import { useSight } from "../parts/sight.ts";
import { useLab } from "../parts/use-lab.ts";
import { lab, layer } from "../state/store.ts";
import { overTime } from "./time-map.ts";

const COLUMNS = 96; // of a picture, each so many steps

export function OverTime() {
  const sight = useSight();
  const history = useLab(
    () => {
      const l = layer.value;
      return async () => ({ l, ...(await lab.histogramHistory(l)) });
    },
    { sight },
  );
  const current = history.value;
  if (!current || current.steps.length < 2) return null;
  const { l, steps, weights, outputs, deltas } = current;
  const [first, last] = [steps[0]!, steps.at(-1)!];
  return (
    <section class="over-time" ref={sight.place} aria-labelledby="over-time-title">
      <h3 id="over-time-title">{t("Layer {l} over time", { l })}</h3>
      <p class="quiet">
        {t("From step {first} on the left to step {last} on the right; 0 is in the middle of the height.", {
          first: whole(first),
          last: whole(last),
        })}
      </p>
      <div class="over-time-maps">
        {(
          [
            ["W", weights],
            ["a", outputs],
            ["δ", deltas],
          ] as const
        ).map(([name, all]) => {
          const { values, rows, scale } = overTime(steps, all, COLUMNS);
          return (
            <figure key={name}>
              <MatrixView
                values={values}
                rows={rows}
                cols={COLUMNS}
                scale={1}
                kind="grey"
                label={t("{name} of layer {l} over the steps, up to ±{scale}", { name, l, scale: shortNumber(scale) })}
              />
              <figcaption>
                {name} <span class="quiet">±{shortNumber(scale, 2)}</span>
              </figcaption>
            </figure>
          );
        })}
      </div>
    </section>
  );
}
