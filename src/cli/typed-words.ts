// The options of a command as they were typed, for the call of another command that takes the same.
import type { Command } from "commander";

/**
 * Tells, once the command line is read, the words of those options that `command` has now, in the order in which they
 * were typed; of an option given twice the last.
 */
export function typedWords(command: Command): () => string[] {
  const typed = new Map<string, string[]>();
  for (const option of command.options) {
    const flag = option.long!;
    command.on(`option:${option.name()}`, (value: string | null | undefined) => {
      typed.delete(flag);
      typed.set(flag, value === null || value === undefined ? [flag] : [flag, value]);
    });
  }
  return () => [...typed.values()].flat();
}
