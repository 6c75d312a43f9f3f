import { defineNetwork, drawDigits, predict, train } from "deltaprop";
import type { CheckReport } from "deltaprop/check";
import type { Checkpoint } from "deltaprop/files";
import type { LoadOptions } from "deltaprop/node";
import type { PlainPrediction } from "deltaprop/predict";
import type { Session } from "deltaprop/sessions";
import type { Run } from "deltaprop/training";

export type Entries = [CheckReport, Checkpoint, LoadOptions, PlainPrediction, Session, Run];

async function task(): Promise<string> {
  const { train: rows } = await drawDigits({ seed: 1, train: 800 });
  const network = defineNetwork([784, 256, 10]);
  const { model, parametersSha256, threads } = await train(network, rows, { epochs: 1, learningRate: 0.1, seed: 1 });
  const { classes } = await predict(model, rows.features);
  return `deltaprop ${classes.length} ${parametersSha256} on ${threads} thread${threads === 1 ? "" : "s"}`;
}

task().then(console.log);
