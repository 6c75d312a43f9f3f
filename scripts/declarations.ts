// The public names of the library as its emitted declarations have them: for each entry every exported name with its
// kind, text, doc comment and members, and the names its types refer to. Read with rolldown's parser, because
// TypeScript 7 has no stable programming interface (docs/dependencies.md).
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { docBefore, type Member, membersOf, namesUsed, signatureOf } from "./declaration-members.ts";
import { bodyOf, KINDS, type Kind, type Module, readModule } from "./declaration-modules.ts";
import { ENTRIES } from "./join.mjs";

export { ENTRIES, type Member };

const ROOT = resolve(import.meta.dirname, "..");

export type Name = {
  readonly name: string;
  /** A class that is exported as a type cannot be constructed. */
  readonly kind: Kind;
  readonly typeOnly: boolean;
  /** The declaration file, relative to the folder of declarations, and the name there. */
  readonly file: string;
  readonly declared: string;
  readonly doc: string;
  /** Declarations without members' docs; several for overloads. */
  readonly signatures: readonly string[];
  readonly members: readonly Member[];
  /** What its types name: "file#name" for ours, nothing for those of the platform. */
  readonly refers: readonly string[];
};

/** Emit the declarations of `src` into `folder`, as the build does. */
export function emitDeclarations(folder: string): void {
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const to = ["--emitDeclarationOnly", "--declarationMap", "false", "--sourceMap", "false", "--outDir", folder];
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json", ...to], { cwd: ROOT, stdio: "inherit" });
}

/** The declarations in `folder`, read file by file as they are asked for. */
export class Declarations {
  readonly #folder: string;
  readonly #modules = new Map<string, Module>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The exported names of an entry, e.g. "index", in alphabetical order. */
  namesOf(entry: string): Name[] {
    const module = this.#module(`${entry}.d.ts`);
    const names = [...module.exported].map(([name, { file, name: declared, typeOnly }]) =>
      this.#read(name, file, declared, typeOnly),
    );
    return names.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Whether "file#name" is a class of private members alone: the mark of a checked value, which has no name. */
  isMark(reference: string): boolean {
    const [file, name] = reference.split("#") as [string, string];
    const module = this.#module(file);
    const [node] = module.declared.get(name) ?? [];
    if (node?.type !== "ClassDeclaration" || module.own.has(name)) return false;
    return bodyOf(node).every((member) => member.accessibility === "private");
  }

  /** The text of the type or constant "file#name", for a name that is not exported. */
  textOf(reference: string): string {
    const [file, name] = reference.split("#") as [string, string];
    const module = this.#module(file);
    return (module.declared.get(name) ?? []).map((node) => signatureOf(module, node)).join("\n");
  }

  #module(file: string): Module {
    let module = this.#modules.get(file);
    if (module === undefined) this.#modules.set(file, (module = readModule(this.#folder, file)));
    return module;
  }

  /** Follow re-exports and imports to the declaration. */
  #find(file: string, name: string): { readonly file: string; readonly name: string } {
    const module = this.#module(file);
    if (module.declared.has(name)) return { file, name };
    const next = module.imported.get(name) ?? module.exported.get(name);
    if (next === undefined || (next.file === file && next.name === name)) return { file, name };
    return this.#find(next.file, next.name);
  }

  #read(name: string, from: string, local: string, typeOnly: boolean): Name {
    const { file, name: declared } = this.#find(from, local);
    const module = this.#module(file);
    const nodes = module.declared.get(declared);
    if (nodes === undefined) throw new Error(`${file}: no declaration of ${declared}`);
    const refers = new Set<string>();
    const constructs = !typeOnly;
    for (const node of nodes)
      for (const used of namesUsed(node, constructs)) {
        if (!module.declared.has(used) && !module.imported.has(used)) continue;
        const found = this.#find(file, used);
        refers.add(`${found.file}#${found.name}`);
      }
    refers.delete(`${file}#${declared}`);
    return {
      name,
      kind: KINDS[nodes[0]!.type]!,
      typeOnly,
      file,
      declared,
      doc: nodes.map((node) => docBefore(module, node)).find((doc) => doc !== "") ?? "",
      signatures: nodes.map((node) => signatureOf(module, node)),
      members: nodes.flatMap((node) => membersOf(module, node, constructs)),
      refers: [...refers],
    };
  }
}
