// The built pages: packed in the package, or in a checkout, which builds them on first use.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import { EnvironmentFailure } from "../../errors.ts";
import { pageFiles, type Served, unpackedPage } from "./static-files.ts";

const CHECKOUT = import.meta.url.endsWith(".ts");
const BUILT = new URL("../../../dist/", import.meta.url); // of a checkout
const PACKED = new URL("../pages/", import.meta.url); //     of the package, from dist/cli

/** The files of the studio's page. Raises EnvironmentFailure where a checkout cannot build it. */
export async function studioPage(): Promise<Map<string, Served>> {
  return CHECKOUT ? pageFiles(await builtStudio()) : unpackedPage(await unpacked("studio"));
}

/** The built page of a report, as text. */
export const reportPage = (): Promise<string> => pageText("report.html");

/** The built page of `deltaprop serve`, as text. */
export const servePage = (): Promise<string> => pageText("serve.html");

/** The folder of the built page in a checkout, dist/studio. Raises EnvironmentFailure where it cannot be built. */
export async function builtStudio(): Promise<string> {
  await build();
  return fileURLToPath(new URL("studio", BUILT));
}

async function pageText(name: string): Promise<string> {
  if (!CHECKOUT) return (await unpacked(name)).toString();
  await build();
  return readFile(new URL(name, BUILT), "utf8");
}

const unpacked = async (name: string): Promise<Buffer> =>
  promisify(brotliDecompress)(await readFile(new URL(`${name}.br`, PACKED)));

/** In a process of its own, because a build needs other environment variables. */
async function build(): Promise<void> {
  const script = new URL("../scripts/studio.mjs", BUILT);
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
