// The drawn digits for files that open many labs: drawn once, and each lab is given a copy, because a run may take the
// rows away.
import type * as digits from "../../src/data/digits/digits.ts";

type Digits = typeof digits;

/** For vi.mock of data/digits/digits.ts: the same functions, of which `drawDigits` remembers. */
export async function drawnOnce(original: () => Promise<Digits>): Promise<Digits> {
  const all = await original();
  const known = new Map<string, ReturnType<Digits["drawDigits"]>>();
  return {
    ...all,
    async drawDigits(options = {}) {
      const key = JSON.stringify(options);
      if (!known.has(key)) known.set(key, all.drawDigits(options));
      return structuredClone(await known.get(key)!);
    },
  };
}
