// The languages of the page, and which of them a browser asks for.

/** By their own names, as the switch shows them. */
export const LANGUAGES = { en: "English", de: "Deutsch", es: "Español" } as const;
export type Language = keyof typeof LANGUAGES;

export const isLanguage = (text: string | null): text is Language => text !== null && Object.hasOwn(LANGUAGES, text);

const shortOf = (tag: string): string => tag.toLowerCase().split("-")[0]!;

/** The first of the visitor's languages that the page has; English if it has none. */
export const preferred = (tags: readonly string[]): Language => tags.map(shortOf).find(isLanguage) ?? "en";

/** The visitor's own kind of a language, e.g. "de-CH": its numbers differ from those of "de". */
export const localeOf = (name: Language, tags: readonly string[]): string =>
  tags.find((tag) => shortOf(tag) === name) ?? name;
