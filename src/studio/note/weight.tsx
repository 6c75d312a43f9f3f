// One weight: its gradient as the note's product (E12, E22), beside a central difference of the loss.
import { signal } from "@preact/signals";
import type { WeightCheck } from "../lab/protocol.ts";
import { t } from "../language/words.ts";
import { scaleOf } from "../parts/colors.ts";
import { TypedField } from "../parts/field.tsx";
import { Formula } from "../parts/formula.tsx";
import { MatrixView } from "../parts/matrix.tsx";
import { shortNumber } from "../parts/numbers.ts";
import { ScaleLegend } from "../parts/scale.tsx";
import { useLab } from "../parts/use-lab.ts";
import { lab, layer, place } from "../state/store.ts";
import { openEquation } from "./open-equation.ts";

/** Row and column of W_l from 0; row −1 is the bias. Null: the weight of largest |∇|. */
const picked = signal<{ readonly p: number; readonly q: number } | null>(null);

function useChosenWeight() {
  return useLab(() => {
    const [at, l, wanted] = [place.value, layer.value, picked.value];
    return async () => {
      const [weights, gradient] = [await lab.weights(l), await lab.gradient(at, l)];
      const fits = wanted && wanted.p < weights.I && wanted.q < weights.O;
      const { p, q } = fits ? wanted : steepest(gradient.dW, weights.O);
      return { l, p, q, weights, gradient, check: await lab.weightCheck(at, l, p, q) };
    };
  }).value;
}

/** Row and column of the largest |∇|. */
function steepest(dW: Float32Array, O: number): { p: number; q: number } {
  let best = 0;
  dW.forEach((value, k) => {
    if (Math.abs(value) > Math.abs(dW[best]!)) best = k;
  });
  return { p: Math.floor(best / O), q: best % O };
}

export function OneWeight() {
  const view = useChosenWeight();
  if (!view) return <p class="empty">{t("The values are on their way …")}</p>;
  const { l, p, q, weights, gradient } = view;
  const pick = (row: number, col: number) => {
    picked.value = { p: row, q: col };
  };
  const cell = p >= 0 ? { row: p, col: q } : undefined;
  const matrices = [
    { name: `W_${l}`, tex: `W_{${l}}`, values: weights.W },
    { name: t("∇W_{l} of this example", { l }), tex: String.raw`\nabla_{W_{${l}}}`, values: gradient.dW },
  ];
  return (
    <div class="weight">
      <div class="pickers">
        <div class="keys">
          <TypedField
            label={t("Row p, 0 for the bias")}
            value={p + 1}
            expected={t("{low} to {high}", { low: 0, high: weights.I })}
            read={within(0, weights.I)}
            onValue={(row) => pick(row - 1, q)}
          />
          <TypedField
            label={t("Column q")}
            value={q + 1}
            expected={t("{low} to {high}", { low: 1, high: weights.O })}
            read={within(1, weights.O)}
            onValue={(col) => pick(p, col - 1)}
          />
          <button
            type="button"
            onClick={() => {
              picked.value = null;
            }}
          >
            {t("The steepest")}
          </button>
        </div>
        <p class="quiet">{t("Pick in either matrix, or type.")}</p>
        <div class="matrices">
          {matrices.map(({ name, tex, values }) => (
            <figure key={tex}>
              <MatrixView values={values} rows={weights.I} cols={weights.O} label={name} picked={cell} onPick={pick} />
              <figcaption>
                <Formula tex={tex} /> {weights.I} × {weights.O}
                <ScaleLegend scale={scaleOf(values)} />
              </figcaption>
            </figure>
          ))}
        </div>
      </div>
      <Comparison {...view} />
    </div>
  );
}

const within = (low: number, high: number) => (text: string) => {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= low && value <= high ? value : undefined;
};

type ComparisonProps = { readonly l: number; readonly p: number; readonly q: number; readonly check: WeightCheck };

function Comparison({ l, p, q, check: { product, a, delta, difference, error, rounding, kink } }: ComparisonProps) {
  const bias = p < 0;
  const w = bias ? `b_{${l},${q + 1}}` : `w^{${l}}_{${p + 1},${q + 1}}`;
  const input = l === 1 ? `x_{${p + 1}}` : String.raw`\sigma(z_{${l - 1}})_{${p + 1}}`;
  const apart = Math.abs(product - difference);
  const bound = error + rounding;
  return (
    <section class="comparison" aria-label={t("The product and the difference")} aria-live="polite">
      <h2>{t("The note’s product")}</h2>
      <Formula
        display
        tex={String.raw`\frac{\partial \ell}{\partial ${w}} = ${bias ? "" : String.raw`${input}\; `}\delta^{${l}}_{${q + 1}}`}
      />
      <p class="sum">
        {bias ? "" : `${shortNumber(a, 6)} × `}
        {shortNumber(delta, 6)} = <strong data-product={product}>{shortNumber(product, 8)}</strong>{" "}
        <button type="button" class="plain" onClick={() => openEquation(bias ? "E21" : "E22")}>
          {bias ? "E21" : "E22"}
        </button>
      </p>
      <h2>{t("A central difference")}</h2>
      <Formula display tex={String.raw`\frac{\ell(${w} + h) - \ell(${w} - h)}{2h}`} />
      <p class="sum">
        = <strong data-difference={difference}>{shortNumber(difference, 8)}</strong>
      </p>
      <dl class="facts">
        <dt>{t("they differ by")}</dt>
        <dd>{shortNumber(apart)}</dd>
        <dt>{t("they may differ by")}</dt>
        <dd data-bound={bound}>{shortNumber(bound)}</dd>
      </dl>
      <Verdict held={apart <= bound} kink={kink} />
      <p class="quiet">
        {t(
          "The difference runs the network twice more, with this one number moved up and down. It knows nothing of δ. The bound covers its own rounding and truncation, and the rounding of δ.",
        )}
      </p>
    </section>
  );
}

function Verdict({ held, kink }: { readonly held: boolean; readonly kink: boolean }) {
  if (kink) return <p class="verdict">{t("σ has a kink within the step h, so the difference says nothing here.")}</p>;
  if (held) return <p class="verdict within">{t("Within the bound: the product is the derivative.")}</p>;
  return <p class="verdict beyond">{t("Beyond the bound.")}</p>;
}
