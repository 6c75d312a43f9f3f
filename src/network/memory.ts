// A session's buffer as typed arrays, and copies between its padded arrays and packed ones: parameters, matrices.
import type { LayerNorm } from "./layer-norm.ts";
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

/** θ, or a block laid out like it (∇θ, an optimizer's state), packed as [W₁, b₁, γ₁, β₁, W₂, …, s]; a copy. */
export function packBlock(plan: Plan, floats: Floats, block: Span): Floats {
  const out = emptyLike(floats, parameterCount(plan.network) + (plan.batch.front?.scale.cols ?? 0));
  eachRow(plan, block, (at, packedAt, cols) => out.set(floats.subarray(at, at + cols), packedAt));
  return out;
}

/** Where the parameters lie, in a plan of a session or of a forward pass. */
type ParameterPlan = Pick<Plan, "network" | "parameters"> & {
  readonly batch: { readonly layers: readonly Pick<Layer, "W" | "b" | "norm">[] } & Partial<
    Pick<Plan["batch"], "front">
  >;
};

/** The inverse of packBlock. Padding is not written. */
export function unpackBlock(plan: ParameterPlan, floats: Floats, block: Span, packed: Floats): void {
  eachRow(plan, block, (at, packedAt, cols) => floats.set(packed.subarray(packedAt, packedAt + cols), at));
}

/** Visit every row of every W, b, γ and β of a block: its offset in memory, that in the packed block, its length. */
function eachRow(plan: ParameterPlan, block: Span, visit: (at: number, packedAt: number, cols: number) => void): void {
  const shift = block.offset - plan.parameters.offset;
  packedLayers(plan.network).forEach(({ W, b, gain, offset }, l) => {
    const layer = plan.batch.layers[l]!;
    for (const [view, first] of [
      [layer.W, W],
      [layer.b, b],
      ...(layer.norm
        ? ([
            [layer.norm.gain, gain!],
            [layer.norm.offset, offset!],
          ] as const)
        : []),
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
  /** a_l [n×O], before dropout and before a_{l−1} is added; for the last layer the logits z_L. */
  readonly output: Floats;
  /** δ^l = ∂ℓ/∂z_l [n×O]. */
  readonly delta: Floats;
  /** ∇W_l [I×O]. */
  readonly dW: Floats;
  /** ∇b_l [1×O]. */
  readonly db: Floats;
  /** Of a layer that normalizes. */
  readonly norm?: NormArrays | undefined;
};

/** A normalization h = γ ∘ n + β after a step; packed copies. */
export type NormArrays = {
  /** n [n×O]. */
  readonly normalized: Floats;
  /** ∂ℓ/∂h [n×O]. */
  readonly delta: Floats;
  /** ∇γ [1×O]. */
  readonly gain: Floats;
  /** ∇β [1×O]. */
  readonly offset: Floats;
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
  const normOf = ({ step }: LayerNorm): NormArrays => ({
    normalized: read(step!.normalized),
    delta: read(step!.delta),
    gain: readView(floats, step!.gradients.gain),
    offset: readView(floats, step!.gradients.offset),
  });
  const layers = batch.layers.map(({ output, passed, delta, dW, db, norm }, l) => {
    const a = read(output);
    inputs.push(passed ? read(passed) : a);
    return {
      input: inputs[l]!,
      output: a,
      delta: read(delta),
      dW: readView(floats, dW),
      db: readView(floats, db),
      ...(norm && { norm: normOf(norm) }),
    };
  });
  const { inputDelta, front } = batch;
  const scaleGradient = front?.gradient && readView(floats, front.gradient);
  return { layers, inputDelta: inputDelta && read(inputDelta), ...(scaleGradient && { scaleGradient }) };
}

/** ∇θ packed like θ: [∇W₁, ∇b₁, …]. */
export function packGradients(layers: readonly Pick<LayerArrays, "dW" | "db" | "norm">[]): Floats {
  const blocks = layers.flatMap(({ dW, db, norm }) => [dW, db, ...(norm ? [norm.gain, norm.offset] : [])]);
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
