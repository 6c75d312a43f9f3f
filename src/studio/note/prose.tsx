// A line of the note: words, with LaTeX between dollar signs.
import { Formula } from "../parts/formula.tsx";

export function Prose({ text }: { readonly text: string }) {
  return (
    <>
      {text.split("$").map((part, at) => {
        if (at % 2 === 0) return part;
        return <Formula key={`${at} ${part}`} tex={part} />;
      })}
    </>
  );
}
