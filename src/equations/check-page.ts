// A check's report as one self-contained HTML page: each equation typeset beside its measured numbers, remarks in the
// margin. No script, and no request. The style is check-page-style.ts. Temml (TeX to MathML) is imported on demand.
import type { CheckReport, RowReport } from "./check-note.ts";
import { STYLE } from "./check-page-style.ts";
import { headline, networkLine, share, short } from "./check-report.ts";
import { SECTIONS } from "./note.ts";
import type { Comparison, Worst } from "./tally.ts";

/** The page, as a complete HTML document. */
export async function htmlReport(report: CheckReport): Promise<string> {
  const { default: temml } = await import("temml");
  const math = (latex: string) =>
    temml.renderToString(latex, {
      displayMode: true,
      throwOnError: true,
      trust: ({ command }) => command === "\\class",
    });
  const sections = [...new Set(report.rows.map(({ section }) => section))];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Gradients for feed-forward networks, checked</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Gradients for feed-forward networks, equation by equation</h1>
${summary(report)}
</header>
<main>
${sections
  .map((section) => {
    const rows = report.rows.filter((row) => row.section === section);
    return `<section aria-labelledby="s${section.replace(".", "-")}">
<h2 id="s${section.replace(".", "-")}">${escaped(SECTIONS[section] ?? section)}</h2>
${rows.map((row) => article(row, math(row.latex))).join("\n")}
</section>`;
  })
  .join("\n")}
</main>
<footer>
<p>The oracles are forward-mode dual numbers, which carry a proven bound on their own error, and central differences of the loss.
Neither uses any formula shown here. A row passes if every number lies within its bound; “bound used” is the largest error as a part
of its own bound. Bounds follow Higham, <cite>Accuracy and Stability of Numerical Algorithms</cite>: γ<sub>n</sub> = nu/(1 − nu) for n
roundings, with unit roundoff u = 2<sup>${Math.log2(report.roundoff)}</sup> here.</p>
</footer>
</body>
</html>
`;
}

function summary(report: CheckReport): string {
  const { rows, pass, numbers, subject, loss, batchSize, seed, sampled, parameters } = report;
  const of = (verdict: RowReport["verdict"]) => rows.filter((row) => row.verdict === verdict).length;
  const headline = pass
    ? `All ${of("pass")} rows hold: every number is within its bound.`
    : `${of("fail")} of ${rows.length} rows do not hold.`;
  const facts: [string, string][] = [
    ["Checked", subject],
    ["Network", `${networkLine(report, " → ")}${loss === undefined ? "" : `, ${loss}`}`],
    ["Parameters", sampled === parameters ? `all ${count(parameters)}` : `${count(sampled)} of ${count(parameters)}`],
    ["Batch", `${batchSize} examples, seed ${seed}`],
    ["Numbers compared", count(numbers)],
  ];
  const absent = of("absent");
  if (absent > 0) facts.push(["Rows without a layer", `${absent}`]);
  return `<p class="verdict ${pass ? "pass" : "fail"}">${escaped(headline)}</p>
<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`).join("")}</dl>`;
}

function article(row: RowReport, math: string): string {
  const { id, verdict, text, remark } = row;
  return `<article id="${id}" class="${verdict}">
<p class="id"><a href="#${id}">${id}</a> <span class="mark">${{ pass: "pass", fail: "fail", absent: "no layer" }[verdict]}</span></p>
<div class="statement"><div class="math" role="group" aria-label="${escaped(text)}" tabindex="0">${math}</div></div>
<div class="measured">${verdict === "absent" ? "<p>This network has no such layer.</p>" : measured(row)}</div>
${remark === "" ? "" : `<aside>${typeset(remark)}</aside>`}
${verdict === "absent" ? "" : comparisons(row)}
</article>`;
}

function measured(row: RowReport): string {
  const { absolute, ratio } = headline(row);
  const place = absolute.place === "" ? "" : `<small>${typeset(absolute.place)}</small>`;
  return `<dl>
<div><dt>Numbers</dt><dd>${count(row.numbers)}</dd></div>
<div><dt>Worst error</dt><dd>${scientific(absolute.error)}${absolute.error === 0 ? "" : place}</dd></div>
<div><dt>Bound there</dt><dd>${scientific(absolute.bound)}</dd></div>
<div><dt>Bound used</dt><dd>${used(ratio)}</dd></div>
</dl>`;
}

/** Every comparison of a row, collapsed. */
function comparisons(row: RowReport): string {
  return `<details><summary>${row.comparisons.length} comparison${row.comparisons.length === 1 ? "" : "s"}</summary>
<div class="scroll" tabindex="0" role="group" aria-label="Comparisons of ${row.id}"><table>
<thead><tr><th scope="col">What</th><th scope="col">Numbers</th><th scope="col">Worst error</th><th scope="col">Bound there</th><th scope="col">Worst relative error</th><th scope="col">Bound used</th></tr></thead>
<tbody>${row.comparisons.map(comparison).join("")}</tbody>
</table></div>
</details>`;
}

function comparison({ what, numbers, skipped, absolute, relative, ratio, source, pass }: Comparison): string {
  const kinks = skipped === 0 ? "" : ` (${skipped} at kinks skipped)`;
  return `<tr${pass ? "" : ' class="fail"'}><th scope="row">${typeset(what)}<small>${typeset(source)}</small></th>
<td>${count(numbers)}${kinks}</td><td>${worst(absolute)}</td><td>${scientific(absolute.bound)}</td>
<td>${worst(relative)}</td><td>${used(ratio)}</td></tr>`;
}

/** An error with its place; 0 has none. */
const worst = ({ error, place }: Worst): string =>
  error === 0 ? "0" : `${scientific(error)}<small>${typeset(place)}</small>`;

/** The part of its bound that an error used. */
const used = (ratio: number): string =>
  ratio === 0 ? "nothing" : ratio > 1 ? "exceeded" : escaped(`${ratio < 1e-3 ? "" : "at most "}${share(ratio)}`);

/** 1.2e-9 as 1.2 × 10⁻⁹. */
const scientific = (x: number): string =>
  short(x).replace(/^(.*)e([+-]\d+)$/, (_, digits, power) =>
    `${digits}\u00a0×\u00a010<sup>${Number(power)}</sup>`.replace("-", "−"),
  );

const count = (n: number): string => n.toLocaleString("en-US");

/** Plain text with the indices and exponents of x_i, W_4, z_{l−1}, δ^4 and δ^{l+1} as HTML. */
const typeset = (text: string): string =>
  escaped(text)
    .replace(/_(?:\{([^}]*)\}|([A-Za-z0-9]+(?:,\d+)?))/g, (_, braced, plain) => `<sub>${braced ?? plain}</sub>`)
    .replace(/\^(?:\{([^}]*)\}|([A-Za-z0-9]+))/g, (_, braced, plain) => `<sup>${braced ?? plain}</sup>`);

/** Text escaped for HTML, between tags and inside quoted attributes. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
