// The page and its address: the address says what the page shows, a typed one is shown, and what it says that is not
// understood or not there is named.
import { batch, effect } from "@preact/signals";
import { t } from "../language/words.ts";
import type { Looks } from "./looks.ts";
import { focus, pinned, tab } from "./note-place.ts";
import { type Address, DEFAULT_SETUP, readAddress, writeAddress } from "./setup.ts";
import { address, addressLanguage, hidden, layer, lesson, notice, open, opened, place, setup, view } from "./store.ts";

showInNote(address.looks);

/** Say what of a given address the page left out, beside what there is to say already. */
export function sayLeftOut({ looks: { example, layer: l }, ignored }: ReturnType<typeof readAddress>): void {
  const said = `${example.part}:${example.row + 1}`;
  const beyond = [
    ...(opened.value && place.value.row !== example.row
      ? [t("example={example}, there are fewer rows", { example: said })]
      : []),
    ...(opened.value && layer.value !== l ? [t("layer={l}, there are fewer layers", { l })] : []),
  ];
  const parts = [...(ignored.length > 0 ? [ignored.join(", ")] : []), ...beyond];
  if (parts.length === 0) return;
  const text = t("Not understood in the address, and left out: {what}.", { what: parts.join("; ") });
  const before = notice.value;
  notice.value = before ? { ...before, text: `${text} ${before.text}` } : { text };
}

/** The lesson's file that an address names: it opens its first run, unless the address has one of its own. */
export async function followLesson({ lesson: named, setup: given }: Address): Promise<void> {
  if (!named.endsWith(".md")) return;
  const { fetchLesson } = await import("../lessons/open-lesson.ts");
  await fetchLesson(named, JSON.stringify(given) === JSON.stringify(DEFAULT_SETUP));
}

function showInNote({ tab: named, equation, term }: Looks): void {
  tab.value = named;
  pinned.value = equation !== "";
  if (equation !== "") focus.value = { id: equation, term: term - 1 };
}

/** Look where a typed address says, as far as the open run has it. */
function show(looks: Looks): void {
  addressLanguage.value = looks.lang;
  const { example, layer: l, hide } = looks;
  const found = opened.value;
  const moved = JSON.stringify(looks) !== JSON.stringify(looksNow()); // else no signal is set, and the address stays
  if (!found || !moved) return;
  if (example.row < found.rows[example.part]) place.value = example;
  if (l < found.layers.length) layer.value = l;
  hidden.value = hide;
  showInNote(looks);
}

function looksNow(): Looks {
  const { id, term } = focus.value;
  const held = pinned.value ? { equation: id, term: term + 1 } : { equation: "", term: 1 };
  const lang = addressLanguage.value;
  return { hide: hidden.value, tab: tab.value, ...held, example: place.value, layer: layer.value, lang };
}

// What is hidden is hidden by the style sheet.
effect(() => {
  document.documentElement.dataset.hide = hidden.value.join(" ");
});

// The address follows the page. Back undoes a change of view, but not a change of set-up: that would lose the run.
const OURS = { studio: true };
history.replaceState(OURS, "");
effect(() => {
  const text = writeAddress({ setup: setup.value, view: view.value, lesson: lesson.value, looks: looksNow() });
  if (text === location.hash) return;
  const moved = readAddress(location.hash).view !== view.value;
  history[moved ? "pushState" : "replaceState"](OURS, "", text || location.pathname + location.search);
});

// The page follows the address: Back and Forward change the view, an address typed or pasted opens its run.
addEventListener("popstate", ({ state }) => {
  const given = readAddress(location.hash);
  if (state === null) history.replaceState(OURS, "");
  const other = state === null && JSON.stringify(given.setup) !== JSON.stringify(setup.value);
  const showView = () =>
    batch(() => {
      view.value = given.view;
      if (state === null) {
        lesson.value = given.lesson;
        show(given.looks);
      }
    });
  const then = () => {
    const another = given.lesson !== lesson.value;
    showView();
    if (state !== null) return;
    sayLeftOut(given);
    if (another) void followLesson(given);
  };
  if (other)
    void open(given.setup).then(then); // until then the address stays as given
  else then();
});
