// A lesson as a teacher writes it, in Markdown: a title, paragraphs, perhaps a question with its answers, links to
// runs, and the equations behind it. Every text is shown as text.
import { readAddress } from "../state/setup.ts";
import type { Lesson, LessonRun, Question } from "./lessons.ts";

/** What is wrong with a lesson's file, and in which line. */
export class BadLesson extends Error {}

/** A run: [its name](#an address of the studio). */
const RUN = /^\s*(?:[-*]\s+)?\[([^\]]+)\]\(([^)]*#[^)]*)\)\s*$/;
const ANSWER = /^\s*[-*]\s+(\[x\]\s+)?(.+)$/i;

/**
 * `# Title`, paragraphs, `? A question`, its answers as a list with `[x]` before the right one, `> What is seen then`,
 * `[Name of a run](#hidden=32)`, `Equations: E17, E22`. Raises BadLesson.
 */
export function readLesson(text: string, key: string): Lesson {
  let title = "";
  const sentences: string[] = [];
  const runs: LessonRun[] = [];
  const equations: string[] = [];
  const answers: string[] = [];
  let [ask, right, because] = ["", -1, ""];
  let paragraph = false; // whether the line before belongs to one
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const run = RUN.exec(line);
    const answer = ask !== "" && ANSWER.exec(line);
    const wrong = (what: string) => new BadLesson(`${key}: line ${at + 1}: ${what}`);
    let continued = false;
    if (line.trim() === "") continued = false;
    else if (line.startsWith("# ") && title === "") title = line.slice(2).trim();
    else if (run) {
      const { setup, view, ignored } = readAddress(run[2]!.slice(run[2]!.indexOf("#")));
      if (ignored.length > 0) throw wrong(`an address says what the studio does not know: ${ignored.join(", ")}.`);
      runs.push({ name: run[1]!.trim(), setup, view });
    } else if (/^Equations?:/i.test(line)) equations.push(...(line.match(/\bE\d+\b/g) ?? []));
    else if (line.startsWith("? ")) {
      if (ask !== "") throw wrong("a lesson asks one question.");
      ask = line.slice(2).trim();
    } else if (answer) {
      if (answer[1]) right = answers.length;
      answers.push(answer[2]!.trim());
    } else if (line.startsWith(">")) because = `${because} ${line.slice(1).trim()}`.trim();
    else {
      continued = true;
      if (paragraph) sentences.push(`${sentences.pop()} ${line.trim()}`);
      else sentences.push(line.trim());
    }
    paragraph = continued;
  }
  if (title === "") throw new BadLesson(`${key}: a lesson begins with a title: # Its title.`);
  if (runs.length === 0) throw new BadLesson(`${key}: a lesson has a run: [its name](#hidden=32&epochs=5).`);
  if (ask !== "" && (answers.length < 2 || right < 0))
    throw new BadLesson(`${key}: a question has two answers or more, with [x] before the right one.`);
  const question: Question | undefined = ask === "" ? undefined : { ask, answers, right, because };
  return { key, title, sentences, view: runs[0]!.view ?? "train", equations, runs, question };
}
