// The flags of `train` for what bounds a step beside its optimizer.
import { type Command, Option } from "commander";
import { decimal } from "../arguments.ts";

export function addStepFlags(command: Command): void {
  const positive = (flag: string) => decimal(flag, "a number > 0", (x) => x > 0);
  command
    .addOption(
      new Option("--l1 <x>", "of the L1 penalty: weights move by this times the rate towards 0").argParser(
        positive("--l1"),
      ),
    )
    .addOption(
      new Option("--clip-norm <x>", "shorten a step's gradient to this norm").argParser(positive("--clip-norm")),
    )
    .addOption(
      new Option("--max-norm <x>", "shorten the incoming weights of each unit to this norm").argParser(
        positive("--max-norm"),
      ),
    );
}
