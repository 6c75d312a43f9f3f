// The picker of the chosen example: its split, its row, the row before and the row after.
import { useId } from "preact/hooks";
import type { RowPlace } from "../lab/protocol.ts";
import { t } from "../language/words.ts";
import { opened, place } from "../state/store.ts";
import { whole } from "./numbers.ts";

export function PlacePicker() {
  const id = useId();
  const found = opened.value;
  if (!found) return null;
  const { part, row } = place.value;
  const rows = found.rows[part];
  const go = (to: number) => {
    place.value = { part, row: ((to % rows) + rows) % rows };
  };
  return (
    <div class="place-picker">
      <label class="unseen" for={`${id}-part`}>
        {t("Part of the data")}
      </label>
      <select
        id={`${id}-part`}
        value={part}
        onChange={(event) => {
          place.value = { part: event.currentTarget.value as RowPlace["part"], row: 0 };
        }}
      >
        <option value="test">{t("test")}</option>
        <option value="train">{t("training")}</option>
      </select>
      <label class="unseen" for={`${id}-row`}>
        {t("Row")}
      </label>
      <button type="button" aria-label={t("The row before")} onClick={() => go(row - 1)}>
        ‹
      </button>
      <input
        id={`${id}-row`}
        type="text"
        inputMode="numeric"
        value={row + 1}
        onChange={(event) => {
          const to = Number(event.currentTarget.value) - 1;
          if (Number.isInteger(to) && to >= 0 && to < rows) go(to);
          else event.currentTarget.value = String(row + 1);
        }}
      />
      <button type="button" aria-label={t("The row after")} onClick={() => go(row + 1)}>
        ›
      </button>
      <span class="quiet">{t("of {all}", { all: whole(rows) })}</span>
    </div>
  );
}
