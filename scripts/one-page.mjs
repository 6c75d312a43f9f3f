// Builds a page as one HTML text: script and style inside, and a content policy that names exactly these two. So
// are the page of `deltaprop report` and that of `deltaprop serve`.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { licensesOf } from "./licenses.mjs";

/** The page in src/studio/`name`; it may ask `connect`, as a content policy writes it, and no other address. */
export async function onePage(name, connect) {
  const root = fileURLToPath(new URL(`../src/studio/${name}`, import.meta.url));
  const { build } = await import("vite");
  const { output } = await build({
    ...{ root, configFile: false, logLevel: "warn", base: "./" },
    build: {
      ...{ write: false, target: "es2023", modulePreload: false, cssCodeSplit: false },
      rolldownOptions: {
        input: join(root, "index.html"),
        output: { codeSplitting: false },
        checks: { bundlerTimings: false },
      },
    },
  });
  const one = (kind, ending) => {
    const found = output.filter(({ type, fileName }) => type === kind && fileName.endsWith(ending));
    if (found.length !== 1)
      throw new Error(`the page of ${name} was built as ${found.length} ${ending} files, not as one`);
    return String(found[0].code ?? found[0].source);
  };
  const modules = output.flatMap(({ moduleIds = [] }) => moduleIds);
  const licences = licensesOf(modules).replaceAll("--", "- -"); // which a comment may not hold
  const script = `\n${one("chunk", ".js").replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--")}`;
  const style = `\n${one("asset", ".css").replaceAll("</style", "<\\/style")}`;
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "img-src data: blob:",
    ...(connect ? [`connect-src ${connect}`] : []),
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
  const head = `<meta http-equiv="Content-Security-Policy" content="${policy}" />\n    <style>${style}</style>`;
  const page = one("asset", ".html")
    .replace(/\s*<script type="module"[^>]*><\/script>/, "")
    .replace(/\s*<link rel="stylesheet"[^>]*>/, "")
    .replace(/<meta charset="utf-8" \/>/, (meta) => `${meta}\n    ${head}`)
    .replace(/\s*<\/body>/, () => `\n    <script type="module">${script}</script>\n  </body>`)
    .replace(/\s*$/, () => `\n<!-- This page contains parts of these packages:\n\n${licences}-->\n`);
  if (/<link|src=/.test(page.replace(script, ""))) throw new Error(`the page of ${name} still asks for other files`);
  return page;
}

/** As a content policy writes it. */
function hashOf(text) {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
