// The emitted declarations as the package holds them: those that an entry leads to, and what they ask of TypeScript and
// of the platform lowered, so that they compile from TypeScript 5.4 on, and without the types of a browser or of Node.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ENTRIES } from "./join.mjs";

/** Merged with the platform's own, where it declares them: nothing here is new to it. */
const PLATFORM = `// Names of the platform that the library's types use, for a program whose lib has none of them.
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: any;
}
interface SymbolConstructor {
  readonly dispose: unique symbol;
  readonly asyncDispose: unique symbol;
}
interface Disposable {
  [Symbol.dispose](): void;
}
interface AsyncDisposable {
  [Symbol.asyncDispose](): PromiseLike<void>;
}
declare namespace WebAssembly {
  interface Memory {}
}
`;

const IMPORT = /(?:\bfrom\s*|\bimport\s*|\bimport\(\s*)["'](\.[^"']*)["']/g;

/** Remove the declarations in `dist` that no entry leads to: half of them, which no program can name. */
function removeUnreached(dist) {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file) || !existsSync(file)) return;
    reached.add(file);
    for (const [, specifier] of readFileSync(file, "utf8").matchAll(IMPORT))
      visit(resolve(dirname(file), specifier.replace(/\.[jt]s$/, ".d.ts")));
  };
  for (const entry of ENTRIES) visit(join(dist, `${entry}.d.ts`));
  for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" }))
    if (name.endsWith(".d.ts") && !reached.has(join(dist, name))) {
      rmSync(join(dist, name));
      rmSync(join(dist, `${name}.map`), { force: true });
    }
}

/** Lower the declarations in `dist`. Typed arrays are generic from TypeScript 5.7 on; `slice` gives the same type. */
export function lowerDeclarations(dist) {
  removeUnreached(dist);
  const names = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".d.ts"));
  for (const name of names) {
    const file = join(dist, name);
    const before = readFileSync(file, "utf8");
    const after = before.replaceAll(/\b(\w+Array)<ArrayBuffer>/g, 'ReturnType<$1["slice"]>');
    if (after !== before) writeFileSync(file, after);
  }
  writeFileSync(join(dist, "platform.d.ts"), PLATFORM);
  for (const entry of ENTRIES) {
    const file = join(dist, `${entry}.d.ts`);
    writeFileSync(file, `/// <reference path="./platform.d.ts" />\n${readFileSync(file, "utf8")}`);
    const map = JSON.parse(readFileSync(`${file}.map`, "utf8"));
    writeFileSync(`${file}.map`, JSON.stringify({ ...map, mappings: `;${map.mappings}` })); // one line further down
  }
}
