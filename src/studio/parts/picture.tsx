// One grayscale image of the data, dark on light, with sharp pixels.
import { useLayoutEffect, useRef } from "preact/hooks";
import { dark, paint } from "./colors.ts";

export type PictureProps = {
  readonly pixels: ArrayLike<number>; // [height×width], 0 is the background
  readonly height: number;
  readonly width: number;
  readonly label: string; //             empty where the text beside it is the label
  readonly class?: string;
};

export function Picture({ pixels, height, width, label, class: more = "" }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isDark = dark.value;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || pixels.length !== width * height) return;
    let most = pixels instanceof Uint8Array ? 255 : 1e-30;
    for (let k = 0; k < pixels.length; k++) most = Math.max(most, pixels[k]!);
    context.putImageData(new ImageData(paint(pixels, most, "grey"), width, height), 0, 0);
  }, [pixels, height, width, isDark]);
  const named = label === "" ? { "aria-hidden": true } : { role: "img" as const, "aria-label": label };
  return <canvas ref={canvas} class={`picture ${more}`} width={width} height={height} {...named} />;
}
