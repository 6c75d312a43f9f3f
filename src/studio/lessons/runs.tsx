// The runs of a lesson as links: each opens its set-up, and can be copied as an address.
import { batch } from "@preact/signals";
import { known, t } from "../language/words.ts";
import { compared, layOver } from "../state/compared.ts";
import { lesson as followed, open, opened, progress, setup, view } from "../state/store.ts";
import { addressOf, type Lesson, type LessonRun, runOf, viewOf } from "./lessons.ts";

export function RunLinks({ lesson }: { readonly lesson: Lesson }) {
  const follow = async (run: LessonRun) => {
    const other = followed.value === lesson.key && (progress.value?.steps ?? 0) > 0;
    const before = other ? opened.value!.id : null;
    if (!other) compared.value = [];
    batch(() => {
      followed.value = lesson.key;
      view.value = viewOf(lesson, run);
    });
    await open(run.setup);
    if (before) await layOver(before);
  };
  const at = runOf(lesson, setup.value);
  return (
    <ul class="runs" aria-label={t("Runs of the lesson: {title}", { title: known(lesson.title) })}>
      {lesson.runs.map((run) => {
        const here = followed.value === lesson.key && at === run;
        return (
          <li key={run.name}>
            <a
              href={addressOf(lesson, run)}
              aria-current={here ? "true" : undefined}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab is the browser's
                event.preventDefault();
                void follow(run);
              }}
            >
              {known(run.name)}
            </a>
          </li>
        );
      })}
    </ul>
  );
}
