// The built pages: in the package, or in a checkout, which builds them on first use.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { EnvironmentFailure } from "../../errors.ts";

const ROOT = new URL("../../../", import.meta.url); // of the checkout, or of the package

/** The folder of the built page, dist/studio. Raises EnvironmentFailure where a checkout cannot build it. */
export async function builtStudio(): Promise<string> {
  if (import.meta.url.endsWith(".ts")) await build();
  return fileURLToPath(new URL("dist/studio", ROOT));
}

/** The built page of a report, dist/report.html. */
export async function builtReport(): Promise<string> {
  if (import.meta.url.endsWith(".ts")) await build();
  return fileURLToPath(new URL("dist/report.html", ROOT));
}

/** The built page of `deltaprop serve`, dist/serve.html. */
export async function builtServePage(): Promise<string> {
  if (import.meta.url.endsWith(".ts")) await build();
  return fileURLToPath(new URL("dist/serve.html", ROOT));
}

/** In a process of its own, because a build needs other environment variables. */
async function build(): Promise<void> {
  const script = new URL("scripts/studio.mjs", ROOT);
  const { isFresh } = (await import(script.href)) as { isFresh(): boolean };
  if (isFresh()) return;
  try {
    await promisify(execFile)(process.execPath, [fileURLToPath(script), "--if-older"]);
  } catch (cause) {
    const { stderr = "" } = cause as { stderr?: string };
    const message = stderr.trim() || (cause as Error).message;
    const reason = `the page could not be built: ${message} npm run build:studio shows more.`;
    throw new EnvironmentFailure("STUDIO_NOT_BUILT", reason, {}, { cause });
  }
}
