import { expect, test } from "vitest";
import { checkNote } from "../../src/equations/check-note.ts";
import { referenceImplementation } from "../../src/equations/implementation.ts";
import { ROWS } from "../../src/equations/note.ts";
import { shapeProblem } from "../../src/equations/shape-problems.ts";
import { optimizerCoefficients } from "../../src/training/optimizer.ts";
import { MISTAKES } from "./mistakes.ts";

test("at least fifteen different mistakes are planted", () => {
  expect(new Set(MISTAKES.map(({ name }) => name)).size).toBeGreaterThanOrEqual(15);
});

test.for(MISTAKES)("$name: the rows one would expect turn red, and unrelated ones stay green", async (mistake) => {
  const { red, green, activation = "relu", wrap, formulas, answers } = mistake;
  const named = `${red} ${green}`.split(" ");
  const verdicts = new Map<string, string>();
  await checkNote(
    referenceImplementation({ coefficients: optimizerCoefficients, wrap }),
    shapeProblem([6, 5, 5, 5, 5], activation, 6, 1),
    {
      seed: 1,
      formulas,
      answers,
      rows: ROWS.filter(({ id }) => named.includes(id)), // the others are not asked
      onRow: ({ id, verdict }) => verdicts.set(id, verdict),
    },
  );
  const are = (ids: string) => ids.split(" ").map((id) => `${id} ${verdicts.get(id)}`);
  expect(are(red)).toEqual(red.split(" ").map((id) => `${id} fail`));
  expect(are(green)).toEqual(green.split(" ").map((id) => `${id} pass`));
});
