// What each piece of the note's notation stands for: a formula's LaTeX, cut into terms, each bound to a quantity of the network at hand.
import type { Quantity, QuantityKind } from "../lab/quantity.ts";

/** How the note names a layer: a number of its four, or l and its neighbours. "0" is the input. */
type LayerName = string;

/** A term of a formula, as the note writes it. */
export type Term = {
  readonly key: string; //      "t0", …, the class of its element
  readonly latex: string;
  readonly kind: QuantityKind;
  readonly name: LayerName; //  "" for what belongs to the end of the network
  readonly batch: boolean;
};

/** A formula with every term inside `\class{term t0}{…}`, and what is left when the terms are taken out. */
export type SplitFormula = { readonly latex: string; readonly terms: readonly Term[]; readonly rest: string };

type Rule = { readonly pattern: RegExp; readonly kind: QuantityKind; readonly name: LayerName | undefined }; // the first group names the layer, if no name is given

const LAYER = String.raw`(\d|l|L|\{l[+-]1\})`;
const INPUT = `(?:z_${LAYER})`;
const rule = (source: string, kind: QuantityKind, name?: LayerName): Rule => ({
  pattern: new RegExp(source, "y"),
  kind,
  name,
});

/** Tried in this order at every place of a formula. */
const RULES: readonly Rule[] = [
  // Jacobians and derivatives that are written as fractions
  rule(String.raw`\\frac\{\\partial S_i\}\{\\partial z_k\}`, "jacobianOff"),
  rule(String.raw`\\frac\{\\partial S_i\}\{\\partial z_i\}`, "jacobianDiagonal"),
  rule(String.raw`\\frac\{\\partial S\(z\)\}\{\\partial z\}`, "jacobian"),
  rule(String.raw`\\frac\{\\partial \\ell\}\{\\partial S\(z\)\}`, "lossByS"),
  rule(String.raw`\\frac\{\\partial (?:\\ell|\\mathcal\{L\})\}\{\\partial (?:z_4|z|f\(x\))\}`, "delta"),
  rule(String.raw`\\frac\{\\partial (?:z_4\}\{\\partial b_4|f\(x\)\}\{\\partial z_L)\}`, "identity"),
  rule(String.raw`\\frac\{\\partial f\(x\)\}\{\\partial W_4\}`, "tensor"),
  rule(String.raw`\\frac\{\\partial \\ell\}\{\\partial w_\{p,q\}\}`, "dW", "4"),
  rule(String.raw`\\frac\{\\partial f\(x\)\}\{\\partial \\sigma\(z_3\)\}`, "WT", "4"),
  rule(String.raw`\\frac\{\\partial \\sigma\(z_3\)\}\{\\partial z_3\}`, "diagonal", "3"),
  // the loss and softmax
  rule(String.raw`L\(f\(X,\\theta\),Y\)`, "loss"),
  rule(String.raw`\\frac\{\\exp\(f\(X\)_\{i,c\}\)\}\{\\sum_\{j=1\}\^\{C\} \\exp\(f\(X\)_\{i,j\}\)\}`, "S"),
  rule(String.raw`\\exp\(z_i\)`, "exp"),
  rule(String.raw`\\sum_\{j=1\}\^\{C\} \\exp\(z_j\)`, "expSum"),
  rule(String.raw`S(?:_[ikC1])?\(z(?:_4)?\)|S_[1C]`, "S"),
  rule(String.raw`\\frac\{1\}\{(?:B|\|B\|)\}`, "share"),
  rule(String.raw`\\mathbf\{1\}`, "ones"),
  // gradients
  rule(String.raw`E\[\\nabla \\mathcal\{L\}\]`, "dW", "l"),
  rule(String.raw`\\nabla_\\theta \\mathcal\{L\}\(f\(x_i, \\theta\), y_i\)`, "dW", "l"),
  rule(String.raw`\\sum_\{\(x_i, y_i\) \\in B\}`, "a", "0"),
  rule(String.raw`\\nabla_\{W_${LAYER}\}(?: \\ell| \\mathcal\{L\})?`, "dW"),
  rule(String.raw`\\nabla_\{b_${LAYER}\}(?: \\ell| \\mathcal\{L\})?`, "db"),
  // a layer's arrays
  rule(String.raw`\\mathrm\{diag\}\(\\sigma'\(${INPUT}\)\)`, "diagonal"),
  rule(String.raw`\\sigma'\(${INPUT}\)`, "slope"),
  rule(String.raw`\\sigma\(${INPUT}\)\^T`, "aT"),
  rule(String.raw`\\sigma\(${INPUT}\)(?:_p)?`, "a"),
  rule(String.raw`\\delta\^${LAYER}(?:_q)?`, "delta"),
  rule(String.raw`W_${LAYER}\^[Tt]`, "WT"),
  rule(`W_${LAYER}`, "W"),
  rule(`b_${LAYER}`, "b"),
  rule(String.raw`f\(x\)`, "z"),
  rule(String.raw`x\^T`, "aT", "0"),
  rule("x(?![_a-z])", "a", "0"),
  rule(String.raw`y(?:_\{i,c\}|_[1C])?`, "y"),
  rule("I(?![a-z])", "identity"),
];

/** The equations that speak of a whole mini-batch, not of one example; the example's own gradient inside E35 excepted. */
const OF_BATCHES = new Set(["E2", "E35", "E36", "E37"]);

/** Words of LaTeX that are no terms, whatever letters they hold. */
const WORD = /\\(?:class|begin|end)\{[a-z]+\}|\\[a-zA-Z]+|\\./y;

/** Cut a formula into terms. */
export function splitFormula(id: string, latex: string): SplitFormula {
  const terms: Term[] = [];
  let [out, rest, at] = ["", "", 0];
  while (at < latex.length) {
    const found = matchAt(latex, at);
    if (found) {
      const { text, kind, name } = found;
      const key = `t${terms.length}`;
      const batch = OF_BATCHES.has(id) && !text.startsWith("\\nabla_\\theta");
      const meant = id === "E34" && kind === "dW" ? "1" : name; // the note prints ∇W₂ there
      terms.push({ key, latex: text, kind, name: meant, batch });
      out += `\\class{term ${key}}{${text}}`;
      at += text.length;
      continue;
    }
    WORD.lastIndex = at;
    const text = WORD.exec(latex)?.[0] ?? latex[at]!;
    out += text;
    rest += text;
    at += text.length;
  }
  return { latex: out, terms, rest };
}

function matchAt(latex: string, at: number): { text: string; kind: QuantityKind; name: LayerName } | undefined {
  for (const { pattern, kind, name } of RULES) {
    pattern.lastIndex = at;
    const match = pattern.exec(latex);
    if (match) return { text: match[0], kind, name: name ?? (match[1] ?? "").replace(/[{}]/g, "") };
  }
  return undefined;
}

/**
 * The quantity a term stands for in a network of `depth` layers, where l is `layer`. The note's four layers are counted from the last; where
 * it speaks of the first layer (E1, E9, E32 … E34) its 1 is the first. Undefined where the network has no such layer.
 */
export function bind(id: string, { kind, name, batch }: Term, depth: number, layer: number): Quantity | undefined {
  const found = layerOf(id, name, depth, layer);
  const lowest = kind === "a" || kind === "aT" ? 0 : 1;
  return found >= lowest && found <= depth ? { kind, layer: found, batch } : undefined;
}

const FROM_THE_FIRST = new Set(["E1", "E9", "E32", "E33", "E34"]);

function layerOf(id: string, name: LayerName, depth: number, layer: number): number {
  if (name === "" || name === "L") return depth;
  if (name === "0") return 0;
  const recursion = id === "E17" || id === "E20"; // l < L
  const l = recursion ? Math.min(layer, depth - 1) : layer;
  if (name.startsWith("l")) return l + Number(name.slice(1) || "0");
  const counted = depth - (4 - Number(name));
  if (!FROM_THE_FIRST.has(id)) return counted;
  if (name === "1") return 1;
  return counted > 1 ? counted : Number.NaN;
}
