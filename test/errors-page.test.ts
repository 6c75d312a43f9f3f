// docs/errors.md against the codes in the sources: none is missing on the page, none on it is unknown or of another
// class, and none is unused.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

const CLASSES = ["InvalidInput", "EnvironmentFailure", "NumericalStop"];
/** What commander raises under its own names, which failure.ts turns into codes. */
const COMMANDER =
  "CONFLICTING_OPTION EXCESS_ARGUMENTS MISSING_MANDATORY_OPTION_VALUE OPTION_MISSING_ARGUMENT UNKNOWN_COMMAND".split(
    " ",
  );

/** The codes of a class, in the union type of its name. */
function unionOf(source: string, name: string): string[] {
  const [, union = ""] = new RegExp(`^export type ${name}Code =([^;]*);`, "m").exec(source) ?? [];
  return [...union.matchAll(/"([A-Z_]+)"/g)].map(([, code]) => code!);
}

/** The rows under the heading of a class: code, cause, remedy. */
function rowsOf(page: string, name: string): string[][] {
  const [, section = ""] = new RegExp(`^## ${name}\\b.*\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, "m").exec(page) ?? [];
  return [...section.matchAll(/^\| `([A-Z_]+)` \| (.*) \| (.*) \|$/gm)].map((row) => row.slice(1));
}

test.each(CLASSES)("docs/errors.md has a cause and a remedy for every code of %s, and no other", (name) => {
  const codes = unionOf(read("src/errors.ts"), name);
  const rows = rowsOf(read("docs/errors.md"), name);
  expect(rows.length).toBeGreaterThan(2);
  expect(rows.map(([code]) => code).sort()).toEqual(codes.sort());
  for (const [code, ...words] of rows) for (const text of words) expect(text.length, code).toBeGreaterThan(6);
});

test("every code is raised somewhere", () => {
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter(
    (name) => /\.tsx?$/.test(name) && name !== "errors.ts",
  );
  const sources = files.map((file) => read(`src/${file}`)).join("\n");
  const codes = CLASSES.flatMap((name) => unionOf(read("src/errors.ts"), name));
  const fallback = "INVALID_ARGUMENT"; // of must()
  const unused = codes.filter(
    (code) => code !== fallback && !COMMANDER.includes(code) && !sources.includes(`"${code}"`),
  );
  expect(unused).toEqual([]);
});

test("the reader sees a code without a row, and a row without a code", () => {
  const source = 'export type ACode = "X" | "Y_Z";\nexport type BCode =\n  | "Q"\n  | "R";\n';
  expect([unionOf(source, "A"), unionOf(source, "B"), unionOf(source, "C")]).toEqual([["X", "Y_Z"], ["Q", "R"], []]);
  const page = "## A: exit 2\n\n| code | cause | remedy |\n| `X` | a cause | a remedy |\n\n## B\n\n| `Q` | c | r |\n";
  expect([rowsOf(page, "A"), rowsOf(page, "B")]).toEqual([[["X", "a cause", "a remedy"]], [["Q", "c", "r"]]]);
});
