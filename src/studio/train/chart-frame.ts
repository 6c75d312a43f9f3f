// What the charts of a run share: their axis of epochs, the lines of compared runs, and how many points they show.
import { compared, differences } from "../state/compared.ts";
import { progress, setup } from "../state/store.ts";

/** The length of the charts' horizontal axis: all epochs to come, but of a long run at most four times those begun. */
export function span(): number {
  const begun = Math.max(1, Math.ceil(progress.value?.epoch ?? 1));
  const others = compared.value.map((run) => run.points.at(-1)?.epoch ?? 0);
  return Math.max(1, Math.min(setup.value.epochs, Math.max(10, 4 * begun, ...others)));
}

const MOST_POINTS = 200; // of epochs in a chart: more of them are no more to see
const MOST_DOTS = 60;

const DASHES = ["6 3", "2 3", "8 3 2 3"];

/** How a compared run's line differs from the open one's and from another's. */
export const laidOver = (k: number) =>
  ({ stroke: "var(--ink-2)", strokeWidth: 1.2, strokeDasharray: DASHES[k % DASHES.length]!, clip: true }) as const;

export const comparedKeys = () =>
  compared.value.map(({ name, setup: other }, k) => {
    const dash = ["– –", "· · ·", "– ·"][k];
    return { name: `${dash} ${name}: ${differences(other)}`, color: "quiet" as const };
  });

/** At most MOST_POINTS of these epochs, the last among them. */
export function thinned<T>(all: readonly T[]): readonly T[] {
  const every = Math.ceil(all.length / MOST_POINTS);
  return every <= 1 ? all : all.filter((_, k) => (all.length - 1 - k) % every === 0);
}

/** These marks for so many points, while there is room for a dot each. */
export const dotted = <T>(count: number, mark: () => T): T[] => (count <= MOST_DOTS ? [mark()] : []);

export const frame = { marginLeft: 44, marginRight: 12, marginTop: 12, marginBottom: 34 } as const;

/** At most eleven epochs, from 0. */
export function ticksOf(end: number): number[] {
  const step = Math.max(1, Math.ceil(end / 10));
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, k) => k * step);
}
