// How much a reader looks at, counted and not timed: characters and elements that strings, patterns, arrays and buffers
// are searched through, copied or parsed, and the steps back that a pattern takes.
import { setFlagsFromString } from "node:v8";

type Patched = { readonly of: object; readonly name: string; readonly original: unknown };
type Any = (this: unknown, ...given: unknown[]) => unknown;

const MOST_STEPS = 2 ** 26; // no text of these tests needs more
const LONG = 256; // characters; the steps back of shorter texts are few

/** The work of `task`. It runs alone in this process: what others do at the same time is counted, too. */
export async function countWork(task: () => unknown): Promise<number> {
  let work = 0;
  const patched: Patched[] = [];
  const patch = (of: object, name: string, cost: (self: unknown, out: unknown, given: unknown[]) => number) => {
    const original = (of as Record<string, Any>)[name]!;
    patched.push({ of, name, original });
    (of as Record<string, Any>)[name] = function (...given) {
      const out = original.apply(this, given);
      work += cost(this, out, given);
      return out;
    };
  };
  const length = (value: unknown) => (value as { length?: number } | undefined)?.length ?? 0;
  const steps = stepsBack();
  const { exec } = RegExp.prototype;
  patched.push({ of: RegExp.prototype, name: "exec", original: exec });
  RegExp.prototype.exec = function (text) {
    const from = this.global || this.sticky ? this.lastIndex : 0;
    if (text.length - from >= LONG) work += steps(exec, this, text);
    const found = exec.call(this, text);
    work += found ? found.index + found[0].length - from : this.sticky ? 1 : text.length - from;
    return found;
  };
  for (const name of ["indexOf", "includes"]) patch(String.prototype, name, scanned);
  for (const name of ["slice", "trim", "toLowerCase", "replace"])
    patch(String.prototype, name, (_, out) => length(out));
  for (const name of ["split", "replaceAll"]) patch(String.prototype, name, (self) => length(self));
  for (const name of ["indexOf", "includes", "find", "findIndex", "some", "every", "concat", "slice"])
    patch(Array.prototype, name, (self, out) => (typeof out === "number" && out >= 0 ? out : length(self)));
  for (const name of ["indexOf", "set", "slice", "findIndex"])
    patch(Object.getPrototypeOf(Uint8Array.prototype), name, (self, out, [given]) =>
      name === "set" ? length(given) : name === "slice" ? length(out) : length(self),
    );
  patch(Buffer, "concat", (_, out) => length(out));
  patch(JSON, "parse", (_, __, [text]) => length(text));
  patch(TextDecoder.prototype, "decode", (_, out) => length(out));
  try {
    await task();
  } finally {
    for (const { of, name, original } of patched) (of as Record<string, unknown>)[name] = original;
  }
  return work;
}

function scanned(self: unknown, out: unknown, [wanted, from]: unknown[]): number {
  const start = typeof from === "number" ? from : 0;
  const text = self as string;
  return typeof out === "number" && out >= 0 ? out - start + (wanted as string).length : text.length - start;
}

/** The steps back of a pattern on a text, up to an eighth: the smallest limit under which V8 does not give up. */
function stepsBack(): (exec: RegExp["exec"], pattern: RegExp, text: string) => number {
  setFlagsFromString("--allow-natives-syntax");
  const limited = new Function(
    "source",
    "flags",
    "limit",
    "return %NewRegExpWithBacktrackLimit(source, flags, limit)",
  ) as (source: string, flags: string, limit: number) => RegExp;
  return (exec, pattern, text) => {
    // V8 leaves a run of one class without counting its steps; a second way through the class makes it count.
    const counted = pattern.source.replace(/(\[[^\]]*\]|\\[dswSDW])([*+])/g, "(?:$1|(?!))$2");
    const source = pattern.sticky ? `(?:${counted})|` : `[^]*?(?:${counted})|`;
    const flags = `${pattern.flags.replace(/[gyd]/g, "")}y`;
    const enough = (limit: number) => {
      const tried = limited(source, flags, limit);
      tried.lastIndex = pattern.global || pattern.sticky ? pattern.lastIndex : 0;
      return exec.call(tried, text) !== null;
    };
    let most = 16;
    while (!enough(most)) if ((most *= 2) > MOST_STEPS) return most;
    for (let step = most / 4; step >= most / 16 && most > 16; step /= 2) if (enough(most - step)) most -= step;
    return most;
  };
}
