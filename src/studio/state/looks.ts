// What an address says beside set-up, view and lesson: where in a view one looks, and what a teacher hides.
import type { RowPlace } from "../lab/row-place.ts";
import { isLanguage, type Language } from "../language/languages.ts";

/** Parts of the page that an address can hide. */
export const HIDEABLE = [
  "head",
  "transport",
  "settings",
  "figures",
  "plane",
  "curves",
  "epochs",
  "repeat",
  "network",
  "weights",
  "mistakes",
  "push",
  "teach",
  "gather",
  "bring",
  "foot",
] as const;
export type Hideable = (typeof HIDEABLE)[number];

export const NOTE_TABS = { text: "The derivation", step: "One step", weight: "One weight" } as const;
export type NoteTab = keyof typeof NOTE_TABS;

export type Looks = {
  readonly hide: readonly Hideable[];
  readonly tab: NoteTab; //      of the note
  readonly equation: string; //  of the note that is held, e.g. "E17"; "" for none
  readonly term: number; //      of that equation, from 1
  readonly example: RowPlace; // row from 0; from 1 in the address
  readonly layer: number; //     from 1
  readonly lang: Language | ""; // of the page; "" where the address says none
};

export const AS_USUAL: Looks = {
  hide: [],
  tab: "text",
  equation: "",
  term: 1,
  example: { part: "test", row: 0 },
  layer: 1,
  lang: "",
};

/** What differs from the usual, as names and texts of an address. */
export function writeLooks({ hide, tab, equation, term, example, layer, lang }: Looks): readonly [string, string][] {
  const said: [string, string, boolean][] = [
    ["hide", hide.join(","), hide.length > 0],
    ["tab", tab, tab !== "text"],
    ["equation", equation, equation !== ""],
    ["term", String(term), equation !== "" && term !== 1],
    ["example", `${example.part}:${example.row + 1}`, example.part !== "test" || example.row !== 0],
    ["layer", String(layer), layer !== 1],
    ["lang", lang, lang !== ""],
  ];
  return said.flatMap(([name, text, differs]) => (differs ? [[name, text] as [string, string]] : []));
}

type Take = <T>(key: string, fallback: T, parse: (text: string) => T | undefined) => T;

const count = (most: number) => (text: string) =>
  /^[1-9]\d{0,9}$/.test(text) && Number(text) <= most ? Number(text) : undefined;

export function readLooks(take: Take): Looks {
  const equation = take("equation", "", (text) => (/^E([1-9]|[12]\d|3[0-7])$/.test(text) ? text : undefined));
  return {
    hide: take<readonly Hideable[]>("hide", [], (text) => {
      const known = text.split(",").map((name) => HIDEABLE.find((each) => each === name));
      return known.includes(undefined) ? undefined : (known as Hideable[]);
    }),
    tab: take<NoteTab>("tab", "text", (text) => (Object.hasOwn(NOTE_TABS, text) ? (text as NoteTab) : undefined)),
    equation,
    term: take("term", 1, (text) => (equation === "" ? undefined : count(20)(text))),
    example: take<RowPlace>("example", AS_USUAL.example, (text) => {
      const [, part, row = ""] = /^(train|test):(\d+)$/.exec(text) ?? [];
      const at = count(1e9)(row);
      return at === undefined ? undefined : { part: part as RowPlace["part"], row: at - 1 };
    }),
    layer: take("layer", 1, count(13)),
    lang: take<Language | "">("lang", "", (text) => (isLanguage(text) ? text : undefined)),
  };
}
