// What lies between two layers of the picture: the weights as edges where both are few, else as a block of colors.
import type { WeightBlock } from "../lab/network-api.ts";
import { t } from "../language/words.ts";
import { MatrixView } from "../parts/matrix.tsx";
import { HEIGHT } from "./layer-column.tsx";
import { FEW, spotsOf } from "./layout.ts";
import { hovered, picked, shownUnit } from "./picked-unit.ts";

const WIDTH = 96;

export function Between({ block }: { readonly block: WeightBlock }) {
  const { layer, I, O, every, rows, cols, values, largest } = block;
  if (I <= FEW && O <= FEW) return <Edges block={block} />;
  const part =
    every[0] > 1 || every[1] > 1 ? t(", one input of {i} and one unit of {o}", { i: every[0], o: every[1] }) : "";
  const at = shownUnit.value;
  const mine = at.layer === layer && at.unit % every[1] === 0;
  return (
    <div class="weight-block">
      <MatrixView
        values={values}
        rows={rows}
        cols={cols}
        scale={largest || 1}
        label={t("Weights into layer {layer}, {I} × {O}{part}", { layer, I, O, part })}
        onHover={(cell) => {
          hovered.value = cell && { layer, unit: cell.col * every[1] };
        }}
      />
      {mine && (
        <span
          class="of-unit"
          style={{ left: `${(100 * (at.unit / every[1])) / cols}%`, width: `${Math.max(1, 100 / cols)}%` }}
        />
      )}
    </div>
  );
}

function Edges({ block: { layer, I, O, values, largest } }: { readonly block: WeightBlock }) {
  const [from, to] = [spotsOf(I), spotsOf(O)];
  const at = hovered.value ?? picked.value;
  return (
    <svg class="edges" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      {to.map((end, o) =>
        from.map((begin, i) => {
          const w = values[i * O + o]!;
          const share = largest > 0 ? Math.abs(w) / largest : 0;
          const into = at.layer === layer && at.unit === o;
          return (
            <line
              key={`${i} ${o}`}
              class={w < 0 ? "below" : "above"}
              x1={0}
              y1={begin.y * HEIGHT}
              x2={WIDTH}
              y2={end.y * HEIGHT}
              stroke-width={0.4 + 3.6 * share}
              opacity={into ? 1 : 0.12 + 0.6 * share}
            />
          );
        }),
      )}
    </svg>
  );
}
