// The three matrix products, in the tiles of tiles.h. Long reductions are cut into blocks whose sums wait in memory.

/** output = σ(input·W + b), but for tanh and sigmoid σ is left to the caller. Lanes run across output units. */
static void dense_product(view output, view input, view W, const float *b, enum finish finish, float *scratch) {
  float *panel = scratch, *turned = scratch + BLOCK * PANEL; // [block × PANEL], [tile][block][R]
  const size_t last = blocks(W.rows);
  const cut rows = cut_rows(output.rows);
  const int packs = output.rows >= PACK_FROM, turns = packs && W.cols >= TURN_FROM;
  for (size_t n = 0; n < last; n++) {
    const size_t k = block_start(W.rows, n), K = block_start(W.rows, n + 1) - k;
    if (turns)
      for (size_t i = 0, R; i < output.rows; i += R) {
        R = height_at(rows, i);
        pack_rows(turned + i * K, input.at + i * input.stride + k, input.stride, K, R);
      }
    for (size_t o = 0; o < W.cols; o += PANEL) {
      const size_t cols = least(PANEL, W.cols - o);
      const float *w = W.at + k * W.stride + o;
      const int packed = packs || cols < PANEL;
      if (packed) pack_panel(panel, w, W.stride, K, cols);
      tile t = {
        .K = K, .form = turns ? TURNED : packed ? ROWS : DIRECT, .a_row = input.stride,
        .b = packed ? panel : w, .b_term = W.stride, .c_row = output.stride,
        .started = n > 0, .finish = n + 1 == last ? finish : KEEP, .bias = b + o,
      };
      for (size_t i = 0, R; i < output.rows; i += R) {
        R = height_at(rows, i);
        t.a = turns ? turned + i * K : input.at + i * input.stride + k;
        t.c = output.at + i * output.stride + o;
        run_tile(R, &t, cols);
      }
    }
  }
}

/** s·σ′ from a = σ(z), as in gradients/reference.ts. */
static inline __attribute__((always_inline)) vector back(enum activation activation, vector s, vector a) {
  switch (activation) {
    case RELU: return v_pick(a, s, v_zero());
    case LEAKY_RELU: return v_pick(a, s, v_mul(v_all(LEAKY_SLOPE), s));
    case TANH: return v_mul(s, v_sub(v_all(1), v_mul(a, a)));
    case SIGMOID: return v_mul(s, v_mul(a, v_sub(v_all(1), a)));
    default: return s;
  }
}

/** below[i][k] = sums[k][i] ⊙ σ′ for `count` ≤ PANEL rows. */
static inline __attribute__((always_inline)) void turn_back(enum activation activation, view below, view output, const float *sums, size_t count) {
  const size_t K = below.cols;
  for (size_t i = 0; i < count; i += LANES) {
    const size_t here = least(LANES, count - i);
    for (size_t k = 0; k < K; k += LANES) {
      const size_t wide = least(LANES, K - k);
      vector x[LANES];
      UNROLL for (size_t r = 0; r < LANES; r++) x[r] = v_load(sums + (k + r) * PANEL + i); // rows past K are scratch, and dropped
      v_transpose(x);
      if (wide == LANES && here == LANES) {
        UNROLL for (size_t r = 0; r < LANES; r++)
          v_store(below.at + (i + r) * below.stride + k, back(activation, x[r], v_load(output.at + (i + r) * output.stride + k)));
      } else {
        float s[LANES][LANES];
        UNROLL for (size_t r = 0; r < LANES; r++) v_store(s[r], x[r]);
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

/** below = (delta·Wᵀ) ⊙ σ′. Lanes run across examples: only δ and the result are turned, never W. */
static void backpropagate_product(view below, view delta, view W, view output, enum activation activation, float *scratch) {
  float *panel = scratch, *sums = scratch + BLOCK * PANEL; // [block × PANEL], [W.rows × PANEL]
  const size_t last = blocks(W.cols);
  const cut rows = cut_rows(W.rows);
  for (size_t i = 0; i < below.rows; i += PANEL) {
    const size_t count = least(PANEL, below.rows - i);
    for (size_t n = 0; n < last; n++) {
      const size_t o = block_start(W.cols, n), K = block_start(W.cols, n + 1) - o;
      turn_panel(panel, delta.at + i * delta.stride + o, delta.stride, K, count);
      tile t = {.K = K, .a_row = W.stride, .b = panel, .c_row = PANEL, .started = n > 0};
      for (size_t k = 0, R; k < W.rows; k += R) {
        R = height_at(rows, k);
        t.a = W.at + k * W.stride + o;
        t.c = sums + k * PANEL;
        run_tile(R, &t, PANEL);
      }
    }
    const view to = {below.at + i * below.stride, count, W.rows, below.stride};
    const view from = {output.at + i * output.stride, count, W.rows, output.stride};
    switch (activation) { // one copy of the loop for each σ
      case RELU: turn_back(RELU, to, from, sums, count); break;
      case LEAKY_RELU: turn_back(LEAKY_RELU, to, from, sums, count); break;
      case TANH: turn_back(TANH, to, from, sums, count); break;
      case SIGMOID: turn_back(SIGMOID, to, from, sums, count); break;
      default: turn_back(IDENTITY, to, from, sums, count);
    }
  }
}

/** dW = inputᵀ·delta · (1/B). Lanes run across output units; the reduction runs over examples. */
static void weight_gradient_product(view dW, view input, view delta, float *scratch) {
  float *panels = scratch, *columns = scratch + GROUP; // [panel][block × PANEL], [tile][block][R]
  const size_t last = blocks(delta.rows);
  const cut rows = cut_rows(dW.rows);
  const float share = (float)(1.0 / (double)delta.rows);
  for (size_t n = 0; n < last; n++) {
    const size_t i = block_start(delta.rows, n), K = block_start(delta.rows, n + 1) - i;
    for (size_t row = 0, R; row < dW.rows; row += R) {
      R = height_at(rows, row);
      pack_columns(columns + row * K, input.at + i * input.stride + row, input.stride, K, R);
    }
    const size_t wide = GROUP / K / PANEL * PANEL;
    for (size_t from = 0; from < dW.cols; from += wide) {
      const size_t end = least(from + wide, dW.cols);
      for (size_t o = from; o < end; o += PANEL)
        pack_panel(panels + (o - from) * K, delta.at + i * delta.stride + o, delta.stride, K, least(PANEL, end - o));
      tile t = {.K = K, .form = TURNED, .c_row = dW.stride, .started = n > 0, .finish = n + 1 == last ? SHARE : KEEP, .share = share};
      for (size_t row = 0, R; row < dW.rows; row += R) {
        R = height_at(rows, row);
        t.a = columns + row * K;
        for (size_t o = from; o < end; o += PANEL) {
          t.b = panels + (o - from) * K;
          t.c = dW.at + row * dW.stride + o;
          run_tile(R, &t, least(PANEL, end - o));
        }
      }
    }
  }
}

/** Rows or columns [from, from + count) of a view. */
static view rows_of(view v, size_t from, size_t count) { return (view){v.at + from * v.stride, count, v.cols, v.stride}; }
static view columns_of(view v, size_t from, size_t count) { return (view){v.at + from, v.rows, count, v.stride}; }

static void dense_sums(view output, view input, view W, const float *b, enum finish finish, float *scratch) {
  for (size_t i = 0, n; i < output.rows; i += n) {
    n = least(CHUNK, output.rows - i);
    dense_product(rows_of(output, i, n), rows_of(input, i, n), W, b, finish, scratch);
  }
}

static void backpropagate(view below, view delta, view W, view output, enum activation activation, float *scratch) {
  for (size_t k = 0, n; k < W.rows; k += n) {
    n = least(CHUNK, W.rows - k);
    backpropagate_product(columns_of(below, k, n), delta, rows_of(W, k, n), columns_of(output, k, n), activation, scratch);
  }
}

static void weight_gradient(view dW, view input, view delta, float *scratch) {
  for (size_t k = 0, n; k < dW.rows; k += n) {
    n = least(CHUNK, dW.rows - k);
    weight_gradient_product(rows_of(dW, k, n), columns_of(input, k, n), delta, scratch);
  }
}

_Static_assert(GROUP >= BLOCK * PANEL, "a group holds a panel");

/** Floats: panels, and the largest of the sums of backpropagate, the turned rows or columns, and softmax's doubles. */
static size_t scratch(size_t rows, size_t inputs, size_t outputs) {
  const size_t height = least(inputs, CHUNK), terms = most(least(rows, BLOCK), least(inputs, BLOCK));
  const size_t sums = up(height, LANES) * PANEL, turned = most(least(rows, CHUNK), height) * terms + LANES;
  return GROUP + most(most(sums, turned), 2 * outputs);
}
