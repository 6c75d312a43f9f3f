// The arrays of one training step, drawn by their shapes: layers from left to right; parameters, activations, errors
// and gradients from top to bottom. A stage's results and operands are lit.
import { useEffect, useRef } from "preact/hooks";
import type { Quantity, ScalarValue } from "../lab/quantity.ts";
import { t } from "../language/words.ts";
import { Formula } from "../parts/formula.tsx";
import { MatrixView } from "../parts/matrix.tsx";
import { plainOf, symbolOf } from "./quantity-names.ts";
import { keyOf } from "./selection.ts";

export type Light = "made" | "used" | "there" | "not yet";

type DiagramProps = {
  readonly arrays: readonly Quantity[];
  readonly depth: number;
  readonly values: ReadonlyMap<string, ScalarValue>;
  readonly light: (quantity: Quantity) => Light;
};

const LANES = ["Parameters", "Forward", "Errors", "Gradients"] as const;

export function Diagram({ arrays, depth, values, light }: DiagramProps) {
  const box = useRef<HTMLDivElement>(null);
  const lit = arrays.find((quantity) => light(quantity) === "made");
  const litKey = lit && keyOf(lit);
  useEffect(() => {
    const [outer, inner] = [box.current, box.current?.querySelector<HTMLElement>(".made")];
    if (!outer || !inner || !litKey) return;
    const middle = inner.offsetLeft + inner.offsetWidth / 2;
    outer.scrollLeft = middle - outer.clientWidth / 2;
  }, [litKey]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a picture of many, no set of form fields
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <div class="diagram" ref={box} role="group" aria-label={t("The arrays of this step")} tabIndex={0}>
      <div class="lanes" style={{ gridTemplateColumns: `repeat(${depth + 2}, auto)` }}>
        {LANES.map((lane, at) => (
          <span class="lane" key={lane} style={{ gridRow: at + 1 }}>
            <span>{t(lane)}</span>
          </span>
        ))}
        {places(arrays, depth).map(({ column, lane, held }) => (
          <div class="held" key={`${column} ${lane}`} style={{ gridColumn: column + 1, gridRow: lane + 1 }}>
            {held.map((quantity) => (
              <DrawnArray
                key={keyOf(quantity)}
                quantity={quantity}
                value={values.get(keyOf(quantity))}
                light={light(quantity)}
              />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function DrawnArray({ quantity, value, light }: { quantity: Quantity; value: ScalarValue | undefined; light: Light }) {
  const [rows, cols] = value ? [value.rows, value.cols] : [1, 1];
  const shown = value && light !== "not yet";
  return (
    <div class={`array ${light.replace(" ", "-")}`}>
      <span class="cells" style={{ width: `${extent(cols)}px`, height: `${extent(rows)}px` }}>
        {shown && <MatrixView {...value} label={plainOf(quantity)} />}
      </span>
      <span class="name">
        <Formula tex={symbolOf(quantity)} />
        <span class="shape">{value ? `${rows} × ${cols}` : ""}</span>
      </span>
    </div>
  );
}

/** Pixels for n cells: grows so slowly with n that 1 and 784 fit side by side. */
const extent = (n: number): number => Math.round(12 * n ** 0.33);

type DiagramCell = { readonly column: number; readonly lane: number; readonly held: readonly Quantity[] };

/** The cell of each array: column l for layer l, 0 for the input, L + 1 for S and Y. */
function places(arrays: readonly Quantity[], depth: number): readonly DiagramCell[] {
  const cells = new Map<string, { column: number; lane: number; held: Quantity[] }>();
  for (const quantity of arrays) {
    const { kind, layer } = quantity;
    const end = kind === "S" || kind === "y";
    const column = end ? depth + 1 : layer;
    const lane =
      kind === "W" || kind === "b"
        ? 0
        : kind === "a" || kind === "z" || kind === "S"
          ? 1
          : kind === "dW" || kind === "db"
            ? 3
            : 2;
    const key = `${column} ${lane}`;
    const cell = cells.get(key) ?? { column, lane, held: [] };
    cell.held.push(quantity);
    cells.set(key, cell);
  }
  return [...cells.values()];
}
