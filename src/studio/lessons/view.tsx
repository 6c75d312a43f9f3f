// The Lessons view: every lesson with links to its runs.
import "./lessons.css";
import { Behind } from "./behind.tsx";
import { LESSONS } from "./lessons.ts";
import { RunLinks } from "./runs.tsx";

export function LessonsView() {
  return (
    <div class="lessons">
      <p class="lead">
        Seven set-ups, each a link, each plain to see within seconds. A link opens its run; then press play.
      </p>
      <ol>
        {LESSONS.map((lesson) => (
          <li key={lesson.key} id={lesson.key}>
            <h2>{lesson.title}</h2>
            <p class="sentences">{lesson.sentences.join(" ")}</p>
            <RunLinks lesson={lesson} />
            <Behind lesson={lesson} />
          </li>
        ))}
      </ol>
    </div>
  );
}
