// The flags of `train` for what bounds a step beside its optimizer.
import { type Command, Option } from "commander";
import { decimal } from "../arguments.ts";

export function addStepFlags(command: Command): void {
  const positive = (flag: string) => decimal(flag, "a number > 0", (x) => x > 0);
  const share = (flag: string) => decimal(flag, "a number in [0, 1)", (x) => x >= 0 && x < 1);
  command
    .addOption(new Option("--momentum <x>", "of momentum and nesterov (default: 0.9)").argParser(share("--momentum")))
    .addOption(
      new Option("--beta1 <x>", "of adam and adamw: how slowly the mean of gradients follows (default: 0.9)").argParser(
        share("--beta1"),
      ),
    )
    .addOption(
      new Option("--beta2 <x>", "of adam and adamw: how slowly the mean of squares follows (default: 0.999)").argParser(
        share("--beta2"),
      ),
    )
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
    )
    .addOption(
      new Option("--dropout <p>", "share of hidden units that a step leaves out of each example").argParser(
        decimal("--dropout", "a number in (0, 1)", (x) => x > 0 && x < 1),
      ),
    )
    .addOption(
      new Option("--input-dropout <p>", "share of inputs that a step leaves out of each example").argParser(
        decimal("--input-dropout", "a number in (0, 1)", (x) => x > 0 && x < 1),
      ),
    )
    .addOption(
      new Option("--average-decay <x>", "keep the mean of the parameters over steps, e.g. 0.999").argParser(
        share("--average-decay"),
      ),
    )
    .addOption(
      new Option("--front-scale <x>", "learn a scale of each input, with this times the step of weights").argParser(
        positive("--front-scale"),
      ),
    )
    .addOption(
      new Option("--input-noise <x>", "deviation of normal noise on the scaled inputs of a step").argParser(
        positive("--input-noise"),
      ),
    )
    .addOption(
      new Option(
        "--mixup <alpha>",
        "mix each row and its target with another row of the step, in shares from Beta(alpha, alpha); e.g. 0.2",
      ).argParser(positive("--mixup")),
    );
}
