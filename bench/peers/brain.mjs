// brain.js on the CPU. Not quite our work: it has no mini-batch and no cross-entropy, so a "step" is B single examples
// with squared error (rate 0.005, no momentum), ReLU on the outputs too. Sizes and arithmetic are comparable; losses
// are not.
import { require, run, versionOf } from "./trainer.mjs";

const { NeuralNetwork } = require("brain.js");

function open(H, _B, { shapes, W, b }) {
  const network = new NeuralNetwork({ hiddenLayers: [H, H, H], activation: "relu", learningRate: 0.005 });
  network.sizes = [784, H, H, H, 10];
  network.initialize();
  network.trainOpts.momentum = 0; // its check of options refuses 0
  shapes.forEach(([inputs, outputs], l) => {
    for (let o = 0; o < outputs; o++) {
      network.biases[l + 1][o] = b[l][o];
      for (let i = 0; i < inputs; i++) network.weights[l + 1][o][i] = W[l][i * outputs + o];
    }
  });
  return {
    batch: (x, y) =>
      Array.from(y, (c, i) => ({
        input: x.subarray(i * 784, (i + 1) * 784),
        output: Float32Array.from({ length: 10 }, (_, o) => Number(o === c)),
      })),
    step(batch, wanted) {
      let error = 0;
      for (const example of batch) error += network.trainPattern(example, wanted) ?? 0;
      return wanted ? [error / batch.length] : undefined;
    },
  };
}

await run(`brain.js ${versionOf("brain.js")}`, open);
