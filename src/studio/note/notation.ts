// The note's notation: a formula's LaTeX is split into terms, and each term is bound to a quantity of the open network.
import type { Quantity, QuantityKind } from "../lab/quantity.ts";

/** A layer's name in the note: a number of its four, or l, l+1, l-1, L. "0" is the input. */
type LayerName = string;

/** A term of a formula. */
export type Term = {
  readonly key: string; //      "t0", …, the CSS class of its element
  readonly latex: string;
  readonly kind: QuantityKind;
  readonly name: LayerName; //  "" for the last layer
  readonly batch: boolean;
};

/** A formula with each term inside `\class{term t0}{…}`; `rest` is the LaTeX outside the terms. */
export type SplitFormula = { readonly latex: string; readonly terms: readonly Term[]; readonly rest: string };

/** Without `name`, the pattern's first group is the layer's name. */
type TermPattern = { readonly pattern: RegExp; readonly kind: QuantityKind; readonly name: LayerName | undefined };

const LAYER = String.raw`(\d|l|L|\{l[+-]1\})`;
const INPUT = `(?:z_${LAYER})`;
const term = (source: string, kind: QuantityKind, name?: LayerName): TermPattern => ({
  pattern: new RegExp(source, "y"),
  kind,
  name,
});

/** Tried in this order at each position of a formula. */
const TERMS: readonly TermPattern[] = [
  // Jacobians and derivatives written as fractions
  term(String.raw`\\frac\{\\partial S_i\}\{\\partial z_k\}`, "jacobianOff"),
  term(String.raw`\\frac\{\\partial S_i\}\{\\partial z_i\}`, "jacobianDiagonal"),
  term(String.raw`\\frac\{\\partial S\(z\)\}\{\\partial z\}`, "jacobian"),
  term(String.raw`\\frac\{\\partial \\ell\}\{\\partial S\(z\)\}`, "lossByS"),
  term(String.raw`\\frac\{\\partial (?:\\ell|\\mathcal\{L\})\}\{\\partial (?:z_4|z|f\(x\))\}`, "delta"),
  term(String.raw`\\frac\{\\partial (?:z_4\}\{\\partial b_4|f\(x\)\}\{\\partial z_L)\}`, "identity"),
  term(String.raw`\\frac\{\\partial f\(x\)\}\{\\partial W_4\}`, "tensor"),
  term(String.raw`\\frac\{\\partial \\ell\}\{\\partial w_\{p,q\}\}`, "dW", "4"),
  term(String.raw`\\frac\{\\partial f\(x\)\}\{\\partial \\sigma\(z_3\)\}`, "WT", "4"),
  term(String.raw`\\frac\{\\partial \\sigma\(z_3\)\}\{\\partial z_3\}`, "diagonal", "3"),
  // the loss and softmax
  term(String.raw`L\(f\(X,\\theta\),Y\)`, "loss"),
  term(String.raw`\\frac\{\\exp\(f\(X\)_\{i,c\}\)\}\{\\sum_\{j=1\}\^\{C\} \\exp\(f\(X\)_\{i,j\}\)\}`, "S"),
  term(String.raw`\\exp\(z_i\)`, "exp"),
  term(String.raw`\\sum_\{j=1\}\^\{C\} \\exp\(z_j\)`, "expSum"),
  term(String.raw`S(?:_[ikC1])?\(z(?:_4)?\)|S_[1C]`, "S"),
  term(String.raw`\\frac\{1\}\{(?:B|\|B\|)\}`, "share"),
  term(String.raw`\\mathbf\{1\}`, "ones"),
  // gradients
  term(String.raw`E\[\\nabla \\mathcal\{L\}\]`, "dW", "l"),
  term(String.raw`\\nabla_\\theta \\mathcal\{L\}\(f\(x_i, \\theta\), y_i\)`, "dW", "l"),
  term(String.raw`\\sum_\{\(x_i, y_i\) \\in B\}`, "a", "0"),
  term(String.raw`\\nabla_\{W_${LAYER}\}(?: \\ell| \\mathcal\{L\})?`, "dW"),
  term(String.raw`\\nabla_\{b_${LAYER}\}(?: \\ell| \\mathcal\{L\})?`, "db"),
  // a layer's arrays
  term(String.raw`\\mathrm\{diag\}\(\\sigma'\(${INPUT}\)\)`, "diagonal"),
  term(String.raw`\\sigma'\(${INPUT}\)`, "slope"),
  term(String.raw`\\sigma\(${INPUT}\)\^T`, "aT"),
  term(String.raw`\\sigma\(${INPUT}\)(?:_p)?`, "a"),
  term(String.raw`\\delta\^${LAYER}(?:_q)?`, "delta"),
  term(String.raw`W_${LAYER}\^[Tt]`, "WT"),
  term(`W_${LAYER}`, "W"),
  term(`b_${LAYER}`, "b"),
  term(String.raw`f\(x\)`, "z"),
  term(String.raw`x\^T`, "aT", "0"),
  term("x(?![_a-z])", "a", "0"),
  term(String.raw`y(?:_\{i,c\}|_[1C])?`, "y"),
  term("I(?![a-z])", "identity"),
];

/** The equations of a mini-batch; but ∇_θ inside E35 is of one example. */
const OF_BATCHES = new Set(["E2", "E35", "E36", "E37"]);

/** LaTeX commands, skipped whole, so that no letter inside one is taken for a term. */
const WORD = /\\(?:class|begin|end)\{[a-z]+\}|\\[a-zA-Z]+|\\./y;

/** Split a formula into terms. */
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
  for (const { pattern, kind, name } of TERMS) {
    pattern.lastIndex = at;
    const match = pattern.exec(latex);
    if (match) return { text: match[0], kind, name: name ?? (match[1] ?? "").replace(/[{}]/g, "") };
  }
  return undefined;
}

/**
 * The quantity that a term denotes in a network of `depth` layers, with l = `layer`. The note's layers 1 … 4 are the
 * last four of the network, but 1 is the first layer in E1, E9 and E32 … E34. Undefined if there is no such layer.
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
