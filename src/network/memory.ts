// A session's buffer as typed arrays, and copies between its padded arrays and packed ones: parameters, matrices.
import { parameterCount } from "./network.ts";
import { packedLayers } from "./parameters.ts";
import type { Layer, Plan, Span, View } from "./plan.ts";

/** Numbers in the precision of an engine: float32, or float64 in the reference of that name. */
export type Floats = Float32Array | Float64Array;

/** The typed arrays over one session's buffer. `floats` is float32, or float64 in the mathematical reference. */
export type Memory = {
  readonly buffer: ArrayBufferLike;
  readonly floats: Floats;
  readonly doubles: Float64Array;
  readonly integers: Int32Array;
  readonly bytes: Uint8Array;
};

export function viewMemory(buffer: ArrayBufferLike, floatBytes: 4 | 8): Memory {
  return {
    buffer,
    floats: floatBytes === 4 ? new Float32Array(buffer) : new Float64Array(buffer),
    doubles: new Float64Array(buffer),
    integers: new Int32Array(buffer),
    bytes: new Uint8Array(buffer),
  };
}

/** A fresh packed copy [rows × cols] of a padded matrix. */
export function readView(floats: Floats, view: View): Floats {
  const out = emptyLike(floats, view.rows * view.cols);
  for (let i = 0; i < view.rows; i++) {
    const at = view.offset + i * view.stride;
    out.set(floats.subarray(at, at + view.cols), i * view.cols);
  }
  return out;
}

/** θ, or a block laid out like it (∇θ, an optimizer's state), packed as [W₁, b₁, W₂, …, s]; a copy. */
export function packBlock(plan: Plan, floats: Floats, block: Span): Floats {
  const layers = packedLayers(plan.network);
  const last = layers.at(-1)!;
  const out = emptyLike(floats, last.b + last.outputs + (plan.batch.front?.scale.cols ?? 0));
  eachRow(plan, block, (at, packedAt, cols) => out.set(floats.subarray(at, at + cols), packedAt));
  return out;
}

/** Where the parameters lie, in a plan of a session or of a forward pass. */
type ParameterPlan = Pick<Plan, "network" | "parameters"> & {
  readonly batch: { readonly layers: readonly Pick<Layer, "W" | "b">[] } & Partial<Pick<Plan["batch"], "front">>;
};

/** The inverse of packBlock. Padding is not written. */
export function unpackBlock(plan: ParameterPlan, floats: Floats, block: Span, packed: Floats): void {
  eachRow(plan, block, (at, packedAt, cols) => floats.set(packed.subarray(packedAt, packedAt + cols), at));
}

/** Visit every row of every W and b of a block: its offset in memory, its offset in the packed block, its length. */
function eachRow(plan: ParameterPlan, block: Span, visit: (at: number, packedAt: number, cols: number) => void): void {
  const shift = block.offset - plan.parameters.offset;
  packedLayers(plan.network).forEach(({ W, b }, l) => {
    const layer = plan.batch.layers[l]!;
    for (const [view, first] of [
      [layer.W, W],
      [layer.b, b],
    ] as const)
      for (let i = 0; i < view.rows; i++)
        visit(view.offset + shift + i * view.stride, first + i * view.cols, view.cols);
  });
  const scale = plan.batch.front?.scale;
  if (scale) visit(scale.offset + shift, parameterCount(plan.network), scale.cols);
}

/** Zeroed floats of the type of `floats`. */
export function emptyLike(floats: Floats, length: number): Floats {
  return floats instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

/** One layer after a step; packed copies, row-major. */
export type LayerArrays = {
  /** a_{l−1} [n×I], after dropout; for the first layer X, with its noise. */
  readonly input: Floats;
  /** a_l [n×O]; for the last layer the logits z_L. */
  readonly output: Floats;
  /** δ^l = ∂ℓ/∂z_l [n×O]. */
  readonly delta: Floats;
  /** ∇W_l [I×O]. */
  readonly dW: Floats;
  /** ∇b_l [1×O]. */
  readonly db: Floats;
};

/** The arrays of a mini-batch of n rows after its gradients: a and δ of each layer, and the gradients from them. */
export type BatchArrays = {
  /** First layer to last. */
  readonly layers: readonly LayerArrays[];
  /** ∂ℓ/∂x = δ¹W₁ᵀ [n×D], if the session's setup has `inputDelta`. */
  readonly inputDelta?: Floats | undefined;
  /** ∂L/∂s [D] of a learned scale, if the session's setup has `frontScale`. */
  readonly scaleGradient?: Floats | undefined;
};

/** Copies of the arrays of the first `rows` rows of the batch. */
export function readArrays({ batch }: Plan, { floats }: Memory, rows: number): BatchArrays {
  const read = (view: View) => readView(floats, { ...view, rows });
  const inputs = [read(batch.layers[0]!.input)]; // mostly a layer's output is the next one's input: one copy for both
  const layers = batch.layers.map(({ output, passed, delta, dW, db }, l) => {
    const a = read(output);
    inputs.push(passed ? read(passed) : a);
    return {
      input: inputs[l]!,
      output: a,
      delta: read(delta),
      dW: readView(floats, dW),
      db: readView(floats, db),
    };
  });
  const { inputDelta, front } = batch;
  const scaleGradient = front?.gradient && readView(floats, front.gradient);
  return { layers, inputDelta: inputDelta && read(inputDelta), ...(scaleGradient && { scaleGradient }) };
}

/** ∇θ packed like θ: [∇W₁, ∇b₁, …]. */
export function packGradients(layers: readonly Pick<LayerArrays, "dW" | "db">[]): Floats {
  const blocks = layers.flatMap(({ dW, db }) => [dW, db]);
  const out = emptyLike(
    blocks[0]!,
    blocks.reduce((sum, block) => sum + block.length, 0),
  );
  let at = 0;
  for (const block of blocks) {
    out.set(block, at);
    at += block.length;
  }
  return out;
}
