// The confusion matrix, and the examples of a cell or of largest loss as pictures, each a link to the example.
import { useSignal } from "@preact/signals";
import { t } from "../language/words.ts";
import { Confusion } from "../parts/confusion.tsx";
import { percentText, shortNumber, whole } from "../parts/numbers.ts";
import { RowGallery } from "../parts/row-gallery.tsx";
import { useSight } from "../parts/sight.ts";
import { useLab } from "../parts/use-lab.ts";
import { evaluation, lab, opened, progress } from "../state/store.ts";
import { type ErrorItem, ValueErrors } from "./value-errors.tsx";

const MOST = 24;

export function Mistakes() {
  const picked = useSignal<readonly [label: number, predicted: number] | null>(null);
  const sight = useSight();
  useLab(() => {
    const paused = progress.value?.playing === false;
    return paused ? reevaluate : null; // while playing, each epoch ends with an evaluation
  });
  const shown = useLab(
    () => {
      const current = evaluation.value;
      const cell = picked.value;
      if (!current) return null;
      return async (): Promise<readonly ErrorItem[]> => {
        const rows = cell ? await lab.confusionCell(...cell, MOST) : current.worst;
        const raws = await lab.rawExamples(rows);
        return rows.map((each, k) => ({ evaluated: each, raw: raws[k]! }));
      };
    },
    { dependsOn: "evaluation", sight },
  );
  const found = opened.value;
  const current = evaluation.value;
  if (!found || !current) return null;
  if (current.metrics === null) return <ValueErrors current={current} shown={shown.value ?? []} />;
  const { classes } = found;
  const { confusion, accuracy, rows } = current.metrics;
  const cell = picked.value;
  return (
    <section class="mistakes" ref={sight.place} aria-labelledby="mistakes-title">
      <h2 id="mistakes-title">{t("Right and wrong")}</h2>
      <div class="two">
        <div>
          <p class="quiet">
            {t("{share} of {n} test rows. A row for each true class, a column for each answer.", {
              share: percentText(accuracy, 2),
              n: whole(rows),
            })}
          </p>
          <div class="scroll">
            <Confusion
              counts={confusion}
              classes={classes}
              picked={cell ?? undefined}
              onPick={(label, predicted) => {
                picked.value = cell?.[0] === label && cell[1] === predicted ? null : [label, predicted];
              }}
            />
          </div>
        </div>
        <div>
          <p class="quiet">
            {cell ? (
              <>
                {t("{label} answered {answer}: {n} rows, the largest loss first.", {
                  label: classes[cell[0]]!,
                  answer: classes[cell[1]]!,
                  n: whole(confusion[cell[0]]?.[cell[1]] ?? 0),
                })}{" "}
                <button
                  type="button"
                  class="plain"
                  onClick={() => {
                    picked.value = null;
                  }}
                >
                  {t("Show the worst of all")}
                </button>
              </>
            ) : (
              t(
                accuracy === 1
                  ? "The rows with the largest loss, all of them right. Pick one to follow it through the network."
                  : "The rows with the largest loss. Pick one to follow it through the network.",
              )
            )}
          </p>
          <Gallery shown={shown.value ?? []} />
        </div>
      </div>
    </section>
  );
}

async function reevaluate(): Promise<null> {
  evaluation.value = await lab.evaluate();
  return null;
}

function Gallery({ shown }: { readonly shown: readonly ErrorItem[] }) {
  const { classes } = opened.value!;
  return (
    <RowGallery
      scrollTo="example"
      rows={shown.map(({ evaluated: { part, row, label, predicted, loss }, raw }) => ({
        at: { part, row },
        raw,
        title: t("Row {row}, loss {loss}", { row: row + 1, loss: shortNumber(loss) }),
        said: (
          <>
            {classes[label]} → <span class={label === predicted ? "right" : "wrong"}>{classes[predicted]}</span>
          </>
        ),
      }))}
    />
  );
}
