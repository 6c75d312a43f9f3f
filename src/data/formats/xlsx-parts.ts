// The parts of an Excel workbook that a table needs: its sheets by name, shared texts, and which styles are dates.
// Source: ECMA-376, part 1, sections 18.2 (workbook), 18.4 (shared strings) and 18.8 (styles).
import { Parser } from "saxen";
import { InvalidInput, show } from "../../errors.ts";
import { nearest } from "../nearest.ts";
import { mostInflated } from "./gunzip.ts";
import { type Entry, readZip } from "./zip.ts";

const MOST_TEXT = 2 ** 29 - 2 ** 16; // characters, as V8 holds them

export type XmlAttributes = Readonly<Record<string, string>>;

/** What an XML file holds, element by element; names are without prefixes. `text` is all text inside an element. */
export type XmlHandlers = {
  readonly open?: (name: string, attributes: () => XmlAttributes, decode: (text: string) => string) => void;
  readonly close?: (name: string) => void;
  readonly text?: (text: string) => void;
};

/** The parts of a workbook, each read when it is wanted. Raises InvalidInput BAD_XLSX or BAD_ZIP. */
export class Workbook {
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #file: string | undefined;
  readonly #most: number; // bytes of a part

  constructor(bytes: Uint8Array<ArrayBuffer>, file: string | undefined) {
    this.#entries = readZip(bytes, file);
    this.#file = file;
    this.#most = Math.min(MOST_TEXT, mostInflated(bytes.length));
  }

  refuse(reason: string, at: string, cause?: unknown): InvalidInput {
    return new InvalidInput("BAD_XLSX", reason, { file: this.#file, at }, { cause });
  }

  /** Walk a part; returns its size in characters, 0 where it is not there. */
  async walk(part: string, { open, close, text }: XmlHandlers): Promise<number> {
    const entry = this.#entries.get(part);
    if (!entry) return 0;
    const at = `entry ${show(part)}`;
    if (entry.size > this.#most) throw this.refuse(`it has ${entry.size} bytes; at most ${this.#most} are read.`, at);
    let xml: string;
    try {
      xml = new TextDecoder("utf-8", { fatal: true }).decode(await entry.read());
    } catch (cause) {
      if (cause instanceof InvalidInput) throw cause;
      throw this.refuse("the part is not UTF-8 text.", at, cause);
    }
    let failed: Error | undefined;
    const guarded =
      <A extends unknown[]>(work: (...given: A) => void) =>
      (...given: A) => {
        if (failed) return;
        try {
          work(...given);
        } catch (error) {
          failed = error as Error; // thrown on: saxen would take it for an error of its own
        }
      };
    new Parser()
      .on("error", (error) => {
        failed ??= this.refuse(`the part is not XML: ${error.message}.`, at, error);
      })
      .on(
        "openTag",
        guarded((name, attributes, decode) => open?.(bare(name), attributes, decode)),
      )
      .on(
        "closeTag",
        guarded((name) => close?.(bare(name))),
      )
      .on(
        "text",
        guarded((raw, decode) => text?.(decode(raw))),
      )
      .on(
        "cdata",
        guarded((raw) => text?.(raw)),
      )
      .parse(xml);
    if (failed) throw failed;
    return xml.length;
  }

  /** The part of a sheet by its name, by default the first that is shown, and what its dates count from. */
  async sheet(wanted: string | undefined): Promise<{ part: string; name: string; names: string[]; from1904: boolean }> {
    const sheets: { name: string; id: string; hidden: boolean }[] = [];
    let from1904 = false;
    const known = await this.walk("xl/workbook.xml", {
      open: (name, attributes, decode) => {
        const given = attributes();
        if (name === "workbookPr") from1904 = /^(?:1|true)$/.test(given.date1904 ?? "");
        if (name !== "sheet") return;
        const id = Object.entries(given).find(([key]) => /:id$/.test(key))?.[1] ?? "";
        sheets.push({
          name: unescaped(decode(given.name ?? "")),
          id,
          hidden: (given.state ?? "visible") !== "visible",
        });
      },
    });
    if (known === 0 || sheets.length === 0)
      throw this.refuse("the archive holds no workbook with a sheet.", "directory");
    const names = sheets.map(({ name }) => name);
    const found =
      wanted === undefined
        ? (sheets.find(({ hidden }) => !hidden) ?? sheets[0]!)
        : sheets.find(({ name }) => name === wanted);
    if (!found) {
      const near = nearest(wanted!, names);
      const remedy = near === undefined ? "" : ` Did you mean ${show(near)}?`;
      throw this.refuse(`no sheet is named ${show(wanted)}; there are ${show(names)}.${remedy}`, "content");
    }
    const targets = new Map<string, string>();
    await this.walk("xl/_rels/workbook.xml.rels", {
      open: (name, attributes) => {
        const { Id = "", Target = "" } = attributes();
        if (name === "Relationship") targets.set(Id, Target);
      },
    });
    const target = targets.get(found.id) ?? "";
    const part = target.startsWith("/") ? target.slice(1) : `xl/${target}`;
    if (!this.#entries.has(part))
      throw this.refuse(`sheet ${show(found.name)} has no part in the archive.`, "directory");
    return { part, name: found.name, names, from1904 };
  }

  /** The texts that cells share, by number. */
  async texts(): Promise<string[]> {
    const texts: string[] = [];
    let parts: string[] = [];
    let [inText, phonetic] = [false, false];
    await this.walk("xl/sharedStrings.xml", {
      open: (name) => {
        if (name === "si") parts = [];
        if (name === "rPh") phonetic = true;
        inText = name === "t" && !phonetic;
      },
      text: (text) => {
        if (inText) parts.push(text);
      },
      close: (name) => {
        if (name === "si") texts.push(unescaped(parts.join("")));
        if (name === "rPh") phonetic = false;
        inText = false;
      },
    });
    return texts;
  }

  /** Whether the numbers of a style, by its number, are dates. */
  async dates(): Promise<readonly boolean[]> {
    const custom = new Map<string, boolean>();
    const styles: boolean[] = [];
    let inCells = false;
    await this.walk("xl/styles.xml", {
      open: (name, attributes, decode) => {
        if (name === "cellXfs") inCells = true;
        if (name === "numFmt") {
          const { numFmtId = "", formatCode = "" } = attributes();
          custom.set(numFmtId, isDateFormat(decode(formatCode)));
        }
        if (name !== "xf" || !inCells) return;
        const id = attributes().numFmtId ?? "0";
        styles.push(custom.get(id) ?? isDateId(Number(id)));
      },
      close: (name) => {
        if (name === "cellXfs") inCells = false;
      },
    });
    return styles;
  }
}

const bare = (name: string): string => name.slice(name.indexOf(":") + 1);

/** _x000D_ stands for a character that XML cannot hold (ECMA-376, ST_Xstring). */
const unescaped = (text: string): string =>
  text.replace(/_x([0-9a-f]{4})_/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** The numbers of formats that are built in (ECMA-376, 18.8.30), those of East Asia among them. */
const isDateId = (id: number): boolean =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);

/** Whether a code has a day, a year or an hour outside quotes, brackets and escapes. */
const isDateFormat = (code: string): boolean =>
  /[ymdhs]/i.test(code.replace(/"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, "").replace(/general/gi, ""));
