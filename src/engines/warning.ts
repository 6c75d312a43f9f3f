// Warnings: what a program should be told, once a process, although its call goes on.

const given = new Set<string>();

/** Print a warning, unless this process, or page, has printed one about the same matter before. */
export function warnOnce(about: string, text: string): void {
  if (given.has(about)) return;
  given.add(about);
  console.warn(`deltaprop: ${text}`);
}

/** For tests: print each once more. */
export const forgetWarnings = (): void => given.clear();
