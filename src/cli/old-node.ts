// The oldest Node that runs this program. Plain syntax: an older Node loads this file.

const LEAST: readonly [major: number, minor: number] = [22, 18];

/** What to do where Node is too old; undefined where it is not. */
export function nodeRefusal(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])) return undefined;
  return `Deltaprop needs Node ${LEAST.join(".")} or later; this is ${version}. Install a newer one from https://nodejs.org, or with your version manager.`;
}
