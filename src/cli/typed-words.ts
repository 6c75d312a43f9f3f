// The options of a command as they were typed, for the call of another command that takes the same.
import type { Command } from "commander";

/**
 * The words of the options that `command` has now, as they are typed: a list that grows while the command line is read,
 * in its order. An option that is given again replaces its words.
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
