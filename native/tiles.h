// Micro-tiles and packing: what the three matrix products of products.h are made of.
//
// 1. Naive. Every product is C[M×N] = A[M×K]·B[K×N] under other names:
//
//      for (size_t i = 0; i < M; i++)
//        for (size_t j = 0; j < N; j++) {
//          float sum = 0;
//          for (size_t k = 0; k < K; k++) sum += A[i][k] * B[k][j];
//          C[i][j] = sum;
//        }
//
// 2. Blocked. A micro-tile, MR × NR elements of C, stays in registers while k runs: a loaded element of A takes part
//    in NR products, one of B in MR. At most KC terms at a time, so that what a micro-tile reads is in a cache;
//    between two blocks of terms the unfinished sums wait in C.
//
//      for (size_t p = 0; p < K; p += KC)                          NR
//        for (size_t j = 0; j < N; j += NR)                     ┌──────┐
//          for (size_t i = 0; i < M; i += MR)                KC │  B   │    a panel of B: first-level cache
//            micro_kernel(i, j, p);                             │      │
//                                                     KC        └──────┘
//                                                  ┌──────┐     ┌──────┐
//                                               MR │  A   │  MR │  C   │    a micro-tile: MR·NR sums in registers
//                                                  └──────┘     └──────┘
//      micro_kernel(i, j, p):                                      NR
//        sums[MR][NR] = p == 0 ? 0 : C[i…][j…];
//        for (size_t k = p; k < p + KC; k++)
//          for each r < MR and c < NR: sums[r][c] += A[i + r][k] * B[k][j + c];
//        C[i…][j…] = sums;  // after the last block through the epilogue: bias and σ, 1/B, or the update of W
//
// 3. Packed. A panel of B is copied to [KC][NR], and the rows of a micro-tile of A to [KC][MR], where that pays: the
//    micro-kernel then reads both as streams. M goes in parts of MC rows and, where B is δ, N in parts of NC
//    columns. products.h says for each product which operand is A, which is B, what is packed when, and in which order
//    the loops over i and j run.
//
// All three add the terms of an element in index order, each in a sum of its own that starts at +0 and never leaves its
// lane. So blocks, panels and micro-tiles cannot change a bit, and nothing here may ever sum across lanes.

// Block sizes, found by trying on one machine (docs/performance.md); any others give the same bits.
// MR and NR_VECTORS stand in vector-*.h, as they follow from the number of registers.
enum {
  NR = NR_VECTORS * LANES, // columns of a micro-tile, and of a packed panel of B
  KC = 512, //                terms of a block: a panel of B, KC·NR floats, fits the first-level cache
  MC = 1024, //               rows of C of one pass over a product: bounds packed A, and so the scratch
  MC_BACK = 256, //           rows of W in E17, KC terms each: this block of A stays near the second-level cache
  DELTA_FLOATS = 1 << 18, //  floats of δᵀ that E17 packs at a time: bounds packed B, and so the scratch (1 MiB)
  GROUP_FLOATS = 24 * 1024, // floats of δ that E37 packs at a time, NC·K: they stay in the second-level cache (96 KiB)
  MAX_NR = 32, //             the largest NR of any instruction set: scratch is the same on all of them
  PACK_B_ROWS = 48, //        rows of a batch from which E9 packs each panel of W in a pass of its own
  PACK_A_REUSE = LANES < MR ? 1024 : 64, // sums that use each element of A, from which packing A pays; where a
  //                          micro-tile has more rows than a vector has lanes, pack_a copies float by float: many
  PACK_A_TILES = 8, //        micro-tiles packed at a time from the columns of a matrix: whole cache lines of its rows
  SOFTMAX_LOGITS = 1024, //   logits whose exponentials are taken in one loop: few classes then still fill the vectors
};

static size_t least(size_t x, size_t y) { return x < y ? x : y; }
static size_t most(size_t x, size_t y) { return x > y ? x : y; }
static size_t up(size_t n, size_t to) { return (n + to - 1) / to * to; }

/** What a micro-tile stores. PARTIAL: its sums, more terms follow. UPDATE: W after the step, and not ∇W. */
enum epilogue { PARTIAL, BIAS, BIAS_RELU, BIAS_LEAKY, INVERSE_B, UPDATE };

/**
 * Layouts of the operands of a micro-tile of R rows.
 *   ROWS          A: R rows of a matrix      B: a packed panel [K][NR]
 *   PACKED_A      A: packed [K][R]           B: a packed panel
 *   DIRECT_B      A: rows                    B: rows of a matrix
 *   PACKING_B     A: rows                    B: rows of a matrix, copied to `panel` while they are read
 *   PACKED_A_PACKING_B                       both of the above
 */
enum layout { ROWS, PACKED_A, DIRECT_B, PACKING_B, PACKED_A_PACKING_B, LAYOUTS };

/** Consecutive micro-tiles of R × NR sums over K terms; a_next, b_next, c_next: floats from one to the next. */
typedef struct {
  size_t K;
  enum layout layout;
  const float *a;
  size_t a_stride, a_next; // a_stride: from row to row, where A is not packed
  const float *b;
  size_t b_stride, b_next; // b_stride: from row to row, where B is not packed
  float *panel; //            where PACKING_B copies to
  float *c; //                the sums, also between blocks of terms
  size_t c_stride, c_next;
  int accumulate; //          whether c holds the sums of earlier terms
  enum epilogue epilogue;
  const float *bias;
  float inverse_b; //         1/B
  float *w; //                UPDATE: the weights, laid out like c
  float rate, decay; //       UPDATE: η and λ
  int streams; //             UPDATE: past the caches; w and its rows begin at whole lines
} micro_tiles;

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
/** For i = 0 … n − 1, unrolled, so that arrays indexed by i can be registers. */
#define FOR(i, n) UNROLL for (size_t i = 0; i < (n); i++)
#define INLINE static inline __attribute__((always_inline))

/** Store `sum`, an expression of row r and vector v, as element (r, v) of the micro-tile. */
#define STORE(sum) FOR(r, R) FOR(v, V) v_store(c + r * stride + v * LANES, sum)

/** Store the sums s[r·V + v] of R rows of V vectors through their epilogue, at c, or in the weights at w. */
INLINE void end_sums(const size_t R, const size_t V, vector *s, const micro_tiles *t, float *c, float *w) {
  const size_t stride = t->c_stride;
  switch (t->epilogue) {
    case PARTIAL: STORE(s[r * V + v]); break;
    case INVERSE_B: STORE(v_mul(s[r * V + v], v_all(t->inverse_b))); break; // E37
    case UPDATE: // W ← W − η(∇W + λW): E37, X9, X10
      FOR(r, R) FOR(v, V) {
        float *at = w + r * stride + v * LANES;
        const vector old = v_load(at);
        const vector direction = v_add(v_mul(s[r * V + v], v_all(t->inverse_b)), v_mul(v_all(t->decay), old));
        const vector moved = v_sub(old, v_mul(v_all(t->rate), direction));
        if (t->streams) v_stream(at, moved);
        else v_store(at, moved);
      }
      break;
    default: // σ(s + b): E9, X1, X2
      FOR(v, V) {
        const vector bias = v_load(t->bias + v * LANES);
        FOR(r, R) s[r * V + v] = v_add(s[r * V + v], bias);
      }
      if (t->epilogue == BIAS_RELU) STORE(v_relu(s[r * V + v]));
      else if (t->epilogue == BIAS_LEAKY)
        STORE(v_pick(s[r * V + v], s[r * V + v], v_mul(v_all(LEAKY_SLOPE), s[r * V + v])));
      else STORE(s[r * V + v]);
  }
}

/** The R × V vectors of sums that an earlier block of terms has left at c, or +0. */
INLINE void begin_sums(const size_t R, const size_t V, vector *s, const micro_tiles *t, const float *c) {
  if (t->accumulate) FOR(r, R) FOR(v, V) s[r * V + v] = v_load(c + r * t->c_stride + v * LANES);
  else FOR(i, R * V) s[i] = v_zero();
}

/** Ask for the weights that UPDATE will change, while the terms are added. */
INLINE void prefetch_weights(const size_t R, const size_t V, const micro_tiles *t, const float *w) {
  if (t->epilogue == UPDATE)
    FOR(r, R) FOR(v, (V * LANES + 15) / 16) __builtin_prefetch(w + r * t->c_stride + 16 * v, 1);
}

/** The micro-kernel, and the loop over `count` micro-tiles around it: only the pointers change from one to the next. */
INLINE void micro_kernel(const size_t R, const enum layout layout, const micro_tiles *t, size_t count) {
  const int packed_a = layout == PACKED_A || layout == PACKED_A_PACKING_B;
  const int packing_b = layout == PACKING_B || layout == PACKED_A_PACKING_B;
  const size_t a_stride = packed_a ? 1 : t->a_stride, a_term = packed_a ? R : 1;
  const size_t b_term = layout == DIRECT_B || packing_b ? t->b_stride : NR;
  const float *a = t->a, *b = t->b;
  float *c = t->c, *w = t->w;
  do {
    vector s[MR * NR_VECTORS], y[NR_VECTORS];
    begin_sums(R, NR_VECTORS, s, t, c);
    prefetch_weights(R, NR_VECTORS, t, w);
    const float *x = a, *p = b;
    float *to = t->panel;
    UNROLL_SUM for (size_t k = t->K; k > 0; k--) {
      FOR(v, NR_VECTORS) y[v] = v_load(p + v * LANES);
      if (packing_b) {
        FOR(v, NR_VECTORS) v_store(to + v * LANES, y[v]);
        to += NR;
      }
      FOR(r, R) {
        const vector z = v_all(x[r * a_stride]);
        FOR(v, NR_VECTORS) s[r * NR_VECTORS + v] = v_accumulate(s[r * NR_VECTORS + v], z, y[v]);
      }
      x += a_term;
      p += b_term;
    }
    end_sums(R, NR_VECTORS, s, t, c, w);
    a += t->a_next;
    b += t->b_next;
    c += t->c_next;
    if (t->epilogue == UPDATE) w += t->c_next;
  } while (--count > 0);
}

// A function for each height and layout, so that R is a constant of the loops above.
#define MICRO_KERNEL(name, R, layout) \
  static __attribute__((noinline)) void name##_##R(const micro_tiles *t, size_t count) { \
    micro_kernel(R, layout, t, count); \
  }
#define OF_HEIGHT(R) \
  MICRO_KERNEL(rows, R, ROWS) MICRO_KERNEL(packed_a, R, PACKED_A) MICRO_KERNEL(direct_b, R, DIRECT_B) \
  MICRO_KERNEL(packing_b, R, PACKING_B) MICRO_KERNEL(packed_a_packing_b, R, PACKED_A_PACKING_B)
OF_HEIGHT(1) OF_HEIGHT(2) OF_HEIGHT(3) OF_HEIGHT(4) OF_HEIGHT(5) OF_HEIGHT(6)
#if MR > 6
OF_HEIGHT(7) OF_HEIGHT(8) OF_HEIGHT(9) OF_HEIGHT(10) OF_HEIGHT(11) OF_HEIGHT(12)
#define ABOVE_6(name) , name##_7, name##_8, name##_9, name##_10, name##_11, name##_12
#else
#define ABOVE_6(name)
#endif
#define HEIGHTS(name) {NULL, name##_1, name##_2, name##_3, name##_4, name##_5, name##_6 ABOVE_6(name)}

static void (*const MICRO_KERNELS[LAYOUTS][MR + 1])(const micro_tiles *, size_t count) = {
  [ROWS] = HEIGHTS(rows),
  [PACKED_A] = HEIGHTS(packed_a),
  [DIRECT_B] = HEIGHTS(direct_b),
  [PACKING_B] = HEIGHTS(packing_b),
  [PACKED_A_PACKING_B] = HEIGHTS(packed_a_packing_b),
};

/** M rows cut into ⌈M/MR⌉ micro-tiles whose heights differ by at most one, the taller first: none is nearly empty. */
typedef struct {
  size_t height, tall_rows; // the first `tall_rows` rows are in micro-tiles of height + 1 rows, the others of height
} partition;

static partition partition_rows(size_t M) {
  const size_t tiles = (M + MR - 1) / MR, height = M / tiles;
  return (partition){height, M % tiles * (height + 1)};
}

/** Height of the micro-tile that begins at `row`. */
static size_t height_at(partition p, size_t row) { return p.height + (row < p.tall_rows); }

/** Micro-tiles of that same height from `row` on, of M rows. */
static size_t tiles_from(partition p, size_t M, size_t row) {
  return row < p.tall_rows ? (p.tall_rows - row) / (p.height + 1) : (M - row) / p.height;
}

/** K terms go in blocks of at most KC whose lengths differ by at most one; block n begins at term block_start(K, n). */
static size_t blocks(size_t K) { return (K + KC - 1) / KC; }
static size_t block_start(size_t K, size_t n) { return K * n / blocks(K); }

/** A row's first `cols` ≤ NR floats; a call of memcpy would take longer than the row. */
static inline void copy_row(float *to, const float *from, size_t cols) {
  size_t i = 0;
  for (; i + LANES <= cols; i += LANES) v_store(to + i, v_load(from + i));
  for (; i < cols; i++) to[i] = from[i];
}

/** tile[R][NR] = `cols` columns of R rows, and 0 in the other columns. */
static void load_tile(float *tile, const float *from, size_t stride, size_t R, size_t cols) {
  for (size_t r = 0; r < R; r++) {
    FOR(v, NR_VECTORS) v_store(tile + r * NR + v * LANES, v_zero());
    copy_row(tile + r * NR, from + r * stride, cols);
  }
}

/** A micro-tile with only `cols` < NR columns, computed in a full one on the stack: nothing beyond is written. */
static void edge_tile(size_t R, micro_tiles t, size_t cols) {
  float sums[MR * NR], weights[MR * NR], bias[NR] = {0};
  float *c = t.c, *w = t.w;
  const size_t stride = t.c_stride;
  if (t.accumulate) load_tile(sums, c, stride, R, cols);
  if (t.epilogue == UPDATE) load_tile(weights, w, stride, R, cols);
  if (t.bias) t.bias = memcpy(bias, t.bias, sizeof(float) * cols);
  t.c = sums;
  t.w = weights;
  t.c_stride = NR;
  t.streams = 0;
  MICRO_KERNELS[t.layout][R](&t, 1);
  float *to = t.epilogue == UPDATE ? w : c;
  const float *tile = t.epilogue == UPDATE ? weights : sums;
  for (size_t r = 0; r < R; r++) copy_row(to + r * stride, tile + r * NR, cols);
}

/** `count` micro-tiles of `cols` ≤ NR columns each. */
static void run_micro_tiles(size_t R, const micro_tiles *t, size_t count, size_t cols) {
  if (cols == NR) {
    MICRO_KERNELS[t->layout][R](t, count);
    return;
  }
  micro_tiles one = *t;
  for (; count > 0; count--) {
    edge_tile(R, one, cols);
    one.a += t->a_next, one.b += t->b_next, one.c += t->c_next;
    if (one.w) one.w += t->c_next;
  }
}

/** panel[k][j] = b[k][j] for K rows of `cols` ≤ NR columns, and 0 in the other columns. */
static void pack_b(float *panel, const float *b, size_t stride, size_t K, size_t cols) {
  if (cols == NR)
    for (size_t k = 0; k < K; k++)
      FOR(v, NR_VECTORS) v_store(panel + k * NR + v * LANES, v_load(b + k * stride + v * LANES));
  else
    for (size_t k = 0; k < K; k++) {
      memset(panel + k * NR, 0, sizeof(float) * NR);
      memcpy(panel + k * NR, b + k * stride, sizeof(float) * cols);
    }
}


/** panel[k][j] = rows[j][k]: pack_b of a transposed matrix, `count` ≤ NR rows of K floats, and 0 elsewhere. */
static void pack_b_transposed(float *panel, const float *rows, size_t stride, size_t K, size_t count) {
  for (size_t i = 0; i < NR; i += LANES) {
    const size_t here = i < count ? least(LANES, count - i) : 0;
    size_t k = 0;
    if (here == LANES)
      for (; k + LANES <= K; k += LANES) {
        vector x[LANES];
        FOR(r, LANES) x[r] = v_load(rows + (i + r) * stride + k);
        v_transpose(x);
        FOR(r, LANES) v_store(panel + (k + r) * NR + i, x[r]);
      }
    for (; k < K; k++)
      for (size_t r = 0; r < LANES; r++) panel[k * NR + i + r] = r < here ? rows[(i + r) * stride + k] : 0;
  }
}

/** packed[k][r] = a[r][k]: the R rows of one micro-tile. `packed` has room for LANES floats more. */
static void pack_a(float *packed, const float *a, size_t stride, size_t K, size_t R) {
  size_t k = 0;
  for (; R <= LANES && k + LANES <= K; k += LANES) {
    vector x[LANES];
    FOR(r, LANES) x[r] = r < R ? v_load(a + r * stride + k) : v_zero();
    v_transpose(x);
    FOR(r, LANES) v_store(packed + (k + r) * R, x[r]); // writes LANES ≥ R floats: the next store overwrites the excess
  }
  for (; k < K; k++)
    for (size_t r = 0; r < R; r++) packed[k * R + r] = a[r * stride + k];
}

/** packed[tile][k][r] = from[k][tile·R + r]: pack_a of a transposed matrix, `count` micro-tiles, each row read once. */
static void pack_a_transposed(float *packed, const float *from, size_t stride, size_t K, size_t R, size_t count) {
  for (size_t k = 0; k < K; k++) {
    const float *row = from + k * stride;
    float *at = packed + k * R;
    if (R == MR)
      for (size_t n = 0; n < count; n++) memcpy(at + n * K * MR, row + n * MR, sizeof(float) * MR);
    else
      for (size_t n = 0; n < count; n++)
        for (size_t r = 0; r < R; r++) at[n * K * R + r] = row[n * R + r];
  }
}
