// What the open data are, in words: their rows, what is learned of them, how numbers are scaled, what was odd.
import { learnedWords } from "../parts/answer-words.ts";
import { pluralText, shortNumber, whole } from "../parts/numbers.ts";
import { opened, starting } from "../state/store.ts";
import { loading } from "./draft.ts";

export function Facts() {
  const found = opened.value;
  if (!found) return <p class="quiet">{loading.value || starting.value ? "Reading the data …" : "No data yet."}</p>;
  const { rows, image, cols, name, warnings, notes } = found;
  const form = image ? `${image.height} × ${image.width} grey images` : pluralText(cols, "feature");
  if (loading.value) return <p class="quiet">Reading …</p>;
  return (
    <>
      <p class="quiet">
        {name}: {whole(rows.train)} rows to train on, {whole(rows.test)} to test on; {form}, {learnedWords(found)}.
      </p>
      <TargetScale />
      {opened.value?.setup.data === "file" && <ToFound />}
      {notes.length > 0 && <p class="quiet">{notes.join(" ")}</p>}
      {warnings.length > 0 && (
        <ul class="warnings">
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
      {each.join(", ")}
      {more} in the training rows: learned at mean 0 and deviation 1, answered as in the data.
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
        What was found in it, and other ways to read it
      </button>
    </p>
  );
}
