// Packs the built pages into dist/pages, as the package holds them: the studio's files in one archive, the page of a
// report and that of a server, compressed. src/cli/studio/built.ts reads them.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const BESIDE = ["licences.txt", "sbom.cdx.json"]; // to be read as they are

/** Pack `dist`/studio and the two pages of `dist` into `folder`. */
export function packPages(dist, folder = join(dist, "pages")) {
  mkdirSync(folder, { recursive: true });
  const studio = join(dist, "studio");
  const files = readdirSync(studio, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(studio, join(parentPath, name)).split(sep).join("/"))
    .filter((name) => name !== "licences.txt") // which is not served
    .sort(byKind);
  const contents = files.map((name) => readFileSync(join(studio, name)));
  const list = files.map((name, n) => [name, contents[n].length]);
  write("studio.br", Buffer.concat([Buffer.from(`${JSON.stringify(list)}\n`), ...contents]));
  for (const page of ["report.html", "serve.html"]) write(`${page}.br`, readFileSync(join(dist, page)));
  for (const name of BESIDE) copyFileSync(join(studio, name), join(folder, name));

  function write(name, bytes) {
    const params = {
      [constants.BROTLI_PARAM_LGWIN]: 24, // the whole archive
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    };
    writeFileSync(join(folder, name), brotliCompressSync(bytes, { params }));
  }
}

/** Files of a kind lie together: they have more in common. */
function byKind(a, b) {
  const keys = [a, b].map((name) => `${name.split(".").at(-1)} ${name}`);
  return keys[0] < keys[1] ? -1 : 1;
}
