// docs/equations.md: for every equation the row of its check, its line in backprop.ts, and its functions in
// reference.ts, WebAssembly and C. They are found by the E and X numbers in comments. `npm run equations` writes the
// page.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ROWS, SECTIONS } from "../src/equations/note.ts";

/** Text of source files by path. */
export type Sources = ReadonlyMap<string, string>;

/** A numbered comment: the definition that it stands before or in, and the line of code that it stands beside. */
type Place = { readonly id: string; readonly file: string; readonly symbol: string; readonly code: string };

const ROOT = resolve(import.meta.dirname, "..");
const PAGE = join(ROOT, "docs/equations.md");
const BACKPROP = "src/gradients/backprop.ts";
const NO_KERNEL = [
  "src/equations/formulas.ts", //        E4 … E7, E12, E14, E15
  "src/network/parameters.ts", //        E1
  "src/gradients/example-norms.ts", //   X30: one loop for every engine
  "src/gradients/noise-scale.ts", //     X31
  "src/gradients/path-integral.ts", //   X32
  "src/gradients/limits.ts", //          X33 … X35: one loop for every engine
  "src/gradients/front-scale-kernels.ts", // X39
  "src/gradients/row-draws.ts", //       X36, X37: the same
  "src/gradients/clipping.ts", //        X40, X41
  "src/privacy/private-draws.ts", //     X42
  "src/privacy/renyi.ts", //             X43
  "src/gradients/gradient-products.ts", // X44
  "src/gradients/kronecker-curvature.ts", // X45
  "src/gradients/representer.ts", //     X46
  "src/numerics/minimize.ts", //         X51
  "src/gradients/mixed-rows.ts", //      X52: one loop for every engine
];

const BETWEEN_FILES = ["src/gradients/between-layers.ts", "src/gradients/normalize-row.ts"];
const LOSS_FILE = "src/gradients/elementwise-losses.ts";

/** Columns of the page. Left out: the files that only call these functions, and interfaces. */
const COLUMNS: readonly { readonly title: string; holds(file: string): boolean }[] = [
  { title: "`backprop.ts`", holds: (file) => file === BACKPROP },
  {
    title: "`reference.ts`",
    holds: (file) => ["src/gradients/reference.ts", LOSS_FILE, ...BETWEEN_FILES].includes(file),
  },
  { title: "WebAssembly", holds: (file) => file.startsWith("src/engines/wasm/") && !file.endsWith("-backend.ts") },
  { title: "C", holds: (file) => file.startsWith("native/") && file !== "native/kernels.h" },
];

/** Equations that the kernels of others compute, and how. */
const COMPUTED_BY: Readonly<Record<string, { readonly of: readonly string[]; readonly how: string }>> = {
  E3: { of: ["E2"], how: "S on the way to ℓ" },
  ...each(["E11", "E21", "E24", "E27", "E30", "E33"], { of: ["E36"], how: "as E36, B = 1" }),
  ...each(["E13", "E18", "E22", "E25", "E28", "E31", "E34"], { of: ["E37"], how: "as E37, B = 1" }),
  ...each(["E16", "E20", "E26", "E29", "E32"], { of: ["E17"], how: "as E17" }),
  ...each(["E19", "E23"], { of: ["E8"], how: "as E8" }),
  E35: { of: ["E36", "E37"], how: "the mean is that of E36 and E37" },
  ...each(["X1", "X2", "X3", "X4", "X5"], { of: ["E9", "E17"], how: "σ in E9, σ′ in E17" }),
  ...each(["X16", "X17", "X18", "X19", "X20", "X21"], { of: ["E9", "E17"], how: "σ in E9, σ′ in E17" }),
  X48: { of: ["X47"], how: "X47 with these numbers" },
  ...each(["X6", "X7", "X8"], { of: [], how: "t is a row of `targets`" }),
};

/** Losses that WebAssembly's memory is given by the reference's function: a few numbers an example. */
const SHARED = ["X22", "X23", "X24", "X25", "X26", "X27", "X28", "X29"];

function each<T>(ids: readonly string[], value: T): Record<string, T> {
  return Object.fromEntries(ids.map((id) => [id, value]));
}

/** The sources whose comments may have numbers. */
export function readSources(): Sources {
  const files = ["src", "native"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((name) =>
      `${folder}/${name}`.replaceAll("\\", "/"),
    ),
  );
  const kept = files.filter((file) => /\.(tsx?|c|h)$/.test(file)).sort();
  return new Map(kept.map((file) => [file, readFileSync(join(ROOT, file), "utf8")]));
}

/** Numbers in comments that are no row of the check, as "file: E38". */
export function unknownNumbers(sources: Sources): string[] {
  const known = new Set(ROWS.map(({ id }) => id));
  return [...sources].flatMap(([file, text]) =>
    commentsOf(text).flatMap(({ comment }) =>
      groups(comment).flatMap(({ ids }) => ids.filter((id) => !known.has(id)).map((id) => `${file}: ${id}`)),
    ),
  );
}

/** The page. Throws if an equation has no place in one of the columns. */
export async function equationsPage(sources: Sources): Promise<string> {
  const places = [...sources].flatMap(([file, text]) => placesIn(file, text));
  const checks = await rowFiles([...sources.keys()]);
  const sections = [...new Set(ROWS.map(({ section }) => section))].map((section) => {
    const rows = ROWS.filter((row) => row.section === section).map(({ id, text }) => {
      const how = COMPUTED_BY[id]?.how;
      const cells = cellsOf(id, places, sources);
      return `| ${[id, how ? `${text} (${how})` : text, checks.get(id)!, ...cells].join(" | ")} |`;
    });
    const titles = ["", "statement", "check", ...COLUMNS.map(({ title }) => title)];
    const table = [`| ${titles.join(" | ")} |`, `|${"---|".repeat(titles.length)}`, ...rows];
    return `## ${SECTIONS[section]}\n\n${table.join("\n")}\n`;
  });
  return `${HEAD}\n${sections.join("\n")}`;
}

const HEAD = `# Equations: where each one is checked and computed

Written by \`npm run equations\` from the E and X numbers in the comments of the sources; a test sees that it is current.

## The WebAssembly code of E17, in a minute

1. From the README to [architecture.md](architecture.md), and from there to this page.
2. Search this page for "E17". Its row has the line of
   [\`backprop.ts\`](../src/gradients/backprop.ts) that every engine runs, the loops in plain TypeScript that define
   its bits, and the functions in WebAssembly and C.
3. Its WebAssembly is \`backpropagate\` in [\`products.ts\`](../src/engines/wasm/products.ts). The head of that file has
   the naive product, the blocked one with a picture of its loops, and the packed one. \`timesSlope\` is ⊙ σ′. For C
   the same stands at the head of [\`tiles.h\`](../native/tiles.h).

Without this page: \`git grep -n E17\`. The number stands in a comment beside each line of the table.

How to read the tables: *check* is the file and the list that has the row, found there by its number. An equation of
single examples (section 2) is computed by the kernel of the mini-batch, with B = 1. A formula that no kernel computes
has its function in [\`formulas.ts\`](../src/equations/formulas.ts) in place of the reference. The call of each
function from a session is in \`wasm-backend.ts\` and \`native-backend.ts\`.
`;

/** The cells of the columns. Own places of an equation come first; where a column has none, those of COMPUTED_BY. */
function cellsOf(id: string, places: readonly Place[], sources: Sources): string[] {
  const own = places.filter((place) => place.id === id);
  const columnOf = (found: readonly Place[], c: number) => found.filter(({ file }) => COLUMNS[c]!.holds(file));
  const others = places.filter((place) => COMPUTED_BY[id]?.of.includes(place.id));
  const found = COLUMNS.map((_, c) => [columnOf(own, c), columnOf(others, c)].find((list) => list.length > 0) ?? []);
  const formula = own.filter(({ file }) => NO_KERNEL.includes(file));
  if (found[0]!.length === 0 && found[1]!.length === 0) {
    if (formula.length === 0) throw new Error(`No comment of a kernel or a formula has ${id}.`);
    return ["–", links(formula), ...found.slice(2).map((list) => (list.length === 0 ? "–" : links(list)))];
  }
  if (found[0]!.length === 0) found[0] = callsOf(found[1]!, sources.get(BACKPROP)!);
  if (SHARED.includes(id)) found[2] = found[1]!.filter(({ file }) => file === LOSS_FILE);
  found.forEach((list, c) => {
    const [number = id] = COMPUTED_BY[id]?.of ?? [];
    if (list.length === 0) throw new Error(`No comment in ${COLUMNS[c]!.title} has ${number}.`);
  });
  const [lines, reference, ...engines] = found as [Place[], Place[], ...Place[][]];
  const calls = lines.map(({ symbol, code }) => `${symbol}: \`${code}\``);
  const kernels = new Set(reference.map(({ symbol }) => plain(symbol)));
  const kernelFirst = (list: readonly Place[]) => [
    ...list.filter(({ symbol }) => kernels.has(plain(symbol))),
    ...list.filter(({ symbol }) => !kernels.has(plain(symbol))),
  ];
  return [[...new Set(calls)].join("<br>"), links(reference), ...engines.map(kernelFirst).map(links)];
}

/** weight_gradient and weightGradient are one name. */
const plain = (symbol: string): string => symbol.replaceAll("_", "").toLowerCase();

const links = (places: readonly Place[]): string =>
  [...new Set(places.map(({ symbol, file }) => `[\`${symbol}\`](../${file})`))].join(", ");

/** Lines of backprop.ts that call the kernels at these places. */
function callsOf(kernels: readonly Place[], backprop: string): Place[] {
  const lines = backprop.split(/\r?\n/);
  return lines.flatMap((line, i) => {
    const kernel = kernels.find(({ symbol }) => line.includes(`k.${symbol}(`));
    return kernel ? [{ id: kernel.id, file: BACKPROP, symbol: symbolAt(lines, i), code: codeOf(line) }] : [];
  });
}

/** The link to the list of rows, for every equation. */
async function rowFiles(files: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const file of files.filter((file) => /^src\/equations\/[ex]\d/.test(file))) {
    const module = (await import(pathToFileURL(join(ROOT, file)).href)) as Record<string, typeof ROWS>;
    for (const [list, rows] of Object.entries(module))
      for (const { id } of rows) found.set(id, `[\`${file.replace("src/equations/", "")}\`](../${file}) \`${list}\``);
  }
  return found;
}

function placesIn(file: string, text: string): Place[] {
  const lines = text.split(/\r?\n/);
  return commentsOf(text).flatMap(({ comment, line, banner }) => {
    if (banner) return [];
    const ids = groups(comment).flatMap(({ ids, before }) => (isMention(before) ? [] : ids));
    const symbol = symbolAt(lines, line);
    return symbol === "" ? [] : ids.map((id) => ({ id, file, symbol, code: codeOf(lines[line]!) }));
  });
}

/** "the loops of E17": the text before a number says that the code is not the equation itself. */
const isMention = (before: string): boolean => /\b(of|that) $/.test(before) && !/(epilogue|λ) of $/.test(before);

type Comment = { readonly comment: string; readonly line: number; readonly banner: boolean };

/** Every comment with the number of its line of code: the line that it ends, or the next one after it. */
function commentsOf(text: string): Comment[] {
  const found: Comment[] = [];
  const lines = text.split(/\r?\n/);
  let block: string[] = [];
  lines.forEach((line, i) => {
    if (/^\s*(\/\/|\/\*|\*)/.test(line)) block.push(line);
    else {
      if (block.length > 0) found.push({ comment: block.join("\n"), line: i, banner: block.length === i });
      block = [];
      const [, trailing] = line.match(/\s\/\/ (.*)$/) ?? [];
      if (trailing !== undefined) found.push({ comment: trailing, line: i, banner: false });
    }
  });
  return found;
}

/** "E2, E8, E10", "X1 … X5" or "E17 and X15" in a text: its numbers, and the text before it. */
function groups(text: string): { ids: string[]; before: string }[] {
  return [...text.matchAll(/\b[EX]\d+(?:(?:, | … | and )[EX]\d+)*\b/g)].map((group) => ({
    before: text.slice(0, group.index),
    ids: group[0].split(/, | and /).flatMap((part) => {
      const [first, last = first] = part.split(" … ") as [string, string?];
      const [from, to] = [Number(first.slice(1)), Number(last.slice(1))];
      return Array.from({ length: to - from + 1 }, (_, n) => `${first[0]}${from + n}`);
    }),
  }));
}

/** The name that line i defines, or the definition at the margin that contains it; "" for none. */
function symbolAt(lines: readonly string[], i: number): string {
  const code = `${lines[i]} ${lines[i + 1]?.trim()}`;
  const [, exported] = code.match(/^\s*(?:module\.define|defineProduct)\(\s*(?:module, )?"(\w+)"/) ?? [];
  if (exported !== undefined) return exported;
  const own = marginSymbol(lines[i]!);
  if (own !== "") return own;
  let top = "";
  for (let at = i; at >= 0 && top === "" && !lines[at]!.startsWith("}"); at--) top = marginSymbol(lines[at]!);
  const [, member] = code.match(/^\s+"?([\w-]+)"?(?:\(|: \(|\?\()/) ?? [];
  if (member === undefined) return top;
  return /^[A-Z]+$/.test(top) ? `${top}.${member}` : member;
}

/** The function, constant or type that begins at the margin of this line. */
function marginSymbol(line: string): string {
  const typescript = line.match(/^(?:export )?(?:async )?(?:function|const|type|interface) (\w+)/);
  const c = line.match(/^(?:[A-Za-z_]\w* )+\**(\w+)\(/);
  return typescript?.[1] ?? c?.[1] ?? "";
}

/** The call alone: without the comment, the loop or the condition around it. */
const codeOf = (line: string): string =>
  line
    .replace(/\s*\/\/.*$/, "")
    .replace(/^\s*(for|if) \(.*?\) (?=k\.)/, "")
    .replace(/;$/, "")
    .trim();

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, await equationsPage(readSources()));
