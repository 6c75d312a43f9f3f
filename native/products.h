// The three matrix products, in register tiles. Each output element is one lane of one sum: it starts at +0 and adds its terms in
// index order, so neither tile, panel nor block can change a bit. Long reductions are cut into blocks whose sums wait in memory.
// What deliberately is not here: anything that sums across lanes.

// Sizes found by trying on one machine (docs/performance.md); any others give the same bits.
enum {
  PANEL = TILE_VECTORS * LANES, // output elements across a tile
  BLOCK = 512, //                  terms of a reduction between two stays in memory: a panel of W then fits the first cache
  PACK_FROM = 48, //               rows of a batch that repay copying each panel of W
  TURN_FROM = 1024, //             outputs that repay copying the batch's rows too
  CHUNK = 1024, //                 rows of a result at a time, so that scratch is bounded
};

static size_t least(size_t x, size_t y) { return x < y ? x : y; }
static size_t most(size_t x, size_t y) { return x > y ? x : y; }
static size_t up(size_t n, size_t to) { return (n + to - 1) / to * to; }

/** What becomes of a tile's finished sums. */
enum finish { KEEP, BIAS, BIAS_RELU, BIAS_LEAKY, SHARE };

/** Where a tile's operands lie: rows against a packed panel; R columns turned into one run against it; rows against rows of W. */
enum form { ROWS, TURNED, DIRECT };

/** One tile: R × PANEL sums over K terms. */
typedef struct {
  size_t K;
  enum form form;
  const float *a;
  size_t a_row; // unless TURNED
  const float *b;
  size_t b_term; // if DIRECT
  float *c; // where the sums go, and wait between blocks
  size_t c_row;
  int started; // the sums so far are in c
  enum finish finish;
  const float *bias;
  float share;
} tile;

#define UNROLL _Pragma("GCC unroll 32")
#define FOR_ROWS UNROLL for (size_t r = 0; r < R; r++)
#define FOR_VECTORS UNROLL for (size_t v = 0; v < TILE_VECTORS; v++)
#define STORE(sum) FOR_ROWS FOR_VECTORS v_store(t->c + r * t->c_row + v * LANES, sum)

static inline __attribute__((always_inline)) void tile_rows(const size_t R, const enum form form, const tile *t) {
  vector s[TILE_ROWS][TILE_VECTORS], b[TILE_VECTORS];
  if (t->started) FOR_ROWS FOR_VECTORS s[r][v] = v_load(t->c + r * t->c_row + v * LANES);
  else FOR_ROWS FOR_VECTORS s[r][v] = v_zero();
  const float *x = t->a, *w = t->b;
  const size_t a_row = form == TURNED ? 1 : t->a_row, a_term = form == TURNED ? R : 1;
  const size_t b_term = form == DIRECT ? t->b_term : PANEL;
  _Pragma("GCC unroll 4") for (size_t k = t->K; k > 0; k--) {
    FOR_VECTORS b[v] = v_load(w + v * LANES);
    FOR_ROWS {
      const vector a = v_all(x[r * a_row]);
      FOR_VECTORS s[r][v] = v_accumulate(s[r][v], a, b[v]);
    }
    x += a_term;
    w += b_term;
  }
  if (t->finish >= BIAS && t->finish <= BIAS_LEAKY) {
    FOR_VECTORS b[v] = v_load(t->bias + v * LANES);
    FOR_ROWS FOR_VECTORS s[r][v] = v_add(s[r][v], b[v]);
  }
  switch (t->finish) {
    case BIAS_RELU: STORE(v_relu(s[r][v])); break;
    case BIAS_LEAKY: STORE(v_pick(s[r][v], s[r][v], v_mul(v_all(LEAKY_SLOPE), s[r][v]))); break;
    case SHARE: STORE(v_mul(s[r][v], v_all(t->share))); break;
    default: STORE(s[r][v]);
  }
}

#define TILE(R) \
  static __attribute__((noinline)) void rows_##R(const tile *t) { tile_rows(R, ROWS, t); } \
  static __attribute__((noinline)) void turned_##R(const tile *t) { tile_rows(R, TURNED, t); } \
  static __attribute__((noinline)) void direct_##R(const tile *t) { tile_rows(R, DIRECT, t); }
TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
#define HEIGHTS(form) form##_1, form##_2, form##_3, form##_4, form##_5, form##_6
#if TILE_ROWS > 6
TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#define TALL(form) , form##_7, form##_8, form##_9, form##_10, form##_11, form##_12
#else
#define TALL(form)
#endif

static void (*const TILES[3][TILE_ROWS + 1])(const tile *) = {
  [ROWS] = {NULL, HEIGHTS(rows) TALL(rows)},
  [TURNED] = {NULL, HEIGHTS(turned) TALL(turned)},
  [DIRECT] = {NULL, HEIGHTS(direct) TALL(direct)},
};

/** How `count` rows are cut into tiles: heights differ by at most one, the tall ones first, so that no tile is nearly empty. */
typedef struct {
  size_t height, tall; // rows before `tall` are in tiles of height + 1
} cut;

static cut cut_rows(size_t count) {
  const size_t tiles = (count + TILE_ROWS - 1) / TILE_ROWS, height = count / tiles;
  return (cut){height, count % tiles * (height + 1)};
}

static size_t height_at(cut c, size_t row) { return c.height + (row < c.tall); }

/** The blocks of a reduction of `count` terms, alike within one. */
static size_t blocks(size_t count) { return (count + BLOCK - 1) / BLOCK; }
static size_t block_start(size_t count, size_t i) { return count * i / blocks(count); }

/** A tile of which only `cols` columns exist: sums pass through a small square, so that nothing beyond is written. */
static void edge_tile(size_t R, tile t, size_t cols) {
  float square[TILE_ROWS * PANEL], bias[PANEL] = {0};
  float *c = t.c;
  if (t.started)
    for (size_t r = 0; r < R; r++) {
      memset(square + r * PANEL, 0, sizeof(float) * PANEL);
      memcpy(square + r * PANEL, c + r * t.c_row, sizeof(float) * cols);
    }
  if (t.bias) t.bias = memcpy(bias, t.bias, sizeof(float) * cols);
  const size_t c_row = t.c_row;
  t.c = square;
  t.c_row = PANEL;
  TILES[t.form][R](&t);
  for (size_t r = 0; r < R; r++) memcpy(c + r * c_row, square + r * PANEL, sizeof(float) * cols);
}

static inline void run_tile(size_t R, const tile *t, size_t cols) {
  if (cols < PANEL) edge_tile(R, *t, cols);
  else TILES[t->form][R](t);
}

/** Copy `K` rows of `cols` ≤ PANEL floats into a panel; what does not exist is zero. */
static void pack_panel(float *panel, const float *from, size_t stride, size_t K, size_t cols) {
  if (cols == PANEL)
    for (size_t k = 0; k < K; k++) FOR_VECTORS v_store(panel + k * PANEL + v * LANES, v_load(from + k * stride + v * LANES));
  else
    for (size_t k = 0; k < K; k++) {
      memset(panel + k * PANEL, 0, sizeof(float) * PANEL);
      memcpy(panel + k * PANEL, from + k * stride, sizeof(float) * cols);
    }
}

/** panel[k][i] = rows[i][k]: `count` ≤ PANEL rows of K floats, turned; what does not exist is zero. */
static void turn_panel(float *panel, const float *rows, size_t stride, size_t K, size_t count) {
  for (size_t i = 0; i < PANEL; i += LANES) {
    const size_t here = i < count ? least(LANES, count - i) : 0;
    size_t k = 0;
    if (here == LANES)
      for (; k + LANES <= K; k += LANES) {
        vector x[LANES];
        UNROLL for (size_t r = 0; r < LANES; r++) x[r] = v_load(rows + (i + r) * stride + k);
        v_transpose(x);
        UNROLL for (size_t r = 0; r < LANES; r++) v_store(panel + (k + r) * PANEL + i, x[r]);
      }
    for (; k < K; k++)
      for (size_t r = 0; r < LANES; r++) panel[k * PANEL + i + r] = r < here ? rows[(i + r) * stride + k] : 0;
  }
}

/** to[k][r] = from[k·stride + r]: R columns as one run. */
static void pack_columns(float *to, const float *from, size_t stride, size_t K, size_t R) {
  if (R == TILE_ROWS)
    for (size_t k = 0; k < K; k++) memcpy(to + k * TILE_ROWS, from + k * stride, sizeof(float) * TILE_ROWS);
  else
    for (size_t k = 0; k < K; k++)
      for (size_t r = 0; r < R; r++) to[k * R + r] = from[k * stride + r];
}

/** to[k][r] = from[r·stride + k]: R rows, turned into one run. `to` has room for LANES floats more. */
static void pack_rows(float *to, const float *from, size_t stride, size_t K, size_t R) {
  size_t k = 0;
  for (; R <= LANES && k + LANES <= K; k += LANES) {
    vector x[LANES];
    UNROLL for (size_t r = 0; r < LANES; r++) x[r] = r < R ? v_load(from + r * stride + k) : v_zero();
    v_transpose(x);
    UNROLL for (size_t r = 0; r < LANES; r++) v_store(to + (k + r) * R, x[r]); // the next store overwrites what is too much
  }
  for (; k < K; k++)
    for (size_t r = 0; r < R; r++) to[k * R + r] = from[r * stride + k];
}

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
  float *panel = scratch, *columns = scratch + BLOCK * PANEL; // [block × PANEL], [tile][block][R]
  const size_t last = blocks(delta.rows);
  const cut rows = cut_rows(dW.rows);
  const float share = (float)(1.0 / (double)delta.rows);
  for (size_t n = 0; n < last; n++) {
    const size_t i = block_start(delta.rows, n), K = block_start(delta.rows, n + 1) - i;
    for (size_t row = 0, R; row < dW.rows; row += R) {
      R = height_at(rows, row);
      pack_columns(columns + row * K, input.at + i * input.stride + row, input.stride, K, R);
    }
    for (size_t o = 0; o < dW.cols; o += PANEL) {
      const size_t cols = least(PANEL, dW.cols - o);
      pack_panel(panel, delta.at + i * delta.stride + o, delta.stride, K, cols);
      tile t = {
        .K = K, .form = TURNED, .b = panel, .c_row = dW.stride,
        .started = n > 0, .finish = n + 1 == last ? SHARE : KEEP, .share = share,
      };
      for (size_t row = 0, R; row < dW.rows; row += R) {
        R = height_at(rows, row);
        t.a = columns + row * K;
        t.c = dW.at + row * dW.stride + o;
        run_tile(R, &t, cols);
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

/** Floats: a panel, and the largest of the sums of backpropagate, the turned rows or columns, and softmax's doubles. */
static size_t scratch(size_t rows, size_t inputs, size_t outputs) {
  const size_t height = least(inputs, CHUNK), terms = most(least(rows, BLOCK), least(inputs, BLOCK));
  const size_t sums = up(height, LANES) * PANEL, turned = most(least(rows, CHUNK), height) * terms + LANES;
  return BLOCK * PANEL + most(most(sums, turned), 2 * outputs);
}
