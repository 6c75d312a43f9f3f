// Links to a lesson's equations.
import { t } from "../language/words.ts";
import { openEquation } from "../note/open-equation.ts";
import type { Lesson } from "./lessons.ts";

export function Behind({ lesson: { equations } }: { readonly lesson: Lesson }) {
  return (
    <p class="behind">
      {t("In the note:")}{" "}
      {equations.map((id) => (
        <button type="button" class="plain" key={id} onClick={() => openEquation(id)}>
          {id}
        </button>
      ))}
    </p>
  );
}
