// A matrix as a heat map, one pixel a cell, sharp at any size. Where cells can be picked, the arrow keys move.
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../language/words.ts";
import { dark, paint, type ScaleKind, scaleOf } from "./colors.ts";
import { shortNumber } from "./numbers.ts";

export type MatrixCell = { readonly row: number; readonly col: number };

export type MatrixProps = {
  readonly values: Float32Array | Float64Array; // [rows×cols]
  readonly rows: number;
  readonly cols: number;
  readonly scale?: number | undefined; //          ±scale are the ends of the color scale; max |value| if not given
  readonly kind?: ScaleKind;
  readonly label: string;
  readonly onPick?: ((row: number, col: number) => void) | undefined;
  readonly picked?: MatrixCell | undefined;
  readonly onHover?: ((cell: MatrixCell | null) => void) | undefined;
  readonly class?: string;
};

export function MatrixView(props: MatrixProps) {
  const { values, rows, cols, kind = "diverging", label, onPick, onHover, picked } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const scale = props.scale ?? scaleOf(values);
  const isDark = dark.value;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context && values.length > 0) context.putImageData(new ImageData(paint(values, scale, kind), cols, rows), 0, 0);
  }, [values, rows, cols, scale, kind, isDark]);
  const name = `${label}: ${rows} × ${cols}, ${rangeOf(values)}`;
  const cellAt = (event: MouseEvent): MatrixCell => {
    const box = canvas.current!.getBoundingClientRect();
    const at = (from: number, size: number, count: number) =>
      Math.min(count - 1, Math.max(0, Math.floor((from / size) * count)));
    return {
      row: at(event.clientY - box.top, box.height, rows),
      col: at(event.clientX - box.left, box.width, cols),
    };
  };
  const image = (
    <canvas
      ref={canvas}
      width={cols}
      height={rows}
      {...(onPick ? { "aria-hidden": true } : { role: "img", "aria-label": name })}
      title={name}
      onPointerMove={onHover && ((event) => onHover(cellAt(event)))}
      onPointerLeave={onHover && (() => onHover(null))}
      onClick={
        onPick &&
        ((event) => {
          const { row, col } = cellAt(event);
          onPick(row, col);
        })
      }
    />
  );
  const mark = picked && (
    <span
      class="mark"
      style={{
        left: `${(100 * picked.col) / cols}%`,
        top: `${(100 * picked.row) / rows}%`,
        width: `${100 / cols}%`,
        height: `${100 / rows}%`,
      }}
    />
  );
  const classes = `matrix ${props.class ?? ""}`;
  if (!onPick)
    return (
      <span class={classes}>
        {image}
        {mark}
      </span>
    );
  const at = picked ?? { row: 0, col: 0 };
  return (
    <span
      class={`${classes} pickable`}
      role="application"
      aria-roledescription={t("matrix")}
      aria-label={t("{name}. At row {row}, column {column}: {value}. Arrow keys move.", {
        name,
        row: at.row + 1,
        column: at.col + 1,
        value: shortNumber(values[at.row * cols + at.col] ?? 0),
      })}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the role takes keys
      tabIndex={0}
      onKeyDown={(event) => {
        const move = MOVES[event.key];
        if (!move) return;
        event.preventDefault();
        const inside = (k: number, count: number) => Math.min(count - 1, Math.max(0, k));
        onPick(inside(at.row + move[0], rows), inside(at.col + move[1], cols));
      }}
    >
      {image}
      {mark}
    </span>
  );
}

const MOVES: Record<string, readonly [down: number, right: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function rangeOf(values: ArrayLike<number>): string {
  if (values.length === 0) return t("empty");
  let [low, high] = [values[0]!, values[0]!];
  for (let k = 1; k < values.length; k++) {
    if (values[k]! < low) low = values[k]!;
    if (values[k]! > high) high = values[k]!;
  }
  return t("from {low} to {high}", { low: shortNumber(low), high: shortNumber(high) });
}
