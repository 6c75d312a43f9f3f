// Rows of the data as buttons that choose them: their pictures, or of a table their first values.
import type { ComponentChildren } from "preact";
import type { RawExample, RowPlace } from "../lab/protocol.ts";
import { t } from "../language/words.ts";
import { opened, place } from "../state/store.ts";
import { shortNumber } from "./numbers.ts";
import { Picture } from "./picture.tsx";

/** A row with its raw values, and what is said of it. */
export type GalleryRow = {
  readonly at: RowPlace;
  readonly raw: RawExample;
  readonly title: string; //             of the button
  readonly said: ComponentChildren;
};

const MOST_VALUES = 3;

/** A table's row by its first values. */
function firstValues(values: RawExample["pixels"]): string {
  const names = opened.value?.featureNames;
  const first = Array.from(
    values.subarray(0, MOST_VALUES),
    (value, j) => `${names?.[j] ?? j + 1} ${shortNumber(value)}`,
  );
  return values.length > MOST_VALUES ? `${first.join(", ")}, …` : first.join(", ");
}

/** `scrollTo`: the id of the element that shows the chosen row. */
export function RowGallery({ rows, scrollTo }: { readonly rows: readonly GalleryRow[]; readonly scrollTo: string }) {
  const { image } = opened.value!;
  if (rows.length === 0) return <p class="quiet">{t("No such rows.")}</p>;
  return (
    <ul class={image ? "gallery" : "gallery rows-only"}>
      {rows.map(({ at, raw, title, said }) => (
        <li key={at.row}>
          <button
            type="button"
            aria-pressed={place.value.part === at.part && place.value.row === at.row}
            title={title}
            onClick={() => {
              place.value = at;
              document.getElementById(scrollTo)?.scrollIntoView({ block: "start" });
            }}
          >
            {image && <Picture pixels={raw.pixels} {...image} label="" />}
            <span class={image ? "unseen" : undefined}>
              {t("Row {row}", { row: at.row + 1 })}
              {!image && ` (${firstValues(raw.pixels)})`}:{" "}
            </span>
            <span class="said">{said}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
