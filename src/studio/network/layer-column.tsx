// One layer of the picture: its units, each in the color of its value for the chosen example.
import { t } from "../language/words.ts";
import { cssColor, dark } from "../parts/colors.ts";
import { shortNumber } from "../parts/numbers.ts";
import { FEW, gridOf, spotsOf } from "./layout.ts";
import { hovered, pick, picked } from "./picked-unit.ts";

export type ColumnProps = {
  readonly layer: number; //             l; 0: the inputs, which are not picked
  readonly values: Float32Array | null; // of its units, for the example
  readonly units: number;
  readonly scale: number;
  readonly names: readonly string[] | null;
};

const NAME = 72; //          width of the names beside circles
export const HEIGHT = 320; // of the picture, in its own units

export function LayerColumn({ layer, values, units, scale, names }: ColumnProps) {
  dark.value; // the colors are this theme's
  const [across, down] = gridOf(units);
  const few = units <= FEW;
  const named = few ? names : null;
  const width = few ? (named ? 40 + NAME : 40) : Math.min(160, (HEIGHT / down) * across);
  const left = layer === 0 ? width - 20 : 20; // of circles: names stand away from the edges
  const spots = spotsOf(units);
  const [w, h] = [width / across, HEIGHT / down];
  const at = picked.value;
  const unitAt = (event: PointerEvent | MouseEvent): number | null => {
    const text = (event.target as Element).getAttribute("data-unit");
    return text === null ? null : Number(text);
  };
  const look = (event: PointerEvent) => {
    const unit = unitAt(event);
    hovered.value = unit === null || layer === 0 ? null : { layer, unit };
  };
  return (
    <svg
      class="layer-column"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      width={width}
      height={HEIGHT}
      aria-hidden="true"
      onPointerMove={look}
      onPointerLeave={() => {
        hovered.value = null;
      }}
      onClick={(event) => {
        const unit = unitAt(event);
        if (unit !== null && layer > 0) pick({ layer, unit });
      }}
    >
      {spots.map(({ x, y }, o) => {
        const value = values?.[o] ?? 0;
        const fill = cssColor(value, scale);
        const chosen = at.layer === layer && at.unit === o ? "unit chosen" : "unit";
        const title = (
          <title>{`${names?.[o] ?? (layer === 0 ? t("input {i}", { i: o + 1 }) : t("unit {o}", { o: o + 1 }))}: ${shortNumber(value)}`}</title>
        );
        return few ? (
          <g key={o}>
            <circle class={chosen} data-unit={o} cx={left} cy={y * HEIGHT} r={Math.min(12, 0.42 * h)} fill={fill}>
              {title}
            </circle>
            {named && (
              <text x={left + (layer === 0 ? -18 : 18)} y={y * HEIGHT} class={layer === 0 ? "before" : undefined}>
                {clipped(named[o] ?? "")}
              </text>
            )}
          </g>
        ) : (
          <rect
            key={o}
            class={chosen}
            data-unit={o}
            x={x * width - w / 2}
            y={y * HEIGHT - h / 2}
            width={w}
            height={h}
            fill={fill}
          >
            {title}
          </rect>
        );
      })}
    </svg>
  );
}

const clipped = (name: string): string => (name.length > 10 ? `${name.slice(0, 9)}…` : name);
