// Pictures that the visitor gathers, by class, and the run that is trained on them: a folder of PNG files, one folder a
// class, as a dropped one.
import { computed, signal } from "@preact/signals";
import type { GivenFile } from "../lab/protocol.ts";
import { t } from "../language/words.ts";
import { AS_FOUND } from "../state/reading.ts";
import { DEFAULT_SETUP, type StudioSetup } from "../state/setup.ts";
import { attempt, lab, open, opened } from "../state/store.ts";
import { SIDE } from "./drawing.ts";

export type Gathered = { readonly name: string; readonly pictures: readonly Uint8Array[] };

/** Classes in the order of their first pictures. They last as long as the page; a run keeps its own. */
export const gathered = signal<readonly Gathered[]>([]);

const LEAST_CLASSES = 2;
const LEAST_PICTURES = 5; // of a class: one of them is held out

/** What is still missing before a run can be trained; "" if nothing is. */
export const missing = computed(() => {
  const few = gathered.value.filter(({ pictures }) => pictures.length < LEAST_PICTURES);
  if (gathered.value.length < LEAST_CLASSES) return t("at least {n} classes", { n: LEAST_CLASSES });
  return few.length > 0
    ? t("{n} pictures of each class, so more of {classes}", {
        n: LEAST_PICTURES,
        classes: few.map(({ name }) => name).join(", "),
      })
    : "";
});

export function gather(picture: Uint8Array, name: string): void {
  const known = gathered.value.some((each) => each.name === name);
  gathered.value = known
    ? gathered.value.map((each) =>
        each.name === name ? { name, pictures: [...each.pictures, picture.slice()] } : each,
      )
    : [...gathered.value, { name, pictures: [picture.slice()] }];
}

/** Take the last picture of a class away again; the class goes with its last one. */
export function takeAway(name: string): void {
  gathered.value = gathered.value
    .map((each) => (each.name === name ? { name, pictures: each.pictures.slice(0, -1) } : each))
    .filter(({ pictures }) => pictures.length > 0);
}

/** A small network that is trained within seconds. */
const QUICK: StudioSetup = {
  ...DEFAULT_SETUP,
  ...AS_FOUND,
  data: "file",
  hidden: [64],
  optimizer: "adam",
  learningRate: 0.003,
  batchSize: 8,
  epochs: 40,
};

/** Open a run on the gathered pictures, and play it. */
export async function trainOnGathered(): Promise<void> {
  const files = await Promise.all(
    gathered.value.flatMap(({ name, pictures }) =>
      pictures.map(async (pixels, k): Promise<GivenFile> => {
        const folder = name.replaceAll("/", "∕"); // a slash would end the folder's name
        return { name: `gathered/${folder}/${k + 1}.png`, bytes: await pngOf(pixels) };
      }),
    ),
  );
  const before = opened.value?.id;
  await open(QUICK, files);
  if (opened.value?.id !== before) await attempt(() => lab.play());
}

async function pngOf(pixels: Uint8Array): Promise<ArrayBuffer> {
  const image = new ImageData(SIDE, SIDE);
  for (const [k, ink] of pixels.entries()) image.data.set([ink, ink, ink, 255], 4 * k);
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  canvas.getContext("2d")!.putImageData(image, 0, 0);
  return (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer();
}
