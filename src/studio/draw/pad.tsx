// The pad: a sheet to draw on with a mouse, a finger or a pen, and with keys.
import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../language/words.ts";
import { dark } from "../parts/colors.ts";
import { Picture } from "../parts/picture.tsx";
import { opened } from "../state/store.ts";
import { clear, down, lines, onPad, penDown, penMove, penUp, SIDE, undo } from "./drawing.ts";
import { eachPiece, MARGIN } from "./pen.ts";

const THICK = 24; // of the line on the screen, in units of the pad: about as thick as in the 28×28 picture
const STRIDE = 10; // of the pen moved by keys

/** Position of the pen when it is moved by keys; null until it is. */
const cursor = signal<readonly [x: number, y: number] | null>(null);

/** Keys that move the pen; Home, End, PageUp and PageDown as the corners of a number pad. */
const MOVES: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  Home: [-1, -1],
  PageUp: [1, -1],
  End: [-1, 1],
  PageDown: [1, 1],
};

export function Pad() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const shown = lines.value;
  const at = cursor.value;
  const isDown = down.value;
  const isDark = dark.value;
  useLayoutEffect(() => {
    if (canvas.current) drawPad(canvas.current, shown, at, isDown);
  }, [shown, at, isDown, isDark]);
  const taken = onPad.value;
  return (
    <div
      class="pad"
      role="application"
      aria-roledescription={t("drawing pad")}
      aria-label={t(
        "Pad. With keys: the arrow keys, Home, End, Page up and Page down move the pen, Space lowers and lifts it, Backspace takes back the last line, Escape clears.",
      )}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the role takes keys
      tabIndex={0}
      onPointerDown={(event) => {
        if (!event.isPrimary || event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        cursor.value = null;
        penDown(...placeOf(event, event.currentTarget));
      }}
      onPointerMove={(event) => {
        if (!event.isPrimary || !down.value || cursor.value) return;
        const passed = event.getCoalescedEvents?.() ?? [];
        for (const each of passed.length > 0 ? passed : [event]) penMove(...placeOf(each, event.currentTarget));
      }}
      onPointerUp={lift}
      onPointerCancel={lift}
      onKeyDown={onKey}
      onBlur={() => {
        if (!cursor.value) return;
        penUp();
        cursor.value = null;
      }}
    >
      <canvas ref={canvas} />
      {taken && <Picture pixels={taken} height={SIDE} width={SIDE} label="" />}
      {!taken && shown.length === 0 && (
        <p aria-hidden="true">{t(opened.value?.file ? "Draw here" : "Draw a digit here")}</p>
      )}
    </div>
  );
}

function lift(event: PointerEvent): void {
  if (event.isPrimary && !cursor.value) penUp();
}

function placeOf(event: PointerEvent, pad: Element): readonly [x: number, y: number] {
  const box = pad.getBoundingClientRect();
  // clamped: the captured pointer may leave the pad
  const inside = (share: number) => MARGIN * Math.min(1, Math.max(0, share));
  return [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height)];
}

function onKey(event: KeyboardEvent): void {
  const move = MOVES[event.key];
  const [x, y] = cursor.value ?? [MARGIN / 2, MARGIN / 4];
  if (move) {
    const inside = (v: number) => Math.min(MARGIN - THICK / 2, Math.max(THICK / 2, v));
    const next = [inside(x + STRIDE * move[0]), inside(y + STRIDE * move[1])] as const;
    cursor.value = next;
    penMove(...next);
  } else if (event.key === " ") {
    cursor.value = [x, y];
    if (down.value) penUp();
    else penDown(x, y);
  } else if (event.key === "Backspace") undo();
  else if (event.key === "Escape") clear();
  else return;
  event.preventDefault();
}

/** Draw the lines, and the pen moved by keys: a ring, filled while it is down. */
function drawPad(canvas: HTMLCanvasElement, shown: typeof lines.value, at: typeof cursor.value, isDown: boolean): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const side = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
  [canvas.width, canvas.height] = [side, side]; // also clears it
  const { color, outlineColor } = getComputedStyle(canvas);
  context.scale(side / MARGIN, side / MARGIN);
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = THICK;
  context.strokeStyle = color;
  context.beginPath();
  for (const line of shown) {
    context.moveTo(...line[0]!);
    eachPiece(line, (_x, _y, x, y) => context.lineTo(x, y));
  }
  context.stroke();
  if (!at) return;
  context.beginPath();
  context.arc(...at, THICK / 2, 0, 2 * Math.PI);
  context.lineWidth = 3;
  context.strokeStyle = context.fillStyle = outlineColor;
  context.stroke();
  if (isDown) context.fill();
}
