// A lesson's file, opened by a link or dropped.
import { signal } from "@preact/signals";
import { t } from "../language/words.ts";
import { failure, lesson, open, view } from "../state/store.ts";
import { BadLesson, readLesson } from "./lesson-file.ts";
import type { Lesson } from "./lessons.ts";

/** The lesson of a file. */
export const fileLesson = signal<Lesson | null>(null);

/** Open the lesson in `text`, and its first run unless the address has one of its own. */
export async function openLesson(text: string, key: string, withRun: boolean): Promise<void> {
  try {
    const found = readLesson(text, key);
    fileLesson.value = found;
    lesson.value = key;
    if (withRun) {
      view.value = found.view;
      await open(found.runs[0]!.setup);
    }
  } catch (error) {
    if (!(error instanceof BadLesson)) throw error;
    failure.value = { code: "BAD_LESSON", message: `error BAD_LESSON ${error.message}` };
  }
}

/** The lesson that the address names as a file beside the page. */
export async function fetchLesson(path: string, withRun: boolean): Promise<void> {
  const answer = await fetch(new URL(path, location.href)).catch(() => undefined);
  if (answer?.ok) return openLesson(await answer.text(), path, withRun);
  const reason = t("the page's host has no such lesson. Drop the file here, or put it beside the page.");
  failure.value = { code: "BAD_LESSON", message: `error BAD_LESSON ${path}: ${reason}` };
}
