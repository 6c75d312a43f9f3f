// The drawing at hand, as signals: the lines on the pad, or an example in their place; what the network says to it; the last lesson.
import { batch, computed, effect, signal } from "@preact/signals";
import type { DrawnView, RowPlace, Standing, TaughtExample } from "../lab/protocol.ts";
import { attempt, lab, opened, place, setup, tick } from "../state/store.ts";
import { follow, pictureOf, type Stroke } from "./pen.ts";

export const SIDE = 28;

/** The pen's lines on the pad, the last one still growing while `down`. */
export const lines = signal<readonly Stroke[]>([]);
export const down = signal(false);

/** An example of the data that stands in for a drawing. */
export const example = signal<{ readonly place: RowPlace; readonly pixels: Uint8Array; readonly label: number } | null>(
  null,
);

/** MNIST and its kin were centred by mass; the embedded digits are drawn around the middle of their frame. */
export const centredBy = computed(() => (setup.value.data === "digits" ? "frame" : "mass"));

/** What the network is given [784]; null while there is nothing. */
export const pixels = computed<Uint8Array | null>(
  () => example.value?.pixels ?? (lines.value.length > 0 ? pictureOf(lines.value, centredBy.value) : null),
);

/** The class whose push is shown; null: the predicted one. */
export const about = signal<number | null>(null);

export const said = signal<DrawnView | null>(null);
export const drawnLesson = signal<(TaughtExample & { readonly label: number }) | null>(null);
export const drawnStanding = signal<Standing | null>(null);

/** Whether the run's data are pictures that a drawing can stand beside. */
export const drawable = computed(() => opened.value?.image?.height === SIDE && opened.value.image.width === SIDE);

/** Another run: what was said and learnt was of the one before, and so was the example. The lines on the pad stay. */
effect(() => {
  opened.value;
  batch(() => {
    example.value = null;
    about.value = null;
    said.value = null;
    drawnLesson.value = null;
  });
});

export function penDown(x: number, y: number): void {
  batch(() => {
    if (example.value) lines.value = [];
    example.value = null;
    drawnLesson.value = null;
    lines.value = [...lines.value, [[x, y]]];
    down.value = true;
  });
}

export function penMove(x: number, y: number): void {
  const line = lines.value.at(-1);
  if (!down.value || !line) return;
  const longer = follow(line, x, y);
  if (longer !== line) lines.value = [...lines.value.slice(0, -1), longer];
}

export function penUp(): void {
  down.value = false;
}

/** Take away the last line, or the example. */
export function undo(): void {
  batch(() => {
    if (example.value) example.value = null;
    else lines.value = lines.value.slice(0, -1);
    down.value = false;
    drawnLesson.value = null;
  });
}

export function clear(): void {
  batch(() => {
    example.value = null;
    lines.value = [];
    down.value = false;
    drawnLesson.value = null;
    about.value = null;
  });
}

/** Take the chosen example, or the one `by` rows on, in place of a drawing. */
export async function takeExample(by = 0): Promise<void> {
  const found = opened.value;
  if (!found) return;
  const { part, row } = place.value;
  const chosen = { part, row: (row + by + found.rows[part]) % found.rows[part] };
  const raw = await attempt(() => lab.raw(chosen));
  if (!raw || !(raw.pixels instanceof Uint8Array)) return;
  const { pixels: taken, label } = raw;
  batch(() => {
    place.value = chosen;
    example.value = { place: chosen, pixels: taken, label };
    lines.value = [];
    drawnLesson.value = null;
  });
}

let asking = false;
let again = false;

/** Ask the network about what is there now. While an answer is awaited, only the newest drawing waits. */
export async function ask(): Promise<void> {
  again = true;
  if (asking) return;
  asking = true;
  while (again) {
    again = false;
    const shown = pixels.peek();
    try {
      const answer = shown && drawable.peek() ? await lab.drawn(shown, about.peek() ?? undefined) : null;
      if (pixels.peek() !== null || shown === null) said.value = answer; // not what was cleared meanwhile
    } catch (error) {
      await attempt(() => Promise.reject(error));
    }
  }
  asking = false;
}

export async function updateDrawn(): Promise<void> {
  if (opened.peek()) drawnStanding.value = (await attempt(() => lab.standing())) ?? null;
}

/** One step of plain descent on what is there, as an example of class `label`. */
export async function teach(label: number): Promise<void> {
  const shown = pixels.value;
  if (!shown) return;
  const learnt = await attempt(() => lab.teach(shown, label));
  if (!learnt) return;
  batch(() => {
    drawnLesson.value = { ...learnt, label };
    drawnStanding.value = learnt.standing;
    tick.value++;
  });
}

/** Back to the parameters from before the last lesson. */
export async function unteach(): Promise<void> {
  const back = await attempt(() => lab.unteach());
  if (!back) return;
  batch(() => {
    drawnLesson.value = null;
    drawnStanding.value = back;
    tick.value++;
  });
}
