// What a power cut can leave of a save: a model of a file system that may keep any part of what was not synced. A
// sector that was written and not synced is on disk, is not, or is garbage; a change of a folder that was not synced is
// on disk or is not, and in the weaker model in any order. The calls are those that the real save makes, recorded.
import { dirname } from "node:path";
import { type Disk, writeDurably } from "../../src/files/disk.ts";
import { Random } from "../../src/numerics/random.ts";
import { insist } from "./job.ts";

type Operation =
  | { readonly kind: "create"; readonly path: string; readonly file: number }
  | {
      readonly kind: "write";
      readonly file: number;
      readonly sector: number;
      readonly sectors: number;
      readonly generation: string;
    }
  | { readonly kind: "sync"; readonly file: number }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  | { readonly kind: "sync folder" };

const SECTORS = 4; // a file is written in so many pieces

/** The operations of saves of generations "0", "1", …: recorded from writeDurably on a disk that only takes notes. */
export async function recordSaves(generations: number): Promise<readonly (readonly Operation[])[]> {
  const path = "run/checkpoint";
  const there = new Set<string>();
  let operations: Operation[] = [];
  let files = 0;
  const disk: Disk = {
    open: async (name, flags) => {
      const file = files++;
      const folder = flags === "r";
      insist(!folder || name === dirname(path), `${name} was opened to be read`);
      if (!folder) {
        there.add(name);
        operations.push({ kind: "create", path: name, file });
      }
      return {
        writeFile: async (content: unknown) => {
          for (let sector = 0; sector < SECTORS; sector++)
            operations.push({ kind: "write", file, sector, sectors: SECTORS, generation: String(content) });
        },
        sync: async () => {
          operations.push(folder ? { kind: "sync folder" } : { kind: "sync", file });
        },
        close: async () => {},
      } as Awaited<ReturnType<Disk["open"]>>;
    },
    rename: async (from, to) => {
      if (!there.delete(from)) throw Object.assign(new Error("ENOENT"), { code: "ENOENT" });
      there.add(to);
      operations.push({ kind: "rename", from, to });
    },
    unlink: async () => {},
  };
  const saves: Operation[][] = [];
  for (let g = 0; g < generations; g++) {
    operations = [];
    await writeDurably(path, String(g), { previous: `${path}.previous`, disk });
    saves.push(operations);
  }
  return saves;
}

type Disked = { readonly names: Map<string, number>; readonly sectors: Map<number, string[]> };

function apply({ names, sectors }: Disked, o: Operation, garbage = false): void {
  if (o.kind === "create") names.set(o.path, o.file);
  else if (o.kind === "write") {
    const content = sectors.get(o.file) ?? [];
    content[o.sector] = garbage ? "garbage" : o.generation;
    sectors.set(o.file, content);
  } else if (o.kind === "rename") {
    const file = names.get(o.from);
    if (file === undefined) return; // what it renames never reached the disk
    names.delete(o.from);
    names.set(o.to, file);
  }
}

/** The generation that a resumption finds: the newest whole one, else the one before it; null if there is none. */
function recover({ names, sectors }: Disked): string | null {
  for (const path of ["run/checkpoint", "run/checkpoint.previous"]) {
    const file = names.get(path);
    const content = file === undefined ? [] : (sectors.get(file) ?? []);
    if (content.length === SECTORS && content[0] !== "garbage" && content.every((s) => s === content[0]))
      return content[0]!;
  }
  return null;
}

/**
 * Cut the power after `cut` operations of the last save; `choose` says for each pending one whether it is kept, lost or
 * garbage. Returns what is found.
 */
function cutPower(
  saves: readonly (readonly Operation[])[],
  cut: number,
  ordered: boolean,
  choose: (pending: Operation) => "kept" | "lost" | "garbage",
): string | null {
  const disk: Disked = { names: new Map(), sectors: new Map() };
  for (const save of saves.slice(0, -1)) for (const o of save) apply(disk, o); // earlier saves were synced
  let pending: Operation[] = [];
  for (const o of saves.at(-1)!.slice(0, cut)) {
    if (o.kind === "sync" || o.kind === "sync folder") {
      const synced = (p: Operation) =>
        o.kind === "sync" ? p.kind === "write" && p.file === o.file : p.kind === "create" || p.kind === "rename";
      for (const p of pending.filter(synced)) apply(disk, p);
      pending = pending.filter((p) => !synced(p));
    } else pending.push(o);
  }
  let journal = true; // ordered: folder changes reach the disk in order, so that after the first lost one all are
  for (const p of pending) {
    const fate = choose(p);
    if (p.kind === "write") {
      if (fate !== "lost") apply(disk, p, fate === "garbage");
    } else if (fate === "kept" && journal) apply(disk, p);
    else if (ordered) journal = false;
  }
  return recover(disk);
}

export type PowerTally = { readonly states: number; readonly old: number; readonly fresh: number };

/**
 * Every cut with every fate of every pending operation, and `samples` random ones, in both models. Throws for a lost
 * checkpoint.
 */
export async function cutEverySave(samples: number): Promise<{ all: PowerTally; sampled: PowerTally }> {
  const all = { states: 0, old: 0, fresh: 0 };
  const sampled = { states: 0, old: 0, fresh: 0 };
  const random = new Random(1, 93);
  const fates = ["kept", "lost", "garbage"] as const;
  const cases = await Promise.all([2, 3, 4].map(recordSaves)); // the save of the second, third, fourth generation
  const judge = (tally: typeof all, saves: (typeof cases)[number], cut: number, found: string | null) => {
    const newest = saves.length - 1;
    tally.states++;
    const done = cut === saves.at(-1)!.length;
    insist(found !== null, `nothing is left after ${cut} operations of save ${newest}`);
    insist(Number(found) >= newest - 1, `generation ${found} is found in save ${newest}`);
    insist(!done || Number(found) === newest, `save ${newest} was called done, and ${found} is found`);
    if (Number(found) === newest) tally.fresh++;
    else tally.old++;
  };
  for (const saves of cases)
    for (const ordered of [true, false]) {
      const length = saves.at(-1)!.length;
      for (let cut = 0; cut <= length; cut++)
        for (let code = 0; ; code++) {
          let rest = code;
          const found = cutPower(saves, cut, ordered, ({ kind }) => {
            const ways = kind === "write" ? 3 : 2;
            const fate = fates[rest % ways]!;
            rest = Math.floor(rest / ways);
            return fate;
          });
          if (rest > 0) break; // every combination has been counted through
          judge(all, saves, cut, found);
        }
      for (let n = 0; n < samples / (2 * cases.length); n++) {
        const cut = random.integer(length + 1);
        judge(
          sampled,
          saves,
          cut,
          cutPower(saves, cut, ordered, () => fates[random.integer(3)]!),
        );
      }
    }
  return { all, sampled };
}
