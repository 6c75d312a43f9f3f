// Histograms of W, a and δ, a row for each layer: dead units, and gradients that vanish, show at a glance.
import type { Histogram } from "../lab/network-api.ts";
import { t } from "../language/words.ts";
import { percentText, shortNumber } from "../parts/numbers.ts";
import { useSight } from "../parts/sight.ts";
import { useLab } from "../parts/use-lab.ts";
import { lab } from "../state/store.ts";

export function Histograms() {
  const sight = useSight();
  const all = useLab(() => () => lab.histograms(), { sight });
  return (
    <section class="histograms" ref={sight.place} aria-labelledby="histograms-title">
      <h3 id="histograms-title">{t("W, a and δ by layer")}</h3>
      <p class="quiet">
        {t("Weights, and what the next mini-batch makes of them. The middle of each is 0, its ends ± the largest.")}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <section class="scroll" tabIndex={0} aria-label={t("Histograms of each layer")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("layer")}</th>
              <th scope="col">W</th>
              <th scope="col">a</th>
              <th scope="col">δ</th>
            </tr>
          </thead>
          <tbody>
            {(all.value ?? []).map(({ layer, weights, outputs, deltas }) => (
              <tr key={layer}>
                <th scope="row">{layer}</th>
                <Cell of={weights} label={t("Weights of layer {layer}", { layer })} />
                <Cell of={outputs} label={t("Outputs of layer {layer}", { layer })} />
                <Cell of={deltas} label={t("Errors of layer {layer}", { layer })} />
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

const [WIDTH, HEIGHT] = [124, 40];

/** Heights go by the square root: one full bin does not hide the others. */
function Cell({ of: { largest, counts, zeros }, label }: { readonly of: Histogram; readonly label: string }) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const most = Math.sqrt(counts.reduce((high, count) => Math.max(high, count), 1));
  const none = zeros / total;
  const empty = none > 0.01 ? t(", {share} are 0", { share: percentText(none, 0) }) : "";
  const name = t("{label}: up to ±{largest}{empty}", { label, largest: shortNumber(largest), empty });
  const bar = WIDTH / counts.length;
  return (
    <td>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={name}>
        <title>{name}</title>
        {Array.from(counts, (count, k) => {
          const height = (Math.sqrt(count) / most) * HEIGHT;
          const side = 2 * k + 1 < counts.length ? "below" : 2 * k + 1 > counts.length ? "above" : "middle";
          return <rect key={k} class={side} x={k * bar + 0.5} y={HEIGHT - height} width={bar - 1} height={height} />;
        })}
      </svg>
      <span class="quiet">
        ±{shortNumber(largest, 2)}
        {none > 0.01 && `, ${percentText(none, 0)} 0`}
      </span>
    </td>
  );
}
