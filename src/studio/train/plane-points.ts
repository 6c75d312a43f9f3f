// The training points in the plane, and their changes: each makes a table of the points, which opens as a dropped one.
import { signal } from "@preact/signals";
import { lab, opened, setup } from "../state/store.ts";
import { openFiles } from "./draft.ts";

export type PlanePoint = readonly [x: number, y: number, label: number];

export const points = signal<readonly PlanePoint[]>([]);

/** Read the first training points of the open run. */
export async function loadPoints(most: number): Promise<void> {
  const found = opened.value;
  if (!found) return;
  const rows = Array.from({ length: Math.min(most, found.rows.train) }, (_, row) => ({ part: "train" as const, row }));
  const features = setup.value.data === "file" ? ["x", "y"] : setup.value.features;
  const [x, y] = [features.indexOf("x"), features.indexOf("y")];
  const raw = await lab.rawExamples(rows).catch(() => []); // another set-up was opened meanwhile
  if (opened.value !== found) return;
  points.value = x < 0 || y < 0 ? [] : raw.map(({ pixels, label }) => [pixels[x]!, pixels[y]!, label] as const);
}

export function addPoint(point: PlanePoint): Promise<void> {
  return openPoints([...points.value, point]);
}

export function removePoint(k: number): Promise<void> {
  return openPoints(points.value.toSpliced(k, 1));
}

/** `done`: the pointer let go, and the run starts anew with the moved point. */
export function movePoint(k: number, [x, y]: readonly [number, number], done: boolean): void {
  const point = points.value[k];
  if (!point) return;
  points.value = points.value.with(k, [x, y, point[2]]);
  if (done) void openPoints(points.value);
}

/** The points as a dropped table: its network and settings stay those of the open run. */
async function openPoints(next: readonly PlanePoint[]): Promise<void> {
  points.value = next;
  const classes = opened.value!.classes;
  const [first, second] = opened.value!.featureNames ?? ["x", "y"];
  const lines = next.map(([x, y, label]) => `${x},${y},${quoted(classes[label]!)}`);
  const text = [`${quoted(first ?? "x")},${quoted(second ?? "y")},class`, ...lines].join("\n");
  await openFiles([{ name: "points.csv", bytes: new TextEncoder().encode(text).buffer }]);
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
