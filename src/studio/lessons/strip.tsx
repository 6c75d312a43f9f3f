// The open lesson, above the view that it points to.

import { known, t } from "../language/words.ts";
import { saveFile } from "../parts/save-file.ts";
import { playedRuns } from "./played-runs.ts";
import "./lessons.css";
import { compared } from "../state/compared.ts";
import { failure, lesson, view } from "../state/store.ts";
import { Behind } from "./behind.tsx";
import { type Lesson, lessonOf } from "./lessons.ts";
import { fileLesson } from "./open-lesson.ts";
import { Ask, givenAnswer, isTold } from "./question-panel.tsx";
import { RunLinks } from "./runs.tsx";

/** The lesson with what was said and what the runs did, as a file to keep, to print or to hand in. */
async function savePage(at: Lesson): Promise<void> {
  try {
    const { pupilPage } = await import("./pupil-page.tsx");
    const [said, told, played] = [givenAnswer(at.key), isTold(at), await playedRuns(at)];
    const text = pupilPage({ lesson: at, said, told, played, address: location.href });
    saveFile(`lesson-${at.key.replace(/\.md$/, "").replaceAll(/[^\w-]+/g, "-")}.html`, text, "text/html");
  } catch (error) {
    failure.value = { code: "LESSON_NOT_SAVED", message: `error LESSON_NOT_SAVED ${(error as Error).message}` };
  }
}

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
        <button type="button" class="plain" onClick={() => void savePage(at)}>
          {t("Save this page with my numbers")}
        </button>
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
