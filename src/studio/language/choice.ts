// Which language the page is in: the address says it, else what was chosen here before, else the browser.
import { effect, signal } from "@preact/signals";
import { recall, remember } from "../state/browser-memory.ts";
import { addressLanguage, failure } from "../state/store.ts";
import { isLanguage, type Language, localeOf, preferred } from "./languages.ts";
import { locale, messages, type PageText } from "./words.ts";

const KEY = "deltaprop-language";

/** English is in the code; the others are loaded when they are spoken first. */
const LOADERS: Record<Language, () => Promise<Readonly<Record<PageText, string>> | null>> = {
  en: async () => null,
  de: async () => (await import("./german.json")).default,
  es: async () => (await import("./spanish.json")).default,
};

/** The language that the page is in, its words loaded. */
export const language = signal<Language>("en");

/** Speak that language once its words are here; where they do not come, the page stays as it is and says so. */
async function speak(name: Language): Promise<void> {
  try {
    messages.value = await LOADERS[name]();
    locale.value = localeOf(name, navigator.languages);
    language.value = name;
    document.documentElement.lang = name;
  } catch {
    const reason = "the words of this language could not be loaded: the page's host does not answer.";
    failure.value = { code: "LANGUAGE_NOT_LOADED", message: `error LANGUAGE_NOT_LOADED ${reason}` };
  }
}

/** The page's start. */
export function speakFirst(): Promise<void> {
  const kept = recall("localStorage", KEY);
  return speak(addressLanguage.value || (isLanguage(kept) ? kept : preferred(navigator.languages)));
}

/** The visitor's choice, kept in this browser. An address that says a language says this one then. */
export async function chooseLanguage(name: Language): Promise<void> {
  remember("localStorage", KEY, name);
  if (addressLanguage.value) addressLanguage.value = name;
  await speak(name);
}

// An address that is typed into the open page, too.
effect(() => {
  const asked = addressLanguage.value;
  if (asked && asked !== language.peek()) void speak(asked);
});
