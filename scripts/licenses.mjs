// The licences of the packages that a built page contains: whoever hands the page on hands these on too.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The notices of every package among the modules with these paths, each text once, as one text. */
export function licensesOf(moduleIds) {
  const byText = new Map();
  for (const folder of new Set(moduleIds.map(packageOf).filter(Boolean))) {
    const { name, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(folder, file), "utf8").trim() : `Licence: ${license}`;
    byText.set(text, [...(byText.get(text) ?? []), name]);
  }
  const entries = [...byText]
    .map(([text, names]) => [names.sort().join(", "), text])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([names, text]) => `${names}\n\n${text}\n`).join("\n----\n\n");
}

/** The packages among the modules with these paths as a bill of materials in CycloneDX's JSON, without a date. */
export function billOf(moduleIds, product) {
  const { name, version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const purl = (package_, its) => `pkg:npm/${package_.replace(/^@/, "%40")}@${its}`;
  const folders = new Set(moduleIds.map(packageOf).filter(Boolean));
  const components = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const licenses =
      license === undefined ? [] : [/[ ()]/.test(license) ? { expression: license } : { license: { id: license } }];
    const reference = purl(name, version);
    return { type: "library", "bom-ref": reference, name, version, licenses, purl: reference };
  });
  components.sort((a, b) => (a.purl < b.purl ? -1 : 1));
  const component = {
    type: "library",
    "bom-ref": purl(name, version),
    name: product,
    version,
    purl: purl(name, version),
  };
  const bill = { bomFormat: "CycloneDX", specVersion: "1.6", version: 1, metadata: { component }, components };
  return `${JSON.stringify(bill, null, 1)}\n`;
}

/** The folder of the package that a module belongs to; undefined for our own. */
function packageOf(id) {
  const path = id.replace(/^\0/, "").replace(/\?.*$/, "");
  if (!path.includes("/node_modules/")) return undefined;
  let folder = dirname(path);
  while (
    !existsSync(join(folder, "package.json")) ||
    JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).name === undefined
  )
    folder = dirname(folder);
  return folder;
}
