import { defineNetwork, drawDigits, predict, train } from "deltaprop";

async function task(): Promise<string> {
  const { train: rows } = await drawDigits({ seed: 1, train: 800 });
  const network = defineNetwork([784, 256, 10]);
  const { model, parametersSha256, threads } = await train(network, rows, { epochs: 1, learningRate: 0.1, seed: 1 });
  const { classes } = await predict(model, rows.features);
  return `deltaprop ${classes.length} ${parametersSha256} on ${threads} thread${threads === 1 ? "" : "s"}`;
}

task().then(console.log);
