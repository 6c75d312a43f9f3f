// One image of the data with sharp pixels: a grey one dark on light, one in color as it is.
import { useLayoutEffect, useRef } from "preact/hooks";
import { dark, paint } from "./colors.ts";

export type PictureProps = {
  readonly pixels: ArrayLike<number>; // [height×width], 0 is the background; in color [height×width×3]
  readonly height: number;
  readonly width: number;
  readonly channels?: 1 | 3;
  readonly label: string; //             empty where the text beside it is the label
  readonly class?: string;
};

export function Picture({ pixels, height, width, channels = 1, label, class: more = "" }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isDark = dark.value;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || pixels.length !== width * height * channels) return;
    let most = pixels instanceof Uint8Array ? 255 : 1e-30;
    for (let k = 0; k < pixels.length; k++) most = Math.max(most, pixels[k]!);
    const painted = channels === 3 ? inColor(pixels, most) : paint(pixels, most, "grey");
    context.putImageData(new ImageData(painted, width, height), 0, 0);
  }, [pixels, height, width, channels, isDark]);
  const named = label === "" ? { "aria-hidden": true } : { role: "img" as const, "aria-label": label };
  return <canvas ref={canvas} class={`picture ${more}`} width={width} height={height} {...named} />;
}

/** Red, green and blue from 0 to `most`, as an image has them. */
function inColor(pixels: ArrayLike<number>, most: number): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray((pixels.length / 3) * 4).fill(255);
  for (let k = 0; k < pixels.length; k++) out[4 * Math.floor(k / 3) + (k % 3)] = (255 * pixels[k]!) / most;
  return out;
}
