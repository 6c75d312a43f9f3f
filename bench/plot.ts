// A plot of the results as SVG: GFLOP/s (logarithmic) over configurations, one panel a thread count, a line a contender.
import { type Result, speedOf } from "./rounds.ts";
import { type Configuration, nameOf } from "./work.ts";

const PANEL = { width: 700, height: 600, left: 56, top: 44, right: 310, bottom: 40 };
const LABEL = 14; // pixels between two names
const COLOURS = {
  ours: "#c2410c",
  "ours-wasm": "#7c3aed",
  peer: "#64748b",
  "wasm-peer": "#0891b2",
  "other-work": "#a8a29e",
  limit: "#111827",
} as const;
const TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

const escaped = (text: string) => text.replace(/[&<>"]/g, (c) => `&#${c.codePointAt(0)};`);
const text = (x: number, y: number, body: string, more = "") =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped(body)}</text>`;

/** Move labels down until none overlaps the one above it; then the whole column up, if it ran out below. */
function spaced(heights: readonly number[], bottom: number): number[] {
  const places: number[] = [];
  for (const y of heights) places.push(Math.max(y, (places.at(-1) ?? Number.NEGATIVE_INFINITY) + LABEL));
  for (let i = places.length - 1, most = bottom; i >= 0; i--, most -= LABEL) places[i] = Math.min(places[i]!, most);
  return places;
}

export function toSvg(results: readonly Result[], configurations: readonly Configuration[]): string {
  const threads = [...new Set(results.map(({ launch }) => launch.threads))];
  const speeds = results.map(speedOf);
  const least = TICKS.findLast((tick) => tick <= Math.min(...speeds)) ?? TICKS[0]!;
  const most = TICKS.find((tick) => tick >= Math.max(...speeds)) ?? TICKS.at(-1)!;
  const { width, height, left, top, right, bottom } = PANEL;
  const y = (speed: number) =>
    top + ((height - top - bottom) * Math.log(most / speed)) / Math.max(Math.log(most / least), 1e-9);
  const x = (i: number) => left + ((width - left - right) * (i + 0.5)) / configurations.length;

  const panels = threads.map((t, panel) => {
    const grid = TICKS.filter((tick) => tick >= least && tick <= most).map(
      (tick) =>
        `<path d="M${left} ${y(tick).toFixed(1)}H${width - right}" stroke="#e5e7eb"/>${text(left - 6, y(tick) + 4, String(tick), 'text-anchor="end"')}`,
    );
    const heads = configurations.map((c, i) =>
      text(x(i), height - bottom + 18, `${c.H}, ${c.B}`, 'text-anchor="middle"'),
    );
    const lines = [
      ...Map.groupBy(
        results.filter(({ launch }) => launch.threads === t),
        ({ launch }) => launch.name,
      ),
    ]
      .map(([name, rows]) => {
        const points = configurations.flatMap((c, i) => {
          const row = rows.find(({ configuration }) => nameOf(configuration) === nameOf(c));
          return row ? [[x(i), y(speedOf(row))] as const] : [];
        });
        return { name, points, kind: rows[0]!.launch.kind };
      })
      .toSorted((a, b) => a.points.at(-1)![1] - b.points.at(-1)![1]);
    const labels = spaced(
      lines.map(({ points }) => points.at(-1)![1]),
      height - bottom,
    );
    const drawn = lines.map(({ name, points, kind }, i) => {
      const colour = COLOURS[kind];
      const [endX, endY] = points.at(-1)!;
      const stroke = kind.startsWith("ours") ? 3 : 1.2;
      const dashes = kind === "limit" ? ' stroke-dasharray="5 4"' : "";
      const path = points.map(([px, py]) => `${px.toFixed(1)} ${py.toFixed(1)}`).join("L");
      const bold = kind.startsWith("ours") ? ' font-weight="bold"' : "";
      return [
        `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="${stroke}"${dashes}/>`,
        ...points.map(([px, py]) => `<circle cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="2.5" fill="${colour}"/>`),
        `<path d="M${(endX + 4).toFixed(1)} ${endY.toFixed(1)}L${width - right + 6} ${labels[i]!.toFixed(1)}" stroke="${colour}" stroke-width="0.5"/>`,
        text(width - right + 9, labels[i]! + 4, name, `fill="${colour}"${bold}`),
      ].join("");
    });
    const title = text(left, 22, `GFLOP/s, ${t === 1 ? "one thread" : `${t} threads`}, at (H, B)`, 'font-size="15"');
    return `<g transform="translate(${panel * width} 0)">${title}${grid.join("")}${heads.join("")}${drawn.join("")}</g>`;
  });
  const size = `${width * threads.length} ${height}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" font-family="system-ui, sans-serif" font-size="12" fill="#111827"><rect width="100%" height="100%" fill="white"/>${panels.join("")}</svg>\n`;
}
