// The blocks of the documentation that no page's own test runs: each command, program, file and transcript is run or
// read here, in the order of its page. What is not run says so on the page, in the line below its block.
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DeltapropError, fit, fromRows } from "../src/index.ts";
import { fetchNamed } from "../src/studio/lab/setup-data.ts";
import { readLesson } from "../src/studio/lessons/lesson-file.ts";
import { program } from "./cli/program.ts";
import { deltaprop, folder } from "./cli/run.ts";
import { writeIdx } from "./data/write-idx.ts";
import { hostFolder } from "./studio/host.ts";

const ROOT = resolve(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** Pages whose blocks have a test of their own, and blocks that another page's test reads. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "README.md": "readme.test.ts",
  "docs/command-line.md": "readme.test.ts",
  "docs/typescript.md": "readme.test.ts",
  "docs/exports.md": "exports-page.test.ts",
  "docs/streams.md": "classifier/streams-page.test.ts",
  "docs/machines.md dockerfile 1": "serve/deploy.test.ts",
  "docs/machines.md yaml 1": "serve/deploy.test.ts",
};

type Block = { readonly page: string; readonly key: string; readonly text: string; readonly run: boolean };
const NOT_RUN = /^\n?\*Not run by the tests: [^*]{10,}\.\*\n/;

/** The blocks of a page by name, such as "docs/tables.md sh 1". */
function blocksOf(page: string, text: string): Block[] {
  const counts = new Map<string, number>();
  return [...text.matchAll(/^```(\S*)\n(.*?)^```\n/gms)].map((match) => {
    const [all, language, block] = match as unknown as [string, string, string];
    const count = (counts.get(language) ?? 0) + 1;
    counts.set(language, count);
    const run = !NOT_RUN.test(text.slice(match.index + all.length));
    return { page, key: `${page} ${language} ${count}`, text: block, run };
  });
}
const docs = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md"));
const blocks = ["README.md", ...docs.map((name) => `docs/${name}`)].flatMap((page) => blocksOf(page, read(page)));

/** The commands of a block, without their comments. */
const commandsOf = (text: string) =>
  text
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => line.replace(/ +#.*/, "").trim())
    .filter(Boolean);

const [home, remove] = folder();
const put = (name: string, content: string | Uint8Array) => writeFileSync(join(home, name), content);
const PETALS = { daisy: 34, iris: 6, tulip: 3 };
const FLOWERS = Object.entries(PETALS);
const flowers = (n: number, labelled: boolean) => {
  const rows = Array.from({ length: n }, (_, k) => {
    const [species, petal] = FLOWERS[k % 3]!;
    const values = [100 + k, 10 + k / 8, petal + (k % 2), ["red", "white"][k % 2]];
    return [...values, ...(labelled ? [species] : [])].join(",");
  });
  return `id,height,petal,color${labelled ? ",species" : ""}\n${rows.join("\n")}\n`;
};
beforeAll(async () => {
  put("flowers.csv", flowers(120, true));
  put("new.csv", `${flowers(6, false)}200,tall,3,red\n`.replace("200,tall", "200,12"));
  put("new.csv.gz", gzipSync(flowers(6, false)));
  const { code, err } = await deltaprop(home, [..."train flowers.csv --epochs 20 --out runs/flowers".split(" ")]);
  expect([code, err]).toEqual([0, ""]);
});
afterAll(remove);

/** Run the words of a command, some of them in place of others; what it prints. */
async function run(command: string, instead: Readonly<Record<string, string>> = {}): Promise<string> {
  const said = Object.entries(instead).reduce((text, [before, after]) => {
    expect(text).toContain(before);
    return text.replace(before, after);
  }, command);
  const [program, ...words] = said.split(/ +/);
  expect(program).toBe("deltaprop");
  const { code, out, err } = await deltaprop(home, words);
  expect(code, err).toBe(0);
  return out;
}

/** Start a command that goes on until it is stopped, work with its address, and stop it. */
async function serving(command: string, more: readonly string[], work: (url: string) => Promise<void>) {
  const [, ...words] = command.split(" ");
  let working: Promise<void> | undefined;
  const { err } = await deltaprop(home, [...words, ...more], (out, child) => {
    const [url] = /http:\/\/\S+(?=\n)/.exec(out) ?? [];
    if (url !== undefined) working ??= work(url).finally(() => child.kill("SIGTERM"));
  });
  expect(working, err).toBeDefined();
  await working;
}

const ONE_EPOCH = (epochs: number) => ({ [`--epochs ${epochs}`]: "--epochs 1" });

/** What is done with each block. */
const CASES: Readonly<Record<string, (text: string) => Promise<void> | void>> = {
  // each word of the picture is a function of the sources
  "docs/architecture.md text 1"(text) {
    const names = [...text.matchAll(/^(?:\w+ pass )? *(?:\(barrier\) )?([a-z]\w+)(?= ×| {2})/gm)].map(
      ([, name]) => name!,
    );
    const files = ["gradients/kernels.ts", "gradients/backprop.ts", "gradients/clipping.ts", "engines/thread.ts"];
    const sources = files.map((file) => read(`src/${file}`)).join("\n");
    expect(names.length).toBeGreaterThan(8);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`, "i").test(sources))).toEqual([]);
  },

  async "docs/errors.md ts 1"(text) {
    const [imports, body] = [text.match(/^import .*$/gm)!.join("\n"), text.replaceAll(/^import .*$/gm, "")];
    const rows = Array.from({ length: 30 }, (_, k) => ({ x: k, y: k % 2 === 0 ? "a" : "b" }));
    const bytes = await (await fit(fromRows(rows, { label: "y" }), { epochs: 1 })).toBytes();
    put("whole.safetensors", bytes);
    bytes[bytes.length - 1]! ^= 1;
    put("damaged.safetensors", bytes);
    const index = JSON.stringify(pathToFileURL(join(ROOT, "src/index.ts")).href);
    const program = `import { readFileSync } from "node:fs";
      import { load } from ${index};
      ${imports.replace('"deltaprop"', index)}
      const ask = async (bytes: Uint8Array, restore: () => string) => {${body}};
      for (const name of ["whole", "damaged", "no"])
        console.log(await ask(name === "no" ? new Uint8Array(9) : readFileSync(name + ".safetensors"), () => "restored")
          .catch((error) => error.code));`;
    put("errors.ts", program);
    const [out, err] = await new Promise<[string, string]>((done) =>
      execFile(process.execPath, ["errors.ts"], { cwd: home }, (_, ...said) => done(said)),
    );
    expect(out).toBe("undefined\nrestored\nBAD_SAFETENSORS\n");
    expect(err).toMatch(/^error BAD_SAFETENSORS /m);
    expect(DeltapropError.prototype).toHaveProperty("line");
  },

  async "docs/privacy.md sh 1"(text) {
    const [command] = commandsOf(text);
    const out = await run(`${command!} --hidden 8`, {
      ...ONE_EPOCH(40),
      mnist: "digits",
      "--batch-size 2048": "--batch-size 512",
    });
    expect(out).toMatch(/\(3, 1e-5\)-private|ε/);
  },

  async "docs/results.md sh 1"(text) {
    const [first, second] = commandsOf(text);
    const drawn = await run(first!, { ...ONE_EPOCH(60), "--hidden 256": "--hidden 16" });
    expect(drawn).toMatch(/^ {2}test /m);
    const out = await run(second!, { ...ONE_EPOCH(30), mnist: "digits" });
    expect(out).toMatch(/ε/);
  },

  async "docs/search.md sh 1"(text) {
    expect(await run(`${commandsOf(text)[0]!} --epochs 5`)).toMatch(/120 rows, 10 fits.*^2\.5 .*\naccuracy /ms);
  },
  async "docs/search.md sh 2"(text) {
    expect(await run(`${commandsOf(text)[0]!} --epochs 3`, { "--trials 45": "--trials 3" })).toContain("train it");
  },
  async "docs/search.md json 1"(text) {
    put("space.json", text);
    const out = await run(
      "deltaprop search flowers.csv --label species --trials 2 --epochs 3 --space space.json --out other",
    );
    expect(out).toContain("train it");
  },

  async "docs/serve.md sh 1"(text) {
    await serving(commandsOf(text)[0]!, ["--port", "0"], async (url) => {
      const [, path, body] = /^curl http:\/\/127\.0\.0\.1:8080(\S+) -d '(.*)'$/m.exec(
        blocks.find(({ key }) => key === "docs/serve.md sh 2")!.text,
      )!;
      const answer = (await (await fetch(url + path, { method: "POST", body: body! })).json()) as Record<
        string,
        unknown
      >;
      expect(answer).toMatchObject({ class: "tulip", probabilities: { daisy: expect.any(Number) } });
    });
  },
  "docs/serve.md sh 2": () => {}, // with the server of the block before

  async "docs/studio.md sh 1"(text) {
    const [plain, withData] = commandsOf(text);
    expect(withData).toBe(`${plain} --data-dir FOLDER`);
    const headers = blocks
      .find(({ key }) => key === "docs/studio.md http 1")!
      .text.trim()
      .split("\n");
    await serving(withData!.replace("FOLDER", home), ["--no-open"], async (url) => {
      const answer = await fetch(url);
      for (const line of headers) {
        const [name, value] = line.split(": ");
        expect(answer.headers.get(name!)).toBe(value);
      }
    });
  },
  "docs/studio.md http 1": () => {}, // with the studio of the block before
  "docs/studio.md markdown 1"(text) {
    const lesson = readLesson(text, "file");
    expect(lesson).toMatchObject({ title: "Few rows, many epochs" });
  },
  async "docs/studio.md json 1"(text) {
    const { sets } = JSON.parse(text) as { sets: [{ name: string; files: string[] }] };
    const [{ name, files }] = sets;
    const at = join("host", "data", name);
    mkdirSync(join(home, at), { recursive: true });
    put("host/data/index.json", text);
    for (const [k, file] of files.entries()) {
      const idx = k % 2 === 0 ? writeIdx(8, [2, 1, 2], [1, 2, 3, 4]) : writeIdx(8, [2], [7, 3]);
      put(join(at, file), gzipSync(idx));
    }
    const host = await hostFolder(join(home, "host"));
    const source = await fetchNamed(name as "mnist", host.url);
    await host.close();
    expect(source).toMatchObject({ train: { rows: 2, cols: 2 } });
  },

  async "docs/tables.md text 1"(text) {
    const rows = Array.from({ length: 60 }, (_, k) => {
      const outlook = ["sunny", "rain", "overcast"][k % 3]!;
      const day = new Date(Date.UTC(2026, 0, 5 + 6 * k)).toISOString().slice(0, 10);
      const temp = k % 11 === 0 ? "" : 10 + (k % 9);
      return `${k * 7},${outlook},${temp},${k % 2 === 0 ? "yes" : "no"},${day},${outlook === "rain" ? "stay" : "go"}`;
    });
    put("weather.csv", `id,outlook,temp,wet,day,plan\n${rows.join("\n")}\n`);
    expect(await run("deltaprop data weather.csv")).toContain(text);
  },
  async "docs/tables.md sh 1"(text) {
    const [keep, piped, skip] = commandsOf(text);
    await run(keep!);
    expect(readFileSync(join(home, "answers.csv"), "utf8")).toMatch(/^row,id,predicted,.*\n1,100,daisy,/);
    const [, file, command] = /^zcat (\S+) \| (.*)$/.exec(piped!)!;
    const child = execFile(process.execPath, [await program(), ...command!.split(" ").slice(1)], {
      cwd: home,
    });
    child.stdin!.end(gunzipSync(readFileSync(join(home, file!))));
    let out = "";
    child.stdout!.on("data", (part: string) => (out += part));
    await new Promise((done) => child.on("close", done));
    expect(
      out
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { class: string }).class),
    ).toEqual([...["daisy", "iris", "tulip"], ...["daisy", "iris", "tulip"]]);
    put("new.csv", `${flowers(6, false)}200,tall,3,red\n`);
    await run(skip!);
    expect(readFileSync(join(home, "new.rejects.csv"), "utf8")).toContain("tall");
  },
};

test("every block of every page is run, here or by its page's own test, or says below why not", () => {
  const here = blocks.filter(({ page, key, run }) => run && !(page in ELSEWHERE) && !(key in ELSEWHERE));
  expect(here.map(({ key }) => key).sort()).toEqual(Object.keys(CASES).sort());
  expect(blocks.filter(({ run }) => !run).length).toBeLessThanOrEqual(4);
  for (const [of, file] of Object.entries(ELSEWHERE)) {
    expect(
      blocks.some(({ page, key }) => page === of || key === of),
      of,
    ).toBe(true);
    expect(read(`test/${file}`), file).toContain(of.split(" ")[0]!);
  }
});

test.each(Object.keys(CASES))("%s", { timeout: 60_000 }, async (key) => {
  await CASES[key]!(blocks.find((block) => block.key === key)!.text);
});

test("the reader of blocks counts them by language and sees what is not run", () => {
  const page = "```sh\na\n```\n\n```sh\nb\n```\n*Not run by the tests: it needs a cluster.*\n\n```\nc\n```\n";
  expect(blocksOf("p", page).map(({ key, run }) => [key, run])).toEqual([
    ["p sh 1", true],
    ["p sh 2", false],
    ["p  1", true],
  ]);
});
