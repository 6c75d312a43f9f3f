// A terminal's text as an SVG that a web page shows without any font of ours.
const [LEFT, TOP, LINE, FONT] = [24, 56, 20, 14];
const COLUMN = 0.602 * FONT; // of the usual monospaced fonts
const FAMILY = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace";

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`);

/** Lines, each with its fill or with none; `label` is what a screen reader says. */
export function terminalSvg(lines, label) {
  const width = Math.ceil(2 * LEFT + COLUMN * Math.max(...lines.map(({ text }) => text.length)));
  const height = TOP + LINE * lines.length;
  const rows = lines.flatMap(({ text, fill }, at) => {
    if (text.trim() === "") return [];
    // viewers join plain ones
    const kept = escaped(text).replace(/^ | {2,}/g, (spaces) => "\u00a0".repeat(spaces.length));
    return `<text x="${LEFT}" y="${TOP + LINE * at}"${fill ? ` fill="${fill}"` : ""}>${kept}</text>`;
  });
  const dots = [22, 42, 62].map((x) => `<circle cx="${x}" cy="20" r="6"/>`).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(label)}">
<rect width="${width}" height="${height}" rx="10" fill="#16181d"/>
<g fill="#3b4048">${dots}</g>
<g font-family="${FAMILY}" font-size="${FONT}" fill="#d7dae0">
${rows.join("\n")}
</g></svg>
`;
}
