// The most and the least typical training rows, and test rows whose labels look wrong, at the parameters as they are.
import type { DataAnswers } from "../lab/ask-api.ts";
import type { RawExample } from "../lab/protocol.ts";
import { rich, t } from "../language/words.ts";
import { targetWords } from "../parts/answer-words.ts";
import { percentText, shortNumber, whole } from "../parts/numbers.ts";
import { type GalleryRow, RowGallery } from "../parts/row-gallery.tsx";
import { useLab } from "../parts/use-lab.ts";
import { lab, opened, progress } from "../state/store.ts";

type Shown = { readonly answers: DataAnswers; readonly raws: readonly RawExample[] };

export function DataRows() {
  const shown = useLab(() => {
    if (progress.value?.playing !== false) return null; // while playing, the last answers stay
    return async (): Promise<Shown> => {
      const answers = await lab.dataAnswers();
      const rows = [...answers.typical, ...answers.unusual, ...answers.doubted];
      return { answers, raws: await lab.rawExamples(rows) };
    };
  });
  const found = shown.value;
  const info = opened.value!;
  const { classes } = info;
  if (!found) return <p class="quiet">{t("Pause the run to look at its data.")}</p>;
  const { typical, unusual, doubted, measured, judged } = found.answers;
  const nameOf = ({ values }: RawExample, label: number) => (values ? targetWords(info, values) : classes[label]!);
  const normed = (rows: DataAnswers["typical"], from: number): GalleryRow[] =>
    rows.map(({ part, row, label, norm }, k) => ({
      at: { part, row },
      raw: found.raws[from + k]!,
      title: t("Training row {row}, norm {norm}", { row: row + 1, norm: shortNumber(norm) }),
      said: (
        <>
          {nameOf(found.raws[from + k]!, label)} <span class="quiet">{shortNumber(norm, 2)}</span>
        </>
      ),
    }));
  return (
    <>
      <section aria-labelledby="norm-rows-title">
        <h2 id="norm-rows-title">{t("Typical and unusual")}</h2>
        <p class="quiet">
          {t(
            "{n} training rows by the norm of each one's own gradient, ‖g‖² = Σ (‖a‖² + 1)·‖δ‖², without a gradient formed.",
            { n: whole(measured) },
          )}
        </p>
        <div class="two">
          <div>
            <h3>{t("Most typical")}</h3>
            <RowGallery scrollTo="teachers" rows={normed(typical, 0)} />
          </div>
          <div>
            <h3>{t("Least typical")}</h3>
            <RowGallery scrollTo="teachers" rows={normed(unusual, typical.length)} />
          </div>
        </div>
      </section>
      {judged > 0 && (
        <section aria-labelledby="doubted-title">
          <h2 id="doubted-title">{t("Labels that look wrong")}</h2>
          <p class="quiet">
            {t(
              "Of {n} test rows, which it never saw: those where another class is likelier than is usual for that class. A doubtful label can be right. deltaprop mislabelled judges every row.",
              { n: whole(judged) },
            )}
          </p>
          <RowGallery
            scrollTo="teachers"
            rows={doubted.map(({ part, row, label, suggested, probability }, k) => ({
              at: { part, row },
              raw: found.raws[typical.length + unusual.length + k]!,
              title: t("Test row {row}, p of its label {p}", { row: row + 1, p: percentText(probability) }),
              said: (
                <>
                  {rich("{label} or {other}", {
                    label: classes[label],
                    other: <span class="wrong">{classes[suggested]}</span>,
                  })}
                </>
              ),
            }))}
          />
        </section>
      )}
    </>
  );
}
