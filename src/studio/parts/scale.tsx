// The legend of the color scale: from −scale through 0 to +scale.
import { t } from "../language/words.ts";
import { MatrixView } from "./matrix.tsx";
import { shortNumber } from "./numbers.ts";

const RAMP = Float32Array.from({ length: 129 }, (_, k) => (k - 64) / 64);

export function ScaleLegend({ scale }: { readonly scale: number }) {
  return (
    <span class="scale-legend" aria-hidden="true">
      <span>{shortNumber(-scale, 2)}</span>
      <MatrixView values={RAMP} rows={1} cols={RAMP.length} scale={1} label={t("colors")} />
      <span>{shortNumber(scale, 2)}</span>
    </span>
  );
}
