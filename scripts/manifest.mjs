// What npm packs differs from the checkout in two files. `--pack` (before packing) writes both, `--restore` (after it)
// puts the checkout's back: package.json without what only a checkout can do, and the README with links that work on
// npm's page.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nativePackages } from "./native-package.mjs";

/** Node lines on which the compiled library runs; the checkout's own `engines` are those that run TypeScript. */
export const NODE = "^20.19 || ^22.12 || >=24";
const FILES = ["package.json", "README.md"];

/** The published package.json. `native`: also name the platform packages, once they are published with this version. */
export function packedManifest(manifest, { native }) {
  const { scripts: _, workspaces: __, allowScripts: ___, devDependencies: ____, ...kept } = manifest;
  return {
    ...kept,
    engines: { node: NODE },
    ...(native && {
      optionalDependencies: Object.fromEntries(nativePackages().map(({ name }) => [name, manifest.version])),
    }),
  };
}

const pathOf = ({ url }) => url.replace(/^git\+https:\/\/github\.com\/|\.git$/g, "");

/** Where the bytes of this version's files are: an address without its last slash. */
export const rawFiles = (repository, version) => `https://raw.githubusercontent.com/${pathOf(repository)}/v${version}`;

/** The README with links to this version's files; pictures as their bytes. */
export function packedReadme(text, { version, repository }) {
  const link = (target, picture) =>
    picture
      ? `${rawFiles(repository, version)}/${target}`
      : `https://github.com/${pathOf(repository)}/blob/v${version}/${target}`;
  return text
    .replace(
      /(!?)\[([^\]]*)\]\((?!https?:|#|mailto:)([^)\s]+)\)/g,
      (_, bang, label, target) => `${bang}[${label}](${link(target, bang === "!")})`,
    )
    .replace(/(<img[^>]*\ssrc=")(?!https?:)([^"]+)"/g, (_, before, target) => `${before}${link(target, true)}"`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const keep = join(root, "build", "unpacked");
  const restore = () => {
    for (const file of FILES) if (existsSync(join(keep, file))) copyFileSync(join(keep, file), join(root, file));
    rmSync(keep, { recursive: true, force: true });
  };
  restore(); // also before packing: an earlier one may have been interrupted
  if (process.argv.includes("--pack")) {
    const [manifest, readme] = FILES.map((file) => readFileSync(join(root, file), "utf8"));
    mkdirSync(keep, { recursive: true });
    for (const file of FILES) copyFileSync(join(root, file), join(keep, file));
    const parsed = JSON.parse(manifest);
    const packed = packedManifest(parsed, { native: process.env.DELTAPROP_NATIVE_PACKAGES === "published" });
    writeFileSync(join(root, "package.json"), `${JSON.stringify(packed, null, 2)}\n`);
    writeFileSync(join(root, "README.md"), packedReadme(readme, parsed));
  }
}
