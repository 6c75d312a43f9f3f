// The size of the page's type: all of it is in rem, so that one number makes a page for a projector.
import { effect, signal } from "@preact/signals";
import { recall, remember } from "./browser-memory.ts";

/** Percent of the browser's own size. */
export const TYPE_SIZES = { normal: 100, large: 125, projector: 160 } as const;
export type TypeSize = keyof typeof TYPE_SIZES;

const KEY = "deltaprop-type";
const kept = recall("localStorage", KEY);

export const typeSize = signal<TypeSize>(
  kept !== null && Object.hasOwn(TYPE_SIZES, kept) ? (kept as TypeSize) : "normal",
);

effect(() => {
  document.documentElement.style.fontSize = `${TYPE_SIZES[typeSize.value]}%`;
});

export function setTypeSize(size: TypeSize): void {
  typeSize.value = size;
  remember("localStorage", KEY, size === "normal" ? null : size);
}
