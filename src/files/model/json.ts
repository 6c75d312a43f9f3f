// Strict JSON: a key that an object has twice is an error; JSON.parse would keep the last in silence.

/** The value of a JSON text. Throws an Error for what is not JSON, and for a duplicate key. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const twice = duplicateKey(text);
  if (twice !== undefined) throw new Error(`the key ${twice} is there twice`);
  return value;
}

/** The first key that an object of this valid JSON text has twice. */
export function duplicateKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  const token = /["{}]/g;
  const colon = /\s*:/y;
  for (let found = token.exec(json); found; found = token.exec(json)) {
    if (found[0] === "{") open.push(new Set());
    else if (found[0] === "}") open.pop();
    else {
      token.lastIndex = colon.lastIndex = endOfString(json, found.index);
      if (!colon.test(json)) continue;
      const key = JSON.parse(json.slice(found.index, token.lastIndex)) as string;
      if (open.at(-1)!.has(key)) return key;
      open.at(-1)!.add(key);
    }
  }
  return undefined;
}

/** The first integer ≥ 0 in this valid JSON text that is not written as one: 5.0, 4e0. */
export function looseNumber(json: string): string | undefined {
  const token = /["\d-]/g;
  const number = /-?\d[\d.eE+-]*/y;
  for (let found = token.exec(json); found; found = token.exec(json)) {
    if (found[0] === '"') token.lastIndex = endOfString(json, found.index);
    else {
      number.lastIndex = found.index;
      const [text] = number.exec(json)!;
      if (/^\d.*\D/.test(text) && Number.isSafeInteger(Number(text))) return text;
      token.lastIndex = number.lastIndex;
    }
  }
  return undefined;
}

/** The index after the closing quote of the string at `start`: a quote after an even number of backslashes. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); ; end = json.indexOf('"', end + 1)) {
    let before = end;
    while (json[before - 1] === "\\") before--;
    if ((end - before) % 2 === 0) return end + 1;
  }
}
