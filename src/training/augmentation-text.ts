// An augmentation as one word, for a command line or an address: a name, or limits as "rotation:15,elastic:1.4".
import { AUGMENTATION_RANGES, AUGMENTATIONS, type Augmentation, type AugmentationName } from "./augmentation.ts";

/** Limits that a word can have, and their ranges. */
export const KNOBS = Object.keys(AUGMENTATION_RANGES) as readonly (keyof typeof AUGMENTATION_RANGES)[];
export type Knob = (typeof KNOBS)[number];

/** What the word says; undefined where it is no name and no list of limits within their ranges, each once. */
export function readAugmentationWord(word: string): AugmentationName | Partial<Augmentation> | undefined {
  const name = AUGMENTATIONS.find((each) => each === word);
  if (name !== undefined) return name;
  const limits: Partial<Record<Knob, number>> = {};
  for (const part of word.split(",")) {
    const [, key = "", text = ""] = /^([a-zA-Z]+):(\d+(?:\.\d+)?)$/.exec(part) ?? [];
    const knob = KNOBS.find((each) => each === key);
    if (knob === undefined || limits[knob] !== undefined) return undefined;
    const [low, high] = AUGMENTATION_RANGES[knob];
    if (!(Number(text) >= low && Number(text) <= high)) return undefined;
    limits[knob] = Number(text);
  }
  return limits;
}

/** The word of limits; "none" where all are 0. */
export function augmentationWord(limits: Readonly<Partial<Record<Knob, number | undefined>>>): string {
  const given = KNOBS.filter((knob) => (limits[knob] ?? 0) > 0);
  return given.length === 0 ? "none" : given.map((knob) => `${knob}:${limits[knob]}`).join(",");
}
