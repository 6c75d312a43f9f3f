// One buffer under its typed arrays, and the ways in and out of it that need no engine: packing parameters, reading a matrix.
import { packedLayers } from "./parameters.ts";
import type { Plan, Span, View } from "./plan.ts";

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

/** θ, or anything laid out like it (∇θ, a optimizer's state), as one packed block [W₁, b₁, W₂, …]. */
export function packBlock(plan: Plan, floats: Floats, block: Span): Floats {
  const layers = packedLayers(plan.network);
  const last = layers.at(-1)!;
  const out = emptyLike(floats, last.b + last.outputs);
  eachRow(plan, block, (at, packedAt, cols) => out.set(floats.subarray(at, at + cols), packedAt));
  return out;
}

/** The inverse of packBlock; padding is left as it is. */
export function unpackBlock(plan: Plan, floats: Floats, block: Span, packed: Floats): void {
  eachRow(plan, block, (at, packedAt, cols) => floats.set(packed.subarray(packedAt, packedAt + cols), at));
}

/** Visit every row of every W and b of a block: its place in memory, its place in the packed block, its length. */
function eachRow(plan: Plan, block: Span, visit: (at: number, packedAt: number, cols: number) => void): void {
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
}

function emptyLike(floats: Floats, length: number): Floats {
  return floats instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

/** One layer after a step, as packed copies. */
export type LayerArrays = {
  readonly input: Floats; //  a_{l−1} [B×I]
  readonly output: Floats; // a_l     [B×O]; for the last layer the logits
  readonly delta: Floats; //  δ^l     [B×O]
  readonly dW: Floats; //     ∇W_l    [I×O]
  readonly db: Floats; //     ∇b_l    [1×O]
};

/** The two arrays of each layer and what follows from them, first layer to last, for the first `rows` rows of the batch. */
export function arraysOf(
  { plan, memory }: { readonly plan: Plan; readonly memory: Memory },
  rows = plan.batchSize,
): readonly LayerArrays[] {
  const read = (view: View) => readView(memory.floats, view);
  return plan.batch.layers.map(({ input, output, delta, dW, db }) => ({
    input: read({ ...input, rows }),
    output: read({ ...output, rows }),
    delta: read({ ...delta, rows }),
    dW: read(dW),
    db: read(db),
  }));
}
