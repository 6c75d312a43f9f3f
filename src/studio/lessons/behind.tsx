// Links to a lesson's equations.
import { openEquation } from "../note/open-equation.ts";
import type { Lesson } from "./lessons.ts";

export function Behind({ lesson: { equations } }: { readonly lesson: Lesson }) {
  return (
    <p class="behind">
      In the note:{" "}
      {equations.map((id) => (
        <button type="button" class="plain" key={id} onClick={() => openEquation(id)}>
          {id}
        </button>
      ))}
    </p>
  );
}
