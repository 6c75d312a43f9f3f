// GitHub's own checker of workflow files: their schema, and every expression in them.
import { registerHooks } from "node:module";
import { TextDocument } from "vscode-languageserver-textdocument";

// The checker imports its JSON schemas as a bundler would; Node wants the type of such a module written beside it.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context),
});
const { registerLogger, validate } = await import("@actions/languageservice");

/**
 * What is wrong with a workflow, as `line: reason`. `name` is new for each text: the checker keeps what it parsed under
 * a name.
 */
export async function checkWorkflow(name: string, text: string): Promise<string[]> {
  const problems: string[] = [];
  const nothing = () => {};
  const error = (message: string) => problems.push(message);
  // it reports its own failures here, and only here
  registerLogger({ error, warn: nothing, info: nothing, log: nothing });
  const document = TextDocument.create(`file:///.github/workflows/${name}`, "yaml", 1, text);
  for (const { range, message } of await validate(document)) problems.push(`${range.start.line + 1}: ${message}`);
  return problems;
}
