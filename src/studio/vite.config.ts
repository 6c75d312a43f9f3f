// The page's build: relative addresses, so that dist/studio works in any folder of any web host. `deltaprop studio`
// serves it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vite";

const text = readFileSync(join(import.meta.dirname, "../../package.json"), "utf8");
const { version } = JSON.parse(text) as { version: string };

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  publicDir: "public",
  worker: { format: "es" },
  define: { DELTAPROP_VERSION: JSON.stringify(version) },
  build: {
    outDir: "../../dist/studio",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false }, // the polyfill would be the page's only inline script
    assetsInlineLimit: 0, //               no data: addresses, which the content policy refuses for scripts
    chunkSizeWarningLimit: 400, // kB before compression: the chart library, loaded after the page
  },
});
