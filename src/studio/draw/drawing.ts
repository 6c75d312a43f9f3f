// The drawing as signals: the lines on the pad, or an example in their place; the network's prediction for it; the last
// taught step.
import { batch, computed, effect, signal } from "@preact/signals";
import type { DrawingView, RowPlace, TaughtExample } from "../lab/protocol.ts";
import { Looker } from "../state/attention.ts";
import { parameterStatus } from "../state/parameter-status.ts";
import { attempt, lab, opened, place, tick } from "../state/store.ts";
import { follow, type PenLine, pictureOf } from "./pen.ts";

export const SIDE = 28;

/** The pen's lines on the pad, the last one still growing while `down`. */
export const lines = signal<readonly PenLine[]>([]);
export const down = signal(false);

/** An example of the data in place of a drawing. */
export const example = signal<{ readonly place: RowPlace; readonly pixels: Uint8Array; readonly label: number } | null>(
  null,
);

/** A picture that was brought in place of a drawing [784]. */
const brought = signal<Uint8Array | null>(null);

/** As the data's pictures are: MNIST's by mass, the embedded digits by their frame; null: drawings are not moved. */
export const centeredBy = computed(() => opened.value?.centered ?? null);

/** What the logits are divided by before the softmax: the answer's doubt. */
export const temperature = signal(1);

/** The network's input [784]; null while there is neither drawing nor example. */
export const pixels = computed<Uint8Array | null>(
  () =>
    example.value?.pixels ??
    brought.value ??
    (lines.value.length > 0 ? pictureOf(lines.value, centeredBy.value) : null),
);

/** The class of the pixel gradient; null: the predicted one. */
export const targetClass = signal<number | null>(null);

export const prediction = signal<DrawingView | null>(null);
export const taughtExample = signal<(TaughtExample & { readonly label: number }) | null>(null);

/** Whether the run's data are images of 28×28, as a drawing is. */
export const drawable = computed(() => opened.value?.image?.height === SIDE && opened.value.image.width === SIDE);

// Prediction, taught step and example belong to the run before; the lines on the pad stay for the next one.
effect(() => {
  opened.value;
  batch(() => {
    example.value = null;
    targetClass.value = null;
    prediction.value = null;
    taughtExample.value = null;
  });
});

export function penDown(x: number, y: number): void {
  batch(() => {
    if (example.value) lines.value = [];
    example.value = null;
    brought.value = null;
    taughtExample.value = null;
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
    else if (brought.value) brought.value = null;
    else lines.value = lines.value.slice(0, -1);
    down.value = false;
    taughtExample.value = null;
  });
}

export function clear(): void {
  batch(() => {
    example.value = null;
    brought.value = null;
    lines.value = [];
    down.value = false;
    taughtExample.value = null;
    targetClass.value = null;
  });
}

/** Take a picture in place of a drawing. */
export function bring(picture: Uint8Array): void {
  batch(() => {
    clear();
    brought.value = picture;
  });
}

/** What stands on the pad in place of lines. */
export const onPad = computed<Uint8Array | null>(() => example.value?.pixels ?? brought.value);

/** Take the chosen example, or the one `by` rows on, in place of a drawing. */
export async function takeExample(by = 0): Promise<void> {
  const found = opened.value;
  if (!found) return;
  const { part, row } = place.value;
  const chosen = { part, row: (row + by + found.rows[part]) % found.rows[part] };
  const raw = await attempt(() => lab.rawExample(chosen));
  if (!raw || !(raw.pixels instanceof Uint8Array)) return;
  const { pixels: taken, label } = raw;
  batch(() => {
    place.value = chosen;
    example.value = { place: chosen, pixels: taken, label };
    brought.value = null;
    lines.value = [];
    taughtExample.value = null;
  });
}

const predictions = new Looker();

/** Predict the current drawing; `atOnce`: it was drawn just now. While one call is under way, only the newest waits. */
export function updatePrediction(atOnce: boolean): void {
  predictions.look(async () => {
    const shown = pixels.peek();
    try {
      const answer = shown && drawable.peek() ? await lab.predictDrawing(shown, targetClass.peek() ?? undefined) : null;
      return () => {
        if (pixels.peek() !== null || shown === null) prediction.value = answer; // unless it was cleared meanwhile
      };
    } catch (error) {
      await attempt(() => Promise.reject(error));
      return null;
    }
  }, atOnce);
}

/** One step of plain SGD on the drawing or example, with class `label`. */
export async function teach(label: number): Promise<void> {
  const shown = pixels.value;
  if (!shown) return;
  const taught = await attempt(() => lab.teach(shown, label));
  if (!taught) return;
  batch(() => {
    taughtExample.value = { ...taught, label };
    parameterStatus.value = taught.status;
    tick.value++;
  });
}

/** Undo the last taught step. */
export async function undoTeaching(): Promise<void> {
  const status = await attempt(() => lab.undoTeaching());
  if (!status) return;
  batch(() => {
    taughtExample.value = null;
    parameterStatus.value = status;
    tick.value++;
  });
}
