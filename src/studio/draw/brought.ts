// Pictures that a visitor brings: files, the clipboard, a camera. Each becomes the 28×28 input of the network, as ink
// that is brought to where the pictures of the data lie, or whole.
import { signal } from "@preact/signals";
import { centerDigit } from "../../data/digits/center.ts";
import { t } from "../language/words.ts";
import { failure } from "../state/store.ts";
import { bring, centeredBy, SIDE } from "./drawing.ts";
import { greyOf, inkOf } from "./ink-of.ts";

/** Whether a picture is taken whole, in gray, and not as the ink on its paper. */
export const whole = signal(false);

const FINE = 224; // side of the sheet that ink is looked for on

type Drawable = ImageBitmap | HTMLVideoElement;

/** Take a file of a picture, or say why not. */
export async function bringFile(file: Blob): Promise<void> {
  try {
    const bitmap = await createImageBitmap(file);
    bringPicture(bitmap, bitmap.width, bitmap.height);
    bitmap.close();
  } catch {
    const name = file instanceof File ? file.name : t("the clipboard");
    const reason = t("this is no picture that the browser reads.");
    failure.value = { code: "BAD_PICTURE", message: `error BAD_PICTURE ${name}: ${reason}` };
  }
}

export function bringPicture(source: Drawable, width: number, height: number): void {
  const by = whole.value ? null : centeredBy.value;
  const side = by === null ? SIDE : FINE;
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext("2d")!;
  const scale = side / (whole.value ? Math.min(width, height) : Math.max(width, height)); // whole: its middle square
  const [w, h] = [scale * width, scale * height];
  context.imageSmoothingQuality = "high";
  context.drawImage(source, (side - w) / 2, (side - h) / 2, w, h);
  const grey = greyOf(context.getImageData(0, 0, side, side).data);
  if (whole.value) bring(Uint8Array.from(grey, (value) => (Number.isNaN(value) ? 0 : 255 - Math.round(value))));
  else bring(by === null ? inkOf(grey) : centerDigit(inkOf(grey), side, side, by));
}

/** The pictures in a paste or a drop. */
export const picturesIn = (data: DataTransfer | null): readonly File[] =>
  [...(data?.files ?? [])].filter(({ type }) => type.startsWith("image/"));
