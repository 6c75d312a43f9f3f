// jax-js on its WebAssembly backend: forward, loss, gradients and SGD inside one jit. In Node it has one thread.
import { pathToFileURL } from "node:url";
import { LAYERS, oneHot, RATE, require, run, versionOf } from "./trainer.mjs";

const jax = await import(pathToFileURL(require.resolve("@jax-js/jax")).href);
const { numpy: np, nn, jit, valueAndGrad, tree, init, defaultDevice, blockUntilReady } = jax;
await init("wasm");
defaultDevice("wasm");

function open(_H, B, { shapes, W, b }) {
  let parameters = { W: W.map((w, l) => np.array(w, { shape: shapes[l] })), b: b.map((v) => np.array(v)) };
  function forward({ W, b }, x) {
    for (let l = 0; l < LAYERS; l++) {
      x = np.dot(x, W[l]).add(b[l]);
      if (l < LAYERS - 1) x = nn.relu(x);
    }
    return x;
  }
  const lossOf = (p, x, y) =>
    nn
      .logSoftmax(forward(p, x))
      .mul(y)
      .sum()
      .mul(-1 / B);
  const train = jit((p, x, y) => {
    const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(p), x, y);
    return [loss, tree.map((value, gradient) => value.sub(gradient.mul(RATE)), p, gradients)];
  });
  const predict = jit(forward);
  return {
    batch: (x, y) => [np.array(x, { shape: [y.length, 784] }), np.array(oneHot(y), { shape: [y.length, 10] })],
    async step([x, y], wanted) {
      const [loss, next] = train(parameters, x.ref, y.ref);
      parameters = next;
      await blockUntilReady(parameters);
      if (wanted) return loss.data();
      loss.dispose();
    },
    logits: (x) => predict(tree.ref(parameters), np.array(x, { shape: [x.length / 784, 784] })).data(),
    free(batch) {
      for (const array of batch) array.dispose();
    },
    close: () => tree.dispose(parameters),
  };
}

await run(`jax-js ${versionOf("@jax-js/jax")}`, open);
