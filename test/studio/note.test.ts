import temml from "temml";
import { expect, test } from "vitest";
import { ROWS } from "../../src/equations/note.ts";
import { EQUATIONS } from "../../src/studio/note/equations.ts";
import { bind } from "../../src/studio/note/notation.ts";
import { TEXT } from "../../src/studio/note/note-text.ts";
import { meaningOf, originOf, plainOf, symbolOf } from "../../src/studio/note/quantity-names.ts";
import { arraysOfStep, stagesOf } from "../../src/studio/note/stages.ts";

const NUMBERED = ROWS.filter(({ section }) => section !== "X").map(({ id }) => id);
const set = (tex: string) =>
  temml.renderToString(tex, { throwOnError: true, trust: ({ command }) => command === "\\class" });

test("every equation E1 … E37 stands in the note exactly once, in its order", () => {
  expect(NUMBERED).toHaveLength(37);
  expect(EQUATIONS.map(({ id }) => id)).toEqual(NUMBERED);
});

test("every formula and every word of mathematics in the note can be set", () => {
  const inline = TEXT.flatMap((block) => {
    const texts = block.kind === "list" ? block.items : block.kind === "prose" ? [block.text] : [];
    return [...texts, block.slip ?? ""].flatMap((text) => text.split("$").filter((_, at) => at % 2 === 1));
  });
  const formulas = TEXT.flatMap((block) => (block.kind === "steps" ? [block.latex] : []));
  expect(inline.length).toBeGreaterThan(40);
  for (const tex of [...inline, ...formulas, ...EQUATIONS.map(({ latex }) => latex)])
    expect(set(tex)).toContain("<math");
});

test("no symbol of an equation is left without a quantity", () => {
  for (const { id, rest, terms } of EQUATIONS) {
    expect(terms.length, id).toBeGreaterThan(0);
    // what is left is shapes, indices and operators, and in E9 the activation around what it acts on
    const words = rest.match(/\\[a-zA-Z]+/g) ?? [];
    expect(words, id).not.toEqual(expect.arrayContaining([expect.stringMatching(/^\\(delta|nabla|partial|ell|exp)$/)]));
    if (id !== "E9") expect(words, id).not.toContain("\\sigma");
    expect(rest.replace(/\\(?:class|begin|end)\{[a-z]+\}|\\[a-zA-Z]+/g, ""), id).not.toMatch(/[WbxyzSL]/);
  }
});

test("each term becomes an element of the set formula, in its order", () => {
  for (const { id, latex, terms } of EQUATIONS) {
    const keys = [...set(latex).matchAll(/class="term (t\d+)/g)].map(([, key]) => key);
    expect(keys, id).toEqual(terms.map(({ key }) => key));
  }
});

test("the slips the note is known for are printed as they are, each with what is meant", () => {
  const slips = TEXT.filter(({ slip }) => slip !== undefined);
  const slipOf = (find: (text: string) => boolean) =>
    slips.find((block) => find(block.kind === "equation" ? block.id : block.kind === "prose" ? block.text : ""));
  expect(slipOf((text) => text.includes("-S_i(z)S_i(z)"))?.slip).toContain("S_j(z)");
  expect(slipOf((text) => text.includes(String.raw`C \times C \times H`))?.slip).toContain(
    String.raw`C \times H \times C`,
  );
  expect(slipOf((text) => text === "E34")).toMatchObject({
    printed: expect.stringContaining("W_2"),
    slip: expect.stringContaining("W_1"),
  });
});

/** What each term means in the note's own network at l = 2, read off the note by hand; * stands for the mini-batch. */
const MEANT: Record<string, string> = {
  E1: "W1 W2 W3 W4 b1 b2 b3 b4",
  E2: "loss* share* S* y*",
  E3: "S exp expSum",
  E4: "jacobianOff S S",
  E5: "jacobianDiagonal S S",
  E6: "lossByS y S y S",
  E7: "jacobian S S S S S S S S",
  E8: "delta4 lossByS jacobian S y",
  E9: "z4 a0 W1 b1 W2 b2 W3 b3 W4 b4",
  E10: "delta4 delta4 delta4 S y",
  E11: "identity identity db4 delta4 identity delta4",
  E12: "tensor dW4 a3 delta4",
  E13: "dW4 aT3 delta4",
  E14: "WT4 WT4",
  E15: "diagonal3 diagonal3",
  E16: "db3 delta4 WT4 diagonal3 delta4 WT4 slope3",
  E17: "delta2 delta3 WT3 slope2",
  E18: "dW3 aT2 delta3",
  E19: "delta4 delta4 identity",
  E20: "delta2 delta3 WT3 slope2",
  E21: "db2 delta2",
  E22: "dW2 aT1 delta2",
  E23: "delta4 S y",
  E24: "db4 delta4",
  E25: "dW4 aT3 delta4",
  E26: "delta3 S y WT4 slope3",
  E27: "db3 delta3",
  E28: "dW3 aT2 delta3",
  E29: "delta2 S y WT4 slope3 WT3 slope2",
  E30: "db2 delta2",
  E31: "dW2 aT1 delta2",
  E32: "delta1 S y WT4 slope3 WT3 slope2 WT2 slope1",
  E33: "db1 delta1",
  E34: "dW1 aT0 delta1",
  E35: "dW2* share* a0* dW2",
  E36: "db2* share* ones* delta2* delta2*",
  E37: "dW2* share* aT1* delta2*",
};

test("each term stands for what the note means by it", () => {
  const layered = new Set(["a", "aT", "W", "WT", "b", "z", "slope", "diagonal", "delta", "dW", "db"]);
  for (const { id, terms } of EQUATIONS) {
    const said = terms.map((term) => {
      const { kind, layer, batch } = bind(id, term, 4, 2)!;
      return `${kind}${layered.has(kind) ? layer : ""}${batch ? "*" : ""}`;
    });
    expect(said.join(" "), id).toBe(MEANT[id]);
  }
});

test("in a network of four layers every term has its quantity, whichever layer is chosen", () => {
  for (const layer of [1, 2, 3, 4])
    for (const { id, terms } of EQUATIONS)
      for (const term of terms) {
        const quantity = bind(id, term, 4, layer);
        expect(quantity, `${id} ${term.latex}`).toBeDefined();
        if (/^\d$/.test(term.name)) expect(quantity!.layer, `${id} ${term.latex}`).toBe(Number(term.name));
      }
});

test("in other networks the note's layers are counted from the last, and one that is not there is not made up", () => {
  const quantity = (id: string, latex: string, depth: number, layer = 1) => {
    const { terms } = EQUATIONS.find((equation) => equation.id === id)!;
    return bind(id, terms.find((term) => term.latex === latex)!, depth, layer);
  };
  expect(quantity("E16", "W_4^T", 6)).toMatchObject({ kind: "WT", layer: 6 });
  expect(quantity("E34", "\\nabla_{W_2} \\mathcal{L}", 6)).toMatchObject({ kind: "dW", layer: 1 });
  expect(quantity("E31", "\\sigma(z_1)^T", 3)).toMatchObject({ kind: "aT", layer: 0 });
  expect(quantity("E9", "W_2", 2)).toBeUndefined();
  expect(quantity("E9", "W_1", 2)).toMatchObject({ layer: 1 });
  expect(quantity("E17", "\\delta^l", 4, 4)).toMatchObject({ layer: 3 });
  expect(quantity("E17", "\\delta^l", 1)).toBeUndefined();
});

test("every quantity has a symbol that can be set, a meaning, and an origin that ends at what is given", () => {
  const depth = 4;
  const seen = new Set<string>();
  const visit = (quantity: ReturnType<typeof bind> & object): void => {
    const key = plainOf(quantity) + quantity.batch;
    if (seen.has(key)) return;
    seen.add(key);
    set(symbolOf(quantity));
    expect(meaningOf(quantity, depth).length).toBeGreaterThan(5);
    const { by, given, from } = originOf(quantity, depth);
    expect(by === "" ? given.length > 0 : NUMBERED.includes(by) && from.length > 0, key).toBe(true);
    for (const before of from) visit(before);
  };
  for (const layer of [1, 2, 3, 4])
    for (const { id, terms } of EQUATIONS) for (const term of terms) visit(bind(id, term, depth, layer)!);
  expect(seen.size).toBeGreaterThan(60);
});

test("a step of any depth makes every array once, out of arrays that are already there", () => {
  for (const depth of [1, 2, 4, 7]) {
    const key = ({ kind, layer }: { kind: string; layer: number }) => `${kind}${layer}`;
    const there = new Set(Array.from({ length: depth }, (_, k) => [`W${k + 1}`, `b${k + 1}`]).flat());
    const stages = stagesOf(depth);
    for (const { uses, makes, title } of stages.slice(0, -1)) {
      for (const quantity of uses) expect(there, title).toContain(key(quantity));
      for (const quantity of makes) {
        expect(there, title).not.toContain(key(quantity));
        there.add(key(quantity));
      }
    }
    expect([...there].sort()).toEqual(arraysOfStep(depth).map(key).sort());
    expect(stages.at(-1)!.uses.every((quantity) => there.has(key(quantity)))).toBe(true);
    expect(stages).toHaveLength(1 + depth + 1 + depth + depth + 1);
  }
});
