// From a table's bytes to its text, and from its text to its delimiter. Not a parser of cells.
import { InvalidInput } from "../../errors.ts";

/** What separates the cells of a row. */
export type Delimiter = "," | "\t" | ";";

/**
 * UTF-8 text of the chunks, without a byte order mark. Raises InvalidInput BAD_CSV for UTF-16, binary data and other
 * encodings.
 */
export async function* decodeText(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  file?: string,
): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let start = 0;
  const decode = (chunk?: Uint8Array) => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch (cause) {
      const place = { file, at: `after byte ${start}` };
      throw new InvalidInput("BAD_CSV", "the file is not UTF-8 text. Save it as UTF-8.", place, { cause });
    }
  };
  for await (const chunk of chunks) {
    const [first, second] = chunk;
    if (start === 0 && ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)))
      throw new InvalidInput("BAD_CSV", "the file is UTF-16. Save it as UTF-8.", { file, at: "byte 0" });
    const nul = chunk.indexOf(0);
    if (nul >= 0) {
      const reason = "the file holds a zero byte, so it is UTF-16 or not text at all. Save it as UTF-8.";
      throw new InvalidInput("BAD_CSV", reason, { file, at: `byte ${start + nul}` });
    }
    yield decode(chunk);
    start += chunk.length;
  }
  const rest = decode();
  if (rest !== "") yield rest;
}

/**
 * Of tab, semicolon and comma the one seen most often in the first row outside quotes; in a tie the first of this list;
 * comma if there is none.
 */
export function detectDelimiter(text: string): Delimiter {
  const counts = new Map<Delimiter, number>([
    ["\t", 0],
    [";", 0],
    [",", 0],
  ]);
  let quoted = false;
  let blank = true;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === "\n" || character === "\r")) {
      if (!blank) break;
    } else if (!quoted) {
      const count = counts.get(character as Delimiter);
      if (count !== undefined) counts.set(character as Delimiter, count + 1);
    }
    if (character !== "\n" && character !== "\r") blank = false;
  }
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), [",", 0] as [Delimiter, number])[0];
}
