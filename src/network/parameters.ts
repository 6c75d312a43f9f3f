// The parameters as one packed block θ = [W₁, b₁, W₂, b₂, …], row-major, without padding: the form of files, hashes
// and comparisons. Of a layer that normalizes γ and β follow its b.
import { must } from "../errors.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { isNormalized, LEAKY_SLOPE, type Network, parameterCount } from "./network.ts";

/** Names of the schemes of `initialize`. */
export const INITIALIZATIONS = ["he", "glorot", "zero"] as const;
/** How initial weights are drawn: "he", "glorot" or "zero". Biases begin at 0. */
export type Initialization = (typeof INITIALIZATIONS)[number];

/** Offsets of one layer in the packed block. */
export type PackedLayer = {
  readonly inputs: number; //  I
  readonly outputs: number; // O
  readonly W: number; //       first element of W_l [I×O]
  readonly b: number; //       first element of b_l [1×O]
  readonly gain?: number | undefined; //   first element of γ_l [1×O], of a layer that normalizes
  readonly offset?: number | undefined; // first element of β_l [1×O]
};

/** Offsets of every layer in the packed block, first to last (E1). */
export function packedLayers(network: Network): readonly PackedLayer[] {
  const { layers } = network;
  let at = 0;
  return layers.slice(1).map((outputs, l) => {
    const inputs = layers[l]!;
    const W = at;
    const b = W + inputs * outputs;
    at = b + outputs;
    if (!isNormalized(network, l + 1)) return { inputs, outputs, W, b };
    const [gain, offset] = [at, at + outputs];
    at += 2 * outputs;
    return { inputs, outputs, W, b, gain, offset };
  });
}

/**
 * Packed parameters drawn from `seed`; biases and offsets are 0, gains 1. Every value is a float32, so all engines
 * start from the same bits.
 *
 * - he: N(0, 2/I) (He et al., ICCV 2015); of a layer with leaky-relu, and of the last above one, N(0, 2/((1 + α²)·I)).
 * - glorot: U(±√(6/(I + O))) (Glorot and Bengio, AISTATS 2010).
 * - zero: all weights 0. The units of a layer then stay equal in every step.
 */
export function initialize(network: Network, scheme: Initialization, seed: number): Float32Array<ArrayBuffer> {
  must(INITIALIZATIONS.includes(scheme), "initialization", `one of ${INITIALIZATIONS.join(", ")}`, scheme);
  checkSeed(seed);
  const packed = new Float32Array(parameterCount(network));
  for (const { gain, outputs } of packedLayers(network)) if (gain !== undefined) packed.fill(1, gain, gain + outputs);
  if (scheme === "zero") return packed;
  const { activation } = network;
  packedLayers(network).forEach(({ inputs, outputs, W, b }, l) => {
    const random = new Random(seed, PURPOSE.initialize, l);
    const σ = typeof activation === "string" ? activation : activation[Math.min(l, activation.length - 1)];
    const slope = σ === "leaky-relu" ? LEAKY_SLOPE : 0;
    const deviation = Math.sqrt(2 / ((1 + slope * slope) * inputs));
    const limit = Math.sqrt(6 / (inputs + outputs));
    for (let i = W; i < b; i++)
      packed[i] = scheme === "he" ? deviation * random.normal() : random.between(-limit, limit);
  });
  return packed;
}

/** Seeds are integers in [0, 2⁵³), so that a JSON file holds them exactly. */
export function checkSeed(seed: number): void {
  must(Number.isSafeInteger(seed) && seed >= 0, "seed", "an integer in [0, 2^53)", seed);
}
