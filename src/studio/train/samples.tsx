// Samples of the data: one image a class, or one row a class of a table.
import { useSignal, useSignalEffect } from "@preact/signals";
import type { RawExample } from "../lab/protocol.ts";
import { t } from "../language/words.ts";
import { targetWords } from "../parts/answer-words.ts";
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
        const ofEach = found.classes.map((_, c) => all.findIndex(({ label }) => label === c));
        const some = found.task === "classify" ? ofEach.filter((row) => row >= 0) : [...all.keys()];
        samples.value = some.slice(0, MOST).map((row) => ({ ...all[row]!, row }));
      })
      .catch(() => {}); // another set-up was opened meanwhile
  });
  const found = opened.value;
  if (!found || samples.value.length === 0) return null;
  const { image, task, classes } = found;
  const nameOf = ({ label, values }: RawExample) => (values ? targetWords(found, values) : classes[label]!);
  if (!image) return <FirstRows samples={samples.value} nameOf={nameOf} />;
  return (
    <ul class="samples" aria-label={t(task === "classify" ? "One example of each class" : "The first examples")}>
      {samples.value.map((sample) => (
        <li key={sample.row}>
          <button
            type="button"
            title={t("Look at row {row}", { row: sample.row + 1 })}
            onClick={() => {
              place.value = { part: "train", row: sample.row };
              view.value = "watch";
            }}
          >
            <Picture pixels={sample.pixels} {...image} label="" />
            <span>{nameOf(sample)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

type RowsProps = { readonly samples: readonly Sample[]; readonly nameOf: (raw: RawExample) => string };

function FirstRows({ samples, nameOf }: RowsProps) {
  return (
    <table class="rows">
      <caption class="unseen">{t("Some rows: what is to be learned, and their first values")}</caption>
      <tbody>
        {samples.slice(0, 5).map((sample) => (
          <tr key={sample.row}>
            <th scope="row">{nameOf(sample)}</th>
            {Array.from(sample.pixels.subarray(0, 4), (value, j) => (
              <td key={j}>{shortNumber(value)}</td>
            ))}
            {sample.pixels.length > 4 && <td>…</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
