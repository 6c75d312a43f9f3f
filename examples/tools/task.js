// What every tool's program does: enough work that `auto` wants a second thread. The line is the same everywhere, up to
// the number of threads that did the work.
import { defineNetwork, drawDigits, predict, train } from "deltaprop";

export async function task() {
  const { train: rows } = await drawDigits({ seed: 1, train: 800 });
  const network = defineNetwork([784, 256, 10]);
  const { model, parametersSha256, threads } = await train(network, rows, { epochs: 1, learningRate: 0.1, seed: 1 });
  const { classes } = await predict(model, rows.features);
  return `deltaprop ${classes.length} ${parametersSha256} on ${threads} thread${threads === 1 ? "" : "s"}`;
}
