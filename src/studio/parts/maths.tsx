// LaTeX set as MathML. The typesetter is loaded when the first formula is shown; until then its source stands there.
import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

type Typesetter = Pick<typeof import("temml"), "render">;
const typesetter = signal<Typesetter | null>(null);
let asked = false;

export type MathsProps = { readonly tex: string; readonly display?: boolean };

export function Maths({ tex, display = false }: MathsProps) {
  const place = useRef<HTMLSpanElement>(null);
  const set = typesetter.value;
  if (!asked) {
    asked = true;
    import("temml").then((module) => {
      typesetter.value = module.default;
    });
  }
  useLayoutEffect(() => {
    if (place.current)
      set?.render(tex, place.current, { displayMode: display, trust: ({ command }) => command === "\\class" });
  }, [set, tex, display]);
  return (
    <span ref={place} class={display ? "maths display" : "maths"}>
      {set ? null : tex}
    </span>
  );
}
