// Sparse micro-tiles: a term that is ±0 in all rows of a micro-tile of A is left out, as at the border of images. A sum
// that starts at +0 is never −0, so adding 0 times a finite number leaves its bits. 0 times ±∞ or NaN is NaN: where B
// holds one, no term is left out. A fused sum can become −0, where a product rounds to nothing; so fused kernels leave
// terms out only where no product can.

enum {
  ZERO_SHARE = 4, //     the sparse layout pays where at least one sampled term in so many is zero
  SAMPLED_TILES = 8, //  of the micro-tiles of a weight gradient, so many are sampled
  SAMPLE_STRIDE = 5, //  terms from one sample to the next: no divisor of 28 or 32, the usual widths of an image
};

/** Whether one of R numbers is not ±0. */
INLINE int any_nonzero(const float *x, const size_t R) {
  uint32_t bits[MR], all = 0;
  memcpy(bits, x, sizeof(float) * R);
  FOR(r, R) all |= bits[r];
  return (all << 1) != 0;
}

#ifdef V_NONZERO
/**
 * The same for a micro-tile whose rows fill at least half a vector: a term is one load and one store. The store writes
 * lanes of terms that were read already, or what it has read.
 */
static void compact_vectors(uint32_t *list, float *packed, size_t K, size_t R) {
  const uint32_t rows = (1u << R) - 1;
  uint32_t n = 0;
  for (size_t k = 0; k < K; k++) {
    const vector x = v_load(packed + k * R);
    v_store(packed + n * R, x);
    list[1 + n] = (uint32_t)(k * NR);
    n += (V_NONZERO(x) & rows) != 0;
  }
  list[0] = n;
}
#endif

INLINE void compact(uint32_t *list, float *packed, size_t K, const size_t R) {
  uint32_t n = 0;
  for (size_t k = 0; k < K; k++) {
    const float *x = packed + k * R;
    const int keep = any_nonzero(x, R);
    float term[MR];
    memcpy(term, x, sizeof(float) * R);
    memcpy(packed + n * R, term, sizeof(float) * R); // always, and n moves on or not: no branch to mispredict
    list[1 + n] = (uint32_t)(k * NR);
    n += (uint32_t)keep;
  }
  list[0] = n;
}

/** Sampled terms of packed micro-tiles, and those of them that are 0 in all rows. */
typedef struct {
  size_t terms, zeros;
} sample;

static void add_sample(sample *s, const float *packed, size_t K, size_t R) {
  for (size_t k = 0; k < K; k += SAMPLE_STRIDE) s->terms++, s->zeros += !any_nonzero(packed + k * R, R);
}

static int enough_zeros(sample s) { return ZERO_SHARE * s.zeros >= s.terms; }

/**
 * Drop from a packed micro-tile [K][R] of A the terms that are 0 in all R rows. list[0] = the number of terms that
 * stay, list[1 …] = where the row of each begins in a packed panel of B.
 */
static void list_nonzero_terms(uint32_t *list, float *packed, size_t K, size_t R) {
#ifdef V_NONZERO
  if (R <= LANES && 2 * R >= LANES) {
    compact_vectors(list, packed, K, R);
    return;
  }
#endif
  switch (R) { // a copy with a constant R for each usual height
    case MR: compact(list, packed, K, MR); break;
    case MR - 1: compact(list, packed, K, MR - 1); break;
    default: compact(list, packed, K, R);
  }
}

static int all_finite(const float *from, size_t stride, size_t rows, size_t cols) {
  uint32_t largest = 0;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < cols; j++) {
      uint32_t bits;
      memcpy(&bits, from + i * stride + j, sizeof bits);
      bits &= 0x7fffffff;
      largest = bits > largest ? bits : largest;
    }
  return largest < 0x7f800000;
}

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

/** Floats of room for the lists of all micro-tiles of `rows` rows, on any instruction set. */
static size_t list_room(size_t rows, size_t terms) { return up(rows, MIN_MR) / MIN_MR * (1 + terms); }
