// Calls in JavaScript that forget their arguments: an InvalidInput in words, never a TypeError of the engine room.
import { describe, expect, test } from "vitest";
import * as files from "../../src/files.ts";
import * as main from "../../src/index.ts";
import * as node from "../../src/node.ts";
import * as plain from "../../src/predict.ts";
import * as sessions from "../../src/sessions.ts";
import * as training from "../../src/training.ts";

const ENTRIES: Readonly<Record<string, object>> = { main, node, files, training, sessions, predict: plain };
const CLASS = /^class\b/;

/** What a call without arguments raises; undefined for one that answers, as drawDigits does. */
async function refusal(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe.each(Object.entries(ENTRIES))("%s", (_, entry) => {
  const functions = Object.entries(entry).filter(
    ([name, value]) => typeof value === "function" && !CLASS.test(String(value)) && name !== "drawDigits",
  );
  test.each(functions)("%s() says what it takes", async (_name, value) => {
    const error = await refusal(value as () => unknown);
    expect(error).toMatchObject({ name: "InvalidInput", message: expect.stringMatching(/must be|missing/) });
  });
});

test("a classifier's questions without arguments are refused in words", async () => {
  const data = main.fromArrays([[1], [2]], ["a", "b"]);
  const model = await main.fit(data, { epochs: 1, engine: "reference" });
  const calls = [model.predict, model.predictMany, model.evaluate] as unknown as ((this: object) => unknown)[];
  for (const call of calls)
    expect(await refusal(() => call.call(model)), String(call.name)).toMatchObject({ code: "INVALID_ARGUMENT" });
});
