// A sheet to draw a digit on. With keys a picture's file can be chosen instead.
import { useLayoutEffect, useRef } from "preact/hooks";
import { eachPiece, follow, MARGIN, type PenLine } from "../draw/pen.ts";

const THICK = 24; // of the line on the screen, in units of the sheet

export type SketchProps = {
  readonly lines: readonly PenLine[];
  /** Called with every point; `done` at the end of a line. */
  readonly onLines: (lines: readonly PenLine[], done: boolean) => void;
};

export function Sketch({ lines, onLines }: SketchProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef(false);
  useLayoutEffect(() => {
    if (canvas.current) drawLines(canvas.current, lines);
  }, [lines]);
  const placeOf = ({ clientX, clientY, currentTarget }: PointerEvent): readonly [number, number] => {
    const box = (currentTarget as Element).getBoundingClientRect();
    const inside = (share: number) => MARGIN * Math.min(1, Math.max(0, share));
    return [inside((clientX - box.left) / box.width), inside((clientY - box.top) / box.height)];
  };
  const lift = () => {
    if (drawing.current) onLines(lines, true);
    drawing.current = false;
  };
  return (
    <canvas
      ref={canvas}
      class="sketch"
      role="img"
      aria-label="A sheet to draw on with a mouse, a finger or a pen. A picture's file can be chosen instead."
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drawing.current = true;
        onLines([...lines, [placeOf(event)]], false);
      }}
      onPointerMove={(event) => {
        const line = lines.at(-1);
        if (drawing.current && line) onLines([...lines.slice(0, -1), follow(line, ...placeOf(event))], false);
      }}
      onPointerUp={lift}
      onPointerCancel={lift}
    />
  );
}

function drawLines(canvas: HTMLCanvasElement, lines: readonly PenLine[]): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const side = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
  [canvas.width, canvas.height] = [side, side]; // also clears it
  context.scale(side / MARGIN, side / MARGIN);
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = THICK;
  context.strokeStyle = getComputedStyle(canvas).color;
  context.beginPath();
  for (const line of lines) {
    context.moveTo(...line[0]!);
    eachPiece(line, (_x, _y, x, y) => context.lineTo(x, y));
  }
  context.stroke();
}
