// How training images are distorted: a named set, or each limit with a knob of its own; and examples of it.
import { useSignal, useSignalEffect } from "@preact/signals";
import { AUGMENTATION_RANGES, UNDISTORTED } from "../../training/augmentation.ts";
import { augmentationWord, KNOBS, type Knob, readAugmentationWord } from "../../training/augmentation-text.ts";
import { type PlainText, t } from "../language/words.ts";
import { ChoiceField, TypedField } from "../parts/field.tsx";
import { localText } from "../parts/numbers.ts";
import { Picture } from "../parts/picture.tsx";
import { readNumber } from "../state/setup.ts";
import { lab, opened } from "../state/store.ts";
import { choose, draft } from "./draft.ts";

/** What a knob is called, its unit, and values to choose from. */
const ABOUT: Record<Knob, readonly [label: PlainText, hint: PlainText, suggestions: readonly number[]]> = {
  rotation: ["Turn", "degrees", [0, 5, 10, 15, 30]],
  shear: ["Shear", "pixels a row", [0, 0.1, 0.2]],
  scale: ["Stretch", "share", [0, 0.1, 0.2]],
  shift: ["Shift", "pixels", [0, 1, 2, 4]],
  elastic: ["Bend", "pixels", [0, 0.7, 1.4, 2]],
  smoothness: ["Smoothness of bends", "pixels", [3, 5.5, 8]],
  noise: ["Noise", "of inputs", [0, 0.05, 0.1]],
  erase: ["Erase", "share of images", [0, 0.25, 0.5]],
  eraseSize: ["Side of what is erased", "share of the image", [0.2, 0.4, 0.6]],
};
const FIRST: Limits = { rotation: 10, shift: 1 }; // of limits of one's own

type Limits = Readonly<Partial<Record<Knob, number | undefined>>>;
const NAMES = { none: "none", digits: "for digits", image: "for pictures", own: "limits of my own" } as const;

/** The form of the open run's pictures, grey or in color; undefined of other data. */
function pictured(): { readonly width: number; readonly height: number; readonly channels: 1 | 3 } | undefined {
  const { image, picture } = opened.value ?? {};
  if (image) return { width: image.width, height: image.height, channels: 1 };
  return picture ? { width: picture.width, height: picture.height, channels: 3 } : undefined;
}

export function Distortions() {
  const { augment } = draft.value;
  if (augment === "none" && !pictured()) return null;
  const word = readAugmentationWord(augment);
  const own = typeof word === "object" ? (word as Limits) : undefined;
  const set = (limits: Limits) => choose({ augment: augmentationWord(limits) });
  return (
    <fieldset>
      <legend>{t("Distortions")}</legend>
      <ChoiceField
        label={t("Of training images")}
        hint={t("anew in every epoch; the test sees images as they are")}
        value={own ? "own" : (augment as keyof typeof NAMES)}
        options={(Object.keys(NAMES) as (keyof typeof NAMES)[]).map((value) => ({ value, name: t(NAMES[value]) }))}
        onChoose={(name) => (name === "own" ? set(FIRST) : choose({ augment: name }))}
      />
      {own && (
        <div class="pair">
          {KNOBS.map((knob) => {
            const [low, high] = AUGMENTATION_RANGES[knob];
            const [label, hint, suggestions] = ABOUT[knob];
            return (
              <TypedField
                key={knob}
                label={t(label)}
                hint={t(hint)}
                expected={t("a number from {low} to {high}", { low: localText(`${low}`), high: localText(`${high}`) })}
                value={own[knob] ?? UNDISTORTED[knob]}
                read={(text) => (readNumber(text) >= low && readNumber(text) <= high ? readNumber(text) : undefined)}
                onValue={(value) => set({ ...own, [knob]: value === UNDISTORTED[knob] ? undefined : value })}
                suggestions={suggestions}
              />
            );
          })}
        </div>
      )}
      <Distorted />
    </fieldset>
  );
}

const SHOWN = 6; // examples
const EPOCHS = [1, 2];

/** The first training images as the first epochs see them. */
function Distorted() {
  const pictures = useSignal<readonly (readonly Float32Array[])[]>([]);
  useSignalEffect(() => {
    const found = opened.value;
    pictures.value = [];
    if (!found || !pictured() || found.setup.augment === "none") return;
    const rows = Array.from({ length: Math.min(SHOWN, found.rows.train) }, (_, row) => row);
    Promise.all(EPOCHS.map((epoch) => lab.distortedRows(rows, epoch)))
      .then((all) => {
        pictures.value = all;
      })
      .catch(() => {}); // another set-up was opened meanwhile
  });
  const form = pictured();
  if (!form || pictures.value.length === 0) return null;
  return (
    <>
      {pictures.value.map((row, k) => (
        <ul class="samples distorted" aria-label={t("Images in epoch {n}", { n: EPOCHS[k]! })} key={EPOCHS[k]}>
          {row.map((pixels, at) => (
            <li key={at}>
              <Picture
                pixels={pixels}
                {...form}
                label={t("image {image} in epoch {n}", { image: at + 1, n: EPOCHS[k]! })}
              />
            </li>
          ))}
        </ul>
      ))}
    </>
  );
}
