// Ranks as a person writes them: "size=S<M<L", a column and its levels from least to most.

/** Levels by column; undefined where a part says none. */
export function readRanks(parts: readonly string[]): Record<string, readonly string[]> | undefined {
  const found = parts.map((part) => /^(.+?)=(.+<.+)$/.exec(part));
  if (found.includes(null)) return undefined;
  return Object.fromEntries(
    found.map((each) => [each![1]!, each![2]!.split("<").map((level) => level.trim())] as const),
  );
}

/** Whether a column and its levels can be written so, in a list with commas between. */
export const canBeRanked = (column: string, levels: readonly string[]): boolean =>
  levels.length >= 2 && !column.includes("=") && levels.every((level) => level !== "" && !/[<,]/.test(level));
