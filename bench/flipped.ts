// `npm run bench:flipped`: how well `deltaprop mislabelled` tells labels that were flipped on purpose from the others,
// as the area under the ROC curve of each of its scores. A tenth of the labels is made another class, drawn evenly.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Dataset } from "../src/data/dataset.ts";
import { drawDigits } from "../src/data/digits/digits.ts";
import { loadSource } from "../src/data/source.ts";
import { LABEL_SCORES, mislabelled } from "../src/insights/label-scores.ts";
import { defineNetwork } from "../src/network/network.ts";
import { PURPOSE, Random } from "../src/numerics/random.ts";
import { markdownTable } from "./report.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string", default: process.env.DELTAPROP_DATA ?? "../shared/data/mnist" },
    share: { type: "string", default: "0.1" },
    members: { type: "string", default: "3" }, // 3, epochs and network: those of the command from 10,000 images on
    seed: { type: "string", default: "1" },
  },
});

/** Of the scores `doubt`, greater where a row is more doubtful: the chance that a flipped row has the greater one. */
function area(doubt: Float64Array, flipped: ReadonlySet<number>): number {
  const order = [...doubt.keys()].sort((a, b) => doubt[b]! - doubt[a]!);
  const others = doubt.length - flipped.size;
  let [above, pairs] = [0, 0]; // other rows that rank above
  for (let k = 0, end = 0; k < order.length; k = end) {
    let here = 0;
    for (end = k; end < order.length && doubt[order[end]!] === doubt[order[k]!]; end++)
      here += Number(flipped.has(order[end]!));
    const among = end - k - here;
    pairs += here * (others - above - among / 2); // equal ones count half
    above += among;
  }
  return pairs / (flipped.size * others);
}

const seed = Number(values.seed);
const network = defineNetwork([784, 256, 256, 10]);
const options = { seed, folds: 5, members: Number(values.members), epochs: 6, gradientEpochs: 18 };
const mnist = (await loadSource("mnist", { dataDir: resolve(values.data) })).train;
const { train: digits } = await drawDigits();
const lines: string[][] = [];
for (const [name, data] of [
  ["drawn digits", digits],
  ["MNIST, training images", mnist],
] as const) {
  const random = new Random(seed, PURPOSE.sample, 1);
  const rows = random.shuffle(Uint32Array.from({ length: data.rows }, (_, i) => i));
  const flipped = new Set(rows.subarray(0, Math.round(Number(values.share) * data.rows)));
  const C = data.classes.length;
  const labels = data.labels.map((label, i) => (flipped.has(i) ? (label + 1 + random.integer(C - 1)) % C : label));
  const begun = performance.now();
  const { scores } = await mislabelled(network, { ...data, labels } satisfies Dataset, options);
  const seconds = (performance.now() - begun) / 1000;
  const areas = LABEL_SCORES.map((score) => {
    const low = score === "margin" || score === "selfConfidence"; // doubtful where they are low
    return area(low ? scores[score].map((value) => -value) : scores[score], flipped).toFixed(4);
  });
  lines.push([name, String(data.rows), String(flipped.size), ...areas, `${seconds.toFixed(0)} s`]);
}
for (const line of markdownTable([["data", "rows", "flipped", ...LABEL_SCORES, "time"], ...lines])) console.log(line);
