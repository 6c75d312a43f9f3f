// Splits that keep groups whole, e.g. all visits of a patient: no group has rows in two parts. Of all such splits one
// is sought in which every part has each class in proportion.
import { InvalidInput } from "../errors.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import type { Dataset } from "./dataset.ts";
import { rowsByPart } from "./rows-by-part.ts";

type GroupedRows = Pick<Dataset, "labels"> & { readonly groups: Int32Array };

/** How many rows of each class a group has: only the classes that occur. */
type Group = { readonly id: number; readonly rows: number; readonly classes: ReadonlyMap<number, number> };

const MOST_PASSES = 20; //    over all groups; it rarely takes five
const MOST_PAIRS = 20_000; // of groups that are looked at for an exchange: among many, single moves find as good ones

/**
 * The row numbers of each part, ascending. The first part has rows of every class. Raises InvalidInput BAD_SPLIT where
 * no group can be held out.
 */
export function splitGroups(data: GroupedRows, fractions: readonly number[], seed: number): readonly Uint32Array[] {
  const all = groupsOf(data);
  refuseUngrouped(data, all.length, fractions.length);
  const order = new Random(seed, PURPOSE.split).shuffle(Uint32Array.from(all.keys()));
  let rest = Array.from(order, (g) => all[g]!);
  let whole = 1;
  const partOf = new Map<number, number>(); // of groups that are held out
  for (let p = fractions.length - 1; p > 0; p--) {
    const held = heldGroups(rest, fractions[p]! / whole);
    whole -= fractions[p]!;
    if (held.size === 0) throw noGroup();
    for (const { id } of held) partOf.set(id, p);
    rest = rest.filter((group) => !held.has(group));
  }
  return rowsByPart(data.groups.length, fractions.length, (i) => partOf.get(data.groups[i]!) ?? 0);
}

function groupsOf({ labels, groups }: GroupedRows): Group[] {
  const found = new Map<number, { id: number; rows: number; classes: Map<number, number> }>();
  groups.forEach((g, i) => {
    let group = found.get(g);
    if (group === undefined) {
      group = { id: g, rows: 0, classes: new Map() };
      found.set(g, group);
    }
    const label = labels[i]!;
    group.rows++;
    group.classes.set(label, (group.classes.get(label) ?? 0) + 1);
  });
  return [...found.values()];
}

const LEAST_GAIN = 1e-9; // below, it is rounding

/**
 * Groups with about `share` of the rows of every class. A group changes sides where that lowers Σ_c (h_c − s·N_c)²/N_c,
 * with h_c and N_c the rows of class c that are held out and that there are, one c standing for all rows.
 */
function heldGroups(groups: readonly Group[], share: number): Set<Group> {
  const total = new Map<number, number>(); // N_c; −1: all classes together
  for (const { rows, classes } of groups) {
    total.set(-1, (total.get(-1) ?? 0) + rows);
    for (const [c, n] of classes) total.set(c, (total.get(c) ?? 0) + n);
  }
  const counts = new Map<number, number>(); // h_c
  const held = new Set<Group>();
  const change = (group: Group, sign: 1 | -1): number => {
    let sum = 0;
    const add = (c: number, n: number) => {
      const [N, h] = [total.get(c)!, counts.get(c) ?? 0];
      const off = h - share * N;
      sum += ((off + sign * n) ** 2 - off ** 2) / N;
    };
    for (const [c, n] of group.classes) add(c, n);
    add(-1, group.rows);
    return sum;
  };
  const move = (group: Group, sign: 1 | -1): void => {
    if (sign > 0) held.add(group);
    else held.delete(group);
    for (const [c, n] of group.classes) counts.set(c, (counts.get(c) ?? 0) + sign * n);
    counts.set(-1, (counts.get(-1) ?? 0) + sign * group.rows);
  };
  /** Whether every class keeps a row outside. */
  const spared = ({ classes }: Group): boolean => {
    for (const [c, n] of classes) if ((counts.get(c) ?? 0) + n >= total.get(c)!) return false;
    return true;
  };
  /** Move single groups; whether any was moved. */
  const moveSome = (): boolean => {
    let moved = false;
    for (const group of groups) {
      const inside = held.has(group);
      if (inside ? held.size === 1 : !spared(group)) continue;
      if (change(group, inside ? -1 : 1) > -LEAST_GAIN) continue;
      move(group, inside ? -1 : 1);
      moved = true;
    }
    return moved;
  };
  /** Exchange a group that is held out for one that is not; whether any was. */
  const exchangeSome = (): boolean => {
    const outside = groups.filter((group) => !held.has(group));
    if (held.size * outside.length > MOST_PAIRS) return false;
    for (const out of [...held])
      for (const group of outside) {
        const without = change(out, -1);
        move(out, -1);
        if (spared(group) && without + change(group, 1) < -LEAST_GAIN) {
          move(group, 1);
          return true;
        }
        move(out, 1);
      }
    return false;
  };
  for (let pass = 0; pass < MOST_PASSES && (moveSome() || exchangeSome()); pass++);
  if (held.size > 0) return held;
  let best: Group | undefined; // every group is larger than what is wanted: the least too large
  for (const group of groups) if (spared(group) && (!best || change(group, 1) < change(best, 1))) best = group;
  return new Set(best ? [best] : []);
}

function refuseUngrouped({ groups }: GroupedRows, count: number, parts: number): void {
  const refuse = (reason: string) => new InvalidInput("BAD_SPLIT", reason);
  if (count === 1) throw refuse("all rows are of one group, so none can be held out whole.");
  if (count === groups.length)
    throw refuse(
      `each of the ${count} rows has a group of its own, so the groups hold nothing together. Leave them out, or name another column.`,
    );
  if (count < parts) throw refuse(`${count} groups cannot make ${parts} parts.`);
}

function noGroup(): InvalidInput {
  const reason = "no group can be held out whole, as each has all rows of some class. Do the groups tell the class?";
  return new InvalidInput("BAD_SPLIT", reason);
}
