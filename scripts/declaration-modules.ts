// One file of emitted declarations, read with rolldown's parser: what it declares, imports and exports.
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseSync } from "rolldown/utils";

export type Kind = "function" | "class" | "type" | "constant";

/** A node of the parser's tree: ESTree with TypeScript's nodes. */
export type Node = {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
};
export type Comment = { readonly type: string; readonly value: string; readonly start: number; readonly end: number };

export type Module = {
  readonly file: string;
  readonly text: string;
  readonly comments: readonly Comment[];
  /** Declarations by name; several for overloads. */
  readonly declared: ReadonlyMap<string, readonly Node[]>;
  /** Of ours: local name → module and name there. */
  readonly imported: ReadonlyMap<string, { readonly file: string; readonly name: string }>;
  readonly exported: ReadonlyMap<string, { readonly file: string; readonly name: string; readonly typeOnly: boolean }>;
  /** Local names with an export of their own. */
  readonly own: ReadonlySet<string>;
};

export const KINDS: Readonly<Record<string, Kind>> = {
  TSDeclareFunction: "function",
  FunctionDeclaration: "function",
  ClassDeclaration: "class",
  TSTypeAliasDeclaration: "type",
  TSInterfaceDeclaration: "type",
  VariableDeclaration: "constant",
};

export function readModule(folder: string, file: string): Module {
  const text = readFileSync(join(folder, file), "utf8");
  const { program, comments, errors } = parseSync(file, text) as unknown as {
    readonly program: { readonly body: readonly Node[] };
    readonly comments: readonly Comment[];
    readonly errors: readonly unknown[];
  };
  if (errors.length > 0) throw new Error(`${file}: ${JSON.stringify(errors[0])}`);
  const target = (specifier: string) =>
    relative(folder, resolve(folder, dirname(file), specifier))
      .replaceAll("\\", "/")
      .replace(/\.[jt]s$/, ".d.ts");
  const declared = new Map<string, Node[]>();
  const imported = new Map<string, { file: string; name: string }>();
  const exported = new Map<string, { file: string; name: string; typeOnly: boolean }>();
  const own = new Set<string>();
  for (const statement of program.body) {
    const source = (statement.source as { readonly value: string } | null | undefined)?.value;
    const specifiers = (statement.specifiers ?? []) as readonly Node[];
    if (statement.type === "ImportDeclaration") {
      if (source?.startsWith("."))
        for (const one of specifiers)
          imported.set(nameIn(one.local), { file: target(source), name: nameIn(one.imported ?? one.local) });
      continue;
    }
    const node = (statement.declaration ?? statement) as Node;
    if (KINDS[node.type] !== undefined)
      for (const name of declaredBy(node)) {
        declared.set(name, [...(declared.get(name) ?? []), { ...node, start: statement.start }]);
        if (statement.type !== "ExportNamedDeclaration") continue;
        own.add(name);
        exported.set(name, { file, name, typeOnly: false });
      }
    for (const one of statement.type === "ExportNamedDeclaration" ? specifiers : []) {
      const typeOnly = statement.exportKind === "type" || one.exportKind === "type";
      exported.set(nameIn(one.exported), { file: source ? target(source) : file, name: nameIn(one.local), typeOnly });
      if (!source) own.add(nameIn(one.local));
    }
  }
  return { file, text, comments, declared, imported, exported, own };
}

export const nameIn = (node: unknown): string =>
  (node as { readonly name?: string; readonly value?: string }).name ?? "";

function declaredBy(node: Node): string[] {
  if (node.type !== "VariableDeclaration") return [nameIn(node.id)];
  return (node.declarations as readonly Node[]).map(({ id }) => nameIn(id));
}

export const bodyOf = (node: Node): readonly Node[] => (node.body as { readonly body: readonly Node[] }).body;
