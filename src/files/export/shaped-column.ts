// What a measured column of a fitted transform may have beside its mean and deviation: clipped tails, cycles of dates.
import type { MeasuredColumn } from "../../data/transform.ts";

/** Days of a period: sine and cosine of 2π·days/period are two inputs. */
export const CYCLE_DAYS = { year: 365.2425, week: 7, day: 1 } as const;

export type ShapedColumn = MeasuredColumn & {
  /** z = (x − mean) / deviation becomes z / √(1 + (z/3)²). */
  readonly clip?: true | undefined;
  readonly cycles?: readonly (keyof typeof CYCLE_DAYS)[] | undefined;
};
