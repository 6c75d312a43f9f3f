// `train --private`: its options, and what is said of the promise.
import { type Command, Option } from "commander";
import { InvalidInput, must } from "../../errors.ts";
import type { TrainingOptions } from "../../training/options.ts";
import type { PrivateOptions } from "../../training/private-options.ts";
import { decimal, seedNumber } from "../arguments.ts";

export type PrivateFlags = {
  readonly private?: true;
  /** Of the promise; not Adam's. */
  readonly epsilon?: number;
  readonly delta?: number;
  readonly clip?: number;
  readonly insecureSeed?: number;
};

const above0 = (x: number): boolean => x > 0 && Number.isFinite(x);

export function addPrivate(command: Command): void {
  command
    .option(
      "--private",
      "hide every single training row: drawn batches, clipped gradients, noise; needs --epsilon and --delta, and cannot be repeated",
    )
    .addOption(new Option("--epsilon <x>", "ε of --private").argParser(decimal("--epsilon", "a number > 0", above0)))
    .addOption(
      new Option("--delta <x>", "δ of --private, well below 1/(training rows)").argParser(
        decimal("--delta", "a number in (0, 1)", (x) => x > 0 && x < 1),
      ),
    )
    .addOption(
      new Option("--clip <x>", "norm to which --private clips each row's gradient (default: 1)").argParser(
        decimal("--clip", "a number > 0", above0),
      ),
    )
    .addOption(
      new Option("--insecure-seed <n>", "for tests: repeatable draws of --private, which hide nothing").argParser(
        seedNumber("--insecure-seed"),
      ),
    );
}

/** The private part of training options. Raises InvalidInput where flags need each other. */
export function privateOf(flags: PrivateFlags & { readonly noiseScale?: true }): PrivateOptions | undefined {
  const { private: asked, epsilon, delta, clip, insecureSeed } = flags;
  if (!asked) {
    const alone = Object.entries({ epsilon, delta, clip, "insecure-seed": insecureSeed });
    for (const [name, value] of alone) must(value === undefined, `--${name}`, "left out without --private", value);
    return undefined;
  }
  must(epsilon !== undefined, "--epsilon", "given with --private: 1 is strong, 3 usual, 8 weak", epsilon);
  must(delta !== undefined, "--delta", "given with --private: well below 1/(training rows), e.g. 1e-5", delta);
  if (flags.noiseScale) {
    const reason = "--noise-scale measures gradients of training rows, which --private hides. Leave one of them out.";
    throw new InvalidInput("CONFLICTING_OPTION", reason);
  }
  return { epsilon, delta, clip, insecureSeed };
}

/** What a private run promises and at what price; before its first step. */
export function privateLines({ private: promise, batchSize }: TrainingOptions, rows: number): string[] {
  if (promise === undefined) return [];
  const { epsilon, delta, clip, noise, insecureSeed } = promise;
  const rate = ((100 * Math.min(batchSize, rows)) / rows).toPrecision(3);
  return [
    `  private  ε ${epsilon} at δ ${delta} for every training row: noise ${noise} × clip ${clip}, each row drawn with ${rate} %`,
    "           of training rows alone: figures of validation and test rows are exact; docs/privacy.md says the rest",
    insecureSeed === undefined
      ? "           draws come from the system's generator: this run cannot be repeated or verified"
      : `           INSECURE: whoever knows --insecure-seed ${insecureSeed} can take the noise off again, so nothing is hidden`,
  ];
}
