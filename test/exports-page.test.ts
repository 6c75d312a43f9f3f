// Every example of docs/exports.md, run in the order in which it stands there. Python's are skipped where its packages
// are not there.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program } from "./cli/program.ts";
import { writeNpy } from "./data/write-npy.ts";
import { writeSafetensors } from "./hostile/make-safetensors.ts";
import { browserTest, useBrowser } from "./studio/browser.ts";

const ROOT = resolve(import.meta.dirname, "..");
const PROGRAM = await program();
const PYTHON = process.env.PYTHON ?? "python3";
const page = readFileSync(join(ROOT, "docs/exports.md"), "utf8");
const examples = [...page.matchAll(/^```(\w+)\n(.*?)^```/gms)].map(([, language, text], i) => ({
  ...{ i, language: language!, text: text! },
}));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "deltaprop-exports-"));
  mkdirSync(join(folder, "node_modules"));
  for (const name of ["onnxruntime-web", "onnxruntime-common"])
    symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name), "junction");
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  // What the page's Python writes, for where there is no Python.
  const shapes = { "0.weight": [8, 4], "0.bias": [8], "2.weight": [3, 8], "2.bias": [3] };
  let at = 0;
  const header = Object.entries(shapes).map(([name, shape]) => {
    const begin = at;
    at += 4 * shape.reduce((a, b) => a * b, 1);
    return [name, { dtype: "F32", shape, data_offsets: [begin, at] }] as const;
  });
  writeFileSync(join(folder, "torch.safetensors"), writeSafetensors(Object.fromEntries(header), new Uint8Array(at)));
  const rows = Array.from({ length: 60 }, (_, k) => {
    const outlook = ["sunny", "rain", "overcast", ""][k % 4]!;
    return `${outlook},${k % 7 === 0 ? "" : 12 + (k % 9)},${k % 2 === 0 ? "yes" : "no"},${outlook === "rain" ? "stay" : "go"}`;
  });
  writeFileSync(join(folder, "weather.csv"), `outlook,temp,wet,plan\n${rows.join("\n")}\n`);
  writeFileSync(join(folder, "rows.npy"), writeNpy("f4", [5, 4], new Array(20).fill(1)));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (program: string, words: readonly string[]) =>
  execFileSync(program, words, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const missing = (text: string) =>
  [...text.matchAll(/^(?:import|from) (\w+)/gm)].filter(([, name]) => {
    try {
      run(PYTHON, ["-c", `import ${name}`]);
      return false;
    } catch {
      return true;
    }
  });

describe("docs/exports.md", () => {
  const browser = useBrowser();
  for (const { i, language, text } of examples)
    if (language === "sh")
      for (const command of text.trimEnd().split("\n"))
        test(`\`${command}\``, () => {
          const [program, ...words] = command.split(" ");
          expect(program).toBe("deltaprop");
          expect(run(process.execPath, [PROGRAM, ...words])).not.toBe("");
        });
    else if (language === "js")
      test(`JavaScript, example ${i + 1}`, () => {
        writeFileSync(join(folder, `example-${i}.js`), text);
        expect(run(process.execPath, [`example-${i}.js`])).toMatch(/^(true|\d|stay) /);
      });
    else if (language === "html")
      browserTest(`the page, example ${i + 1}`, async () => {
        const module = readFileSync(join(folder, "digits.js"));
        const server = createServer(({ url }, answer) => {
          answer.setHeader("content-type", url === "/digits.js" ? "text/javascript" : "text/html");
          answer.end(url === "/digits.js" ? module : text);
        });
        await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
        const { page, problems } = await browser.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
        const said = await page.locator("#answer").textContent();
        server.close();
        const { predict } = await import(/* @vite-ignore */ pathToFileURL(join(folder, "digits.js")).href);
        const { label, probabilities } = predict(new Uint8Array(784));
        expect(said).toBe(`${label}: ${Math.max(...probabilities)}`);
        expect(problems.filter((problem) => !problem.includes("favicon"))).toEqual([]);
      });
    else
      test(`Python, example ${i + 1}`, () => {
        expect(language).toBe("python");
        const lacking = missing(text).map(([, name]) => name);
        if (lacking.length > 0) return console.warn(`SKIPPED: ${PYTHON} has no ${lacking.join(", ")}`);
        writeFileSync(join(folder, `example-${i}.py`), text);
        run(PYTHON, [`example-${i}.py`]);
      });

  test("TypeScript takes the module with its types", () => {
    const ask = `import { classes, predict } from "./digits.js";\nexport const label: string = predict(new Uint8Array(784)).label;\nexport const wrong: number = classes;\n`;
    writeFileSync(join(folder, "typed.ts"), ask);
    const words = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024", "--types", "", "typed.ts"];
    const tsc = () =>
      run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "--ignoreConfig", ...words]);
    expect(tsc).toThrow(); // classes are no number
    writeFileSync(join(folder, "typed.ts"), ask.replace("wrong: number", "right: readonly string[]"));
    expect(tsc()).toBe("");
  });
});
