// Builds the documentation as a folder that any static host serves: README, docs and what every command says of itself
// as pages, a search that needs no network, and the studio beside them. Raises an error at a link that leads nowhere.
// `node scripts/site.mjs [folder]`, build/site by default.
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Marked } from "marked";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Pages by what their reader is after; those of docs/api are in "Reference", any that is not named here in "More". */
export const SECTIONS = {
  Tutorial: ["README.md", "command-line", "typescript"],
  "How to": ["tables", "search", "exports", "serve", "streams", "machines", "privacy", "studio", "bundlers"],
  Reference: ["docs/README.md", "commands", "errors", "glossary", "stability"],
  Explanation: [
    "note",
    "equations",
    "beyond-the-note",
    "architecture",
    "bounds",
    "reliability",
    "performance",
    "results",
    "record",
    "compare",
    "dependencies",
  ],
  Appendices: ["appendix-performance", "appendix-reliability"],
};
const TITLES = { "README.md": "First steps", "docs/commands.md": "Commands" };
const LIVE = "studio:"; // a link to the studio's note at an equation
const REPOSITORY = "https://github.com/deltaprop/deltaprop/blob/main/";

const PLACES = { "README.md": "index.html", "docs/README.md": "contents.html" };

/** Where the page of a source lies. */
const addressOf = (source) => PLACES[source] ?? source.replace(/\.md$/, ".html").replace(/^docs\//, "");

/** What each command says with --help, as a page. */
export async function commandsPage() {
  const main = join(root, "src/cli/main.ts");
  const help = async (...words) => {
    const environment = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
    const { stdout } = await promisify(execFile)(process.execPath, [main, ...words, "--help"], { env: environment });
    return `\`\`\`text\n${stdout.trim()}\n\`\`\`\n`;
  };
  const list = readFileSync(join(root, "src/cli/commands.ts"), "utf8");
  const names = [...list.matchAll(/^ {2}"?([a-z-]+)"?: async \(\) =>/gm)].map(([, name]) => name);
  const parts = [`# Commands\n\nWhat \`deltaprop --help\` and each command's own help say.\n\n${await help()}`];
  for (const name of names) parts.push(`## ${name}\n\n${await help(name)}`);
  return parts.join("\n");
}

/** The note equation by equation: each leads to its terms and their values in a network that trains in the page. */
export function notePage() {
  const text = readFileSync(join(root, "docs/equations.md"), "utf8");
  const [, note] = /^(## 1 .*?)^## Beyond the note/ms.exec(text);
  const lines = [...note.matchAll(/^## .*$|^\| (E\d+) \| (.*?) \| /gm)].map(([line, number, statement]) =>
    number === undefined ? `\n${line}\n` : `- [${number}](${LIVE}${number}) ${statement}`,
  );
  const head = `# The note, live

Every equation of the note, with the numbers that it has right now in a network of yours: it trains in this page, on your
machine, and nothing leaves it. Open an equation, point at a term, and its matrix is there, with the equation that made
it out of what. "Play" trains on, and the numbers follow. A model of your own, dropped there, takes the network's place.
What else it does is in [the studio](studio.md); where each equation is computed, in [the equations](equations.md).
`;
  return `${head}${lines.join("\n")}\n`;
}

/** Anchors as GitHub gives them to the headings of a page. */
function slugs() {
  const seen = new Map();
  return (text) => {
    const slug = text
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
      .replaceAll(" ", "-");
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  };
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
const plain = (html) =>
  html
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
    .replaceAll(/\s+/g, " ")
    .trim();

/** The body of a page, its title, anchors and links. `sources`: those that become pages. */
function bodyOf(source, text, sources, studio) {
  const slug = slugs();
  const [anchors, links] = [new Set(), []];
  const here = addressOf(source);
  const place = (target) => {
    if (/^[a-z]+:/i.test(target)) return target;
    const [path, anchor] = target.split("#");
    const meant = path === "" ? source : posix.normalize(posix.join(posix.dirname(source), path));
    const page = sources.has(meant) ? addressOf(meant) : undefined;
    if (page === undefined && !existsSync(join(root, meant))) throw new Error(`${source}: nothing is at ${target}`);
    if (page === undefined) return `${REPOSITORY}${meant}`;
    links.push({ page, anchor, target });
    return `${posix.relative(posix.dirname(here), page) || posix.basename(page)}${anchor ? `#${anchor}` : ""}`;
  };
  const images = new Set();
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth }) {
        const html = this.parser.parseInline(tokens);
        const id = slug(plain(html));
        anchors.add(id);
        return `<h${depth} id="${id}">${html}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        if (href.startsWith(LIVE)) return liveLink(href.slice(LIVE.length), studio);
        return `<a href="${escaped(place(href))}">${this.parser.parseInline(tokens)}</a>`;
      },
      image({ href, text: label }) {
        if (/^https?:/.test(href)) return escaped(label); // no page asks another host
        const file = posix.normalize(posix.join(posix.dirname(source), href));
        images.add(file);
        const at = posix.relative(posix.dirname(here), posix.join("pictures", posix.basename(file)));
        return `<img src="${at}" alt="${escaped(label)}" loading="lazy">`;
      },
      codespan({ text: code }) {
        // an option is not broken after its hyphens
        return `<code>${escaped(code).replaceAll(/(?<!\S)--[\w-]+/g, "<span>$&</span>")}</code>`;
      },
      code({ text: code, lang }) {
        const name = lang ? ` class="language-${escaped(lang)}"` : "";
        return `<pre tabindex="0"><code${name}>${escaped(code)}</code></pre>\n`;
      },
      html({ text: raw }) {
        return /^<!--/.test(raw) || /^<\/?(?:a|br|sub|sup|kbd|details|summary|p|img)\b/.test(raw) ? raw : escaped(raw);
      },
    },
  });
  const html = marked
    .parse(text)
    .replaceAll("<table>", '<div class="table" tabindex="0"><table>')
    .replaceAll("</table>", "</table></div>")
    .replaceAll(/<th([^>]*)><\/th>/g, "<td$1></td>"); // an empty heading heads nothing
  const title = TITLES[source] ?? plain(/<h1[^>]*>(.*?)<\/h1>/s.exec(html)?.[1] ?? source);
  return { source, page: here, html, title, anchors, links, images };
}

/** Opens in a frame of its name, or in a window where there is none; words alone where the studio was not built. */
function liveLink(equation, studio) {
  const address = `studio/index.html#view=note&equation=${equation}`;
  return studio ? `<a class="live" href="${escaped(address)}" target="live">${equation}</a>` : `<b>${equation}</b>`;
}

/** Parts of a page for the search: a heading each, with the text below it. */
function partsOf({ page, title, html }) {
  return html.split(/(?=<h[1-3] id=)/).map((part) => {
    const [, id, heading = title] = /^<h[1-3] id="([^"]*)">(.*?)<\/h[1-3]>/s.exec(part) ?? [];
    const text = plain(part.replace(/^<h[1-3].*?<\/h[1-3]>/s, ""));
    return { page: id ? `${page}#${id}` : page, title, heading: plain(heading), text };
  });
}

/** The script and the style of all pages, by the studio's own bundler. */
async function assets(folder) {
  const { build } = await import("vite");
  await build({
    root: join(root, "src/studio/site"),
    configFile: false,
    logLevel: "warn",
    build: {
      outDir: join(folder, "assets"),
      emptyOutDir: true,
      target: "es2023",
      modulePreload: false,
      rolldownOptions: {
        input: join(root, "src/studio/site/main.ts"),
        output: { entryFileNames: "site.js", assetFileNames: "site.[ext]" },
        checks: { bundlerTimings: false },
      },
    },
  });
}

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; base-uri 'none'";

function document_({ page, title, html }, navigation, studio) {
  const up = posix.relative(posix.dirname(page), ".") || ".";
  const item = ({ page: to, title: name }) => {
    const current = to === page ? ' aria-current="page"' : "";
    return `<li><a href="${posix.relative(posix.dirname(page), to) || posix.basename(to)}"${current}>${escaped(name)}</a></li>`;
  };
  const groups = navigation.map(([name, list]) => `<h2>${name}</h2><ul>${list.map(item).join("")}</ul>`).join("\n");
  const live = studio
    ? `<h2>Live</h2><ul><li><a href="${up}/studio/index.html">The studio: the note on your own network</a></li></ul>`
    : "";
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${POLICY}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${escaped(title)} – Deltaprop</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${up}/assets/site.css">
    <script type="module" src="${up}/assets/site.js"></script>
  </head>
  <body>
    <a class="skip" href="#text">To the text</a>
    <div class="site">
      <nav class="side" aria-label="Pages">
        <form role="search" action="${up}/search.json" hidden>
          <label for="search">Search</label>
          <input id="search" type="search" autocomplete="off">
          <p id="found-count" role="status"></p>
          <ul id="found"></ul>
        </form>
        ${groups}
        ${live}
      </nav>
      <main id="text" tabindex="-1">
${html}
      </main>
    </div>
  </body>
</html>
`;
}

/** Write the site into `folder`. `commands`: the page of the commands. Raises an Error at a link that leads nowhere. */
export async function buildSite(folder, { commands, studio = join(root, "dist", "studio") }) {
  rmSync(folder, { recursive: true, force: true });
  const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  const named = Object.entries(SECTIONS).map(([section, names]) => [
    section,
    names.map((name) => (name.endsWith(".md") ? name : `docs/${name}.md`)),
  ]);
  const api = readdirSync(join(root, "docs/api")).filter((name) => name.endsWith(".md"));
  named.find(([section]) => section === "Reference")[1].push(...api.map((name) => `docs/api/${name}`));
  const listed = new Set(named.flatMap(([, list]) => list));
  const left = docs.map((name) => `docs/${name}`).filter((source) => !listed.has(source));
  if (left.length > 0) named.push(["More", left]);
  for (const source of left) listed.add(source);
  const hasStudio = existsSync(studio);
  const made = { "docs/commands.md": commands, "docs/note.md": notePage() };
  const pages = new Map();
  for (const source of listed)
    pages.set(source, bodyOf(source, made[source] ?? readFileSync(join(root, source), "utf8"), listed, hasStudio));
  const anchors = new Map([...pages.values()].map(({ page, anchors: all }) => [page, all]));
  for (const { source, links } of pages.values())
    for (const { page, anchor, target } of links)
      if (anchor && !anchors.get(page).has(anchor)) throw new Error(`${source}: no heading is at ${target}`);
  await assets(folder);
  if (hasStudio) cpSync(studio, join(folder, "studio"), { recursive: true });
  const navigation = named.map(([section, list]) => [section, list.map((source) => pages.get(source))]);
  mkdirSync(join(folder, "pictures"), { recursive: true });
  for (const one of pages.values()) {
    mkdirSync(dirname(join(folder, one.page)), { recursive: true });
    writeFileSync(join(folder, one.page), document_(one, navigation, hasStudio));
    for (const file of one.images) cpSync(join(root, file), join(folder, "pictures", posix.basename(file)));
  }
  writeFileSync(join(folder, "search.json"), JSON.stringify([...pages.values()].flatMap(partsOf)));
  return [...pages.values()].map(({ page }) => page);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? join(root, "build", "site");
  const pages = await buildSite(folder, { commands: await commandsPage() });
  console.log(`${folder}: ${pages.length} pages`);
}
