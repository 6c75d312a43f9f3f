// E9 and E37 of an A that holds many ±0, from the micro-tiles of sparse.h: A is read where it lies, W and δ are copied
// only where their rows lie far apart or end within a vector.
#include "sparse.h"

/** E37 fused with plain gradient descent: W ← W − rate·(∇W + decay·W). */
typedef struct {
  float *W; // laid out like dW
  float rate, decay;
  int streams;
} sgd;

/** The last `cols` < LANES columns of a micro-tile of R rows, in a vector on the stack: nothing beyond is written. */
static void sparse_edge(size_t R, micro_tiles t, size_t a_term, const uint32_t *list, size_t cols) {
  float sums[SPARSE_ROWS * LANES] = {0}, weights[SPARSE_ROWS * LANES] = {0}, bias[LANES] = {0};
  float *const to = t.epilogue == UPDATE ? t.w : t.c, *const from = t.epilogue == UPDATE ? weights : sums;
  const size_t stride = t.c_stride;
  for (size_t r = 0; r < R; r++) {
    if (t.accumulate) memcpy(sums + r * LANES, t.c + r * stride, sizeof(float) * cols);
    if (t.epilogue == UPDATE) memcpy(weights + r * LANES, t.w + r * stride, sizeof(float) * cols);
  }
  if (t.bias) t.bias = memcpy(bias, t.bias, sizeof(float) * cols);
  t.c = sums, t.w = weights, t.c_stride = LANES, t.streams = 0;
  SPARSE_KERNELS[R][1](&t, a_term, list, 0, 1);
  for (size_t r = 0; r < R; r++) memcpy(to + r * stride, from + r * LANES, sizeof(float) * cols);
}

/** `count` micro-tiles of R rows and `cols` ≤ SPARSE_COLUMNS columns. */
static void sparse_tiles_of(
  size_t R, const micro_tiles *t, size_t a_term, const uint32_t *list, size_t list_next, size_t count, size_t cols) {
  const size_t whole = cols / LANES, o = whole * LANES;
  if (count == 0) return;
  if (whole > 0) SPARSE_KERNELS[R][whole](t, a_term, list, list_next, count);
  if (o == cols) return;
  micro_tiles edge = *t;
  edge.b += o, edge.c += o, edge.w += o;
  if (t->bias) edge.bias += o;
  for (; count > 0; count--) {
    sparse_edge(R, edge, a_term, list, cols - o);
    edge.a += t->a_next, edge.c += t->c_next, edge.w += t->c_next, list += list_next;
  }
}

/** All micro-tiles of `rows` rows, the last of which may be lower. */
static void sparse_tiles(
  size_t rows, micro_tiles t, size_t a_term, const uint32_t *lists, size_t next, size_t cols) {
  const size_t whole = rows / SPARSE_ROWS, rest = rows % SPARSE_ROWS;
  sparse_tiles_of(SPARSE_ROWS, &t, a_term, lists, next, whole, cols);
  t.a += whole * t.a_next, t.c += whole * t.c_next, t.w += whole * t.c_next;
  sparse_tiles_of(rest, &t, a_term, lists + whole * next, next, rest > 0, cols);
}

/** Where a micro-tile reads `cols` columns of B: in place, or in a copy whose rows are whole vectors. */
static void find_b(micro_tiles *t, float *copy, const float *b, size_t stride, size_t K, size_t cols) {
  t->b = b, t->b_stride = stride;
  if (cols % LANES == 0 && stride <= SPARSE_STRIDE) return;
  t->b = copy, t->b_stride = up(cols, LANES);
  for (size_t k = 0; k < K; k++) {
    float *to = copy + k * t->b_stride;
    const float *from = b + k * stride;
    size_t j = 0;
    for (; j + LANES <= cols; j += LANES) v_store(to + j, v_load(from + j));
    if (j < cols) {
      v_store(to + j, v_zero());
      memcpy(to + j, from + j, sizeof(float) * (cols - j));
    }
  }
}

/** Rows of micro-tile number `tile` of `rows` rows. */
static size_t sparse_height(size_t rows, size_t tile) { return least(SPARSE_ROWS, rows - tile * SPARSE_ROWS); }

/** Whether the first micro-tile of A has enough terms to leave out, and no term that is left out would give NaN. */
static int sparse_rows_pay(view input) {
  const size_t R = sparse_height(input.rows, 0);
  size_t stay = 0;
  for (size_t k = 0; k < input.cols; k += LANES) {
    const size_t width = least(LANES, input.cols - k);
    uint32_t bits = 0;
    for (size_t r = 0; r < R; r++) bits |= nonzero_bits(input.at + r * input.stride + k, width);
    stay += (size_t)__builtin_popcount(bits);
  }
  return SPARSE_PAYS(stay, input.cols);
}

/** E9, or 0 where it does not pay. Loops: blocks of terms; parts of the rows; columns of W; micro-tiles. */
static int sparse_dense(
  view output, view input, view W, const float *bias, enum epilogue epilogue, int finite, float *scratch) {
  if (!sparse_rows_pay(input) || (!finite && !all_finite(W.at, W.stride, W.rows, W.cols)) ||
      !no_tiny(input.at, input.stride, input.rows, input.cols) || !no_tiny(W.at, W.stride, W.rows, W.cols))
    return 0;
  const size_t parts = (W.rows + SPARSE_TERMS - 1) / SPARSE_TERMS;
  float *copy = scratch; //                                                                [terms × SPARSE_COLUMNS]
  uint32_t *lists = (uint32_t *)(void *)(scratch + least(W.rows, SPARSE_TERMS) * SPARSE_COLUMNS);
  for (size_t n = 0; n < parts; n++) {
    const size_t k = W.rows * n / parts, K = W.rows * (n + 1) / parts - k, next = list_length(K);
    for (size_t from = 0; from < output.rows; from += SPARSE_PART) {
      const size_t rows = least(SPARSE_PART, output.rows - from);
      const float *a = input.at + from * input.stride + k;
      for (size_t i = 0, tile = 0; i < rows; i += SPARSE_ROWS, tile++)
        list_of_rows(lists + tile * next, a + i * input.stride, input.stride, K, sparse_height(rows, tile));
      for (size_t o = 0; o < W.cols; o += SPARSE_COLUMNS) {
        const size_t cols = least(SPARSE_COLUMNS, W.cols - o);
        micro_tiles t = {
          .a = a, .a_stride = input.stride, .a_next = SPARSE_ROWS * input.stride,
          .c = output.at + from * output.stride + o, .c_stride = output.stride, .c_next = SPARSE_ROWS * output.stride,
          .accumulate = n > 0, .epilogue = n + 1 == parts ? epilogue : PARTIAL, .bias = bias + o,
        };
        find_b(&t, copy, W.at + k * W.stride + o, W.stride, K, cols);
        sparse_tiles(rows, t, 1, lists, next, cols);
      }
    }
  }
  return 1;
}

/** The same of columns of A, of some of its vectors. */
static int sparse_columns_pay(view input) {
  const size_t vectors = (input.cols + LANES - 1) / LANES, every = 1 + vectors / SPARSE_SAMPLES;
  size_t stay = 0, all = 0;
  for (size_t v = 0; v < vectors; v += every) {
    const size_t width = least(LANES, input.cols - v * LANES);
    for (size_t i = 0; i < input.rows; i++) {
      const uint32_t bits = nonzero_bits(input.at + i * input.stride + v * LANES, width);
      stay += (size_t)__builtin_popcount((bits | bits >> 1) & 0x5555); // pairs of columns
    }
    all += input.rows * ((width + 1) / 2);
  }
  return SPARSE_PAYS(stay, all);
}

/**
 * E37, or 0 where it does not pay, or where a fused sum that goes on (`adds`) may be −0 already. Loops, from outside:
 * blocks of terms; columns of δ; micro-tiles.
 */
static int sparse_gradient(view dW, view input, view delta, const sgd *step, int adds, float *scratch) {
  if ((adds && FUSES) || !sparse_columns_pay(input) || !all_finite(delta.at, delta.stride, delta.rows, delta.cols) ||
      !no_tiny(input.at, input.stride, input.rows, input.cols) ||
      !no_tiny(delta.at, delta.stride, delta.rows, delta.cols))
    return 0;
  const size_t last = blocks(delta.rows);
  float *copy = scratch; //                                                       [terms × SPARSE_COLUMNS]
  uint32_t *bits = (uint32_t *)(void *)(scratch + least(delta.rows, KC) * SPARSE_COLUMNS), *lists = bits + KC;
  for (size_t n = 0; n < last; n++) {
    const size_t i = block_start(delta.rows, n), K = block_start(delta.rows, n + 1) - i, next = list_length(K);
    const float *a = input.at + i * input.stride;
    for (size_t u = 0; u < dW.rows; u += LANES) {
      uint32_t *here = lists + u / SPARSE_ROWS * next;
      lists_of_columns(here, next, a + u, input.stride, K, least(LANES, dW.rows - u), SPARSE_ROWS, bits);
    }
    for (size_t o = 0; o < dW.cols; o += SPARSE_COLUMNS) {
      const size_t cols = least(SPARSE_COLUMNS, dW.cols - o);
      micro_tiles t = {
        .a = a, .a_stride = 1, .a_next = SPARSE_ROWS, .c = dW.at + o, .c_stride = dW.stride,
        .c_next = SPARSE_ROWS * dW.stride, .w = dW.at + o, .accumulate = adds || n > 0,
        .epilogue = adds || n + 1 < last ? PARTIAL : step ? UPDATE : INVERSE_B,
        .inverse_b = (float)(1.0 / (double)delta.rows),
      };
      if (step) t.w = step->W + o, t.rate = step->rate, t.decay = step->decay, t.streams = step->streams;
      find_b(&t, copy, delta.at + i * delta.stride + o, delta.stride, K, cols);
      sparse_tiles(dW.rows, t, input.stride, lists, next, cols);
    }
  }
  return 1;
}

/** Floats of scratch that both may take. */
static size_t sparse_scratch(size_t rows, size_t inputs) {
  const size_t K = least(inputs, SPARSE_TERMS), terms = least(rows, KC);
  const size_t forward = K * MOST_SPARSE_COLUMNS + (least(rows, SPARSE_PART) + 1) / 2 * (1 + up(K, 16));
  const size_t gradient = terms * MOST_SPARSE_COLUMNS + KC + (least(inputs, MC) + 1) / 2 * (1 + up(terms, 16));
  return most(forward, gradient);
}
