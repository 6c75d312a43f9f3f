// Norms of gradient, update and parameters in the next step, layer by layer, and the dead units: 0 for every row.
import { t } from "../language/words.ts";
import { shortNumber } from "../parts/numbers.ts";
import { useSight } from "../parts/sight.ts";
import { useLab } from "../parts/use-lab.ts";
import { lab, layer } from "../state/store.ts";

export function NormTable() {
  const sight = useSight();
  const norms = useLab(() => () => lab.norms(), { sight });
  return (
    <section ref={sight.place} aria-labelledby="norms-title">
      <h2 id="norms-title">{t("The next step, by layer")}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <section class="scroll" tabIndex={0} aria-label={t("Norms of each layer")}>
        <table class="norms">
          <thead>
            <tr>
              <th scope="col">{t("layer")}</th>
              <th scope="col">‖∇θ‖</th>
              <th scope="col">‖Δθ‖</th>
              <th scope="col">‖θ‖</th>
              <th scope="col">‖Δθ‖ ÷ ‖θ‖</th>
              <th scope="col">{t("dead units")}</th>
            </tr>
          </thead>
          <tbody>
            {(norms.value ?? []).map(({ layer: l, gradient, update, parameters, dead, units }) => (
              <tr key={l} class={l === layer.value ? "at" : undefined}>
                <th scope="row">{l}</th>
                <td>{shortNumber(gradient)}</td>
                <td>{update === null ? "–" : shortNumber(update)}</td>
                <td>{shortNumber(parameters)}</td>
                <td>{parameters === 0 || update === null ? "–" : shortNumber(update / parameters)}</td>
                <td class={dead > 0 ? "wrong" : undefined}>{t("{n} of {all}", { n: dead, all: units })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="quiet">{t("A unit is dead here if it gives 0 for every row of the next mini-batch.")}</p>
    </section>
  );
}
