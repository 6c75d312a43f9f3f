// A page of answers about rows: one HTML file that opens anywhere, without a script or a request. Every text that comes
// from data is escaped.
import { VERSION } from "../program.ts";

const STYLE = `
:root { color-scheme: light dark; --line: #8885; --soft: #8883; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .2rem .6rem; border-bottom: 1px solid var(--line); vertical-align: middle; }
th:first-child, td:first-child, .text { text-align: left; overflow-wrap: anywhere; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: .8rem; padding: 0; }
.grid > li { list-style: none; border: 1px solid var(--line); border-radius: .4rem; padding: .5rem; }
.grid dl { margin: .3rem 0 0; display: grid; grid-template-columns: auto 1fr; column-gap: .5rem; font-size: .85rem; }
.grid dt { opacity: .75; } .grid dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
img { width: 100%; max-width: 9rem; image-rendering: pixelated; background: #fff; display: block; margin: 0 auto; }
td img { width: 4rem; margin: 0; } .wide { overflow-x: auto; }
.bar { display: inline-block; height: .7em; background: #2a6fbb; } .bar.down { background: #c2512f; }
`;

/** A whole document; `body` is markup. */
export function pageOf(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${body}
</main>
<footer><p>Deltaprop ${escaped(VERSION)}</p></footer>
</body>
</html>
`;
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as markup: nothing in it is read as a tag or an attribute's end, and control characters are gone. */
export const escaped = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "�").replace(/[&<>"]/g, (c) => ESCAPES[c]!);

/** A table; cells are markup, the first column is text. */
export function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
  const body = rows.map((row) => line(row, "td")).join("\n");
  return `<div class="wide"><table><thead>${line(heads.map(escaped), "th")}</thead>\n<tbody>${body}</tbody></table></div>`;
}
