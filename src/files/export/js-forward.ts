// The text of a module's forward pass: in plain loops, and on a kernel of WebAssembly with the same bits.
import { fusedAs } from "../../engines/wasm/products.ts";
import { ROW_SCRATCH, rowModule } from "../../engines/wasm/row-product.ts";
import { NORM_EPSILON } from "../../gradients/normalize-row.ts";
import type { Activation, Network } from "../../network/network.ts";

/** `inLoops`, and with `kernel` also `withKernel`: of layers { W, b }, { input, logits() }. Both use `activate`. */
export function forwardText(network: Network, kernel: boolean): string {
  const σ = typeof network.activation === "string" ? "activate" : "activate[l]";
  const own = network.layerNorm || network.residual;
  return `${own ? betweenCode(network, σ) : ""}/** The network in plain loops. */
function inLoops(layers) {
  const arrays = [new Float32Array(${network.layers[0]}), ...layers.map(({ b }) => new Float32Array(b.length))];
  const logits = () => {
    for (let l = 0; l < layers.length; l++) {
      const { W, b } = layers[l];
      const [a, z] = [arrays[l], arrays[l + 1].fill(0)];
      for (let i = 0; i < a.length; i++) {
        const x = a[i];
        // a term of 0 changes no bit
        if (x !== 0) for (let o = 0, w = i * z.length; o < z.length; o++) z[o] += Math.fround(x * W[w + o]);
      }
      for (let o = 0; o < z.length; o++) {
        z[o] += b[o];
${own ? "" : `        if (l < layers.length - 1) z[o] = ${σ}(z[o]);\n`}      }
${own ? "      if (l < layers.length - 1) between(z, a, layers[l], l);\n" : ""}    }
    return arrays[layers.length];
  };
  return { input: arrays[0], logits };
}
${kernel ? kernelText(network, σ) : ""}`;
}

/** The text of `between`, which makes of the sums z of hidden layer l what the next layer is given, in place. */
function betweenCode({ layerNorm, residual }: Network, σ: string): string {
  return `/** From the sums z of hidden layer l, which was given x, to what the next layer is given. */
function between(z, x, { gain, offset }, l) {
${layerNorm ? NORM : ""}  for (let o = 0; o < z.length; o++) z[o] = ${σ}(z[o]);
${residual ? "  if (l > 0 && x.length === z.length) for (let o = 0; o < z.length; o++) z[o] += x[o];\n" : ""}}

`;
}

/** Sums in eight lanes, as gradients/normalize-row.ts has them. */
const NORM = `  const mean = (of) => {
    const s = new Float64Array(8);
    for (let o = 0; o < z.length; o++) s[o % 8] += of(z[o]);
    return (s[0] + s[4] + (s[2] + s[6]) + (s[1] + s[5] + (s[3] + s[7]))) / z.length;
  };
  const middle = mean((x) => x);
  const inverse = 1 / Math.sqrt(mean((x) => (x - middle) * (x - middle)) + ${NORM_EPSILON});
  for (let o = 0; o < z.length; o++)
    z[o] = Math.fround(gain[o] * Math.fround((z[o] - middle) * inverse)) + offset[o];
`;

/** The text of `withKernel`: the same network with a kernel of WebAssembly, where that may run. */
function kernelText({ activation, layerNorm, residual }: Network, σ: string): string {
  const own = layerNorm || residual;
  const fusedOf = (name: Activation) => (!own && (name === "relu" || name === "leaky-relu") ? fusedAs(name) : 0);
  const one = typeof activation === "string";
  const fused = one ? `${fusedOf(activation)}` : `FUSED[l]`;
  const inKernel = one && !own && (fusedOf(activation) > 0 || activation === "identity");
  const where = one ? "l < last" : "l < last && FUSED[l] === 0";
  return `
/**
 * The network on a kernel of WebAssembly (src/engines/wasm/row-product.ts), with the same bits: products rounded and
 * added in index order, vectors across outputs. In plain loops where WebAssembly, or its vectors, may not run.
 */
function withKernel(layers) {
${
  one
    ? ""
    : `  const FUSED = [${activation.map(fusedOf).join(", ")}]; // what the kernel itself applies
`
}  const least = new Uint8Array(new Uint16Array([1]).buffer)[0]; // 1 where the least byte comes first, as in wasm
  let module;
  try {
    if (least === 1) module = new WebAssembly.Module(new Uint8Array(bytesOf("${base64(rowModule())}").buffer));
  } catch {}
  if (!module) return inLoops(layers);
  const padded = (n) => (n + 15) & -16;
  let end = ${Math.ceil(ROW_SCRATCH / 64) * 64}; // the kernel's scratch lies before
  const take = (numbers) => (end += 4 * padded(numbers)) - 4 * padded(numbers);
  const input = take(layers[0].W.length / layers[0].b.length);
  const places = layers.map(({ W, b }) => {
    const O = padded(b.length);
    return { W: take((W.length / b.length) * O), b: take(O), z: take(O), I: W.length / b.length, O };
  });
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / 65536) });
  const floats = new Float32Array(memory.buffer);
  layers.forEach(({ W, b }, l) => {
    const { W: to, I, O } = places[l];
    for (let i = 0; i < I; i++) floats.set(W.subarray(i * b.length, (i + 1) * b.length), to / 4 + i * O);
    floats.set(b, places[l].b / 4);
  });
  const { denseRow } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const view = (at, length) => floats.subarray(at / 4, at / 4 + length);
  const outputs = layers.map(({ b }, l) => view(places[l].z, b.length));
  const last = layers.length - 1;
  const logits = () => {
    let x = input;
    for (let l = 0; l <= last; l++) {
      const { W, b, z, I, O } = places[l];
      denseRow(z, 4 * O, I, x, W, b, l < last ? ${fused} : 0, 0);
      ${own ? BETWEEN : inKernel ? "" : `if (${where}) for (let o = 0; o < outputs[l].length; o++) outputs[l][o] = ${σ}(outputs[l][o]);`}
      x = z;
    }
    return outputs[last];
  };
  return { input: view(input, layers[0].W.length / layers[0].b.length), logits };
}
`;
}

const BETWEEN = "if (l < last) between(outputs[l], outputs[l - 1], layers[l], l); // without residuals at l = 0";

/** The array's bytes, least first. */
export function base64(values: Float32Array | Float64Array | Uint16Array | Uint8Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const piece = 3 * 2 ** 13; // bytes: a call takes only so many arguments
  let text = "";
  for (let at = 0; at < bytes.length; at += piece) text += btoa(String.fromCharCode(...bytes.subarray(at, at + piece)));
  return text;
}
