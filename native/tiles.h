// Register tiles, and the copies that feed them: what the three matrix products are made of. Each output element is one lane of one sum:
// it starts at +0 and adds its terms in index order, so neither tile, panel nor block can change a bit.
// What deliberately is not here: anything that sums across lanes.

// Sizes found by trying on one machine (docs/performance.md); any others give the same bits.
enum {
  PANEL = TILE_VECTORS * LANES, // output elements across a tile
  BLOCK = 512, //                  terms of a reduction between two stays in memory: a panel of W then fits the first cache
  PACK_FROM = 48, //               rows of a batch that repay copying each panel of W
  TURN_FROM = LANES < TILE_ROWS ? 1024 : 64, // results a number takes part in that repay turning it into its tile's run: few where whole vectors turn
  W_ROWS = 256, //                 rows of W that stay in or near the second cache, with all their terms of a block
  DELTA_ROOM = 1 << 18, //         floats of δ that are turned at a time
  WIDEST = 32, //                  columns of the widest panel of any instruction set
  GROUP = 24 * 1024, //            floats of packed panels that stay in the second cache
  COLUMN_TILES = 8, //             tiles that are packed from columns at a time: whole cache lines
  CHUNK = 1024, //                 rows of a result at a time, so that scratch is bounded
  SHORTEST = 4, //                 rows of the shortest full tile of any instruction set
  EXPONENTS = 1024, //             exponentials of softmax at a time
};

static size_t least(size_t x, size_t y) { return x < y ? x : y; }
static size_t most(size_t x, size_t y) { return x > y ? x : y; }
static size_t up(size_t n, size_t to) { return (n + to - 1) / to * to; }

/** What becomes of a tile's finished sums. */
enum finish { KEEP, BIAS, BIAS_RELU, BIAS_LEAKY, SHARE, DESCEND };

/**
 * Where a tile's operands lie: a, rows or R columns turned into one run; b, a packed panel, or rows of W, or those packed on the way. LISTED: a,
 * a turned run without the terms that are 0 in all its rows; b, the rows of a packed panel that the tile's list names.
 */
enum form { ROWS, TURNED, DIRECT, PACKING, TURNED_PACKING, LISTED, FORMS };

/** A strip of tiles, each R × PANEL sums over K terms, the steps of its pointers apart. */
typedef struct {
  size_t K;
  enum form form;
  const float *a;
  size_t a_row, a_step; // a_row: unless turned
  const float *b;
  size_t b_row, b_step; // b_row: if b is rows of W
  float *panel; // where packing packs
  const uint32_t *list; // LISTED: how many terms, and where in b each begins
  size_t list_step;
  float *c; // where the sums go, and wait between blocks
  size_t c_row, c_step;
  int started; // the sums so far are in c
  enum finish finish;
  const float *bias;
  float share;
  float *w; // DESCEND: the weights that follow the sums, laid out like c, with η and λ
  float rate, decay;
} strip;

#ifdef __clang__ // ignores GCC's pragma, and would keep the sums in memory
#define UNROLL_ALL _Pragma("clang loop unroll(full)")
#define UNROLL_SUM _Pragma("clang loop unroll_count(4)")
#else
#define UNROLL_ALL _Pragma("GCC unroll 32")
#define UNROLL_SUM _Pragma("GCC unroll 4")
#endif
#ifndef UNROLL // sanitize.mjs compiles without, which takes a tenth of the time
#define UNROLL UNROLL_ALL
#endif
#define FOR_ROWS UNROLL for (size_t r = 0; r < R; r++)
#define FOR_VECTORS UNROLL for (size_t v = 0; v < TILE_VECTORS; v++)
#define STORE(sum) FOR_ROWS FOR_VECTORS v_store(c + r * c_row + v * LANES, sum)

static inline __attribute__((always_inline)) void strip_rows(const size_t R, const enum form form, const strip *t, size_t count) {
  const int turned = form == TURNED || form == TURNED_PACKING || form == LISTED, packs = form == PACKING || form == TURNED_PACKING;
  const size_t a_row = turned ? 1 : t->a_row, a_term = turned ? R : 1, c_row = t->c_row;
  const size_t b_term = form == DIRECT || packs ? t->b_row : PANEL;
  const float *a = t->a, *b = t->b;
  float *c = t->c, *w = t->w;
  const uint32_t *list = t->list;
  do {
    vector s[TILE_ROWS][TILE_VECTORS], y[TILE_VECTORS];
    if (t->started) FOR_ROWS FOR_VECTORS s[r][v] = v_load(c + r * c_row + v * LANES);
    else FOR_ROWS FOR_VECTORS s[r][v] = v_zero();
    if (t->finish == DESCEND) FOR_ROWS __builtin_prefetch(w + r * c_row, 1);
    const float *x = a, *p = b;
    float *to = t->panel;
    const uint32_t *term = list;
    UNROLL_SUM for (size_t k = form == LISTED ? *term++ : t->K; k > 0; k--) {
      if (form == LISTED) p = b + *term++;
      FOR_VECTORS y[v] = v_load(p + v * LANES);
      if (packs) {
        FOR_VECTORS v_store(to + v * LANES, y[v]);
        to += PANEL;
      }
      FOR_ROWS {
        const vector z = v_all(x[r * a_row]);
        FOR_VECTORS s[r][v] = v_accumulate(s[r][v], z, y[v]);
      }
      x += a_term;
      p += b_term;
    }
    switch (t->finish) {
      case KEEP: STORE(s[r][v]); break;
      case SHARE: STORE(v_mul(s[r][v], v_all(t->share))); break;
      case DESCEND:
        FOR_ROWS FOR_VECTORS {
          float *at = w + r * c_row + v * LANES;
          const vector old = v_load(at), pull = v_add(v_mul(s[r][v], v_all(t->share)), v_mul(v_all(t->decay), old));
          v_store(at, v_sub(old, v_mul(v_all(t->rate), pull)));
        }
        w += t->c_step;
        break;
      default:
        FOR_VECTORS y[v] = v_load(t->bias + v * LANES);
        FOR_ROWS FOR_VECTORS s[r][v] = v_add(s[r][v], y[v]);
        if (t->finish == BIAS_RELU) STORE(v_relu(s[r][v]));
        else if (t->finish == BIAS_LEAKY) STORE(v_pick(s[r][v], s[r][v], v_mul(v_all(LEAKY_SLOPE), s[r][v])));
        else STORE(s[r][v]);
    }
    a += t->a_step;
    b += t->b_step;
    c += t->c_step;
    if (form == LISTED) list += t->list_step;
  } while (--count > 0);
}

#define STRIP(R) \
  static __attribute__((noinline)) void rows_##R(const strip *t, size_t count) { strip_rows(R, ROWS, t, count); } \
  static __attribute__((noinline)) void turned_##R(const strip *t, size_t count) { strip_rows(R, TURNED, t, count); } \
  static __attribute__((noinline)) void direct_##R(const strip *t, size_t count) { strip_rows(R, DIRECT, t, count); } \
  static __attribute__((noinline)) void packing_##R(const strip *t, size_t count) { strip_rows(R, PACKING, t, count); } \
  static __attribute__((noinline)) void turned_packing_##R(const strip *t, size_t count) { strip_rows(R, TURNED_PACKING, t, count); } \
  static __attribute__((noinline)) void listed_##R(const strip *t, size_t count) { strip_rows(R, LISTED, t, count); }
STRIP(1) STRIP(2) STRIP(3) STRIP(4) STRIP(5) STRIP(6)
#define HEIGHTS(form) form##_1, form##_2, form##_3, form##_4, form##_5, form##_6
#if TILE_ROWS > 6
STRIP(7) STRIP(8) STRIP(9) STRIP(10) STRIP(11) STRIP(12)
#define TALL(form) , form##_7, form##_8, form##_9, form##_10, form##_11, form##_12
#else
#define TALL(form)
#endif

static void (*const STRIPS[FORMS][TILE_ROWS + 1])(const strip *, size_t count) = {
  [ROWS] = {NULL, HEIGHTS(rows) TALL(rows)},
  [TURNED] = {NULL, HEIGHTS(turned) TALL(turned)},
  [DIRECT] = {NULL, HEIGHTS(direct) TALL(direct)},
  [PACKING] = {NULL, HEIGHTS(packing) TALL(packing)},
  [TURNED_PACKING] = {NULL, HEIGHTS(turned_packing) TALL(turned_packing)},
  [LISTED] = {NULL, HEIGHTS(listed) TALL(listed)},
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

/** Tiles of one height from `row` on, of `rows` rows. */
static size_t tiles_alike(cut c, size_t rows, size_t row) {
  return row < c.tall ? (c.tall - row) / (c.height + 1) : (rows - row) / c.height;
}

/** The blocks of a reduction of `count` terms, alike within one. */
static size_t blocks(size_t count) { return (count + BLOCK - 1) / BLOCK; }
static size_t block_start(size_t count, size_t i) { return count * i / blocks(count); }

/** A row's first `cols` ≤ PANEL floats; a call of memcpy would take longer than the row. */
static inline void copy_row(float *to, const float *from, size_t cols) {
  size_t i = 0;
  for (; i + LANES <= cols; i += LANES) v_store(to + i, v_load(from + i));
  for (; i < cols; i++) to[i] = from[i];
}

/** `cols` columns of R rows into a square that is zero elsewhere. */
static void to_square(float *square, const float *from, size_t row, size_t R, size_t cols) {
  for (size_t r = 0; r < R; r++) {
    FOR_VECTORS v_store(square + r * PANEL + v * LANES, v_zero());
    copy_row(square + r * PANEL, from + r * row, cols);
  }
}

/** A tile of which only `cols` columns exist: sums and weights pass through small squares, so that nothing beyond is written. */
static void edge_tile(size_t R, strip t, size_t cols) {
  float sums[TILE_ROWS * PANEL], weights[TILE_ROWS * PANEL], bias[PANEL] = {0};
  float *c = t.c, *w = t.w;
  const size_t row = t.c_row;
  if (t.started) to_square(sums, c, row, R, cols);
  if (t.finish == DESCEND) to_square(weights, w, row, R, cols);
  if (t.bias) t.bias = memcpy(bias, t.bias, sizeof(float) * cols);
  t.c = sums;
  t.w = weights;
  t.c_row = PANEL;
  STRIPS[t.form][R](&t, 1);
  float *to = t.finish == DESCEND ? w : c;
  const float *done = t.finish == DESCEND ? weights : sums;
  for (size_t r = 0; r < R; r++) copy_row(to + r * row, done + r * PANEL, cols);
}

/** `count` tiles, each of `cols` ≤ PANEL columns. */
static void run_strip(size_t R, const strip *t, size_t count, size_t cols) {
  if (cols == PANEL) {
    STRIPS[t->form][R](t, count);
    return;
  }
  strip one = *t;
  for (; count > 0; count--) {
    edge_tile(R, one, cols);
    one.a += t->a_step, one.b += t->b_step, one.c += t->c_step, one.list += t->list_step;
    if (one.w) one.w += t->c_step;
  }
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

/** to[tile][k][r] = from[k·stride + tile·R + r]: columns as one run for each of `count` tiles. Rows go outside: each is read once. */
static void pack_columns(float *to, const float *from, size_t stride, size_t K, size_t R, size_t count) {
  for (size_t k = 0; k < K; k++) {
    const float *row = from + k * stride;
    float *at = to + k * R;
    if (R == TILE_ROWS)
      for (size_t n = 0; n < count; n++) memcpy(at + n * K * TILE_ROWS, row + n * TILE_ROWS, sizeof(float) * TILE_ROWS);
    else
      for (size_t n = 0; n < count; n++)
        for (size_t r = 0; r < R; r++) at[n * K * R + r] = row[n * R + r];
  }
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
