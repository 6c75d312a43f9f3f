// Samples of the data: one image a class, or one row a class of a table.
import { useSignal, useSignalEffect } from "@preact/signals";
import type { RawExample } from "../lab/protocol.ts";
import { t } from "../language/words.ts";
import { shortNumber } from "../parts/numbers.ts";
import { Picture } from "../parts/picture.tsx";
import { lab, opened, place, view } from "../state/store.ts";

const SEARCHED = 200; // rows searched for one of each class
const MOST = 12;

type Sample = RawExample & { readonly row: number };

export function Samples() {
  const samples = useSignal<readonly Sample[]>([]);
  useSignalEffect(() => {
    const found = opened.value;
    if (!found) return;
    const rows = Array.from({ length: Math.min(SEARCHED, found.rows.train) }, (_, row) => row);
    lab
      .rawExamples(rows.map((row) => ({ part: "train", row })))
      .then((all) => {
        const each = found.classes
          .map((_, c) => all.findIndex(({ label }) => label === c))
          .filter((row) => row >= 0)
          .slice(0, MOST);
        samples.value = each.map((row) => ({ ...all[row]!, row }));
      })
      .catch(() => {}); // another set-up was opened meanwhile
  });
  const found = opened.value;
  if (!found || samples.value.length === 0) return null;
  const { image, classes } = found;
  if (!image) return <FirstRows samples={samples.value} classes={classes} />;
  return (
    <ul class="samples" aria-label={t("One example of each class")}>
      {samples.value.map(({ row, pixels, label }) => (
        <li key={row}>
          <button
            type="button"
            title={t("Look at row {row}", { row: row + 1 })}
            onClick={() => {
              place.value = { part: "train", row };
              view.value = "watch";
            }}
          >
            <Picture pixels={pixels} {...image} label="" />
            <span>{classes[label]}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function FirstRows({ samples, classes }: { samples: readonly Sample[]; classes: readonly string[] }) {
  return (
    <table class="rows">
      <caption class="unseen">{t("One row of each class, its first values")}</caption>
      <tbody>
        {samples.slice(0, 5).map(({ row, pixels, label }) => (
          <tr key={row}>
            <th scope="row">{classes[label]}</th>
            {Array.from(pixels.subarray(0, 4), (value, j) => (
              <td key={j}>{shortNumber(value)}</td>
            ))}
            {pixels.length > 4 && <td>…</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
