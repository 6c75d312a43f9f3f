// Lines for a terminal: broken between words where they are too long, under the text of their first line.
import { columns } from "./tables.ts";

/** Columns of a terminal; without one, lines are as long as they are. */
export const widthOf = (stream: NodeJS.WriteStream): number =>
  stream.isTTY && stream.columns > 0 ? stream.columns : Number.POSITIVE_INFINITY;

const LABEL = /^ *[^ ]+(?: [^ ]+)*? {2,}(?=[^ ])|^(?:Next|To go on): |^(?:error|warning|note) |^ */;
const HASH = /\b([0-9a-f]{12})[0-9a-f]{52}\b/g;
const CALL = /^(?:Next: | {6}|To go on: )(?=\S*(?:npm|npx|node|deltaprop)(?:\.exe)? )/;

/**
 * A line in lines of at most `width` columns. Only a single longer word exceeds them; a SHA-256 that does not fit is
 * shortened. A command keeps its words on lines that a shell joins again.
 */
export function wrap(line: string, width: number): string[] {
  if (columns(line) <= width) return [line];
  const label = LABEL.exec(line)?.[0] ?? "";
  const inside = columns(label) <= width / 2;
  const indent = " ".repeat(inside ? columns(label) : Math.min(width >> 2, /^ */.exec(line)![0].length + 2));
  const joint = CALL.test(line) ? " \\" : "";
  const text = indent.length + 64 > width ? line.replace(HASH, "$1…") : line;
  const lines: string[] = [];
  let now = inside ? label : "";
  for (const [, gap, word] of (inside ? text.slice(label.length) : text).matchAll(/( *)((?:[^ ]| (?=%))+)/g)) {
    const fits = columns(now + gap + word) + joint.length <= width;
    if (fits || now.trim() === "" || now === label) now += gap! + word!;
    else {
      lines.push(now + joint);
      now = indent + word;
    }
  }
  return [...lines, now];
}

/** Every line of a text, wrapped. */
export const wrapText = (text: string, width: number): string =>
  text
    .split("\n")
    .flatMap((line) => wrap(line, width))
    .join("\n");
