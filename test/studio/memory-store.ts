// A store of runs that copies, as a database does, in memory.
import type { RunStore } from "../../src/studio/lab/kept-runs.ts";
import type { GivenFile } from "../../src/studio/lab/protocol.ts";

export function memoryStore(): RunStore {
  type Stored = NonNullable<Awaited<ReturnType<RunStore["load"]>>>;
  const runs = new Map<string, Stored>();
  return {
    async save(run, files) {
      const kept: readonly GivenFile[] = files ?? runs.get(run.entry.id)?.files ?? [];
      runs.set(run.entry.id, structuredClone({ ...run, files: kept }));
    },
    load: async (id) => structuredClone(runs.get(id)),
    list: async () => [...runs.values()].map(({ entry }) => entry).sort((a, b) => b.saved - a.saved),
    async rename(id, title) {
      const found = runs.get(id);
      if (found) runs.set(id, { ...found, entry: { ...found.entry, title } });
    },
    async remove(ids) {
      for (const id of ids) runs.delete(id);
    },
  };
}
