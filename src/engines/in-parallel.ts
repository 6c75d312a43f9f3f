// Jobs beside each other, begun in their order. The order of their ends changes nothing: results stand in that of the
// jobs.

/** Run `jobs`, at most `workers` at once. After the first failure none is begun. */
export async function inParallel<T>(jobs: readonly (() => Promise<T>)[], workers: number): Promise<T[]> {
  const results: T[] = [];
  let [next, failed] = [0, false];
  const work = async () => {
    while (next < jobs.length && !failed) {
      const at = next++;
      try {
        results[at] = await jobs[at]!();
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(workers, jobs.length) }, work));
  for (const end of ended) if (end.status === "rejected") throw end.reason;
  return results;
}
