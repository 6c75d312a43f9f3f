// Products whose A holds many ±0, as images and one-hot columns do: a term that is ±0 in all rows of a micro-tile is
// left out. A sum that starts at +0 is never −0, so adding 0 times a finite number leaves its bits. 0 times ±∞ or NaN
// is NaN: where B holds one, no term is left out. A fused sum can become −0, where a product rounds to nothing; so
// fused kernels leave terms out only where no product can.
//
// The fewer rows a micro-tile has, the more of its terms are 0 in all of them: of the pixels of digits half in twelve
// images or twelve neighbours, seven tenths in two. So these micro-tiles are flat, SPARSE_ROWS × SPARSE_VECTORS, and
// read A and B where they lie. The terms that stay are listed first, so no branch is left to mispredict.

enum {
  SPARSE_ROWS = 2,
  SPARSE_COLUMNS = SPARSE_VECTORS * LANES,
  MOST_SPARSE_COLUMNS = 128, // of any instruction set: scratch is the same on all of them
  SPARSE_TERMS = 1024, //       of a block, at most: bounds the lists, and so the scratch
  SPARSE_PART = 64, //          rows of the batch whose lists are kept at a time in E9
  SPARSE_STRIDE = 256, //       floats between rows of B above which a copy pays: far apart they meet in the same lines
  SPARSE_SAMPLES = 8, //        vectors of columns that tell whether the sparse form of E37 pays
};

/** Append first + i for each bit i of `bits` below `width`. Writes up to LANES numbers. Returns how many count. */
INLINE size_t list_bits(uint32_t *to, uint32_t bits, uint32_t first, size_t width) {
#ifdef V_NUMBERS
  (void)width;
  return V_NUMBERS(to, bits, first);
#else
  size_t n = 0;
  for (uint32_t i = 0; i < width; i++) {
    to[n] = first + i; // always written, and n moves on or not
    n += bits >> i & 1;
  }
  return n;
#endif
}

/** A bit for each of `count` ≤ LANES numbers that is not ±0. */
INLINE uint32_t nonzero_bits(const float *x, size_t count) {
#ifdef V_NONZERO
  if (count == LANES) return V_NONZERO(v_load(x));
#endif
  uint32_t bits = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t number;
    memcpy(&number, x + i, sizeof number);
    bits |= (uint32_t)((number << 1) != 0) << i;
  }
  return bits;
}

/** E9: list[1 …] = the terms k < K that are not ±0 in all of R rows of A, list[0] = their number. */
static void list_of_rows(uint32_t *list, const float *a, size_t stride, size_t K, size_t R) {
  size_t n = 0;
  for (size_t k = 0; k < K; k += LANES) {
    const size_t width = least(LANES, K - k);
    uint32_t bits = 0;
    for (size_t r = 0; r < R; r++) bits |= nonzero_bits(a + r * stride + k, width);
    n += list_bits(list + 1 + n, bits, (uint32_t)k, width);
  }
  list[0] = (uint32_t)n;
}

/**
 * E37: the same for micro-tiles of R columns of A, one after another: lists[tile][next], of `columns` ≤ LANES columns
 * whose rows are the terms. `bits`: room for K numbers.
 */
static void lists_of_columns(
  uint32_t *lists, size_t next, const float *a, size_t stride, size_t K, size_t columns, size_t R, uint32_t *bits) {
  for (size_t k = 0; k < K; k++) bits[k] = nonzero_bits(a + k * stride, columns);
  for (size_t from = 0; from < columns; from += R, lists += next) {
    const uint32_t wanted = ((1u << R) - 1) << from;
    size_t n = 0, k = 0;
#ifdef V_ANY_BITS
    for (; k + LANES <= K; k += LANES) n += V_NUMBERS(lists + 1 + n, V_ANY_BITS(bits + k, wanted), (uint32_t)k);
#endif
    for (; k < K; k++) {
      lists[1 + n] = (uint32_t)k;
      n += (bits[k] & wanted) != 0;
    }
    lists[0] = (uint32_t)n;
  }
}

/** Numbers that a list of K terms may write. */
static size_t list_length(size_t K) { return 1 + up(K, LANES); }

/** Whether all numbers are: x − x is then 0. */
static int all_finite(const float *from, size_t stride, size_t rows, size_t cols) {
  vector s[4];
  FOR(v, 4) s[v] = v_zero();
  float rest = 0;
  for (size_t i = 0; i < rows; i++, from += stride) {
    size_t j = 0;
    for (; j + 4 * LANES <= cols; j += 4 * LANES) FOR(v, 4) {
      const vector x = v_load(from + j + v * LANES);
      s[v] = v_add(s[v], v_sub(x, x));
    }
    for (; j + LANES <= cols; j += LANES) s[0] = v_add(s[0], v_sub(v_load(from + j), v_load(from + j)));
    for (; j < cols; j++) rest += from[j] - from[j];
  }
  float sums[LANES];
  v_store(sums, v_add(v_add(s[0], s[1]), v_add(s[2], s[3])));
  for (size_t j = 0; j < LANES; j++) rest += sums[j];
  return rest == 0;
}

#ifdef FUSED
enum { FUSES = 1 };
#else
enum { FUSES = 0 };
#endif

/** Fused: whether no number but 0 is below 2⁻⁷⁴, so that a product of two such is at least the smallest float. */
static int no_tiny(const float *from, size_t stride, size_t rows, size_t cols) {
#ifdef FUSED
  uint32_t least_bits = UINT32_MAX; // of the magnitude less 1: 0 becomes the largest
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < cols; j++) {
      uint32_t bits;
      memcpy(&bits, from + i * stride + j, sizeof bits);
      bits = (bits & 0x7fffffff) - 1;
      least_bits = bits < least_bits ? bits : least_bits;
    }
  return least_bits >= (53u << 23) - 1;
#else
  (void)from, (void)stride, (void)rows, (void)cols;
  return 1;
#endif
}

/**
 * `count` sparse micro-tiles: R rows of A, element (r, k) at a[r·a_stride + k·a_term], times V vectors of rows of B.
 * Only a, c, w and the list change from one to the next.
 */
INLINE void sparse_kernel(
  const size_t R, const size_t V, const micro_tiles *t, size_t a_term, const uint32_t *list, size_t list_next,
  size_t count) {
  const size_t a_stride = t->a_stride, b_stride = t->b_stride;
  const float *a = t->a, *b = t->b;
  float *c = t->c, *w = t->w;
  do {
    vector s[SPARSE_ROWS * SPARSE_VECTORS];
    begin_sums(R, V, s, t, c);
    prefetch_weights(R, V, t, w);
    const uint32_t *end = list + 1 + list[0];
    for (const uint32_t *term = list + 1; term < end; term++) {
      const size_t k = *term;
      const float *x = a + k * a_term, *y = b + k * b_stride;
      vector z[SPARSE_ROWS];
      FOR(r, R) z[r] = v_all(x[r * a_stride]);
      FOR(v, V) {
        const vector each = v_load(y + v * LANES);
        FOR(r, R) s[r * V + v] = v_accumulate(s[r * V + v], z[r], each);
      }
    }
    end_sums(R, V, s, t, c, w);
    a += t->a_next;
    c += t->c_next;
    if (t->epilogue == UPDATE) w += t->c_next;
    list += list_next;
  } while (--count > 0);
}

#define SPARSE_KERNEL(R, V) \
  static __attribute__((noinline)) void sparse_##R##_##V( \
    const micro_tiles *t, size_t a_term, const uint32_t *list, size_t list_next, size_t count) { \
    sparse_kernel(R, V, t, a_term, list, list_next, count); \
  }
#define OF_WIDTH(V) SPARSE_KERNEL(1, V) SPARSE_KERNEL(2, V)
OF_WIDTH(1) OF_WIDTH(2) OF_WIDTH(3) OF_WIDTH(4) OF_WIDTH(5) OF_WIDTH(6)
#if SPARSE_VECTORS > 6
OF_WIDTH(7) OF_WIDTH(8)
#define ABOVE_6_WIDE(R) , sparse_##R##_7, sparse_##R##_8
#else
#define ABOVE_6_WIDE(R)
#endif
#define WIDTHS(R) \
  {NULL, sparse_##R##_1, sparse_##R##_2, sparse_##R##_3, sparse_##R##_4, sparse_##R##_5, sparse_##R##_6 ABOVE_6_WIDE(R)}

static void (*const SPARSE_KERNELS[SPARSE_ROWS + 1][SPARSE_VECTORS + 1])(
  const micro_tiles *, size_t a_term, const uint32_t *list, size_t list_next, size_t count) = {
  [1] = WIDTHS(1), [2] = WIDTHS(2),
};
