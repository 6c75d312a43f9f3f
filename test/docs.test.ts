// The pages of this repository: 120 columns, and links, files and npm scripts that exist.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { SECTIONS } from "../scripts/site.mjs";

const ROOT = resolve(import.meta.dirname, "..");
const COLUMNS = 120;
const read = (file: string) => readFileSync(posix.join(ROOT, file), "utf8");

const IGNORED = new Set([".git", ...[...read(".gitignore").matchAll(/^([^*\n]+)\/$/gm)].map(([, name]) => name!)]);
function filesOf(folder: string): string[] {
  return readdirSync(posix.join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => !IGNORED.has(name))
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      return entry.isDirectory() ? filesOf(path) : entry.isFile() ? [path] : [];
    });
}
const FILES = filesOf(".");
const PAGES = FILES.filter((file) => file.endsWith(".md"));
const FOLDERS = new Set(FILES.filter((file) => file.includes("/")).map((file) => file.split("/", 1)[0]!));
const SCRIPTS = Object.keys((JSON.parse(read("package.json")) as { scripts: object }).scripts);

/** Fenced blocks with their language, and the page with these blocks as empty lines, so that line numbers stay. */
function fences(page: string): { prose: string; blocks: { language: string; text: string }[] } {
  const blocks: { language: string; text: string }[] = [];
  const prose = page.replace(/^ *```(\w*)\n(.*?)^ *```$/gms, (all, language: string, text: string) => {
    blocks.push({ language, text });
    return all.replace(/[^\n]/g, "");
  });
  return { prose, blocks };
}

/** Numbers of the lines over 120 columns. A table's row or a line that is one link cannot be broken. */
function longLines(page: string): number[] {
  const unbreakable = /^\s*(\||([-*>] )?(!?\[[^\]]*\]\([^)]*\)|\S+)$)/;
  return fences(page)
    .prose.split("\n")
    .flatMap((line, i) => ([...line].length > COLUMNS && !unbreakable.test(line) ? [i + 1] : []));
}

/** Anchors that GitHub gives the headings of a page. */
function anchors(page: string): string[] {
  const seen = new Map<string, number>();
  return [...fences(page).prose.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading]) => {
    const slug = heading!
      .replace(/\]\([^)]*\)/g, "")
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
      .replaceAll(" ", "-");
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
}

/** Relative links of a page whose file or heading does not exist. */
function brokenLinks(page: string, folder: string): string[] {
  const prose = fences(page).prose.replace(/`[^`]*`/g, "");
  return [...prose.matchAll(/\]\(\s*<?([^)\s>]+)/g)]
    .map(([, link]) => link!)
    .filter((link) => {
      if (/^[a-z][a-z+.-]*:/i.test(link)) return false;
      const [file, anchor] = link.split("#", 2) as [string, string?];
      const target = posix.join(folder, decodeURI(file));
      if (file !== "" && !existsSync(posix.join(ROOT, target))) return true;
      if (anchor === undefined) return false;
      return !anchors(file === "" ? page : read(target)).includes(anchor);
    });
}

/**
 * Whether a file or folder of the repository has this path, or a path that ends in it; `*` stands for part of a name.
 */
function exists(path: string): boolean {
  const pattern = path
    .replace(/\/$/, "")
    .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^/]*");
  const found = new RegExp(`(^|/)${pattern}($|/)`);
  return FILES.some((file) => found.test(file));
}

/**
 * Source files, paths in this repository's folders and npm scripts, named in backticks or in a command, that do not
 * exist.
 */
function missingNames(page: string): string[] {
  const { prose, blocks } = fences(page);
  const spans = [...prose.matchAll(/`([^`]+)`/g)].map(([, text]) => text!);
  const commands = blocks.filter(({ language }) => ["", "sh"].includes(language)).map(({ text }) => text);
  return [...spans, ...commands].flatMap((text) => {
    const scripts = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name]) => name!);
    const paths = text
      .split(/\s+/)
      .map((word) => word.replace(/^\(|[),.;:]+$/g, ""))
      .filter((word) => /^([\w.*-]+\/)*[\w*-][\w.*-]*\.(tsx?|mjs|c|h|py|md)$/.test(word) || inFolder(word));
    return [
      ...scripts.filter((name) => !SCRIPTS.includes(name)).map((name) => `npm run ${name}`),
      ...paths.filter((path) => !exists(path)),
    ];
  });
}
const inFolder = (word: string) => /^[\w.-]+(\/[\w.*-]+)+\/?$/.test(word) && FOLDERS.has(word.split("/", 1)[0]!);

test("the pages are found, this project's own among them", () => {
  expect(PAGES).toEqual(expect.arrayContaining(["README.md", "CHANGELOG.md", "docs/architecture.md"]));
  expect(PAGES.filter((file) => file.includes("node_modules"))).toEqual([]);
});

test("docs/README.md leads to every page of docs/, and the site has a section for each", () => {
  const pages = PAGES.filter((file) => /^docs\/[^/]+$/.test(file) && file !== "docs/README.md");
  const led = [...read("docs/README.md").matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, name]) => `docs/${name}`);
  expect(led.sort()).toEqual(pages);
  const sections = Object.values(SECTIONS).flat();
  expect(pages.filter((file) => !sections.includes(posix.basename(file, ".md")))).toEqual([]);
});

test("the README is a screen and a half", () => {
  expect(read("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(75);
});

describe.each(PAGES)("%s", (file) => {
  test(`wraps at ${COLUMNS} columns, but for tables, code and lone links`, () => {
    expect(longLines(read(file)).map((line) => `${file}:${line}`)).toEqual([]);
  });
  test("links to files and headings that exist", () => {
    expect(brokenLinks(read(file), posix.dirname(file))).toEqual([]);
  });
  test("names files and npm scripts that exist", () => {
    expect(missingNames(read(file))).toEqual([]);
  });
});

test("a page with a mistake of each kind is refused, mistake by mistake", () => {
  const long = "word ".repeat(25);
  const url = `https://example.org/${"a".repeat(120)}`;
  expect(
    longLines(
      `${"é".repeat(60)} ${"é".repeat(59)}\n${long}\n| ${long} |\n- [a page](${url})\n\`\`\`sh\n${long}\n\`\`\`\n${long}`,
    ),
  ).toEqual([2, 8]);
  const page = "# The note: E17, `σ′`\n## Same\n## Same\n[a](#the-note-e17-σ) [b](#same-1) [c](#same-2)\n";
  expect(brokenLinks(page, "docs")).toEqual(["#same-2"]);
  const links =
    "[a](../README.md#deltaprop) [b](../README.md#nothing) [c](nothing.md) [d](https://a.b/c.md) `[e](f.md)`";
  expect(brokenLinks(links, "docs")).toEqual(["../README.md#nothing", "nothing.md"]);
  const named =
    "`npm run test` `npm run tests` `test/docs.test.ts` `docs.test.ts` `test/gone.test.ts` `gone.ts` `run.json` `.d.ts`";
  expect(missingNames(named)).toEqual(["npm run tests", "test/gone.test.ts", "gone.ts"]);
  const commands =
    "```sh\nnpx vitest run test/hostile\nnpx vitest run test/gone # test/\n```\n```js\nimport './gone.ts';\n```\n";
  expect(missingNames(`${commands}\`test/hostile/make*.ts\` \`test/hostile/gone*.ts\``)).toEqual([
    "test/hostile/gone*.ts",
    "test/gone",
  ]);
});

/** Numbers of the lines over 120 columns that are a comment or end in one. */
function longComments(text: string, python: boolean): number[] {
  const comment = python ? /^\s*#|\s{2}# / : /^\s*(\/\/|\/\*|\*|<!--)|[;,{}()[\]\s]\s\/[/*] /;
  return text.split("\n").flatMap((line, i) => ([...line].length > COLUMNS && comment.test(line) ? [i + 1] : []));
}

test(`comments of the sources wrap at ${COLUMNS} columns`, () => {
  const sources = FILES.filter((file) =>
    /^(src|native|bench|test|scripts)\/.*\.(tsx?|mjs|c|h|py|css|html)$/.test(file),
  );
  const long = sources.flatMap((file) =>
    longComments(read(file), file.endsWith(".py")).map((line) => `${file}:${line}`),
  );
  expect(long).toEqual([]);
});

test("the reader of comments sees whole lines and ends of lines, and no code", () => {
  const long = "word ".repeat(25);
  const lines = [
    `// ${long}`,
    `  * ${long}`,
    `const a = 1; // ${long}`,
    `const a = "${long}";`,
    `// ${"é".repeat(117)}`,
  ];
  expect(longComments(lines.join("\n"), false)).toEqual([1, 2, 3]);
  expect(longComments(`# ${long}\nx = 1  # ${long}\nx = "${long}"`, true)).toEqual([1, 2]);
});

test("every identifier of the glossary stands in the sources", () => {
  const sources = FILES.filter((file) => /^(src|native)\/.*\.(tsx?|c|h)$/.test(file)).map(read);
  const rows = [...read("docs/glossary.md").matchAll(/^\|.*\|.*\|(.*)\|$/gm)].map(([, column]) => column!);
  const words = rows.flatMap((column) => [...column.matchAll(/`([^`]+)`/g)].map(([, word]) => word!));
  expect(words.length).toBeGreaterThan(30);
  expect(words.filter((word) => !sources.some((text) => new RegExp(`\\b${word}\\b`).test(text)))).toEqual([]);
});
