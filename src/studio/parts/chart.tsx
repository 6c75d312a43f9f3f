// A chart in a figure, as wide as its container, with buttons that save it. The chart library is loaded with the first
// chart.
import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../language/words.ts";
import { savePng, saveSvg } from "./save-picture.ts";

export type PlotLibrary = typeof import("./plot-marks.ts");

const library = signal<PlotLibrary | null>(null);
let loading = false;

const PAUSE_MS = 400; // between two drawings of a chart: each takes some 10 ms, more than a frame can spare

export type ChartProps = {
  readonly name: string; //    of the saved file
  readonly title: string;
  readonly label: string; //   for screen readers
  readonly height: number; //  pixels
  readonly empty?: boolean; // nothing to save yet
  readonly legend?: readonly { readonly name: string; readonly color: "blue" | "orange" | "quiet" }[];
  /** The chart's options, recomputed whenever a signal it reads has changed. */
  readonly draw: (plot: PlotLibrary) => import("@observablehq/plot").PlotOptions;
};

export function Chart({ name, title, label, height, empty = false, legend = [], draw }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [seen, setSeen] = useState(false);
  const latest = useRef<() => void>(() => {});
  const due = useRef(0);
  const plot = library.value;
  if (!loading) {
    loading = true;
    import("./plot-marks.ts").then((module) => {
      library.value = module;
    });
  }
  useEffect(() => {
    const size = new ResizeObserver(([entry]) => setWidth(Math.round(entry!.contentRect.width)));
    const sight = new IntersectionObserver(([entry]) => setSeen(entry!.isIntersecting), { rootMargin: "200px" });
    const print = () => latest.current(); // also what is out of sight, and at once
    size.observe(place.current!);
    sight.observe(place.current!);
    addEventListener("beforeprint", print);
    return () => {
      size.disconnect();
      sight.disconnect();
      removeEventListener("beforeprint", print);
      clearTimeout(due.current);
    };
  }, []);
  latest.current = () => {
    due.current = 0;
    if (!plot || width === 0 || !place.current) return;
    const chart = plot.plot({ ...draw(plot), width, height, style: { background: "none" } });
    chart.querySelector("style")?.remove(); // the content policy refuses style elements; the rules are in parts.css
    // aria-label is not allowed without a role
    for (const group of chart.querySelectorAll("g[aria-label]")) group.removeAttribute("aria-label");
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", label);
    place.current.replaceChildren(chart);
  };
  useLayoutEffect(() => {
    if (!plot || width === 0 || !seen || due.current) return;
    const first = place.current!.childElementCount === 0;
    due.current = setTimeout(() => latest.current(), first ? 0 : PAUSE_MS) as unknown as number;
  });
  const picture = () => place.current?.querySelector("svg");
  const save = (how: (svg: SVGSVGElement, name: string) => void) => {
    const svg = picture();
    if (svg) how(svg, name);
  };
  return (
    <figure class="chart">
      <figcaption>
        <span class="title">{title}</span>
        {legend.map((entry) => (
          <span key={entry.name} class={`key ${entry.color}`}>
            {entry.name}
          </span>
        ))}
        <span class="save">
          <button
            type="button"
            class="plain"
            disabled={empty}
            aria-label={t("Save {name} as SVG", { name })}
            onClick={() => save(saveSvg)}
          >
            {t("SVG")}
          </button>
          <button
            type="button"
            class="plain"
            disabled={empty}
            aria-label={t("Save {name} as PNG", { name })}
            onClick={() => save(savePng)}
          >
            {t("PNG")}
          </button>
        </span>
      </figcaption>
      <div class="plot" ref={place} style={{ minHeight: `${height}px` }} />
    </figure>
  );
}
