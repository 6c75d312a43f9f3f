// `npm run bench:time-to-accuracy`: seconds from the start of a process to an accuracy on MNIST's test images, with
// reading, training, the test and the files of the run. The options were chosen with --validation 0.1.
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { MNIST_FLAGS, type MnistRun, trainMnist } from "./mnist-run.ts";
import { markdownTable } from "./report.ts";
import { median } from "./statistics.ts";

type Goal = { readonly accuracy: number; readonly seconds: number; readonly options: string };

const GOALS: readonly Goal[] = [
  { accuracy: 97, seconds: 2, options: "--recipe fast" },
  { accuracy: 98, seconds: 6, options: "--epochs 4 --batch-size 32" },
  { accuracy: 98.5, seconds: 20, options: "--hidden 512,256 --epochs 8 --augment digits" },
  { accuracy: 99, seconds: 120, options: "--hidden 1000,500 --epochs 24 --augment digits" },
];

const { values } = parseArgs({ options: { ...MNIST_FLAGS, only: { type: "string" } } });
const only = values.only?.split(",").map(Number);
const seeds = Array.from({ length: Number(values.seeds) }, (_, k) => k + 1);
const chosen = Number(values.validation) > 0 ? ", validation" : "";

const rows = GOALS.filter(({ accuracy }) => only?.includes(accuracy) ?? true).map((goal) => {
  const runs = seeds.map((seed) => trainMnist(goal.options.split(" "), seed, values));
  const list = (of: keyof MnistRun) => runs.map((run) => run[of].toFixed(2)).join(", ");
  const [reached, took] = [median(runs.map((run) => run.accuracy)), median(runs.map((run) => run.seconds))];
  const met = reached >= goal.accuracy && took <= goal.seconds ? "yes" : "no";
  return [`${goal.accuracy} %`, `${goal.seconds} s`, `\`${goal.options}\``, list("accuracy"), list("seconds"), met];
});
const heads = ["goal", "within", "options", `accuracy, %${chosen}`, "seconds", "met by the medians"];
console.log(`load ${loadavg().map((one) => one.toFixed(1))}, seeds ${seeds}\n`);
for (const line of markdownTable([heads, ...rows])) console.log(line);
