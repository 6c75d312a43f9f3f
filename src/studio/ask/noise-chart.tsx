// The gradient noise scale after each epoch: how many examples a mini-batch can have before more of them only cost.
import { Chart } from "../parts/chart.tsx";
import { shortNumber, whole } from "../parts/numbers.ts";
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
      <h2 id="noise-title">How noisy the gradient is</h2>
      <Chart
        name="noise-scale"
        title="Gradient noise scale"
        label={last ? `Noise scale ${shortNumber(last.scale, 3)} after epoch ${last.epoch}` : "No epoch has ended"}
        height={220}
        empty={!last}
        legend={[{ name: "tr Σ ÷ ‖G‖², examples", color: "blue" }]}
        draw={(plot) => ({
          marginLeft: 56,
          marginRight: 12,
          marginTop: 12,
          marginBottom: 34,
          x: { label: "epochs", tickFormat: "d", ticks: Math.min(10, shown.length) },
          y: { label: null, nice: true, ticks: 5, zero: true },
          marks: [
            plot.gridY({ ticks: 5, stroke: "var(--rule)", strokeOpacity: 1 }),
            plot.lineY(shown, { x: "epoch", y: "scale", stroke: "var(--blue)", strokeWidth: 1.5 }),
            plot.dot(shown, { x: "epoch", y: "scale", fill: "var(--blue)", r: 2.5 }),
          ],
        })}
      />
      <p class="quiet">
        Measured on at most 1,024 training rows at the end of each epoch; the batches here have {whole(B)}. Well below
        the scale a larger batch saves steps; well above it saves none.
      </p>
    </section>
  );
}
