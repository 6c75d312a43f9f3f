// The public names of the library as its emitted declarations have them: for each entry every exported name with its
// kind, text, doc comment and members, and the names its types refer to. Read with rolldown's parser, because
// TypeScript 7 has no stable programming interface (docs/dependencies.md).
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseSync } from "rolldown/utils";
import { ENTRIES } from "./join.mjs";

export { ENTRIES };

const ROOT = resolve(import.meta.dirname, "..");

export type Member = {
  /** `epochs`, or the path to it: `onEvent.loss`. */
  readonly name: string;
  readonly kind: "field" | "method" | "getter" | "constructor";
  readonly optional: boolean;
  /** Its type, or the call of a method; one line. */
  readonly type: string;
  readonly doc: string;
};

export type Kind = "function" | "class" | "type" | "constant";

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

/** A node of the parser's tree: ESTree with TypeScript's nodes. */
type Node = { readonly type: string; readonly start: number; readonly end: number; readonly [key: string]: unknown };
type Comment = { readonly type: string; readonly value: string; readonly start: number; readonly end: number };

type Module = {
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

const KINDS: Readonly<Record<string, Kind>> = {
  TSDeclareFunction: "function",
  FunctionDeclaration: "function",
  ClassDeclaration: "class",
  TSTypeAliasDeclaration: "type",
  TSInterfaceDeclaration: "type",
  VariableDeclaration: "constant",
};

function readModule(folder: string, file: string): Module {
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

const nameIn = (node: unknown): string => (node as { readonly name?: string; readonly value?: string }).name ?? "";

function declaredBy(node: Node): string[] {
  if (node.type !== "VariableDeclaration") return [nameIn(node.id)];
  return (node.declarations as readonly Node[]).map(({ id }) => nameIn(id));
}

const bodyOf = (node: Node): readonly Node[] => (node.body as { readonly body: readonly Node[] }).body;

/** The JSDoc right before a node, as text. */
function docBefore({ text, comments }: Module, { start }: Pick<Node, "start">): string {
  const comment = comments.findLast(({ end }) => end <= start && text.slice(end, start).trim() === "");
  if (comment?.type !== "Block" || !comment.value.startsWith("*")) return "";
  const lines = comment.value.slice(1).split("\n");
  return lines
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
    .join("\n")
    .trim();
}

/** The source of a span on one line, without comments. */
function flat({ text, comments }: Module, start: number, end: number): string {
  let out = "";
  let at = start;
  for (const comment of comments) {
    if (comment.start < start || comment.end > end) continue;
    out += text.slice(at, comment.start);
    at = comment.end;
  }
  const line = (out + text.slice(at, end)).replace(/\s+/g, " ");
  return line
    .replaceAll("readonly [", "readonly\u0000[")
    .replace(/\breadonly (?=[\w#[])/g, "")
    .replaceAll("\u0000", " ");
}

/** A declaration in a line; a class by its head, since its members have rows of their own. */
function signatureOf(module: Module, node: Node): string {
  const end = node.type === "ClassDeclaration" ? (node.body as Node).start : node.end;
  return flat(module, node.start, end)
    .replace(/^export /, "")
    .replace(/^declare /, "")
    .replace(/;$/, "")
    .trim();
}

function membersOf(module: Module, node: Node, constructs: boolean): Member[] {
  if (node.type === "ClassDeclaration")
    return bodyOf(node).flatMap((member) => classMember(module, member, constructs));
  if (node.type === "TSInterfaceDeclaration") return bodyOf(node).flatMap((member) => typeMember(module, member, ""));
  if (node.type === "TSTypeAliasDeclaration") return fieldsIn(module, node.typeAnnotation as Node, "");
  return parameterFields(module, node, "");
}

/** Fields of object types that stand in the parameters of a function or method. */
function parameterFields(module: Module, node: Node, path: string): Member[] {
  const parameters = (node.params ?? (node.value as Node | undefined)?.params ?? []) as readonly Node[];
  return parameters.flatMap((parameter, p) => {
    const annotation = (parameter.typeAnnotation as Node | null)?.typeAnnotation as Node | undefined;
    return annotation ? fieldsIn(module, annotation, `${path}${nameIn(parameter) || `argument ${p + 1}`}.`) : [];
  });
}

/** Fields of an object type, of each part of a union or intersection, and of object types inside, by their paths. */
function fieldsIn(module: Module, type: Node, path: string): Member[] {
  if (type.type === "TSTypeLiteral")
    return (type.members as readonly Node[]).flatMap((member) => typeMember(module, member, path));
  if (type.type === "TSUnionType" || type.type === "TSIntersectionType")
    return (type.types as readonly Node[]).flatMap((part) => fieldsIn(module, part, path));
  if (type.type === "TSParenthesizedType" || type.type === "TSTypeOperator" || type.type === "TSArrayType")
    return fieldsIn(module, (type.typeAnnotation ?? type.elementType) as Node, path);
  return [];
}

function typeMember(module: Module, node: Node, path: string): Member[] {
  if (node.type !== "TSPropertySignature" && node.type !== "TSMethodSignature") return [];
  const name = `${path}${flat(module, (node.key as Node).start, (node.key as Node).end)}`;
  const annotation = (node.typeAnnotation as Node | null)?.typeAnnotation as Node | undefined;
  const method = node.type === "TSMethodSignature";
  const type = method
    ? flat(module, (node.key as Node).start, node.end).replace(/;$/, "")
    : annotation
      ? flat(module, annotation.start, annotation.end)
      : "unknown";
  const inner = method
    ? parameterFields(module, node, `${name}: `)
    : annotation
      ? fieldsIn(module, annotation, `${name}.`)
      : [];
  const optional = Boolean(node.optional);
  return [{ name, kind: method ? "method" : "field", optional, type, doc: docBefore(module, node) }, ...inner];
}

function classMember(module: Module, node: Node, constructs: boolean): Member[] {
  const key = node.key as Node;
  if (key.type === "PrivateIdentifier" || node.accessibility === "private") return [];
  const doc = docBefore(module, node);
  const name = flat(module, key.start, key.end);
  if (node.type === "PropertyDefinition" || node.type === "TSAbstractPropertyDefinition") {
    const { start, end } = ((node.typeAnnotation as Node | null)?.typeAnnotation ?? node.value) as Node;
    return [{ name, kind: "field", optional: Boolean(node.optional), type: flat(module, start, end), doc }];
  }
  if (node.kind === "constructor" && !constructs) return [];
  const kind = node.kind === "get" ? "getter" : node.kind === "constructor" ? "constructor" : "method";
  const shown = node.computed ? `[${name}]` : name;
  const type = flat(module, key.start - (node.computed ? 1 : 0), node.end).replace(/;$/, "");
  const text = kind === "getter" ? type.replace(/^.*\(\): /, "") : type;
  return [{ name: shown, kind, optional: false, type: text, doc }, ...parameterFields(module, node, `${shown}: `)];
}

/** Names that the types of a declaration use, its own type parameters left out. */
function namesUsed(root: Node, constructs: boolean): Set<string> {
  const used = new Set<string>();
  const parameters = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) visit(one);
    if (typeof value !== "object" || value === null || typeof (value as Node).type !== "string") return;
    const node = value as Node;
    if (node.accessibility === "private") return;
    if (node.kind === "constructor" && !constructs) return;
    if (node.type === "TSTypeParameter") parameters.add(nameIn(node.name));
    if (node.type === "TSMappedType") parameters.add(nameIn(node.key));
    if (node.type === "TSTypeReference") used.add(nameIn(node.typeName));
    if (node.type === "TSInterfaceHeritage" || node.type === "TSClassImplements") used.add(nameIn(node.expression));
    if (node.type === "ClassDeclaration" && node.superClass) used.add(nameIn(node.superClass));
    for (const [key, child] of Object.entries(node)) if (key !== "id") visit(child);
  };
  visit(root);
  for (const name of parameters) used.delete(name);
  return used;
}
