// Makes the npm package of this system's addon, @deltaprop/linux-x64 for one: `node scripts/native-package.mjs
// <folder>` compiles the addon and writes folder/<package>, ready for `npm pack` or `npm publish`. No script runs where
// it is installed.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "../native/build.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Every platform package. `runner`: where the release builds it; `container`: the image that has its C library. */
export function nativePackages() {
  const linux = ["x64", "arm64"].flatMap((cpu) =>
    ["glibc", "musl"].map((libc) => ({
      name: `@deltaprop/linux-${cpu}${libc === "musl" ? "-musl" : ""}`,
      os: "linux",
      cpu,
      libc,
    })),
  );
  return [...linux, ...["x64", "arm64"].map((cpu) => ({ name: `@deltaprop/darwin-${cpu}`, os: "darwin", cpu }))];
}

/** The package of the system that runs this; undefined where there is none. */
export function ownPackage() {
  const glibc = process.report?.getReport().header.glibcVersionRuntime !== undefined;
  const libc = process.platform === "linux" ? (glibc ? "glibc" : "musl") : undefined;
  return nativePackages().find((p) => p.os === process.platform && p.cpu === process.arch && p.libc === libc);
}

/** Write the package of this system into `into`, compiled or with the addon `file`. Returns its folder. */
export function writeNativePackage(into, file) {
  const own = ownPackage();
  if (!own) throw new Error(`there is no platform package for ${process.platform}-${process.arch}`);
  const { version, license, repository, homepage, bugs } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { name, os, cpu, libc } = own;
  const folder = join(resolve(into), name.split("/")[1]);
  mkdirSync(folder, { recursive: true });
  copyFileSync(file ?? build(), join(folder, "deltaprop.node"));
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  const system = [os, cpu, libc].filter(Boolean).join(" ");
  const text = `# ${name}\n\nThe native engine of [deltaprop](https://www.npmjs.com/package/deltaprop) for ${system}. Installed with it.\n`;
  writeFileSync(join(folder, "README.md"), text);
  const manifest = {
    name,
    version,
    description: `The native engine of deltaprop for ${system}`,
    homepage,
    bugs,
    repository,
    license,
    main: "deltaprop.node",
    files: ["deltaprop.node"],
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    preferUnplugged: true,
  };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return folder;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , into, file] = process.argv;
  if (into === undefined) {
    console.error("error MISSING_ARGUMENT: node scripts/native-package.mjs <folder> [addon.node]");
    process.exitCode = 2;
  } else console.log(writeNativePackage(into, file));
}
