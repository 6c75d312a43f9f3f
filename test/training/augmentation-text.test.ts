// Distortions as one word of a command line or an address.
import { expect, test } from "vitest";
import { augmentationWord, KNOBS, readAugmentationWord } from "../../src/training/augmentation-text.ts";

test.each([
  ["digits", "digits"],
  ["none", "none"],
  ["rotation:15", { rotation: 15 }],
  ["rotation:7.5,elastic:1.4,erase:0.25", { rotation: 7.5, elastic: 1.4, erase: 0.25 }],
])("%s is read", (word, limits) => expect(readAugmentationWord(word)).toEqual(limits));

test.each(["digit", "", "rotation", "rotation:-1", "rotation:181", "turn:5", "rotation:5,rotation:6", "fill:3"])(
  '"%s" is no such word',
  (word) => expect(readAugmentationWord(word)).toBeUndefined(),
);

test("limits come back from their word, and limits of 0 are none", () => {
  const limits = Object.fromEntries(KNOBS.map((knob, k) => [knob, knob === "smoothness" ? 3 : (k + 1) / 20]));
  expect(readAugmentationWord(augmentationWord(limits))).toEqual(limits);
  expect(augmentationWord({ rotation: 0 })).toBe("none");
});
