// The gradient noise scale after each epoch: how many examples a mini-batch can have before more of them only cost.
import { t } from "../language/words.ts";
import { Chart } from "../parts/chart.tsx";
import { localText, shortNumber, whole } from "../parts/numbers.ts";
import { epochs, opened } from "../state/store.ts";

const MOST_POINTS = 200;

export function NoiseChart() {
  const measured = epochs.value.flatMap(({ epoch, noise }) => (noise?.scale ? [{ epoch, scale: noise.scale }] : []));
  const every = Math.ceil(measured.length / MOST_POINTS);
  const shown = measured.filter((_, k) => (measured.length - 1 - k) % every === 0);
  const last = shown.at(-1);
  const B = opened.value!.setup.batchSize;
  return (
    <section aria-labelledby="noise-title">
      <h2 id="noise-title">{t("How noisy the gradient is")}</h2>
      <Chart
        name={t("noise-scale")}
        title={t("Gradient noise scale")}
        label={
          last
            ? t("Noise scale {scale} after epoch {n}", { scale: shortNumber(last.scale, 3), n: last.epoch })
            : t("No epoch has ended yet")
        }
        height={220}
        empty={!last}
        legend={[{ name: t("tr Σ ÷ ‖G‖², examples"), color: "blue" }]}
        draw={(plot) => ({
          marginLeft: 56,
          marginRight: 12,
          marginTop: 12,
          marginBottom: 34,
          x: { label: t("epochs"), tickFormat: "d", ticks: Math.min(10, shown.length) },
          y: { label: null, nice: true, ticks: 5, zero: true, tickFormat: (scale: number) => localText(String(scale)) },
          marks: [
            plot.gridY({ ticks: 5, stroke: "var(--rule)", strokeOpacity: 1 }),
            plot.lineY(shown, { x: "epoch", y: "scale", stroke: "var(--blue)", strokeWidth: 1.5 }),
            plot.dot(shown, { x: "epoch", y: "scale", fill: "var(--blue)", r: 2.5 }),
          ],
        })}
      />
      <p class="quiet">
        {t(
          "Measured on at most {most} training rows at the end of each epoch; the batches here have {B}. Well below the scale a larger batch saves steps; well above it saves none.",
          { most: whole(1024), B: whole(B) },
        )}
      </p>
    </section>
  );
}
