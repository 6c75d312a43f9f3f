// The page's words: English in the code, every other language a file of messages by the English text. A text that a
// language has not is a type error here; what comes from a file of the visitor's stays as it is.
import { computed, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type german from "./german.json";

/** An English text of the page that every language has. Names in braces are filled in. */
export type PageText = keyof typeof german;

/** The names in braces of a message. */
type Slots<M extends string> = M extends `${string}{${infer Name}}${infer Rest}` ? Name | Slots<Rest> : never;
type Filled<M extends string, V> = [Slots<M>] extends [never] ? [] : [values: Readonly<Record<Slots<M>, V>>];

/** Messages without names to fill in, for tables of them. */
export type PlainText = { [M in PageText]: [Slots<M>] extends [never] ? M : never }[PageText];

/** The messages of the language that the page is in; null: English. */
export const messages = signal<Readonly<Record<string, string>> | null>(null);

/** Of numbers and dates: a tag such as "de-CH". */
export const locale = signal("en");

const plurals = computed(() => new Intl.PluralRules(locale.value));

const SLOT = /\{(\w+)\}/;

const wordsOf = (message: string): string => messages.value?.[message] ?? message;

/** The message in the visitor's language, with its values. */
export function t<M extends PageText>(message: M, ...filled: Filled<M, string | number>): string {
  const text = wordsOf(message);
  const given: Readonly<Record<string, string | number>> | undefined = filled[0];
  if (!given) return text;
  return text.replaceAll(new RegExp(SLOT, "g"), (slot, name: string) => String(given[name] ?? slot));
}

/** The same where values are elements, in the order of the language. */
export function rich<M extends PageText>(message: M, ...filled: Filled<M, ComponentChildren>): ComponentChildren[] {
  const given: Readonly<Record<string, ComponentChildren>> = filled[0] ?? {};
  return wordsOf(message)
    .split(SLOT) // texts and names in turn
    .map((part, at) => (at % 2 === 0 ? part : given[part]));
}

/** One of two messages by a count, which they call {n}. */
export const plural = (count: number, one: Counted | PlainText, many: Counted): string =>
  wordsOf(plurals.value.select(count) === "one" ? one : many).replace("{n}", count.toLocaleString(locale.value));
type Counted = { [M in PageText]: Slots<M> extends "n" ? ("n" extends Slots<M> ? M : never) : never }[PageText];

/** A text of which the page may have a translation: those of its own lessons. Any other as it is. */
export const known = (text: string): string => wordsOf(text);
