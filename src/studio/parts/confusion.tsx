// The confusion matrix: a row for each true class, a column for each predicted one. Counts other than 0 can be picked.
import { t } from "../language/words.ts";
import { MatrixView } from "./matrix.tsx";
import { percentText, whole } from "./numbers.ts";

export type ConfusionProps = {
  readonly counts: readonly (readonly number[])[]; // [true][predicted]
  readonly classes: readonly string[];
  readonly picked?: readonly [label: number, predicted: number] | undefined;
  readonly onPick?: ((label: number, predicted: number) => void) | undefined;
};

const MOST_CELLS = 16; // classes that fit as a table

export function Confusion({ counts, classes, picked, onPick }: ConfusionProps) {
  if (classes.length > MOST_CELLS) {
    const shares = counts.map((row) => {
      const support = row.reduce((sum, n) => sum + n, 0) || 1;
      return row.map((n) => n / support);
    });
    return (
      <MatrixView
        class="confusion-picture"
        values={Float32Array.from(shares.flatMap((row, y) => row.map((share, c) => (y === c ? share : -share))))}
        rows={classes.length}
        cols={classes.length}
        scale={1}
        label={t("Share of each true class (rows) by answer (columns)")}
        picked={picked && { row: picked[0], col: picked[1] }}
        onPick={onPick}
      />
    );
  }
  return (
    <table class="confusion">
      <caption class="unseen">{t("Confusion matrix: rows are true classes, columns are answers")}</caption>
      <thead>
        <tr>
          <td />
          {classes.map((name) => (
            <th key={name} scope="col" title={name}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {counts.map((row, y) => {
          const support = row.reduce((sum, n) => sum + n, 0) || 1;
          return (
            <tr key={classes[y]}>
              <th scope="row" title={classes[y]}>
                {classes[y]}
              </th>
              {row.map((count, c) => (
                <td key={classes[c]} style={count > 0 ? tint(count / support, y === c) : {}}>
                  {count === 0 ? (
                    <span class="none">·</span>
                  ) : onPick ? (
                    <button
                      type="button"
                      aria-pressed={picked?.[0] === y && picked[1] === c}
                      aria-label={answered(classes[y]!, classes[c]!, whole(count))}
                      title={answered(classes[y]!, classes[c]!, percentText(count / support))}
                      onClick={() => onPick(y, c)}
                    >
                      {count}
                    </button>
                  ) : (
                    count
                  )}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const answered = (label: string, answer: string, much: string): string =>
  t("{label} answered {answer}: {much}", { label, answer, much });

/** Correct predictions in blue, mistakes in orange, these by the root of their share, so that small shares show. */
function tint(share: number, right: boolean): { background: string } {
  const strength = Math.round(right ? 42 * share : 8 + 50 * Math.sqrt(share));
  return { background: `color-mix(in srgb, var(--${right ? "blue" : "orange"}) ${strength}%, transparent)` };
}
