import { expect, test } from "vitest";
import { columns } from "../../src/cli/tables.ts";
import { wrap } from "../../src/cli/wrap.ts";

const HASH = "0123456789ab".padEnd(64, "c");
const LINES = [
  "  data     8,000 examples of 784 features in 10 classes; 800 to judge each epoch; 2,000 to test on, held out (20 %)",
  "  steps    sgd, learning rate 0.1, batches of 64, 10 epochs, weight decay 0.01, class weights, seed 1",
  "epoch  1/60  loss 0.1234   accuracy 93.41 %  validation loss 0.2500  accuracy 87.50 %  48,210 examples/s  1:12 left",
  "warning 猫 has one example only: 猫の名前 are wide characters, and take two columns each in 端末 of any kind.",
  `  sha256   ${HASH} (parameters)`,
];

test.each([80, 40])("no line exceeds %i columns, and none is broken in a word", (width) => {
  for (const line of LINES) {
    const wrapped = wrap(line, width);
    expect(wrapped.filter((part) => columns(part) > width)).toEqual([]);
    const words = line.replace(HASH, width === 40 ? `${HASH.slice(0, 12)}…` : HASH).match(/[^ ]+/g);
    expect(wrapped.join(" ").match(/[^ ]+/g)).toEqual(words);
    expect(wrapped.some((part) => part.trimStart().startsWith("%"))).toBe(false);
  }
});

test("what follows stands under the text of the first line", () => {
  expect(wrap("  steps    sgd, learning rate 0.1, batches of 64", 30)).toEqual([
    "  steps    sgd, learning rate",
    "           0.1, batches of 64",
  ]);
});

test("a command that is wrapped can still be pasted, and a line that fits is left alone", () => {
  expect(wrap("Next: npm run deltaprop -- test runs/digits-1 digits", 40)).toEqual([
    "Next: npm run deltaprop -- test \\",
    "      runs/digits-1 digits",
  ]);
  expect(wrap("  a  b", 6)).toEqual(["  a  b"]);
  expect(wrap(`  model    ${"x".repeat(90)}`, 40)).toEqual([`  model    ${"x".repeat(90)}`]);
});
