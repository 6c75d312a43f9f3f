// The color scale: orange below zero, neutral at zero, blue above. Blue and orange differ for every common kind of
// color blindness, and both ends differ from zero in lightness, so the scale works in gray too.
import { signal } from "@preact/signals";

export type Color = readonly [r: number, g: number, b: number];
export type ScaleKind = "diverging" | "grey";

const STEPS = 128; // colors on each side of zero

type Stops = readonly [Color, Color, Color]; // at 0, ½ and 1 of a side
const DIVERGING: Record<"light" | "dark", { readonly below: Stops; readonly above: Stops }> = {
  light: {
    below: [
      [245, 243, 237],
      [231, 150, 72],
      [138, 56, 0],
    ],
    above: [
      [245, 243, 237],
      [104, 152, 210],
      [17, 54, 112],
    ],
  },
  dark: {
    below: [
      [30, 30, 29],
      [166, 84, 18],
      [255, 190, 120],
    ],
    above: [
      [30, 30, 29],
      [40, 94, 170],
      [164, 204, 255],
    ],
  },
};
const GRAY: Record<"light" | "dark", readonly [Color, Color]> = {
  light: [
    [255, 255, 255],
    [24, 23, 21],
  ],
  dark: [
    [12, 12, 12],
    [240, 238, 232],
  ],
};

const preference = globalThis.matchMedia?.("screen and (prefers-color-scheme: dark)");

/** Whether the page is dark; print is light. Canvases depend on it and are drawn again when it changes. */
export const dark = signal(preference?.matches ?? false);
preference?.addEventListener("change", (event) => {
  dark.value = event.matches;
});

const tables = new Map<string, Uint8ClampedArray>();

/** 2·128 + 1 colors, 3 bytes each, from −1 to 1 ("diverging") or from 0 in the middle to 1 ("grey"). */
function tableOf(kind: ScaleKind, isDark: boolean): Uint8ClampedArray {
  const key = `${kind} ${isDark}`;
  const known = tables.get(key);
  if (known) return known;
  const theme = isDark ? "dark" : "light";
  const table = new Uint8ClampedArray((2 * STEPS + 1) * 3);
  for (let k = -STEPS; k <= STEPS; k++) {
    const t = Math.abs(k) / STEPS;
    const color = kind === "grey" ? mix(...GRAY[theme], Math.max(0, k / STEPS)) : side(DIVERGING[theme], k < 0, t);
    table.set(color, (k + STEPS) * 3);
  }
  tables.set(key, table);
  return table;
}

function side({ below, above }: { below: Stops; above: Stops }, negative: boolean, t: number): Color {
  const [zero, half, one] = negative ? below : above;
  return t < 0.5 ? mix(zero, half, 2 * t) : mix(half, one, 2 * t - 1);
}

function mix(a: Color, b: Color, t: number): Color {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

const index = (value: number, scale: number): number => {
  const t = value / scale;
  return 3 * (t >= 1 ? 2 * STEPS : t <= -1 ? 0 : Math.round((t + 1) * STEPS) || 0); // NaN becomes the first color
};

/** The color of `value`, where ±`scale` are the ends. */
export function colorOf(value: number, scale: number, kind: ScaleKind = "diverging"): Color {
  const table = tableOf(kind, dark.value);
  const at = index(value, scale);
  return [table[at]!, table[at + 1]!, table[at + 2]!];
}

/** All `values` as pixels [4 bytes each]. */
export function paint(values: ArrayLike<number>, scale: number, kind: ScaleKind): Uint8ClampedArray<ArrayBuffer> {
  const table = tableOf(kind, dark.value);
  const pixels = new Uint8ClampedArray(values.length * 4);
  for (let k = 0; k < values.length; k++) {
    const at = index(values[k]!, scale);
    pixels[4 * k] = table[at]!;
    pixels[4 * k + 1] = table[at + 1]!;
    pixels[4 * k + 2] = table[at + 2]!;
    pixels[4 * k + 3] = 255;
  }
  return pixels;
}

/** One value's color, as a style sheet has it. */
export function cssColor(value: number, scale: number): string {
  const table = tableOf("diverging", dark.value);
  const at = index(value, scale);
  return `rgb(${table[at]} ${table[at + 1]} ${table[at + 2]})`;
}

/** max |value|, the scale on which every value has its own color; 1 where all are 0. */
export function scaleOf(...arrays: readonly ArrayLike<number>[]): number {
  let largest = 0;
  for (const values of arrays)
    for (let k = 0; k < values.length; k++) largest = Math.max(largest, Math.abs(values[k]!) || 0);
  return largest > 0 && largest < Number.POSITIVE_INFINITY ? largest : 1;
}
