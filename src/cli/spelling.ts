// What people type who come from other tools: understood where it can only mean one thing, else answered with the
// right name.

/** Options that mean exactly one of ours. */
const SAME: Readonly<Record<string, string>> = {
  "--lr": "--learning-rate",
  "--batch": "--batch-size",
  "--wd": "--weight-decay",
  "-V": "--version",
};

/** Commands that mean exactly one of ours. */
const SAME_COMMAND: Readonly<Record<string, string>> = { version: "--version" };

/** What other tools call it, and what it is here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "--batchsize": "--batch-size",
  "--learningrate": "--learning-rate",
  "--alpha": "--weight-decay",
  "--l2": "--weight-decay",
  "--units": "--hidden",
  "--hidden-layers": "--hidden",
  "--hidden-layer-sizes": "--hidden",
  "--max-iter": "--epochs",
  "--iterations": "--epochs",
  "--validation-split": "--validation",
  "--val-split": "--validation",
  "--early-stopping": "--patience",
  "--random-state": "--seed",
  "--class-weight": "--class-weights",
  "--target": "--label",
  "--output": "--out",
  "--workers": "--threads",
  "--jobs": "--threads",
  "--solver": "--optimizer",
  "--init": "--initialization",
  "--order": "--layer-order",
  "--layers-order": "--layer-order",
  "--layer-names": "--layer-order",
  "--mapping": "--layer-order",
  "--lr-schedule": "--schedule",
  fit: "train",
  learn: "train",
  eval: "test",
  evaluate: "test",
  score: "test",
  classify: "predict",
  infer: "predict",
  show: "data",
  info: "data",
  describe: "data",
  convert: "export",
  save: "export",
  repeat: "verify",
  reproduce: "verify",
  serve: "studio",
  ui: "studio",
  gradcheck: "check",
};

/** The words of a command line, with those replaced that mean exactly one of ours. What follows `--` is data. */
export function understood(words: readonly string[]): string[] {
  const end = words.indexOf("--");
  return words.map((word, k) => {
    if (end >= 0 && k >= end) return word;
    if (k === 0 && Object.hasOwn(SAME_COMMAND, word)) return SAME_COMMAND[word]!;
    const [name = "", ...value] = word.split("=");
    return Object.hasOwn(SAME, name) ? [SAME[name]!, ...value].join("=") : word;
  });
}

/** Our name for a word of other tools. */
export function ourName(word: string): string | undefined {
  const name = word.split("=")[0]!.toLowerCase();
  return Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
}
