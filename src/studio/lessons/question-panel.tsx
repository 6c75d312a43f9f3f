// A lesson's question: say what will happen, play, and see. The answer is told when the run has shown it, or on demand.
import { signal } from "@preact/signals";
import { known, t } from "../language/words.ts";
import { failure, opened, progress } from "../state/store.ts";
import type { Lesson } from "./lessons.ts";

/** What was said, by lesson. */
const said = signal<Readonly<Record<string, number>>>({});
const asked = signal<ReadonlySet<string>>(new Set()); // lessons whose answer was asked for

/** The index of what was said to that lesson's question. */
export const givenAnswer = (key: string): number | undefined => said.value[key];

/** Whether what a lesson shows may be told: there is no question, or it was answered and the run has shown it. */
export function isTold({ key, question }: Lesson): boolean {
  if (!question || asked.value.has(key)) return true;
  const shown = progress.value?.ended === true || failure.value?.code === "NOT_FINITE";
  return said.value[key] !== undefined && shown && opened.value !== null;
}

const saidOf = (answer: string, right: boolean): string =>
  right ? t("So you said.") : t("You said: {answer}", { answer: known(answer) });

export function Ask({ lesson }: { readonly lesson: Lesson }) {
  const { key, question } = lesson;
  if (!question) return null;
  const { ask, answers, right, because } = question;
  const mine = said.value[key];
  const told = isTold(lesson);
  return (
    <fieldset class="ask">
      <legend>{known(ask)}</legend>
      {answers.map((answer, k) => (
        <label key={answer} class={told && k === right ? "right" : undefined}>
          <input
            type="radio"
            name={`ask-${key}`}
            checked={mine === k}
            disabled={told}
            onChange={() => {
              said.value = { ...said.value, [key]: k };
            }}
          />{" "}
          {known(answer)}
          {told && k === right && " ✓"}
        </label>
      ))}
      <p class="quiet" role="status">
        {told
          ? `${mine === undefined ? "" : `${saidOf(answers[mine]!, mine === right)} `}${known(because)}`
          : t(mine === undefined ? "Say what you expect; then play." : "Now play, and see.")}
      </p>
      {!told && (
        <button
          type="button"
          class="plain"
          onClick={() => {
            asked.value = new Set([...asked.value, key]);
          }}
        >
          {t("Tell me")}
        </button>
      )}
    </fieldset>
  );
}
