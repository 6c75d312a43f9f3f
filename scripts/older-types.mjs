// The emitted declarations as the package holds them: those that an entry leads to, and what they ask of TypeScript and
// of the platform lowered, so that they compile from TypeScript 5.4 on, and without the types of a browser or of Node.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
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

/** The declarations in `modules` that an entry leads to: half of them; no program can name the others. */
function reachedDeclarations(modules) {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file) || !existsSync(file)) return;
    reached.add(file);
    for (const [, specifier] of readFileSync(file, "utf8").matchAll(IMPORT))
      visit(resolve(dirname(file), specifier.replace(/\.[jt]s$/, ".d.ts")));
  };
  for (const entry of ENTRIES) visit(join(modules, `${entry}.d.ts`));
  return reached;
}

/**
 * Put the declarations into `dist`, once: beside the CommonJS copy, which a module's types may import, but not the
 * other way round. Typed arrays are generic from TypeScript 5.7 on; `slice` gives the same type.
 */
export function placeDeclarations(modules, dist) {
  const folder = join(dist, "cjs");
  for (const file of reachedDeclarations(modules)) {
    const name = relative(modules, file);
    const lowered = readFileSync(file, "utf8")
      .replaceAll(/\b(\w+Array)<ArrayBuffer>/g, 'ReturnType<$1["slice"]>')
      .replace(/\n?\/\/# sourceMappingURL=.*\n?$/, "\n");
    const entry = ENTRIES.includes(name.replace(/\.d\.ts$/, ""));
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), `${entry ? '/// <reference path="./platform.d.ts" />\n' : ""}${lowered}`);
  }
  writeFileSync(join(folder, "platform.d.ts"), PLATFORM);
  for (const entry of ENTRIES) writeFileSync(join(dist, `${entry}.d.ts`), `export * from "./cjs/${entry}.js";\n`);
}
