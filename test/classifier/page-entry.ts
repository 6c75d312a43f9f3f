// The face's lines in a page: what page.test.ts bundles and compares with the same lines in Node.
import { classifierOf, fit, fromArrays, fromJSON, load } from "../../src/index.ts";
import { flowers } from "./flowers.ts";

export type Lines = {
  readonly sha256: string;
  readonly answers: readonly unknown[];
  readonly accuracy: number;
  readonly many: readonly string[];
};

/** Train, answer by name, save to bytes and to JSON, load, learn on. */
export async function lines(): Promise<Lines> {
  const [first, later] = [flowers(150), flowers(90, 1)];
  const model = await fit(fromArrays(first.X, first.y), { hidden: [8], epochs: 4, validation: 0.1, patience: 5 });
  const back = await load(await model.toBytes());
  const better = await fit(fromArrays(later.X, later.y), { from: back, epochs: 2 });
  const copies = [model, back, fromJSON(JSON.stringify(model)), classifierOf(structuredClone(model.model)), better];
  return {
    sha256: model.history.at(-1)!.parametersSha256,
    answers: copies.map((copy) => copy.predict(first.X[7]!)),
    accuracy: (await better.evaluate(fromArrays(first.X, first.y))).accuracy,
    many: (await better.predictMany(later.X)).labels,
  };
}

/** In the page: the lines as text, with how many modules of kernels were compiled at once. */
async function main(): Promise<void> {
  let compiled = 0;
  WebAssembly.Module = new Proxy(WebAssembly.Module, {
    construct(target, words) {
      const [bytes] = words as [Uint8Array<ArrayBuffer>];
      const made = new target(bytes);
      if (bytes.length > 4096) compiled++; // smaller ones are probes of what the page allows
      return made;
    },
  });
  const found = await lines();
  document.body.innerHTML = '<p id="found"></p>';
  document.getElementById("found")!.textContent = JSON.stringify({ compiled, ...found });
}

if (typeof document !== "undefined") void main();
