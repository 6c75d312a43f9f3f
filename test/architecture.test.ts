// The habits of docs/architecture.md that a machine can check: imports point one way, never in a circle; files stay
// short; the library's public entrance runs in browsers.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const SRC = resolve(import.meta.dirname, "../src");
const ENTRIES = "index.ts predict.ts training.ts files.ts sessions.ts check.ts node.ts".split(" ");
const ROOMS = [
  ..."errors.ts numerics privacy network gradients engines equations data training insights search files classifier".split(
    " ",
  ),
  ...ENTRIES,
  "serve",
  "cli",
  "studio",
];
const LONGEST = 320; // lines

/** A path as Windows writes it, too. */
const slashed = (path: string) => path.replaceAll("\\", "/");

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .map(slashed)
  .filter((name) => /\.tsx?$/.test(name))
  .sort();

const text = (file: string) => readFileSync(join(SRC, file), "utf8");

/** Module specifiers of a file; with `types` those that vanish at run time too. */
function specifiers(source: string, types: boolean): string[] {
  const found = [...source.matchAll(/^\s*(import|export)\s+(type\s)?[^;"']*?\bfrom\s+"([^"]+)"/gm)]
    .filter(([, , type]) => types || !type)
    .map(([, , , specifier]) => specifier!);
  const bare = [
    ...source.matchAll(/^\s*import\s+"([^"]+)"/gm),
    ...source.matchAll(/(?<!typeof )\bimport\(\s*"([^"]+)"\s*\)/g),
  ];
  return [...found, ...bare.map(([, specifier]) => specifier!)];
}

function importsOf(file: string, types = true): string[] {
  return specifiers(text(file), types)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => slashed(relative(SRC, resolve(SRC, dirname(file), specifier))));
}

const roomOf = (file: string) => ROOMS.indexOf(file.split("/")[0]!);

test("every file is in a known room", () => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((file) => roomOf(file) < 0)).toEqual([]);
});

test("imports point to the own room or to one before it", () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((next) => roomOf(next) > roomOf(file))
      .map((next) => `${file} must not import ${next}`),
  );
  expect(wrong).toEqual([]);
});

test("no imports run in a circle", () => {
  const circles: string[] = [];
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
    else if (!finished.has(file)) {
      for (const next of importsOf(file)) visit(next, [...path, file]);
      finished.add(file);
    }
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test(`no file is longer than ${LONGEST} lines, and each says at its top what it is`, () => {
  const long = files.filter((file) => text(file).split("\n").length > LONGEST + 1);
  expect(long).toEqual([]);
  expect(files.filter((file) => !/^(#!.*\n)?\/[/*]/.test(text(file)))).toEqual([]);
});

test("only the command that serves loads the packages that it needs", () => {
  const packages = files.filter((file) =>
    specifiers(text(file), true).some((name) => /^(fastify|prom-client)$/.test(name)),
  );
  expect(packages.every((file) => file.startsWith("serve/"))).toBe(true);
  expect(packages.length).toBeGreaterThan(1);
  const doors = files
    .filter((file) => !file.startsWith("serve/"))
    .flatMap((file) => importsOf(file).map((next) => `${file} → ${next}`))
    .filter((line) => line.includes("→ serve/"));
  expect(doors).toEqual(["cli/serve.ts → serve/serving.ts", "cli/studio/guard.ts → serve/own-address.ts"]);
  expect(text("cli/commands.ts")).toContain('await import("./serve.ts")'); // later, and only where it was named
  expect(text("serve/own-address.ts")).not.toMatch(/from "\.|fastify/);
});

/** `...{`, `...[` and `...([`: they switch off the check for excess properties and hide that nothing is merged. */
const literalSpreads = (source: string) =>
  source
    .split("\n")
    .flatMap((line, l) => (/\.\.\.\(?(?:\{|\[)(?!.*\]\.map\()/.test(line) ? [`line ${l + 1}: ${line.trim()}`] : []));

test("no spread of an object or array literal in src", () => {
  expect(files.flatMap((file) => literalSpreads(text(file)).map((place) => `${file} ${place}`))).toEqual([]);
  const seen = ["f({ ...{ a, b } })", "g([...[1, 2]])", "g([\n...([1, 2] as const),\n])"].map(literalSpreads);
  expect(seen.map(({ length }) => length)).toEqual([1, 1, 1]);
  expect(literalSpreads("f({ ...given, ...(x !== undefined && { x }), y: [...all] })")).toEqual([]);
});

test.each([...ENTRIES.filter((entry) => entry !== "node.ts"), "studio/main.tsx", "studio/lab/lab-worker.ts"])(
  "nothing that %s reaches needs Node",
  (entrance) => {
    const seen = new Set<string>();
    const needs: string[] = [];
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const specifier of specifiers(text(file), false))
        if (specifier.startsWith("node:")) needs.push(`${file} imports ${specifier}`);
      for (const next of importsOf(file, false)) visit(next);
    };
    visit(entrance);
    expect(seen.size).toBeGreaterThan(10);
    expect(needs).toEqual([]);
  },
);

test("the reader of imports sees every form that the sources use", () => {
  const source = `import { a } from "./a.ts";\nimport type { b } from "./b.ts";\nexport { c } from "./c.ts";\nimport {\n  d,\n} from "./d.ts";\nimport "./e.ts";\nconst f = await import("./f.ts");`;
  expect(specifiers(source, true).sort()).toEqual(["./a.ts", "./b.ts", "./c.ts", "./d.ts", "./e.ts", "./f.ts"]);
  expect(specifiers(source, false)).not.toContain("./b.ts");
});
