// The files of deploy/: a Dockerfile and manifests that no engine runs here. A linter reads the first, and every path,
// flag and port in them is one that the server has.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { validate } from "dockerfile-utils";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { numbers, serve } from "./models.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const dockerfile = read("deploy/Dockerfile");
const manifests = ["kubernetes", "kserve"].flatMap((name) => {
  const documents = parseAllDocuments(read(`deploy/${name}.yaml`));
  return documents.map((document) => {
    expect([...document.errors, ...document.warnings], name).toEqual([]);
    return document.toJS() as Record<string, unknown>;
  });
});

/** All values under a key, at any depth. */
function under(value: unknown, key: string): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  const own = Object.hasOwn(value, key) ? [(value as Record<string, unknown>)[key]] : [];
  return [...own, ...Object.values(value).flatMap((inner) => under(inner, key))];
}

test("the image and the job of docs/machines.md pass the same, and the job starts a file that is here", () => {
  const blocks = (kind: string) =>
    [...read("docs/machines.md").matchAll(new RegExp(`^\`\`\`${kind}\\n([^]*?)^\`\`\``, "gm"))].map(
      ([, text]) => text!,
    );
  const [image, ...more] = blocks("dockerfile");
  expect([validate(image!), more]).toEqual([[], []]);
  const [folder] = /^WORKDIR (\S+)$/m.exec(image!)!.slice(1);
  const [job] = blocks("yaml").flatMap((text) => parseAllDocuments(text));
  expect(job!.errors).toEqual([]);
  const { kind, spec } = job!.toJS();
  expect([kind, spec.trainer.command.slice(0, 2), spec.trainer.args[0]]).toEqual([
    "TrainJob",
    ["mpirun", "node"],
    "train",
  ]);
  const program = spec.trainer.command[2];
  expect(program.startsWith(`${folder}/`)).toBe(true);
  expect(read(program.slice(folder!.length + 1)).length).toBeGreaterThan(0);
});

test("the Dockerfile passes its linter, which sees a mistake", () => {
  expect(validate(dockerfile)).toEqual([]);
  expect(validate(`${dockerfile}EXPOSE none\n`)).toHaveLength(1);
});

test("the image does not run as root, and packs what this checkout's npm packs", () => {
  expect(dockerfile).toMatch(/^USER node$/m);
  const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
  const [, major] = /FROM node:(\d+)/.exec(dockerfile)!;
  expect(engines.node).toContain(`^${major}.`);
});

test("every manifest has a kind, a version and a name; labels that select are labels that are there", () => {
  expect(manifests.map(({ kind }) => kind)).toEqual(["Deployment", "Service", "ServingRuntime", "InferenceService"]);
  for (const { apiVersion, metadata } of manifests) {
    expect(apiVersion).toMatch(/^(?:v1|apps\/v1|serving\.kserve\.io\/v1(?:alpha1|beta1))$/);
    expect((metadata as { name: string }).name).toMatch(/^[a-z][a-z0-9-]{0,62}$/);
  }
  const [deployment, service] = manifests;
  expect(under(deployment, "matchLabels")).toEqual([{ app: "deltaprop" }]);
  expect((under(service, "selector") as object[])[0]).toEqual({ app: "deltaprop" });
  const mounts = under(manifests, "volumeMounts").flat() as { name: string }[];
  const volumes = under(manifests, "volumes").flat() as { name: string }[];
  for (const { name } of mounts.filter((mount) => mount.name !== "model"))
    expect(volumes.map((volume) => volume.name)).toContain(name);
});

test("every probe's path is answered without the token, and every flag is one of serve's", async () => {
  const serving = await serve({ model: await numbers() }, { token: "a-token-of-many-characters" });
  const probes = under(manifests, "httpGet") as { path: string }[];
  expect(probes.length).toBe(3);
  const inImage = [...dockerfile.matchAll(/127\.0\.0\.1:8080(\/[\w/]+)/g)].map(([, path]) => path!);
  for (const path of [...probes.map((probe) => probe.path), ...inImage])
    expect((await fetch(serving.url + path)).status, path).toBe(200);
  await serving.stop();
  const source = read("src/cli/serve.ts");
  const given = [...`${dockerfile}${JSON.stringify(under(manifests, "args"))}`.matchAll(/"(--[a-z-]+)"/g)];
  expect(given.length).toBeGreaterThan(5);
  for (const [, flag] of given) expect(source, flag).toMatch(new RegExp(`"${flag}[ "]`));
});
