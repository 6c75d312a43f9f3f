// A terminal's text as an SVG that a web page shows without any font of ours.
const [LEFT, TOP, LINE, FONT] = [24, 56, 20, 14];
const COLUMN = 0.602 * FONT; // of the usual monospaced fonts
const FAMILY = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace";

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`);

/** Lines, each with its fill or with none; `label` is what a screen reader says. */
export function terminalSvg(lines, label) {
  const rows = lines.flatMap((line, at) => textAt(line, at));
  return frame(rows, { columns: widest(lines), rows: lines.length, label });
}

const widest = (lines) => Math.max(...lines.map(({ text }) => text.length));

/** One line as text; `more`: further attributes. Nothing for an empty one. */
function textAt({ text, fill }, at, more = "") {
  if (text.trim() === "") return [];
  // viewers join plain ones
  const kept = escaped(text).replace(/^ | {2,}/g, (spaces) => "\u00a0".repeat(spaces.length));
  return `<text x="${LEFT}" y="${TOP + LINE * at}"${fill ? ` fill="${fill}"` : ""}${more}>${kept}</text>`;
}

/**
 * A recording that plays once and ends on its last scene: a scene is lines that appear one after another, the first of
 * them the command. `seconds`: of each scene. Where motion is unwanted, the last scene stands alone.
 */
export function terminalRecording(scenes, seconds, label) {
  const groups = scenes.map((lines, k) => {
    const step = (0.6 * seconds) / lines.length;
    const texts = lines.flatMap((line, at) =>
      textAt(line, at, ` class="l" style="animation-delay:${(k * seconds + 0.5 + step * at).toFixed(2)}s"`),
    );
    const last = k === scenes.length - 1;
    return `<g class="${last ? "s z" : "s"}" style="animation-delay:${(k + 1) * seconds}s">${texts.join("\n")}</g>`;
  });
  const style = `<style>.l{opacity:0;animation:on .1s linear forwards}.s{animation:off .1s linear forwards}.z{animation:none}
@keyframes on{to{opacity:1}}@keyframes off{to{opacity:0}}
@media (prefers-reduced-motion:reduce){.l{opacity:1;animation:none}.s{display:none}.z{display:inline}}</style>`;
  const columns = Math.max(...scenes.map(widest));
  return frame([style, ...groups], { columns, rows: Math.max(...scenes.map((lines) => lines.length)), label });
}

/** The window around rows of text. */
function frame(content, { columns, rows, label }) {
  const width = Math.ceil(2 * LEFT + COLUMN * columns);
  const height = TOP + LINE * rows;
  const dots = [22, 42, 62].map((x) => `<circle cx="${x}" cy="20" r="6"/>`).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(label)}">
<rect width="${width}" height="${height}" rx="10" fill="#16181d"/>
<g fill="#3b4048">${dots}</g>
<g font-family="${FAMILY}" font-size="${FONT}" fill="#d7dae0">
${content.join("\n")}
</g></svg>
`;
}
