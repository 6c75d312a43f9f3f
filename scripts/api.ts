// docs/api: the reference of the library, a page for each entry, from the comments in its declarations.
// `npm run docs:api` writes it; a test sees that it is current.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Declarations, ENTRIES, emitDeclarations, type Member, type Name } from "./declarations.ts";

const FOLDER = resolve(import.meta.dirname, "../docs/api");
const COLUMNS = 120;

/** What each entry is for. */
const ABOUT: Readonly<Record<string, string>> = {
  index: "What a program with a classifier needs, in Node and in browsers: data, `fit`, answers, bytes to keep.",
  node: "Files by path, in Node: `save` and `load`, and data sets by name, folder or file.",
  predict: "The least that answers: a model from its bytes, and its predictions at once, in plain JavaScript.",
  training: "A run step by step: planned, opened, stopped after any step, gone on with to the same bits.",
  files: "Tables and arrays to data sets; models to the formats of other programs and back, in bytes or text.",
  sessions: "The floor below training, for study: engines, sessions, and the arrays of a batch.",
  check: "The equations of the note, tested row by row on an implementation.",
};

const KINDS: readonly { readonly title: string; holds(name: Name): boolean }[] = [
  { title: "Functions", holds: ({ kind }) => kind === "function" },
  { title: "Classes", holds: ({ kind }) => kind === "class" },
  { title: "Constants", holds: ({ kind }) => kind === "constant" },
  { title: "Types", holds: ({ kind }) => kind === "type" },
];

/** The pages by file name, from the declarations. */
export function apiPages(declarations: Declarations): Map<string, string> {
  const home = new Map<string, string>(); // of a declaration: the page that describes it
  const pages = new Map<string, string>();
  for (const entry of ENTRIES) {
    const names = declarations.namesOf(entry);
    const idOf = ({ file, declared }: Name) => `${file}#${declared}`;
    const own = names.filter((name) => !home.has(idOf(name)));
    const others = names.filter((name) => home.has(idOf(name)));
    const ordered = KINDS.flatMap(({ holds }) => own.filter(holds));
    ordered.forEach(({ name }, n) => {
      const same = ordered.slice(0, n).filter((other) => other.name.toLowerCase() === name.toLowerCase()).length;
      home.set(idOf(ordered[n]!), `${entry}.md#${name.toLowerCase()}${same > 0 ? `-${same}` : ""}`); // as on GitHub
    });
    const contents = KINDS.flatMap(({ title, holds }) => {
      const links = own.filter(holds).map((name) => `[${name.name}](${home.get(idOf(name))!.replace(/^.*#/, "#")})`);
      return links.length > 0 ? [wrap(`${title}: ${links.join(", ")}.`)] : [];
    });
    const elsewhere = others.map((name) => `[${name.name}](${home.get(idOf(name))})`);
    if (elsewhere.length > 0) contents.push(wrap(`Exported here too: ${elsewhere.join(", ")}.`));
    const sections = ordered.map((name) => sectionOf(name, declarations));
    const title = `# ${packageOf(entry)}`;
    pages.set(`${entry}.md`, `${[title, wrap(ABOUT[entry]!), ...contents, ...sections].join("\n\n")}\n`);
  }
  pages.set("README.md", contentsPage());
  return pages;
}

const packageOf = (entry: string): string => (entry === "index" ? "deltaprop" : `deltaprop/${entry}`);

function contentsPage(): string {
  const rows = ENTRIES.map((entry) => `| [\`${packageOf(entry)}\`](${entry}.md) | ${ABOUT[entry]} |`);
  const head = wrap(
    "Written by `npm run docs:api` from the comments that an editor shows; a test sees that it is current. Types are shown without `readonly`, which all fields and lists have. Errors and their codes have a page of their own: [errors.md](../errors.md).",
  );
  return `${["# API reference", head, ["| entry | for |", "|---|---|", ...rows].join("\n")].join("\n\n")}\n`;
}

function sectionOf(name: Name, declarations: Declarations): string {
  const lines = name.signatures.map((signature) => {
    const text = expanded(signature, name.file, declarations);
    if (name.kind === "constant") return text.replace(/ = "[\s\S]*$/, ": string");
    return broken(name.kind === "type" && name.members.length > 0 ? collapsed(text) : text);
  });
  const { prose, example } = partsOf(name.doc);
  const notes = name.kind === "class" && name.typeOnly ? ["A type only: there is no constructor to call."] : [];
  return [
    `## ${name.name}`,
    code(lines.join("\n")),
    ...prose.map(wrap),
    ...notes,
    ...(example === "" ? [] : [code(example)]),
    ...tablesOf(name.members),
  ].join("\n\n");
}

const code = (text: string): string => `\`\`\`ts\n${text}\n\`\`\``;

/** The paragraphs of a comment, and its example. */
function partsOf(doc: string): { readonly prose: readonly string[]; readonly example: string } {
  const [text = "", example = ""] = doc.split(/^@example\n?/m);
  const paragraphs = text.trim().split(/\n\s*\n/);
  return { prose: paragraphs.filter((paragraph) => paragraph !== ""), example: example.trim() };
}

/** Fields and methods of a name in tables of their own. */
function tablesOf(members: readonly Member[]): string[] {
  const rowsOf = (wanted: readonly Member["kind"][]) => members.filter(({ kind }) => wanted.includes(kind));
  const fields = rowsOf(["field", "getter"]).map(({ name, optional, type, doc }) =>
    row([
      `\`${name}${optional ? "?" : ""}\``,
      `\`${optional ? type.replace(/ \| undefined$/, "") : type}\``,
      cell(doc),
    ]),
  );
  const methods = rowsOf(["constructor", "method"]).map(({ type, doc }) => row([`\`${type}\``, cell(doc)]));
  const tables = [];
  if (fields.length > 0) tables.push(["| field | type | meaning |", "|---|---|---|", ...fields].join("\n"));
  if (methods.length > 0) tables.push(["| method | meaning |", "|---|---|", ...methods].join("\n"));
  return tables;
}

const row = (cells: readonly string[]): string => `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
const cell = (doc: string): string => doc.replace(/\s*\n\s*/g, " ");

/** Object types without their fields, which the table has. */
function collapsed(signature: string): string {
  let out = "";
  let depth = 0;
  for (const one of signature) {
    if (one === "{" && depth++ === 0) out += "{ … ";
    if (one === "}") depth--;
    if (depth === 0) out += one;
  }
  return out;
}

/** `(typeof NAMES)[number]` as the union that it is, and no mark of a checked value, which has no name outside. */
function expanded(signature: string, file: string, declarations: Declarations): string {
  const [, parents = ""] = /^interface \w+ extends ([\w, ]+) \{/.exec(signature) ?? [];
  const named = parents.split(", ").filter((parent) => parent !== "" && !declarations.isMark(`${file}#${parent}`));
  const head = named.length > 0 ? ` extends ${named.join(", ")} {` : " {";
  return signature
    .replace(/ extends [\w, ]+ \{/, head)
    .replace(/\(typeof (\w+)\)\[number\]/g, (whole, constant: string) => {
      const [, list] = /: readonly \[(.*)\]$/.exec(declarations.textOf(`${file}#${constant}`)) ?? [];
      return list === undefined ? whole : list.split(", ").join(" | ");
    });
}

/** A long signature with a line for each parameter, or for each part of a union. */
function broken(signature: string): string {
  if (signature.length <= COLUMNS - 20) return signature;
  const union = /^(type \w+ =) (?!.*[{(])(.* \| .*)$/.exec(signature);
  if (union) return `${union[1]}\n${wrap(union[2]!).replace(/^/gm, "  ")}`;
  const open = signature.indexOf("(");
  const parts = signature.startsWith("function ") ? parametersFrom(signature, open + 1) : undefined;
  if (parts === undefined) return signature;
  return `${signature.slice(0, open + 1)}\n${parts.list.map((part) => `  ${part},\n`).join("")}${signature.slice(parts.end)}`;
}

/** The parameters that begin at `from`, and where their bracket closes. */
function parametersFrom(text: string, from: number): { readonly list: readonly string[]; readonly end: number } {
  const list: string[] = [];
  let depth = 0;
  let begin = from;
  for (let at = from; at < text.length; at++) {
    const one = text[at]!;
    if ("([{<".includes(one)) depth++;
    if (depth === 0 && (one === "," || one === ")")) {
      list.push(text.slice(begin, at).trim());
      begin = at + 1;
      if (one === ")") return { list, end: at };
    }
    if (")]}".includes(one) || (one === ">" && text[at - 1] !== "=")) depth--;
  }
  throw new Error(`no end of the parameters: ${text}`);
}

/** Words in lines of at most COLUMNS characters; a list keeps its items apart. */
function wrap(text: string): string {
  const items = text.split(/\n(?=- )/);
  if (items.length > 1) return items.map(wrap).join("\n");
  const indent = text.startsWith("- ") ? "  " : "";
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && [...last].length + 1 + [...word].length <= COLUMNS) lines[lines.length - 1] += ` ${word}`;
    else lines.push(last === undefined ? word : indent + word);
  }
  return lines.join("\n");
}

/** The pages from the sources as they are. */
export function currentPages(): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "deltaprop-api-"));
  try {
    emitDeclarations(folder);
    return apiPages(new Declarations(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const pages = currentPages(); // before anything is removed
  mkdirSync(FOLDER, { recursive: true });
  for (const name of readdirSync(FOLDER)) rmSync(join(FOLDER, name));
  for (const [name, text] of pages) writeFileSync(join(FOLDER, name), text);
}
