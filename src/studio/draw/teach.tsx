// Teaching: the true label of the drawing, one gradient step on it, and the prediction before and after.
import type { DrawingView } from "../lab/protocol.ts";
import { plural, t } from "../language/words.ts";
import { percentText, shortNumber } from "../parts/numbers.ts";
import { parameterStatus } from "../state/parameter-status.ts";
import { opened, progress } from "../state/store.ts";
import { example, pixels, prediction, taughtExample, teach, undoTeaching } from "./drawing.ts";

export function Teach() {
  const classes = opened.value?.classes ?? [];
  const ready = pixels.value !== null && prediction.value !== null;
  const known = example.value?.label;
  const done = taughtExample.value;
  const now = parameterStatus.value;
  return (
    <section class="teach" aria-labelledby="teach-title">
      <h2 id="teach-title">{t("Teach")}</h2>
      <p>
        {known === undefined
          ? t("What is it really? The answer makes this drawing an example, and the network takes one step on it.")
          : t(
              "The data say it is {name}. Your answer makes it an example once more, and the network takes one step on it.",
              { name: classes[known]! },
            )}
      </p>
      <fieldset class="answers">
        <legend class="unseen">{t("What it really is")}</legend>
        {classes.map((name, label) => (
          <button
            key={name}
            type="button"
            disabled={!ready}
            aria-pressed={done?.label === label}
            onClick={() => teach(label)}
          >
            {name}
          </button>
        ))}
      </fieldset>
      {done && (
        <>
          <Change names={classes} before={done.before} after={done.after} label={done.label} />
          <p class="quiet" role="status">
            {t(
              "θ ← θ − (η/B)·∇θ of this one example: its share of a mini-batch. Its loss went from {before} to {after},",
              {
                before: shortNumber(done.before.loss),
                after: shortNumber(done.after.loss),
              },
            )}{" "}
            {done.after.predicted === done.label
              ? t("and it reads {name}.", { name: classes[done.label]! })
              : t("and it still reads {name}. Teach it again.", { name: classes[done.after.predicted]! })}
          </p>
        </>
      )}
      {now && now.taught > 0 && (
        <div class="taught">
          <p>
            {plural(
              now.taught,
              "This run was taught once by hand, so its parameters no longer follow from the seed; its record says so.",
              "This run was taught {n} times by hand, so its parameters no longer follow from the seed; its record says so.",
            )}
          </p>
          <button type="button" disabled={!now.undoable} onClick={undoTeaching}>
            {t("Take the lesson back")}
          </button>
          {!now.undoable && (
            <p class="quiet">
              {progress.value?.playing
                ? t("The run goes on: pause it to teach and take back.")
                : t("The run has gone on since, so the lesson stays. Reset starts anew.")}
            </p>
          )}
        </div>
      )}
    </section>
  );
}

/** Probabilities before and after, a row a class: the bar is after, the tick before. */
function Change({ names, before, after, label }: ChangeProps) {
  return (
    <ul class="bars change" aria-label={t("Probabilities before and after the lesson")}>
      {names.map((name, c) => (
        <li key={name} class={c === label ? "picked" : undefined}>
          <span class="name">{name}</span>
          <span class="track" aria-hidden="true">
            <span class="bar" style={{ transform: `scaleX(${after.probabilities[c]})` }} />
            <span class="was" style={{ left: `${100 * before.probabilities[c]!}%` }} />
          </span>
          <span class="figure">
            {percentText(before.probabilities[c]!)} → {percentText(after.probabilities[c]!)}
          </span>
        </li>
      ))}
    </ul>
  );
}

type ChangeProps = {
  readonly names: readonly string[];
  readonly before: DrawingView;
  readonly after: DrawingView;
  readonly label: number;
};
