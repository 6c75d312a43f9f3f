// onnxruntime, the training step as a graph, weights in and weights out. HOW: node-1, node-8, web-1 or web-8: the
// package, and how many steps one call takes (8: the weights cross JavaScript's border once in eight steps). A cold
// start takes one step a call.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeForward, writeSteps } from "./onnx-graph.mjs";
import { folder, how, oneHot, RATE, require, run, threads, versionOf } from "./trainer.mjs";

const [kind, unitText] = how.split("-");
const unit = Number(unitText);
const web = kind === "web";
const ort = web
  ? await import(pathToFileURL(require.resolve("onnxruntime-web").replace(/\.js$/, ".mjs")).href)
  : require("onnxruntime-node");
if (web) ort.env.wasm.numThreads = threads;
const options = web
  ? { executionProviders: ["wasm"], graphOptimizationLevel: "all" }
  : { intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: "sequential", graphOptimizationLevel: "all" };
const tensor = (values, dims) => new ort.Tensor("float32", values, dims);

async function open(H, B, { shapes, W, b }) {
  const name = (what) => join(folder, "built", `${what}-${H}-${B}-${unit}-${process.pid}.onnx`);
  writeSteps(name("steps"), shapes, B, unit, RATE);
  const session = await ort.InferenceSession.create(name("steps"), options);
  const fresh = (mark) =>
    Object.fromEntries(
      shapes.flatMap((shape, l) => [
        [`${mark}W${l}`, tensor(W[l].slice(), shape)],
        [`${mark}b${l}`, tensor(b[l].slice(), [shape[1]])],
      ]),
    );
  const names = Object.keys(fresh(""));
  let now = fresh("");
  let next = fresh(""); // onnxruntime-node writes into it; the web package has no such door
  const losses = tensor(new Float32Array(unit), [unit]);
  let predict;
  return {
    unit,
    batch: (x, y) => ({ x: tensor(x, [y.length, 784]), y: tensor(oneHot(y), [y.length, 10]) }),
    async step(batch, wanted) {
      const into = web ? undefined : { losses, ...Object.fromEntries(names.map((n) => [`new${n}`, next[n]])) };
      const got = await session.run({ ...batch, ...now }, into);
      const was = now;
      now = Object.fromEntries(names.map((n) => [n, got[`new${n}`]]));
      next = was;
      return wanted ? Array.from(got.losses.data) : undefined;
    },
    async logits(x) {
      const rows = x.length / 784;
      if (!predict) {
        writeForward(name("forward"), shapes, rows);
        predict = await ort.InferenceSession.create(name("forward"), options);
      }
      return (await predict.run({ x: tensor(x, [rows, 784]), ...now })).logits.data;
    },
    close: () => session.release(),
  };
}

await run(`onnxruntime-${kind} ${versionOf(`onnxruntime-${kind}`)}`, open);
