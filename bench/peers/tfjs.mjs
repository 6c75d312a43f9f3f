// TensorFlow.js on its WebAssembly backend, one thread. HOW: autograd (what a user writes) or by-hand (the equations,
// with explicit transposes, as only products without transposed operands reach its fast kernels).
import { dirname } from "node:path";
import { how, LAYERS, oneHot, RATE, require, run } from "./trainer.mjs";

const tf = require("@tensorflow/tfjs");
const wasm = require("@tensorflow/tfjs-backend-wasm");
wasm.setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
tf.env().set("PROD", true);
if (!(await tf.setBackend("wasm"))) throw new Error("the WebAssembly backend did not start");

function forward(W, b, x, activations) {
  for (let l = 0; l < LAYERS; l++) {
    activations?.push(x);
    x = tf.add(tf.matMul(x, W[l]), b[l]);
    if (l < LAYERS - 1) x = tf.relu(x);
  }
  return x;
}

const common = {
  batch: (x, y) => [tf.tensor2d(x, [y.length, 784]), tf.tensor2d(oneHot(y), [y.length, 10])],
  free: (batch) => tf.dispose(batch),
};

function logitsOf(W, b, x) {
  const z = tf.tidy(() => forward(W, b, tf.tensor2d(x, [x.length / 784, 784])));
  const values = z.dataSync();
  z.dispose();
  return values;
}

function autograd(_H, _B, { shapes, W: start, b: zeros }) {
  const W = start.map((w, l) => tf.variable(tf.tensor2d(w, shapes[l])));
  const b = zeros.map((v) => tf.variable(tf.tensor1d(v)));
  const optimizer = tf.train.sgd(RATE);
  return {
    ...common,
    step([x, y], wanted) {
      const loss = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, forward(W, b, x)), wanted);
      if (!wanted) return;
      const values = loss.dataSync();
      loss.dispose();
      return values;
    },
    logits: (x) => logitsOf(W, b, x),
    close: () => tf.dispose([W, b]),
  };
}

function byHand(_H, B, { shapes, W: start, b: zeros }) {
  let W = start.map((w, l) => tf.tensor2d(w, shapes[l]));
  let b = zeros.map((v) => tf.tensor1d(v));
  const rate = tf.scalar(RATE);
  const share = tf.scalar(1 / B);
  return {
    ...common,
    step([x, y], wanted) {
      let losses;
      const next = tf.tidy(() => {
        const a = [];
        const z = forward(W, b, x, a);
        const logS = tf.sub(z, tf.logSumExp(z, 1, true));
        if (wanted) losses = tf.neg(tf.mul(tf.sum(tf.mul(logS, y)), share)).dataSync();
        let delta = tf.mul(tf.sub(tf.exp(logS), y), share);
        const nextW = [];
        const nextB = [];
        for (let l = LAYERS - 1; l >= 0; l--) {
          const below = l > 0 ? tf.mul(tf.matMul(delta, tf.transpose(W[l])), tf.step(a[l])) : undefined;
          nextW[l] = tf.sub(W[l], tf.mul(tf.matMul(tf.transpose(a[l]), delta), rate));
          nextB[l] = tf.sub(b[l], tf.mul(tf.sum(delta, 0), rate));
          delta = below;
        }
        return { W: nextW, b: nextB };
      });
      tf.dispose([W, b]);
      ({ W, b } = next);
      return losses;
    },
    logits: (x) => logitsOf(W, b, x),
    close: () => tf.dispose([W, b, rate, share]),
  };
}

await run(`tfjs ${tf.version.tfjs}`, how === "autograd" ? autograd : byHand);
