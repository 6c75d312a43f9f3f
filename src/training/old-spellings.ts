// The option names of version 0.1 and their names today. Both are accepted: in options, run.json, checkpoints and
// addresses.
import { must } from "../errors.ts";

const RENAMED = { rule: "optimizer", initialisation: "initialization" } as const;

/** The current name of the option that version 0.1 called `name`; other names unchanged. */
export function currentName(name: string): string {
  return Object.hasOwn(RENAMED, name) ? RENAMED[name as keyof typeof RENAMED] : name;
}

/** `options` with their current names. Raises InvalidInput for an option under both of its names. */
export function currentOptions<T extends object>(options: T): T {
  const renamed = Object.entries(RENAMED).filter(([old]) => (options as Record<string, unknown>)[old] !== undefined);
  if (renamed.length === 0) return options;
  const current = { ...options } as Record<string, unknown>;
  for (const [old, name] of renamed) {
    must(current[name] === undefined, old, `left out where ${name} is given: both name one option`, current[old]);
    current[name] = current[old];
    delete current[old];
  }
  return current as T;
}
