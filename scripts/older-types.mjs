// What the emitted declarations ask of TypeScript and of the platform, lowered: they compile from TypeScript 5.4 on,
// and without the types of a browser or of Node.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

/** Lower the declarations in `dist`. Typed arrays are generic from TypeScript 5.7 on; `slice` gives the same type. */
export function lowerDeclarations(dist) {
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
