// Register tiles, and the copies that feed them: what the three matrix products are made of. Each output element is one lane of one sum:
// it starts at +0 and adds its terms in index order, so neither tile, panel nor block can change a bit.
// What deliberately is not here: anything that sums across lanes.

// Sizes found by trying on one machine (docs/performance.md); any others give the same bits.
enum {
  PANEL = TILE_VECTORS * LANES, // output elements across a tile
  BLOCK = 512, //                  terms of a reduction between two stays in memory: a panel of W then fits the first cache
  PACK_FROM = 48, //               rows of a batch that repay copying each panel of W
  TURN_FROM = 1024, //             outputs that repay copying the batch's rows too
  GROUP = 24 * 1024, //            floats of packed panels that stay in the second cache
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

#ifndef UNROLL // sanitize.mjs compiles without, which takes a tenth of the time
#define UNROLL _Pragma("GCC unroll 32")
#endif
#define UNROLL_SUM _Pragma("GCC unroll 4")
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
  UNROLL_SUM for (size_t k = t->K; k > 0; k--) {
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
