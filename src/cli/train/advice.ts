// What the figures of a run suggest to try next. Nothing here prints, and nothing changes the run.
import type { EpochHistory } from "../../training/epoch-history.ts";
import type { TrainingOptions } from "../../training/options.ts";
import type { TrainingResult } from "../../training/training-result.ts";
import { loss, percent, plural } from "../tables.ts";

/** At the end of a complete run: what its figures hide, and what to try. */
export function adviceOn(trained: TrainingResult, history: EpochHistory): string[] {
  const { stopReason } = trained;
  if (stopReason !== "finished" && stopReason !== "early") return [];
  return [
    ...testAdvice(trained, history),
    ...(shaking(history) ? [shakingAdvice(trained)] : stopReason === "finished" ? fallingAdvice(history) : []),
  ];
}

const FEW_ROWS = 10; //     of a test: its accuracy is a matter of luck
const GAP = 0.15; //        between training and test, beyond what chance makes of the test's rows
const LARGE_SHARE = 0.8; // of one class among the test rows

function testAdvice({ test, keptEpoch, options }: TrainingResult, history: EpochHistory): string[] {
  if (test === null) return [];
  const supports = test.classes.map(({ support }) => support);
  const share = Math.max(...supports) / test.rows;
  if (test.classes.length === 1)
    return ["there is one class only, so nothing was learned. --label chooses another column for the class."];
  if (test.rows < FEW_ROWS)
    return [`the test has ${plural(test.rows, "row")}, so its accuracy says little. Bring more rows to test on.`];
  const trained = history.record(keptEpoch)?.trainAccuracy ?? 0;
  const chance = 2 * Math.sqrt((test.accuracy * (1 - test.accuracy)) / test.rows);
  const advice: string[] = [];
  if (trained - test.accuracy > GAP + chance)
    advice.push(
      `accuracy in training ${percent(trained)}, in the test ${percent(test.accuracy)}: ${options.classWeights === "none" ? byHeart(options) : `with class weights, some steps are too large. ${smallerSteps(options)}`}`,
    );
  if (share >= LARGE_SHARE)
    advice.push(
      `${percent(share)} of the test rows are of one class, so always answering it has accuracy ${percent(share)}; test shows the recall of each class.${options.classWeights === "none" ? " To weigh rare classes more, try --class-weights balanced." : ""}`,
    );
  return advice;
}

function byHeart({ optimizer, weightDecay, patience }: TrainingOptions): string {
  const more = (optimizer === "adamw" ? 3 : 10) * weightDecay; // AdamW's is multiplied by η, so it is larger
  const decay = weightDecay > 0 ? Number(more.toPrecision(2)) : optimizer === "adamw" ? 1 : 0.01;
  return `the rows were learned by heart, or the test rows are of another kind. Try more rows, a smaller --hidden, --weight-decay ${decay}${patience === null ? ", or --patience 5" : ""}.`;
}

function smallerSteps({ learningRate, optimizer, schedule }: TrainingOptions): string {
  const ways = [
    `--learning-rate ${Number((learningRate / 5).toPrecision(2))}`,
    ...(schedule === "constant" ? ["--schedule cosine"] : []),
    ...(optimizer === "sgd" ? ["--optimizer adam"] : []),
  ];
  return `Try ${ways.join(", or ")}.`;
}

/** Whether the loss of the later half jumps: at least twice by half of its smallest. */
function shaking({ losses }: EpochHistory): boolean {
  const late = losses.slice(Math.floor(losses.length / 2));
  if (late.length < 4) return false;
  const least = Math.min(...late);
  const jumps = late.filter((value, k) => k > 0 && value - late[k - 1]! > 0.5 * least && value > SMALL_LOSS);
  return jumps.length >= 2;
}

function shakingAdvice({ options }: TrainingResult): string {
  const why = options.classWeights === "none" ? "" : " The class weights make some steps many times larger.";
  return `the loss jumps from epoch to epoch, so the end is a matter of luck.${why} ${smallerSteps(options)}`;
}

const SMALL_LOSS = 0.05; // below, there is little to gain
const FEW_EPOCHS = 5;
const STILL = 0.05; //      the share that the loss fell by in the last fifth of the epochs

function fallingAdvice({ losses, last, count }: EpochHistory): string[] {
  const before = losses[Math.floor(0.8 * losses.length) - 1];
  const now = last?.trainLoss ?? 0; // 0 of a private run, which has none
  if (count < FEW_EPOCHS || before === undefined || now < SMALL_LOSS) return [];
  if (now > (1 - STILL) * before) return [];
  const fell = `${loss(before)} to ${loss(now)}`;
  return [`the loss was still falling at the end, from ${fell} in the last fifth. Try --epochs ${2 * count}.`];
}
