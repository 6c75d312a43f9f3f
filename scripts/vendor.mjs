// Puts what the library and the command line use of other packages into dist/vendor: the installed package then needs
// no other. A name that is not used there is left out.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { billOf, licensesOf } from "./licenses.mjs";

const ENTRY = fileURLToPath(new URL("../vendor-entry.js", import.meta.url)); // a name for the bundler; no such file
const FOR_NODE = new Set(["fastify", "prom-client"]); // they require its modules without "node:"
const IMPORT = /\b(?:import|export)\s*\{([^}]*)\}\s*from\s*"([^".][^"]*)"|\bimport\("([^".][^"]*)"\)/g;

/** Bundle the packages that the modules in `modules` import into the folder `into`, and point the imports there. */
export async function vendor(modules, into) {
  const wanted = new Map(); // specifier → names
  const files = readdirSync(modules, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  for (const file of files)
    for (const [, names, bare, dynamic] of readFileSync(join(modules, file), "utf8").matchAll(IMPORT)) {
      const specifier = bare ?? dynamic;
      if (specifier.startsWith("node:")) continue;
      const known = wanted.get(specifier) ?? new Set();
      for (const name of names?.split(",") ?? ["default"]) if (name.trim()) known.add(name.trim().split(/\s+as\s+/)[0]);
      wanted.set(specifier, known);
    }
  const fileOf = (specifier) => `${specifier.replace(/^@/, "").replaceAll("/", "-")}.js`;
  const entries = new Map([...wanted].map(([specifier, names]) => [fileOf(specifier), { specifier, names }]));
  const modulesUsed = [];
  for (const [file, { specifier, names }] of entries) {
    const source = `export { ${[...names].sort().join(", ")} } from ${JSON.stringify(specifier)};`;
    const entry = {
      name: "entry",
      resolveId: (id) => (id === ENTRY ? id : undefined),
      load: (id) => (id === ENTRY ? source : undefined),
    };
    const bundle = await rolldown({
      input: ENTRY,
      platform: FOR_NODE.has(specifier) ? "node" : "browser",
      external: /^node:/,
      plugins: [entry],
      onLog: (_, log) => {
        throw new Error(log.message); // a name that was not found would stay an import
      },
    });
    const { output } = await bundle.write({ file: join(into, file), format: "esm", minify: true, comments: false });
    modulesUsed.push(...output.flatMap(({ moduleIds = [] }) => moduleIds));
    await bundle.close();
  }
  writeFileSync(join(into, "licences.txt"), licensesOf(modulesUsed));
  writeFileSync(join(into, "sbom.cdx.json"), billOf(modulesUsed, "deltaprop"));
  for (const file of files) {
    const before = readFileSync(join(modules, file), "utf8");
    const after = before.replaceAll(IMPORT, (text, _, bare, dynamic) => {
      const specifier = bare ?? dynamic;
      if (!wanted.has(specifier)) return text;
      const path = relative(dirname(join(modules, file)), join(into, fileOf(specifier)))
        .split(sep)
        .join("/");
      return text.replace(JSON.stringify(specifier), JSON.stringify(path));
    });
    if (after !== before) writeFileSync(join(modules, file), after);
  }
}
