import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const MNIST = resolve(ROOT, "../shared/data/mnist");
const blocks = (language: string) =>
  [...README.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, text]) => text!);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "deltaprop-readme-"));
  writeFileSync(join(folder, "flowers.csv"), flowers(40));
  writeFileSync(join(folder, "new-flowers.csv"), flowers(5));
  if (existsSync(MNIST)) cpSync(MNIST, join(folder, "mnist"), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

const node = (...args: string[]) => execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" });

test.each(blocks("ts").map((text, i) => [i + 1, text] as const))(
  "TypeScript example %i of the README runs",
  (i, text) => {
    const file = join(folder, `example-${i}.ts`);
    writeFileSync(file, text.replace('from "deltaprop"', `from ${JSON.stringify(join(ROOT, "src/index.ts"))}`));
    expect(node(file)).not.toBe("");
  },
);

const commands = blocks("sh").flatMap((block) =>
  block
    .split("\n")
    .map((line) => line.replace(/ +#.*/, ""))
    .filter((line) => line !== ""),
);

test.each(commands)("the README's command `%s` runs", { timeout: 120_000 }, (command) => {
  const words = command.split(" ");
  expect(words[0]).toBe("deltaprop");
  if (command.includes("mnist")) words.push("--epochs", "1");
  if (command.includes("mnist") && !existsSync(join(folder, "mnist")))
    return console.warn("SKIPPED: no MNIST beside the checkout");
  expect(node(join(ROOT, "src/cli/main.ts"), ...words.slice(1))).not.toBe("");
});

/** Three kinds of made-up flowers in unscaled columns, `each` of every kind. */
function flowers(each: number): string {
  const kinds = ["daisy", "iris", "tulip"];
  const rows = Array.from(
    { length: 3 * each },
    (_, i) => `${1200 + 300 * (i % 3) + ((i * 37) % 11)},${0.02 * (i % 3) + 0.001 * (i % 7)},${kinds[i % 3]}`,
  );
  return ["petals_mm2,stem_m,species", ...rows].join("\n");
}
