// The command line that calls this program again, ready to paste: in the checkout, in any other folder, or installed.
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The place of this program; tests have others. */
export type Caller = {
  /** main.ts of a checkout, or main.js of a package. */
  readonly main: string;
  readonly cwd: string;
  /** The running Node. */
  readonly node: string;
  readonly env: NodeJS.ProcessEnv;
};

/** An option of the library as a flag: "batchSize" is "--batch-size". */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const MAIN = fileURLToPath(new URL(`./main${import.meta.url.slice(-3)}`, import.meta.url));

/** The words before the command that start this program in `cwd`. */
export function callWords({ main, cwd, node, env }: Caller): readonly string[] {
  const root = resolve(dirname(main), "../..");
  if (main.endsWith(".ts") && nearestPackage(cwd) === root) return ["npm", "run", "deltaprop", "--"];
  if (main.endsWith(".js")) {
    if (env.npm_lifecycle_event === "npx" || existsSync(join(cwd, "node_modules/.bin/deltaprop")))
      return ["npx", "deltaprop"];
    if (onPath("deltaprop", env) !== undefined) return ["deltaprop"];
  }
  const found = onPath("node", env);
  return [found !== undefined && realpathSync(found) === realpathSync(node) ? "node" : node, main];
}

/** The folder of the package.json that npm takes in `cwd`. */
function nearestPackage(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

function onPath(program: string, { PATH = "" }: NodeJS.ProcessEnv): string | undefined {
  const names = process.platform === "win32" ? [`${program}.exe`, `${program}.cmd`] : [program];
  return PATH.split(delimiter)
    .flatMap((folder) => (folder === "" ? [] : names.map((name) => join(folder, name))))
    .find((file) => existsSync(file));
}

/** The command line of another call that works in this folder. */
export function callOf(...words: readonly string[]): string {
  const { cwd, execPath: node, env } = process;
  return [...callWords({ main: MAIN, cwd: cwd(), node, env }), ...words].map(quoted).join(" ");
}

/** The command line of another call, without paths of this machine: for files that travel. */
export function portableCallOf(...words: readonly string[]): string {
  return [MAIN.endsWith(".ts") ? "npm run deltaprop --" : "deltaprop", ...words.map(quoted)].join(" ");
}

/** A file's name as an argument that is no option. */
export const asArgument = (file: string): string => (file.startsWith("-") ? `./${file}` : file);

const PLAIN = process.platform === "win32" ? /^[\w@%+=:,./\\-]+$/ : /^[\w@%+=:,./-]+$/;

const quoted = (word: string) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/**
 * npm runs the scripts of a package in its root, wherever they are called: go back to the folder of the user, where
 * the files are that the command line names.
 */
export function returnToCaller({ env } = process): void {
  const { npm_lifecycle_event: script, npm_package_json: file, INIT_CWD: folder } = env;
  const ours = file !== undefined && MAIN.endsWith(".ts") && dirname(file) === resolve(dirname(MAIN), "../..");
  if (ours && folder !== undefined && (script === "deltaprop" || script === "start")) process.chdir(folder);
}
