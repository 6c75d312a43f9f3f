// The studio as a user gets it: the built page behind `deltaprop studio`'s own server.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { studioPage } from "../../src/cli/studio/built.ts";
import { type Studio, startStudio } from "../../src/cli/studio/server.ts";
import { dataFiles } from "../../src/cli/studio/static-files.ts";

/**
 * Serve the page to the tests of the file that calls this, with the named sets of `dataDir` only. `url` carries the
 * token; a fragment such as `#view=watch` may follow it.
 */
export function useStudio(dataDir?: string): { readonly url: string; readonly port: number } {
  let studio: Studio;
  beforeAll(async () => {
    const page = await studioPage();
    const { files } = await dataFiles({ dataDir, cache: join(tmpdir(), "deltaprop-no-cache") });
    studio = await startStudio(new Map([...page, ...files]), 0);
  });
  afterAll(() => studio.close());
  return {
    get url() {
      return studio.url;
    },
    get port() {
      return studio.port;
    },
  };
}
