// The outputs of an ONNX graph that answers with numbers or labels: those of training/value-targets.ts as nodes, in
// float64 behind the last layer, so that no digit of a target is lost.
import { lossTask } from "../../network/losses.ts";
import type { Model } from "../../training/model.ts";
import { middleLevel } from "../../training/value-targets.ts";
import { type Message, node, ONNX_TYPE, tensor, value } from "./onnx-message.ts";

/**
 * From "logits" [batch×C]: `probabilities` [batch×T] and `labels` (bool) of labels; else `values` [batch×T], and
 * `quantiles` [batch×T×K] or `deviations` [batch×T] where the loss has these.
 */
export function valueNodes(
  graph: Message,
  { loss, targetScaling, classes, network }: Model,
  labelLogits: string,
): void {
  const T = classes.length;
  const C = network.layers.at(-1)!;
  const known = loss!;
  if (lossTask(known) === "multilabel") {
    node(graph, "Sigmoid", [labelLogits], "probabilities"); //           p = 1/(1 + e^{−z/T})
    tensor(graph, "targets:half", [], Float32Array.of(0.5));
    node(graph, "GreaterOrEqual", ["probabilities", "targets:half"], "labels");
    value(graph, 12, "probabilities", "float", ["batch", T]);
    value(graph, 12, "labels", "bool", ["batch", T]);
    return;
  }
  const deviation = (j: number) => targetScaling?.deviation[j] ?? 1;
  const mean = (j: number) => targetScaling?.mean[j] ?? 0;
  const vector = (name: string, size: number, of: (c: number) => number) =>
    tensor(
      graph,
      name,
      [size],
      Float64Array.from({ length: size }, (_, c) => of(c)),
    );
  const pick = (from: string, to: string, columns: readonly number[]) => {
    tensor(graph, `${to}:columns`, [columns.length], BigInt64Array.from(columns, BigInt));
    node(graph, "Gather", [from, `${to}:columns`], to, { integers: { axis: 1 } });
  };
  const unscaled = (from: string, to: string, size: number, target: (c: number) => number) => {
    vector("targets:deviation", size, (c) => deviation(target(c)));
    vector("targets:mean", size, (c) => mean(target(c)));
    node(graph, "Mul", [from, "targets:deviation"], "targets:spread");
    node(graph, "Add", ["targets:spread", "targets:mean"], to); //       mean + deviation·z
  };
  node(graph, "Cast", ["logits"], "outputs", { integers: { to: ONNX_TYPE.double } });
  const all = Array.from({ length: T }, (_, j) => j);
  if (known.name === "poisson")
    node(graph, "Exp", ["outputs"], "values"); //                        e^z
  else if (known.name === "gaussian") {
    pick(
      "outputs",
      "targets:centers",
      all.map((j) => 2 * j),
    );
    unscaled("targets:centers", "values", T, (j) => j);
    pick(
      "outputs",
      "targets:logs",
      all.map((j) => 2 * j + 1),
    );
    tensor(graph, "targets:half", [], Float64Array.of(0.5));
    node(graph, "Mul", ["targets:logs", "targets:half"], "targets:halves");
    node(graph, "Exp", ["targets:halves"], "targets:roots"); //          e^{s/2}
    node(graph, "Mul", ["targets:roots", "targets:deviation"], "deviations");
    value(graph, 12, "deviations", "double", ["batch", T]);
  } else if (known.name === "quantile") {
    const K = C / T;
    unscaled("outputs", "targets:quantiles", C, (c) => Math.floor(c / K));
    const middle = middleLevel(known.levels!);
    pick(
      "targets:quantiles",
      "values",
      all.map((j) => j * K + middle),
    );
    tensor(graph, "targets:shape", [3], BigInt64Array.of(-1n, BigInt(T), BigInt(K)));
    node(graph, "Reshape", ["targets:quantiles", "targets:shape"], "quantiles");
    value(graph, 12, "quantiles", "double", ["batch", T, K]);
  } else unscaled("outputs", "values", T, (j) => j);
  value(graph, 12, "values", "double", ["batch", T]);
}
