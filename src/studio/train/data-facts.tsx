// What the open data are, in words: their rows, what is learned of them, how numbers are scaled, what was odd.
import { plural, t } from "../language/words.ts";
import { learnedWords } from "../parts/answer-words.ts";
import { shortNumber, whole } from "../parts/numbers.ts";
import { opened, starting } from "../state/store.ts";
import { loading } from "./draft.ts";

export function Facts() {
  const found = opened.value;
  if (!found) return <p class="quiet">{t(loading.value || starting.value ? "Reading the data …" : "No data yet.")}</p>;
  const { rows, image, cols, name, warnings, notes } = found;
  const form = image ? t("{height} × {width} grey images", image) : plural(cols, "{n} feature", "{n} features");
  if (loading.value) return <p class="quiet">{t("Reading …")}</p>;
  return (
    <>
      <p class="quiet">
        {t("{name}: {train} rows to train on, {test} to test on; {form}, {classes}.", {
          name,
          train: whole(rows.train),
          test: whole(rows.test),
          form,
          classes: learnedWords(found),
        })}
      </p>
      <TargetScale />
      {opened.value?.setup.data === "file" && <ToFound />}
      {notes.length > 0 && (
        <p class="quiet" lang="en">
          {notes.join(" ")}
        </p>
      )}
      {warnings.length > 0 && (
        <ul class="warnings" lang="en">
          {warnings.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
    </>
  );
}

const MOST_TARGETS = 3;

/** How numbers to learn are scaled. */
function TargetScale() {
  const { targetScaling, classes } = opened.value!;
  if (!targetScaling) return null;
  const { mean, deviation } = targetScaling;
  const each = classes
    .slice(0, MOST_TARGETS)
    .map((name, j) => `${name} ${shortNumber(mean[j]!, 4)} ± ${shortNumber(deviation[j]!)}`);
  const more = classes.length > MOST_TARGETS ? ", …" : "";
  return (
    <p class="quiet">
      {t("{targets} in the training rows: learned at mean 0 and deviation 1, answered as in the data.", {
        targets: each.join(", ") + more,
      })}
    </p>
  );
}

/** The way to what was found in the file: on a phone it lies far below. */
function ToFound() {
  const to = () => {
    const panel = document.getElementById("found");
    panel?.scrollIntoView();
    panel?.focus();
  };
  return (
    <p class="quiet">
      <button type="button" class="plain" onClick={to}>
        {t("What was found in it, and other ways to read it")}
      </button>
    </p>
  );
}
