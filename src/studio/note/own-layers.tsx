// What stands between the layers of a run that normalizes or has residual connections, and not in the note.
import { BETWEEN_ROWS } from "../../equations/x49-x50-between.ts";
import { Formula } from "../parts/formula.tsx";
import { opened } from "../state/store.ts";
import { Scroller } from "./scroller.tsx";

const ROW_OF = { layerNorm: "X49", residual: "X50" } as const;

export function OwnLayers() {
  const setup = opened.value?.setup;
  const on = (["layerNorm", "residual"] as const).filter((name) => setup?.[name]);
  if (on.length === 0) return null;
  const rows = BETWEEN_ROWS.filter(({ id }) => on.some((name) => ROW_OF[name] === id));
  return (
    <section class="own-loss" aria-label="Between the layers of this run">
      <p>
        The hidden layers of this run have more than the note’s: {rows.map(({ id }) => id).join(" and ")} of the check.
        a and δ are shown as they are in it; E17 alone does not lead from one δ to the next.
      </p>
      {rows.map(({ id, latex, text, remark }) => (
        <div key={id}>
          <Scroller class="formula" label={text}>
            <Formula tex={latex} display />
          </Scroller>
          <p class="quiet">{remark}</p>
        </div>
      ))}
    </section>
  );
}
