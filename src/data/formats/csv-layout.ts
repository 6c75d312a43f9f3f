// How a table of text is laid out, found in its first rows: what separates its cells, which lines stand before it, and
// whether its rows end in a separator. No meaning of cells.

/** A blank stands for any run of blanks and tabs. */
export type Separator = "," | ";" | "\t" | "|" | " ";

export type CsvLayout = {
  /** undefined where none splits the rows. */
  readonly separator: Separator | undefined;
  /** Lines before the table. */
  readonly skip: number;
  /** Of these lines the ones that are neither blank nor comments. */
  readonly titles: readonly { readonly row: number; readonly text: string }[];
  /** Whether every row ends in a separator, so that the last cell is none. */
  readonly trailing: boolean;
  /** Whether the first row has no name for the first column, as R's write.table has it. */
  readonly rowNames: boolean;
};

const IN_TIES: readonly Separator[] = ["\t", ";", "|", ","];
const MOST_TITLES = 20; // lines
const MOST_LINES = 64;

type Line = { readonly text: string; readonly row: number };

/**
 * The layout of a table by its first lines, `text`, of which the last is whole if `complete`; `preferred` is taken if
 * it separates anything.
 */
export function findLayout(text: string, complete: boolean, preferred?: Separator): CsvLayout {
  const lines = linesOf(text, complete);
  const told = /^"?sep=([,;|\t])"?$/i.exec(lines[0]?.text.slice(0, 8).trim() ?? "")?.[1] as Separator | undefined;
  const rest = told ? lines.slice(1) : lines;
  const candidates = told ? [told] : preferred ? [preferred, ...IN_TIES] : IN_TIES;
  const found = candidates.flatMap((separator) => alike(rest, separator) ?? []);
  const best =
    (preferred && found.find(({ separator }) => separator === preferred)) ??
    found.reduce<Found | undefined>((most, next) => (most && most.width >= next.width ? most : next), undefined) ??
    (told ? undefined : alike(rest, " "));
  if (best) return layoutOf(rest, best);
  const first = rest.findIndex(({ text: line }) => !isComment(line));
  const table = rest.slice(Math.max(0, first));
  return {
    separator: told ?? mostIn(table[0]?.text ?? "", preferred),
    skip: (table[0]?.row ?? 1) - 1,
    titles: [],
    trailing: false,
    rowNames: false,
  };
}

type Found = { readonly separator: Separator; readonly width: number; readonly first: number; readonly short: boolean };

/** Whether a separator gives rows of one width, a few lines before them and a shorter first row left aside. */
function alike(lines: readonly Line[], separator: Separator): Found | undefined {
  const widths = lines.map(({ text }) => cellsIn(text, separator));
  const width = widths.at(-1) ?? 1;
  if (width < 2) return undefined;
  let first = widths.length - 1;
  while (first > 0 && widths[first - 1] === width) first--;
  const named =
    first > 0 && widths[first - 1] === width - 1 && width > 2 && isHeader(lines[first - 1]!.text, separator);
  const short = named && !isComment(lines[first - 1]!.text);
  if (short) first--;
  const before = lines.slice(0, first);
  const titles = before.filter(({ text }) => !isComment(text));
  const plain = titles.every(({ text }) => cellsIn(text, separator) === 1);
  if (!plain || titles.length > MOST_TITLES || (titles.length > 0 && lines.length - first < 3)) return undefined;
  return { separator, width, first, short };
}

function layoutOf(lines: readonly Line[], { separator, first, short }: Found): CsvLayout {
  const table = lines.slice(first);
  const open = ({ text }: Line) => separator !== " " && text.trimEnd().endsWith(separator.trim() || separator);
  const trailing = table
    .slice(short ? 1 : 0)
    .every((line) => (separator === "\t" ? line.text.endsWith("\t") : open(line)));
  return {
    separator,
    skip: table[0]!.row - 1,
    titles: lines.slice(0, first).filter(({ text }) => !isComment(text)),
    trailing,
    rowNames: short && !trailing,
  };
}

const isComment = (text: string): boolean => ["#", "%"].includes(text.trimStart().charAt(0));

/** Whether no cell is a number. */
const isHeader = (text: string, separator: Separator): boolean =>
  (separator === " " ? text.trim().split(/[ \t]+/) : text.split(separator)).every(
    (cell) => !/^\s*"?[+-]?\.?[0-9]/.test(cell),
  );

/** The separator seen most often, as far as there is one. */
function mostIn(text: string, preferred: Separator | undefined): Separator | undefined {
  const counts = IN_TIES.map((separator) => ({ separator, cells: cellsIn(text, separator) }));
  const given = counts.find(({ separator, cells }) => separator === preferred && cells > 1);
  const { separator, cells } = given ?? counts.reduce((best, next) => (next.cells > best.cells ? next : best));
  return cells > 1 ? separator : undefined;
}

/** How many cells a line has, quoted ones counted as one. */
function cellsIn(text: string, separator: Separator): number {
  if (separator === " ") return splitBlanks(text).length;
  let cells = 1;
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && character === separator) cells++;
  }
  return cells;
}

/** Cells between runs of blanks and tabs; quotes hold blanks together and are taken off. */
export function splitBlanks(line: string): string[] {
  const text = line.trim();
  if (!text.includes('"')) return text.split(/[ \t]+/);
  const cells = text.match(/"(?:[^"]|"")*"|[^ \t]+/g) ?? [];
  return cells.map((cell) => (/^".*"$/s.test(cell) ? cell.slice(1, -1).replaceAll('""', '"') : cell));
}

/** Lines that are not blank, with their rows in the file; a quote may hold several together. */
function linesOf(text: string, complete: boolean): Line[] {
  const lines: Line[] = [];
  let row = 0;
  let open: Line | undefined;
  const physical = text.split(/\r\n|\n|\r/, MOST_LINES + 1);
  if (physical.length > 1 && !(complete && physical.length <= MOST_LINES)) physical.pop();
  for (const line of physical) {
    row++;
    const quotes = line.split('"').length % 2 === 0;
    if (open) {
      open = { text: `${open.text}\n${line}`, row: open.row };
      if (!quotes) continue;
      lines.push(open);
      open = undefined;
    } else if (quotes) open = { text: line, row };
    else if (line.trim() !== "") lines.push({ text: line, row });
  }
  return open ? [...lines, open] : lines;
}
