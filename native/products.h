// The three matrix products of the note, from the micro-tiles of tiles.h (naive, blocked and packed forms at its head).
// C, A and B of tiles.h are here:
//
//   E9   dense            output[rows × O]   = input[rows × I] · W[I × O]   A: input   B: W
//   E17  backpropagate    belowᵀ[I × rows]   = W[I × O] · δᵀ[O × rows]      A: W       B: δᵀ
//   E37  weight gradient  ∇W[I × O]          = inputᵀ[I × rows] · δ[rows × O] A: inputᵀ  B: δ
//
// Lanes run across the columns of C: output units in E9 and E37, examples in E17.

#include "sparse-products.h"

/** packed[tile][k][R] of columns [k, k + K) of all rows of `input`. */
static void pack_rows(float *packed, view input, size_t k, size_t K, partition tiles) {
  for (size_t i = 0, R; i < input.rows; i += R) {
    R = height_at(tiles, i);
    pack_a(packed + i * K, input.at + i * input.stride + k, input.stride, K, R);
  }
}

/**
 * E9: output = σ(input·W + b), but σ of smooth.h is left to the caller. Loops, from outside: blocks of KC
 * terms; panels of NR columns of W, packed one at a time; micro-tiles of all rows. input is packed where O repays it.
 */
static void dense_product(view output, view input, view W, const float *b, enum epilogue epilogue, float *scratch) {
  float *panel = scratch, *packed_a = scratch + KC * NR; // [KC × NR], [tile][K][R]
  const size_t last = blocks(W.rows), rows = output.rows;
  const partition tiles = partition_rows(rows);
  const int packs_a = rows > MR && W.cols >= PACK_A_REUSE;
  for (size_t n = 0; n < last; n++) {
    const size_t k = block_start(W.rows, n), K = block_start(W.rows, n + 1) - k;
    if (packs_a) pack_rows(packed_a, input, k, K, tiles);
    for (size_t o = 0; o < W.cols; o += NR) {
      const size_t cols = least(NR, W.cols - o);
      const float *w = W.at + k * W.stride + o;
      const int packed_b = cols < NR || rows >= PACK_B_ROWS;
      if (packed_b) pack_b(panel, w, W.stride, K, cols);
      micro_tiles t = {
        .K = K, .a_stride = input.stride, .b = panel, .b_stride = W.stride, .panel = panel, .c_stride = output.stride,
        .accumulate = n > 0, .epilogue = n + 1 == last ? epilogue : PARTIAL, .bias = b + o,
      };
      for (size_t i = 0, count; i < rows;) {
        const size_t R = height_at(tiles, i);
        t.a = packs_a ? packed_a + i * K : input.at + i * input.stride + k;
        t.a_next = packs_a ? R * K : R * input.stride;
        t.c = output.at + i * output.stride + o;
        t.c_next = R * output.stride;
        if (i == 0 && !packed_b) { // the first micro-tile reads W itself, and packs the panel for the others
          count = 1;
          t.layout = rows == R ? DIRECT_B : packs_a ? PACKED_A_PACKING_B : PACKING_B;
          t.b = w;
        } else {
          count = tiles_from(tiles, rows, i);
          t.layout = packs_a ? PACKED_A : ROWS;
          t.b = panel;
        }
        run_micro_tiles(R, &t, count, cols);
        i += count * R;
      }
    }
  }
}

/** s·σ′ from a = σ(z), as in gradients/reference.ts: E17, X1 … X5. */
INLINE vector back(enum activation activation, vector s, vector a) {
  switch (activation) {
    case RELU: return v_pick(a, s, v_zero());
    case LEAKY_RELU: return v_pick(a, s, v_mul(v_all(LEAKY_SLOPE), s));
    case TANH: return v_mul(s, v_sub(v_all(1), v_mul(a, a)));
    case SIGMOID: return v_mul(s, v_mul(a, v_sub(v_all(1), a)));
    default: return s;
  }
}

/**
 * The epilogue of E17: below[i][k] = sums[k][i]·σ′ for `count` ≤ NR rows i of a panel, squares of vectors at a time.
 */
INLINE void store_transposed(enum activation activation, view below, view output, const float *sums, size_t count) {
  const size_t K = below.cols;
  for (size_t i = 0; i < count; i += LANES) {
    const size_t here = least(LANES, count - i);
    for (size_t k = 0; k < K; k += LANES) {
      const size_t wide = least(LANES, K - k);
      vector x[LANES];
      FOR(r, LANES) x[r] = v_load(sums + (k + r) * NR + i); // rows past K are scratch, and dropped
      v_transpose(x);
      if (wide == LANES && here == LANES) {
        FOR(r, LANES) {
          const vector a = v_load(output.at + (i + r) * output.stride + k);
          v_store(below.at + (i + r) * below.stride + k, back(activation, x[r], a));
        }
      } else {
        float s[LANES][LANES];
        FOR(r, LANES) v_store(s[r], x[r]);
        for (size_t r = 0; r < here; r++) {
          float a[LANES] = {0};
          memcpy(a, output.at + (i + r) * output.stride + k, sizeof(float) * wide);
          v_store(s[r], back(activation, v_load(s[r]), v_load(a)));
          memcpy(below.at + (i + r) * below.stride + k, s[r], sizeof(float) * wide);
        }
      }
    }
  }
}

/** NC of E17: examples whose δ is packed at a time, about DELTA_FLOATS floats, in whole panels of any NR. */
static size_t packed_examples(size_t outputs) { return most(DELTA_FLOATS / most(outputs, 1) / MAX_NR, 1) * MAX_NR; }
_Static_assert(MAX_NR % NR == 0, "whole panels");

/**
 * E17 and X15: below = (delta·Wᵀ) ⊙ σ′, computed as its transpose W·δᵀ. Loops, from outside: NC examples, whose δ is
 * packed transposed; MC_BACK rows of W; blocks of KC terms; panels of NR examples; micro-tiles of W's rows. W is packed
 * where many examples repay it.
 */
static void backpropagate(view below, view delta, view W, view output, enum activation activation, float *scratch) {
  const size_t O = W.cols, last = blocks(O), examples = packed_examples(O), parts = (W.rows + MC_BACK - 1) / MC_BACK;
  float *panels = scratch; //                                           [panel][O × NR]
  float *sums = panels + least(up(below.rows, NR), examples) * O; //    [panel][rows of W × NR]
  const int packs_a = below.rows >= PACK_A_REUSE && O >= PACK_A_REUSE;
  for (size_t from = 0; from < below.rows; from += examples) {
    const size_t count = least(examples, below.rows - from);
    for (size_t i = 0; i < count; i += NR)
      pack_b_transposed(panels + i * O, delta.at + (from + i) * delta.stride, delta.stride, O, least(NR, count - i));
    for (size_t part = 0; part < parts; part++) {
      const size_t first = W.rows * part / parts, rows = W.rows * (part + 1) / parts - first, height = up(rows, LANES);
      const partition tiles = partition_rows(rows);
      float *packed_a = sums + up(count, NR) * height; // [tile][K][R]
      for (size_t n = 0; n < last; n++) {
        const size_t o = block_start(O, n), K = block_start(O, n + 1) - o;
        const float *w = W.at + first * W.stride + o;
        if (packs_a)
          for (size_t k = 0, R; k < rows; k += R) {
            R = height_at(tiles, k);
            pack_a(packed_a + k * K, w + k * W.stride, W.stride, K, R);
          }
        micro_tiles t = {
          .K = K, .layout = packs_a ? PACKED_A : ROWS, .a_stride = W.stride, .c_stride = NR, .accumulate = n > 0,
        };
        for (size_t i = 0; i < count; i += NR) {
          t.b = panels + i * O + o * NR;
          for (size_t k = 0, R, equal; k < rows; k += equal * R) {
            R = height_at(tiles, k);
            equal = tiles_from(tiles, rows, k);
            t.a = packs_a ? packed_a + k * K : w + k * W.stride;
            t.a_next = packs_a ? R * K : R * W.stride;
            t.c = sums + i * height + k * NR;
            t.c_next = R * NR;
            run_micro_tiles(R, &t, equal, NR);
          }
        }
      }
      for (size_t i = 0; i < count; i += NR) {
        const size_t here = least(NR, count - i);
        const view to = {below.at + (from + i) * below.stride + first, here, rows, below.stride};
        const view a = {output.at + (from + i) * output.stride + first, here, rows, output.stride};
        const float *z = sums + i * height;
        switch (activation) { // a copy of the loop for each σ
          case RELU: store_transposed(RELU, to, a, z, here); break;
          case LEAKY_RELU: store_transposed(LEAKY_RELU, to, a, z, here); break;
          case TANH: store_transposed(TANH, to, a, z, here); break;
          case SIGMOID: store_transposed(SIGMOID, to, a, z, here); break;
          default: store_transposed(IDENTITY, to, a, z, here);
        }
      }
    }
  }
}

/**
 * E37: dW = inputᵀ·delta · (1/B), or with `step` not dW but W after that step (X10), or with `adds` dW + inputᵀ·delta,
 * the sums going on where those of the rows before ended. The terms are the B examples.
 * Loops, from outside: blocks of KC examples, for which all of inputᵀ is packed; NC columns of δ, packed; micro-tiles
 * of rows; panels.
 */
static void weight_gradient_product(
  view dW, view input, view delta, const sgd *step, int adds, float *scratch) {
  float *panels = scratch, *packed_a = scratch + GROUP_FLOATS; // [panel][K × NR], [tile][K][R]
  const size_t last = blocks(delta.rows);
  const partition tiles = partition_rows(dW.rows);
  const float inverse_b = (float)(1.0 / (double)delta.rows);
  for (size_t n = 0; n < last; n++) {
    const size_t i = block_start(delta.rows, n), K = block_start(delta.rows, n + 1) - i;
    for (size_t row = 0, R, count; row < dW.rows; row += count * R) {
      R = height_at(tiles, row);
      count = least(tiles_from(tiles, dW.rows, row), PACK_A_TILES);
      pack_a_transposed(packed_a + row * K, input.at + i * input.stride + row, input.stride, K, R, count);
    }
    const size_t NC = GROUP_FLOATS / K / NR * NR;
    for (size_t from = 0; from < dW.cols; from += NC) {
      const size_t end = least(from + NC, dW.cols);
      for (size_t o = from; o < end; o += NR)
        pack_b(panels + (o - from) * K, delta.at + i * delta.stride + o, delta.stride, K, least(NR, end - o));
      micro_tiles t = {
        .K = K, .layout = PACKED_A, .b_next = K * NR, .c_stride = dW.stride,
        .c_next = NR, .accumulate = adds || n > 0,
        .epilogue = adds || n + 1 < last ? PARTIAL : step ? UPDATE : INVERSE_B,
        .inverse_b = inverse_b,
      };
      if (step) t.rate = step->rate, t.decay = step->decay, t.streams = step->streams;
      for (size_t row = 0, R; row < dW.rows; row += R) {
        R = height_at(tiles, row);
        t.a = packed_a + row * K;
        t.b = panels;
        t.c = dW.at + row * dW.stride + from;
        if (step) t.w = step->W + row * dW.stride + from;
        const size_t whole = (end - from) / NR, cols = (end - from) % NR;
        if (whole > 0) run_micro_tiles(R, &t, whole, NR);
        if (cols == 0) continue;
        t.b += whole * t.b_next, t.c += whole * NR;
        if (step) t.w += whole * NR;
        run_micro_tiles(R, &t, 1, cols);
      }
    }
  }
}

static view rows_of(view v, size_t from, size_t count) {
  return (view){v.at + from * v.stride, count, v.cols, v.stride};
}
static view columns_of(view v, size_t from, size_t count) { return (view){v.at + from, v.rows, count, v.stride}; }

/** E9 in parts of MC examples. */
static void dense_sums(
  view output, view input, view W, const float *b, enum epilogue epilogue, int finite, float *scratch) {
  if (sparse_dense(output, input, W, b, epilogue, finite, scratch)) return;
  for (size_t i = 0, n; i < output.rows; i += n) {
    n = least(MC, output.rows - i);
    dense_product(rows_of(output, i, n), rows_of(input, i, n), W, b, epilogue, scratch);
  }
}

/** E37 in parts of MC input units. */
static void weight_gradient(view dW, view input, view delta, int adds, float *scratch) {
  for (size_t k = 0, n; k < dW.rows; k += n) {
    n = least(MC, dW.rows - k);
    const view part = rows_of(dW, k, n), x = columns_of(input, k, n);
    if (!sparse_gradient(part, x, delta, NULL, adds, scratch))
      weight_gradient_product(part, x, delta, NULL, adds, scratch);
  }
}

/** E37 and X10 in one sweep, in parts of MC input units. dW holds partial sums between blocks of terms. */
static void update_weights(
  float *W, view dW, view input, view delta, const float c[COEFFICIENTS], int streams, float *scratch) {
  streams = streams && in_lines(W, dW.stride);
  for (size_t k = 0, n; k < dW.rows; k += n) {
    n = least(MC, dW.rows - k);
    const sgd step = {W + k * dW.stride, c[RATE], c[DECAY], streams};
    const view part = rows_of(dW, k, n), x = columns_of(input, k, n);
    if (!sparse_gradient(part, x, delta, &step, 0, scratch))
      weight_gradient_product(part, x, delta, &step, 0, scratch);
  }
  if (streams) end_stream();
}

_Static_assert(GROUP_FLOATS >= KC * NR, "room for one panel");
_Static_assert(2 * SOFTMAX_LOGITS <= KC * NR, "any scratch holds the exponentials of softmax");

/** Floats of scratch of one layer: the most that E9, E17, E37, or softmax in doubles takes. */
static size_t scratch(size_t rows, size_t inputs, size_t outputs) {
  const size_t M = least(rows, MC), K = least(inputs, KC), dense = KC * NR + M * K;
  const size_t examples = least(up(rows, MAX_NR), packed_examples(outputs)), height = up(least(inputs, MC_BACK), LANES);
  const size_t back = examples * (outputs + height) + height * least(outputs, KC);
  const size_t units = least(inputs, MC), terms = least(rows, KC);
  const size_t gradient = GROUP_FLOATS + units * terms;
  return most(most(most(dense, back), most(gradient, 2 * outputs)), sparse_scratch(rows, inputs)) + 2 * LANES;
}
