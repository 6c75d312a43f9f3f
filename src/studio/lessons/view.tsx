// The Lessons view: every lesson with links to its runs.
import { known, t } from "../language/words.ts";
import "./lessons.css";
import { Behind } from "./behind.tsx";
import { LESSONS } from "./lessons.ts";
import { RunLinks } from "./runs.tsx";

export function LessonsView() {
  return (
    <div class="lessons">
      <p class="lead">
        {t(
          "{n} set-ups, each a link, each plain to see within seconds. A link opens its run: say what you expect, then press play. A lesson of your own is a Markdown file, dropped here or linked as #lesson=file.md.",
          { n: LESSONS.length },
        )}
      </p>
      <ol>
        {LESSONS.map((lesson) => (
          <li key={lesson.key} id={lesson.key}>
            <h2>{known(lesson.title)}</h2>
            <p class="sentences">{known(lesson.question?.ask ?? "")}</p>
            <RunLinks lesson={lesson} />
            <Behind lesson={lesson} />
          </li>
        ))}
      </ol>
    </div>
  );
}
