// The open lesson, above the view that it points to.
import { known, t } from "../language/words.ts";
import "./lessons.css";
import { compared } from "../state/compared.ts";
import { lesson, view } from "../state/store.ts";
import { Behind } from "./behind.tsx";
import { lessonOf } from "./lessons.ts";
import { fileLesson } from "./open-lesson.ts";
import { Ask, isTold } from "./question-panel.tsx";
import { RunLinks } from "./runs.tsx";

export function LessonStrip() {
  const at = lessonOf(lesson.value) ?? (fileLesson.value?.key === lesson.value ? fileLesson.value : undefined);
  if (!at || view.value === "lessons") return null;
  return (
    <aside class="lesson-strip" aria-label={t("Lesson: {title}", { title: known(at.title) })}>
      <div>
        <h2>{known(at.title)}</h2>
        <Ask lesson={at} />
        {isTold(at) && (
          <ol>
            {at.sentences.map((sentence) => (
              <li key={sentence}>{known(sentence)}</li>
            ))}
          </ol>
        )}
      </div>
      <div class="ways">
        <RunLinks lesson={at} />
        <Behind lesson={at} />
        <button
          type="button"
          class="plain"
          onClick={() => {
            lesson.value = "";
            compared.value = [];
          }}
        >
          {t("Leave the lesson")}
        </button>
      </div>
    </aside>
  );
}
