#!/usr/bin/env node
// The command line: one file a command, this one puts them together.
import { Command } from "commander";
import { registerCheck } from "./check.ts";
import { registerData } from "./data.ts";
import { registerEngines } from "./engines.ts";
import { registerExport } from "./export.ts";
import { report, watchInterrupts, watchOutput } from "./failure.ts";
import { registerGradients } from "./gradients.ts";
import { registerPredict } from "./predict.ts";
import { VERSION } from "./program.ts";
import { registerReport } from "./report.ts";
import { registerStudio } from "./studio.ts";
import { registerTest } from "./test.ts";
import { registerTrain } from "./train.ts";
import { registerVerify } from "./verify.ts";

const program = new Command("deltaprop")
  .description("train, verify and explain feed-forward classifiers with closed-form gradients")
  .version(VERSION)
  .exitOverride()
  .configureOutput({ outputError: () => {} }) // failure.ts prints errors
  .showSuggestionAfterError();

registerTrain(program);
registerTest(program);
registerVerify(program);
registerPredict(program);
registerExport(program);
registerData(program);
registerCheck(program);
registerGradients(program);
registerEngines(program);
registerStudio(program);
registerReport(program);

watchOutput();
watchInterrupts();
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
