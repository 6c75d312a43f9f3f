// The command line: its list of commands, one file each.
import { Command } from "commander";
import { returnToCaller } from "./call.ts";
import { VERSION } from "./program.ts";
import { addRanks, amongRanks } from "./ranks.ts";
import { watchOutput } from "./shutdown.ts";
import { understood } from "./spelling.ts";
import { widthOf, wrapText } from "./wrap.ts";

type Register = (program: Command) => void;

/** In the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  train: async () => (await import("./train/train.ts")).registerTrain,
  test: async () => (await import("./test.ts")).registerTest,
  verify: async () => (await import("./verify.ts")).registerVerify,
  predict: async () => (await import("./predict.ts")).registerPredict,
  export: async () => (await import("./export.ts")).registerExport,
  split: async () => (await import("./split-table.ts")).registerSplit,
  data: async () => (await import("./data.ts")).registerData,
  explain: async () => (await import("./explain.ts")).registerExplain,
  influence: async () => (await import("./influence.ts")).registerInfluence,
  "batch-size": async () => (await import("./batch-size.ts")).registerBatchSize,
  "learning-rate": async () => (await import("./learning-rate.ts")).registerLearningRate,
  "cross-validate": async () => (await import("./cross-validate.ts")).registerCrossValidate,
  search: async () => (await import("./search.ts")).registerSearch,
  mislabelled: async () => (await import("./mislabelled.ts")).registerMislabelled,
  check: async () => (await import("./check.ts")).registerCheck,
  gradients: async () => (await import("./gradients.ts")).registerGradients,
  engines: async () => (await import("./engines.ts")).registerEngines,
  studio: async () => (await import("./studio.ts")).registerStudio,
  serve: async () => (await import("./serve.ts")).registerServe,
  report: async () => (await import("./report.ts")).registerReport,
};

const JSON_HELP = `
With --json a command prints one object a line on standard output, and an error as {"event":"error","exit":…,"code":…,
"message":…,"file":…,"at":…} besides its line on standard error. To export, --json names a file.`;

const program = new Command("deltaprop")
  .description("train, verify and explain feed-forward classifiers with closed-form gradients")
  .version(VERSION, "-v, --version")
  .exitOverride()
  .configureOutput({
    outputError: () => {}, // failure.ts prints errors
    writeOut: (text) => process.stdout.write(wrapText(text, widthOf(process.stdout))),
    writeErr: (text) => process.stderr.write(wrapText(text, widthOf(process.stderr))),
  })
  .showSuggestionAfterError()
  .addHelpText("after", JSON_HELP);

// only the named command is loaded: it starts sooner and uses less memory
const words = understood(process.argv.slice(2));
const named = words[0] ?? "";
const wanted = Object.hasOwn(COMMANDS, named) ? [COMMANDS[named]!] : Object.values(COMMANDS);
for (const load of wanted) (await load())(program);
addRanks(program);

returnToCaller();
watchOutput();
await amongRanks(words, () => program.parseAsync([process.argv[0]!, process.argv[1]!, ...words]));
