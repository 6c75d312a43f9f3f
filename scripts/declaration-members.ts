// What stands in a declaration: its comment, its text, its members, and the names that its types use.
import { bodyOf, type Module, type Node, nameIn } from "./declaration-modules.ts";

export type Member = {
  /** `epochs`, or the path to it: `onEvent.loss`. */
  readonly name: string;
  readonly kind: "field" | "method" | "getter" | "constructor";
  readonly optional: boolean;
  /** Its type, or the call of a method; one line. */
  readonly type: string;
  readonly doc: string;
};

/** The JSDoc right before a node, as text. */
export function docBefore({ text, comments }: Module, { start }: Pick<Node, "start">): string {
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
export function signatureOf(module: Module, node: Node): string {
  const end = node.type === "ClassDeclaration" ? (node.body as Node).start : node.end;
  return flat(module, node.start, end)
    .replace(/^export /, "")
    .replace(/^declare /, "")
    .replace(/;$/, "")
    .trim();
}

export function membersOf(module: Module, node: Node, constructs: boolean): Member[] {
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
export function namesUsed(root: Node, constructs: boolean): Set<string> {
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
