// The legend of the colour scale: from −scale through 0 to +scale.
import { Matrix } from "./matrix.tsx";
import { short } from "./numbers.ts";

const RAMP = Float32Array.from({ length: 129 }, (_, k) => (k - 64) / 64);

export function ScaleLegend({ scale }: { readonly scale: number }) {
  return (
    <span class="scale-legend" aria-hidden="true">
      <span>{short(-scale, 2)}</span>
      <Matrix values={RAMP} rows={1} cols={RAMP.length} scale={1} label="colours" />
      <span>{short(scale, 2)}</span>
    </span>
  );
}
