// LaTeX as MathML. The typesetter is loaded with the first formula; until then its source is shown.
import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

type Typesetter = Pick<typeof import("temml"), "render">;
const typesetter = signal<Typesetter | null>(null);
let loading = false;

export type FormulaProps = { readonly tex: string; readonly display?: boolean };

export function Formula({ tex, display = false }: FormulaProps) {
  const place = useRef<HTMLSpanElement>(null);
  const set = typesetter.value;
  if (!loading) {
    loading = true;
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
