// Folds of a cross-validation: every row is in one, each class in proportion, and a group's rows stay together.
import type { Dataset } from "../data/dataset.ts";
import { InvalidInput } from "../errors.ts";
import { PURPOSE, Random } from "../numerics/random.ts";

/**
 * [N], the fold of each row, 0 … folds − 1: of each class, as of all rows, each fold has its share to within one row.
 * With `groups` whole groups are dealt, the largest first, each to the fold with the fewest rows. A function of labels,
 * groups, folds and seed. Raises InvalidInput TOO_FEW_ROWS.
 */
export function foldsOf(
  { labels, groups, name }: Pick<Dataset, "labels" | "groups" | "name">,
  folds: number,
  seed: number,
): Uint16Array {
  const units = groups ? new Set(groups).size : labels.length;
  if (units < folds) {
    const what = groups ? "groups" : "rows";
    const reason = `${name} has ${units} ${what}, too few for ${folds} folds. Ask for fewer folds, or bring more ${what}.`;
    throw new InvalidInput("TOO_FEW_ROWS", reason);
  }
  const random = new Random(seed, PURPOSE.folds);
  const rows = random.shuffle(Array.from(labels, (_, i) => i));
  const fold = new Uint16Array(labels.length);
  if (groups) dealGroups(fold, rows, groups, folds);
  // the rows class by class: every fold takes each `folds`-th
  else
    rows
      .sort((a, b) => labels[a]! - labels[b]!)
      .forEach((row, k) => {
        fold[row] = k % folds;
      });
  return fold;
}

function dealGroups(fold: Uint16Array, rows: readonly number[], groups: Int32Array, folds: number): void {
  const members = [...Map.groupBy(rows, (row) => groups[row]!).values()].sort((a, b) => b.length - a.length);
  const sizes = new Array<number>(folds).fill(0);
  for (const group of members) {
    const smallest = sizes.indexOf(Math.min(...sizes));
    sizes[smallest]! += group.length;
    for (const row of group) fold[row] = smallest;
  }
}
