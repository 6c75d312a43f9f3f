// A chart in a figure, as wide as its container, with buttons that save it. The chart library is loaded with the first
// chart.
import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../language/words.ts";
import { Looker } from "../state/attention.ts";
import { savePng, saveSvg } from "./save-picture.ts";
import { useSight } from "./sight.ts";

export type PlotLibrary = typeof import("./plot-marks.ts");

const library = signal<PlotLibrary | null>(null);
let loading = false;

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
  const sight = useSight();
  const seen = sight.seen.value;
  const latest = useRef<(across?: number) => void>(() => {});
  const part = useRef<Looker>(null);
  part.current ??= new Looker();
  const plot = library.value;
  if (!loading) {
    loading = true;
    import("./plot-marks.ts").then((module) => {
      library.value = module;
    });
  }
  useEffect(() => {
    const size = new ResizeObserver(([entry]) => setWidth(Math.round(entry!.contentRect.width)));
    // also what is out of sight, whose size nobody has told
    const print = () => latest.current(Math.round(place.current!.getBoundingClientRect().width));
    size.observe(place.current!);
    sight.place(place.current!);
    addEventListener("beforeprint", print);
    return () => {
      size.disconnect();
      sight.place(null);
      removeEventListener("beforeprint", print);
      part.current!.leave();
    };
  }, []);
  latest.current = (across = width) => {
    if (!plot || across === 0 || !place.current) return;
    const chart = plot.plot({ ...draw(plot), width: across, height, style: { background: "none" } });
    chart.querySelector("style")?.remove(); // the content policy refuses style elements; the rules are in parts.css
    // aria-label is not allowed without a role
    for (const group of chart.querySelectorAll("g[aria-label]")) group.removeAttribute("aria-label");
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", label);
    place.current.replaceChildren(chart);
  };
  useLayoutEffect(() => {
    if (!plot || width === 0 || !seen) return;
    const first = place.current!.childElementCount === 0;
    part.current!.look(async () => latest.current, first);
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
