// What a contributor's checkout and its automatic runs rely on: workflows that are valid and test what package.json
// promises, and a lock file from which every system installs without running a script.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { nativePackages } from "../scripts/native-package.mjs";
import { checkWorkflow } from "./workflows.ts";

const ROOT = resolve(import.meta.dirname, "..");
const text = (file: string) => readFileSync(join(ROOT, file), "utf8");
const manifest = JSON.parse(text("package.json")) as {
  engines: { node: string };
  scripts: Record<string, string>;
  allowScripts: Record<string, boolean>;
};
const lock = JSON.parse(text("package-lock.json")) as {
  packages: Record<string, { resolved?: string; integrity?: string; link?: boolean; hasInstallScript?: boolean }>;
};
const workflows = readdirSync(join(ROOT, ".github/workflows")).map((name) => ({
  name,
  source: text(`.github/workflows/${name}`),
}));

test.each(workflows)("GitHub's checker finds nothing in the workflow $name", async ({ name, source }) => {
  expect(await checkWorkflow(name, source)).toEqual([]);
});

test.each([
  ["a misspelt key", "timeout-minutes:", "timeout-minute:"],
  ["a context that does not exist", "matrix.system }}", "matrx.system }}"],
  ["a value that the matrix does not have", "matrix.require }}", "matrix.requires }}"],
  ["an expression that ends early", "matrix.node }} on", "matrix.node on"],
  ["an action that is no address", "actions/checkout@v7", "checkout"],
  ["a line that is no YAML", "steps:", "steps: ["],
])("… and it does find %s", async (fault, good, bad) => {
  const { source } = workflows.find(({ name }) => name === "test.yml")!;
  const broken = source.replace(good, bad);
  expect(broken).not.toBe(source);
  expect(await checkWorkflow(`${fault}.yml`, broken)).not.toEqual([]);
});

type Step = { readonly uses?: string; readonly run?: string };
type Job = { readonly steps: readonly Step[]; readonly strategy?: { readonly matrix: { readonly node: number[] } } };
const jobs = workflows.flatMap(({ source }) => Object.values((parse(source) as { jobs: Record<string, Job> }).jobs));

test("the workflows test every Node line that package.json names, and call its scripts alone", () => {
  const lines = [...manifest.engines.node.matchAll(/[\^>=]+(\d+)/g)].map(([, major]) => Number(major));
  expect(jobs.flatMap(({ strategy }) => strategy?.matrix.node ?? [])).toEqual(lines);
  for (const { run } of jobs.flatMap(({ steps }) => steps))
    for (const [, script] of run?.matchAll(/\bnpm (?:run )?(test[\w:]*|start)/g) ?? [])
      expect(manifest.scripts).toHaveProperty([script!]);
  const untested = jobs.filter(({ steps }) => !steps.some(({ run }) => run === "npm test"));
  expect(untested).toHaveLength(1); // it compiles the platform packages, which the job that publishes needs
  expect(untested[0]!.steps.some(({ run }) => run?.includes("native-package.mjs"))).toBe(true);
});

test("the release publishes a package for every system, and the library after them", () => {
  const { native, publish } = (
    parse(workflows.find(({ name }) => name === "release.yml")!.source) as {
      jobs: {
        native: { strategy: { matrix: { system: string[]; include: object[] } } };
        publish: { needs: string; steps: readonly (Step & { env?: object })[] };
      };
    }
  ).jobs;
  const { system, include } = native.strategy.matrix;
  expect(system.length + include.length).toBe(nativePackages().length);
  expect(publish.needs).toBe("native");
  const published = publish.steps.filter(({ run }) => run?.includes("npm publish"));
  expect(published.map(({ env }) => env)).toEqual([undefined, { DELTAPROP_NATIVE_PACKAGES: "published" }]);
});

test("every action is one of GitHub's own, at a major version", () => {
  const actions = jobs.flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
  expect(actions.length).toBeGreaterThan(0);
  for (const action of actions) expect(action).toMatch(/^actions\/[a-z-]+@v\d+$/);
});

test("the lock file names no host, has a hash for every package, and no script of a package runs at install", () => {
  for (const [path, { resolved, integrity, link, hasInstallScript }] of Object.entries(lock.packages)) {
    if (!path.includes("node_modules/")) continue;
    if (link) expect(resolved, path).not.toContain(":");
    else expect([resolved, typeof integrity], path).toEqual([undefined, "string"]);
    if (hasInstallScript)
      expect(manifest.allowScripts, path).toHaveProperty([path.split("node_modules/").at(-1)!], false);
  }
});

test("the lock file has the checkout's Node for every system that scripts/node names", () => {
  const { optionalDependencies } = JSON.parse(text("scripts/node/package.json")) as {
    optionalDependencies: Record<string, string>;
  };
  const systems = Object.keys(optionalDependencies);
  expect(systems.length).toBeGreaterThan(3);
  for (const name of systems)
    expect(lock.packages[`node_modules/${name}`]).toMatchObject({
      version: optionalDependencies[name],
      optional: true,
    });
});

test("npm start and npm run deltaprop say in one line that a Node is too old, before it meets a source", () => {
  for (const name of ["start", "deltaprop"]) expect(manifest.scripts[name]).toMatch(/^node scripts\/start\.mjs\b/);
  const program = JSON.stringify(pathToFileURL(join(ROOT, "scripts/start.mjs")).href);
  const old = `Object.defineProperty(process.versions, "node", { value: "20.20.2" }); await import(${program});`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", old], { encoding: "utf8" });
  expect(status).toBe(3);
  expect(stderr).toMatch(/^error OLD_NODE the sources need Node 22\.18 or later; this is 20\.20\.2\. [^\n]*\n$/);
});
