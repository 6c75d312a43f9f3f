// `deltaprop serve RUN…`: models over HTTP, by the Open Inference Protocol v2 and by name.
import { unwatchFile, watchFile } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { type Command, Option } from "commander";
import { unreadable } from "../data/disk-files.ts";
import { InvalidInput, must, printable } from "../errors.ts";
import { lossTask } from "../network/losses.ts";
import { type Serving, startServing } from "../serve/serving.ts";
import { columnCount, type Model } from "../training/model.ts";
import { decimal, wholeNumber } from "./arguments.ts";
import { openModel } from "./inputs.ts";
import { print, warn } from "./program.ts";
import { gracefully, saving } from "./shutdown.ts";
import { servePage } from "./studio/built.ts";
import { plural } from "./tables.ts";

type Flags = {
  readonly host: string;
  readonly port: number;
  readonly name: readonly (readonly [name: string, run: string])[];
  readonly tokenFile?: string | undefined;
  readonly batchMs: number;
  readonly maxBatch: number;
  readonly reload?: true;
};

const NOTES = `
The Open Inference Protocol v2 is at /v2, answers by name at /predict, a page to try it at /. A row's answer is that of
deltaprop predict, whichever rows it was computed with. SIGTERM and Ctrl-C answer what has arrived, then end.`;

export function registerServe(program: Command): void {
  const named = (text: string, before: Flags["name"] = []) => [...before, nameAndRun(text)];
  program
    .command("serve")
    .description("answer requests over HTTP with models, warm")
    .argument("[runs...]", "runs' folders or .safetensors files; each is served by the name of its folder or file")
    .option("--host <address>", "where to listen; other than this machine needs --token-file", "127.0.0.1")
    .addOption(new Option("--port <n>", "the port").default(8080).argParser(wholeNumber("--port", 0, 65_535)))
    .addOption(
      new Option("--name <name=run>", "serve a run by another name; can be given again")
        .argParser(named)
        .default([], "none"),
    )
    .option("--token-file <file>", "a file with what requests must carry: Authorization: Bearer …")
    .addOption(
      new Option("--batch-ms <ms>", "the longest that a row waits for others that are on their way")
        .default(2)
        .argParser(decimal("--batch-ms", "a number in [0, 1000]", (ms) => ms >= 0 && ms <= 1000)),
    )
    .addOption(
      new Option("--max-batch <rows>", "rows of a batch and of a request, at most")
        .default(512)
        .argParser(wholeNumber("--max-batch", 1, 65_536)),
    )
    .option("--reload", "serve a run's model anew when its file has changed, and all at SIGHUP")
    .addHelpText("after", NOTES)
    .action(run);
}

/** Where a served model comes from. */
type Place = { readonly name: string; readonly path: string; readonly file: string };

async function run(runs: readonly string[], flags: Flags): Promise<void> {
  const { host, port, batchMs, maxBatch, tokenFile, reload } = flags;
  const wanted = [...runs.map((path) => [nameOf(path), path] as const), ...flags.name];
  must(wanted.length > 0, "serve", "given a run's folder or a model's file", wanted.length);
  refuseTwice(wanted.map(([name]) => name));
  const token = tokenFile === undefined ? undefined : await readToken(tokenFile);
  const places: Place[] = [];
  const models: (readonly [string, Model])[] = [];
  for (const [name, path] of wanted) {
    const { model, file } = await openModel(path);
    places.push({ name, path, file });
    models.push([name, model]);
  }
  const page = await servePage();
  const serving = await startServing(models, { host, port, token, page, batchMs, maxBatch, log: process.stderr });
  const again = reload ? new Reloading(places, serving) : undefined;
  await gracefully(
    async (signal) => {
      print(serving.url);
      for (const [name, model] of models) print(modelLine(name, model));
      print(`${token === undefined ? "" : "Requests need the token. "}Ctrl-C ends it.`);
      again?.watch();
      await new Promise((stopped) => signal.addEventListener("abort", stopped, { once: true }));
      again?.end();
      await saving(() => serving.stop());
      signal.throwIfAborted();
    },
    () => "the server was ended with requests under way.",
    false,
    again && (() => again.all()),
  );
}

function modelLine(name: string, model: Model): string {
  const { classes, trainedOn, loss } = model;
  const labels = loss !== undefined && lossTask(loss) === "multilabel";
  const answers =
    loss === undefined
      ? plural(classes.length, "class", "classes")
      : plural(classes.length, labels ? "label" : "number");
  const of = trainedOn ? `, trained on ${printable(trainedOn.name)}` : "";
  return `${name}: ${plural(columnCount(model), "column")} → ${answers}${of}`;
}

const NAME = /^[A-Za-z0-9](?:[\w.-]{0,62}[A-Za-z0-9])?$/;
const NAMED = "letters, digits, and . _ - between them, 64 at most";

function nameOf(path: string): string {
  const name = basename(path).replace(/\.safetensors$/, "");
  must(NAME.test(name), "the name of a served run", NAMED, name, "Give it one: --name iris=RUN.");
  return name;
}

function nameAndRun(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  const [name, path] = [text.slice(0, at), text.slice(at + 1)];
  must(at > 0 && path !== "" && NAME.test(name), "--name", `NAME=RUN, of a name ${NAMED}`, text);
  return [name, path];
}

function refuseTwice(names: readonly string[]): void {
  const twice = names.find((name, k) => names.indexOf(name) < k);
  if (twice === undefined) return;
  const reason = `two runs would be served as ${twice}. Give one another name: --name other=RUN.`;
  throw new InvalidInput("CONFLICTING_OPTION", reason);
}

const LEAST = 16; // characters of a token
const MOST = 4096;

async function readToken(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw unreadable(file, error);
  });
  const token = text.trim();
  const fits = token.length >= LEAST && token.length <= MOST && /^[\x21-\x7e]+$/.test(token);
  const expected = `one line of ${LEAST} to ${MOST} ASCII characters without blanks`;
  must(fits, "the token in --token-file", expected, token.length, "openssl rand -hex 32 makes one.", { file });
  return token;
}

const LOOK_MS = 1000;

/** Models that are read again, one at a time; one that cannot be read leaves its elder in place. */
class Reloading {
  readonly #places: readonly Place[];
  readonly #serving: Serving;
  #newest: Promise<void> = Promise.resolve();

  constructor(places: readonly Place[], serving: Serving) {
    this.#places = places;
    this.#serving = serving;
  }

  watch(): void {
    for (const place of this.#places) watchFile(place.file, { interval: LOOK_MS }, () => this.#reload(place));
  }

  end(): void {
    for (const { file } of this.#places) unwatchFile(file);
  }

  all(): void {
    for (const place of this.#places) this.#reload(place);
  }

  #reload(place: Place): void {
    this.#newest = this.#newest.then(async () => {
      try {
        const { model } = await openModel(place.path);
        this.#serving.put(place.name, model);
        print(`${place.name}: loaded again`);
      } catch (error) {
        this.#serving.kept(place.name); // whatever it is: requests are answered as before
        warn(`${place.name} stays as it was: ${(error as Error).message}`);
      }
    });
  }
}
