// The documentation's only script: search among the headings and texts of all pages, from a file beside them; and on
// the note's page the note itself.
import "../style/tokens.css";
import "../style/base.css";
import "./site.css";
import { openEquationsHere } from "./live.ts";

type Part = { readonly page: string; readonly title: string; readonly heading: string; readonly text: string };

const MOST = 12; //     that are shown
const MOST_TIMES = 4; // of a word that count
const form = document.querySelector<HTMLFormElement>("form[role=search]")!;
const field = form.querySelector("input")!;
const found = document.querySelector<HTMLUListElement>("#found")!;
const status = document.querySelector("#found-count")!;
let parts: Promise<readonly Part[]> | undefined;

openEquationsHere();
form.hidden = false; // without a script there is no search
form.addEventListener("submit", (event) => event.preventDefault());
field.addEventListener("input", async () => {
  parts ??= fetch(form.action).then((response) => response.json() as Promise<Part[]>);
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  show(words.length === 0 ? [] : ranked(await parts, words), words.length > 0);
});

/** Parts that hold every word: with it in their heading first, then with the words as they were typed, then often. */
function ranked(all: readonly Part[], words: readonly string[]): readonly Part[] {
  const typed = words.join(" ");
  const scored = all.map((part) => {
    const [head, text] = [`${part.title} ${part.heading}`.toLowerCase(), part.text.toLowerCase()];
    const score = words.reduce((sum, word) => {
      if (head.includes(word)) return sum + 8;
      const times = text.split(word, MOST_TIMES + 1).length - 1;
      return sum + (times > 0 ? times / MOST_TIMES : -1e9);
    }, 0);
    return { part, score: score + (head.includes(typed) ? 8 : text.includes(typed) ? 4 : 0) };
  });
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST)
    .map(({ part }) => part);
}

function show(list: readonly Part[], asked: boolean): void {
  const root = new URL(".", form.action);
  found.replaceChildren(
    ...list.map(({ page, title, heading }) => {
      const link = document.createElement("a");
      link.href = new URL(page, root).href;
      link.textContent = heading === title ? title : `${title}: ${heading}`;
      const item = document.createElement("li");
      item.append(link);
      return item;
    }),
  );
  status.textContent = asked ? `${list.length} found` : "";
}
