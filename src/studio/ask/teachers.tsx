// Who taught it this: the training rows that pushed the answer to the chosen row, on request.
import { useSignal } from "@preact/signals";
import type { AnswerTeachers, InfluentialRow } from "../lab/ask-api.ts";
import type { RawExample } from "../lab/protocol.ts";
import { rich, t } from "../language/words.ts";
import { shortNumber, whole } from "../parts/numbers.ts";
import { Picture } from "../parts/picture.tsx";
import { PlacePicker } from "../parts/place-picker.tsx";
import { RowGallery } from "../parts/row-gallery.tsx";
import { useLab } from "../parts/use-lab.ts";
import { failure, lab, opened, place, progress, tick } from "../state/store.ts";

type Answered = AnswerTeachers & { readonly raws: ReadonlyMap<number, RawExample>; readonly at: number };

export function Teachers() {
  const answered = useSignal<Answered | null>(null);
  const asking = useSignal(false);
  const subject = useLab(
    () => {
      const at = place.value;
      return () => lab.rawExample(at);
    },
    { dependsOn: "data" },
  );
  const ask = async () => {
    asking.value = true;
    try {
      const found = await lab.teachers(place.value);
      const rows = [...found.up, ...found.down];
      const raws = await lab.rawExamples(rows);
      answered.value = { ...found, raws: new Map(rows.map(({ row }, k) => [row, raws[k]!])), at: tick.value };
    } catch (error) {
      failure.value = { code: "NOT_ANSWERED", message: (error as Error).message };
    } finally {
      asking.value = false;
    }
  };
  const { image, classes } = opened.value!;
  const { part, row } = place.value;
  const found = answered.value;
  const current = found?.place.part === part && found.place.row === row ? found : null;
  const raw = subject.value;
  return (
    <section class="teachers" id="teachers" aria-labelledby="teachers-title">
      <div class="title">
        <h2 id="teachers-title">{t("Who taught it this")}</h2>
        <PlacePicker />
      </div>
      <div class="asked">
        {image && raw && (
          <Picture pixels={raw.pixels} {...image} label={t("The row: class {name}", { name: classes[raw.label]! })} />
        )}
        <div>
          <p>
            {raw && <>{rich("It is {name}.", { name: <strong>{classes[raw.label]}</strong> })} </>}
            {current && rich("The network says {name}.", { name: <strong>{classes[current.answer]}</strong> })}
          </p>
          <p>
            <button
              type="button"
              disabled={asking.value || progress.value?.playing === true}
              onClick={() => void ask()}
            >
              {t(asking.value ? "Asking …" : "Ask")}
            </button>
          </p>
          <p class="quiet" role="status">
            {current
              ? t("Of {n} training rows.", { n: whole(current.measured) }) +
                (current.at === tick.value ? "" : ` ${t("The weights have changed since.")}`)
              : t(
                  "By how much log p of its answer would fall without each training row, to first order: an estimate (influence with an EK-FAC inverse). It takes some seconds, and a run that is paused.",
                )}
          </p>
        </div>
      </div>
      {current && (
        <div class="two">
          <Pushers title={t("Pushed it up")} rows={current.up} found={current} />
          <Pushers title={t("Pushed it down")} rows={current.down} found={current} />
        </div>
      )}
    </section>
  );
}

type PushersProps = { readonly title: string; readonly rows: readonly InfluentialRow[]; readonly found: Answered };

function Pushers({ title, rows, found }: PushersProps) {
  const { classes } = opened.value!;
  return (
    <div>
      <h3>{title}</h3>
      <RowGallery
        scrollTo="teachers"
        rows={rows.map(({ part, row, label, influence }) => ({
          at: { part, row },
          raw: found.raws.get(row)!,
          title: t("Training row {row}, influence {influence}", {
            row: row + 1,
            influence: shortNumber(influence),
          }),
          said: (
            <>
              {classes[label]} <span class="quiet">{shortNumber(influence, 2)}</span>
            </>
          ),
        }))}
      />
    </div>
  );
}
