// Sixteen floats at a time: AVX-512F. Compiled a second time with FUSED for fused multiply-add.
#ifndef DELTAPROP_VECTOR_H
#define DELTAPROP_VECTOR_H
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define LANES 16
#ifndef NR_VECTORS
#define NR_VECTORS 1 // 12 sums; on a Zen 4 exact sums with 2 of B reach two thirds (docs/performance.md)
#endif
#define MR 12
// Of a flat micro-tile (sparse.h): 16 sums and up to 2 of A. It pays where a quarter of its terms is left out.
#define SPARSE_VECTORS 8
#define SPARSE_PAYS(stay, all) (4 * (stay) <= 3 * (all))
#ifndef V_REGISTER
#define V_REGISTER(x) "+v"(x)
#endif

typedef __m512 vector;

static inline vector v_zero(void) { return _mm512_setzero_ps(); }
static inline vector v_all(float x) { return _mm512_set1_ps(x); }
static inline vector v_load(const float *p) { return _mm512_loadu_ps(p); }
static inline void v_store(float *p, vector x) { _mm512_storeu_ps(p, x); }
/** At a whole line, past the caches: `streams` in kernels.h. */
static inline void v_stream(float *p, vector x) { _mm512_stream_ps(p, x); }
static inline vector v_add(vector x, vector y) { return _mm512_add_ps(x, y); }
static inline vector v_sub(vector x, vector y) { return _mm512_sub_ps(x, y); }
static inline vector v_mul(vector x, vector y) { return _mm512_mul_ps(x, y); }
static inline vector v_div(vector x, vector y) { return _mm512_div_ps(x, y); }
static inline vector v_bytes(const uint8_t *p) {
  return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const void *)p)));
}

/** sum + x·y: two roundings, or one where FUSED. */
static inline vector v_accumulate(vector sum, vector x, vector y) {
#ifdef FUSED
  return _mm512_fmadd_ps(x, y, sum);
#else
  return _mm512_add_ps(sum, _mm512_mul_ps(x, y));
#endif
}

/** test > 0 ? yes : no, by lane; NaN is not > 0. */
static inline vector v_pick(vector test, vector yes, vector no) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(test, _mm512_setzero_ps(), _CMP_GT_OQ), no, yes);
}

/** x > 0 ? min(x, last) : 0: max gives its second operand for NaN. */
static inline vector v_within(vector x, vector last) {
  return _mm512_min_ps(_mm512_max_ps(x, _mm512_setzero_ps()), last);
}

/** at = (⌊v⌋·line + ⌊u⌋)·2; u and v ← their fractions. */
static inline void v_places(int32_t *at, vector *u, vector *v, int32_t line) {
  const __m512i iu = _mm512_cvttps_epi32(*u), iv = _mm512_cvttps_epi32(*v);
  *u = _mm512_sub_ps(*u, _mm512_cvtepi32_ps(iu));
  *v = _mm512_sub_ps(*v, _mm512_cvtepi32_ps(iv));
  const __m512i place = _mm512_add_epi32(_mm512_mullo_epi32(iv, _mm512_set1_epi32(line)), iu);
  _mm512_storeu_si512(at, _mm512_slli_epi32(place, 1));
}

/** x[k] = from[at[lane] + k]: lanes i, i + 4, i + 8 and i + 12 in one vector, then its quarters transposed. */
static inline void v_fours(vector x[4], const float *from, const int32_t *at) {
  vector p[4];
  for (int i = 0; i < 4; i++) {
    const __m256 low =
      _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(from + at[i])), _mm_loadu_ps(from + at[i + 4]), 1);
    const __m256 high =
      _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(from + at[i + 8])), _mm_loadu_ps(from + at[i + 12]), 1);
    p[i] = _mm512_castpd_ps(
      _mm512_insertf64x4(_mm512_castps_pd(_mm512_castps256_ps512(low)), _mm256_castps_pd(high), 1));
  }
  const vector a = _mm512_unpacklo_ps(p[0], p[1]), b = _mm512_unpackhi_ps(p[0], p[1]);
  const vector c = _mm512_unpacklo_ps(p[2], p[3]), d = _mm512_unpackhi_ps(p[2], p[3]);
  x[0] = _mm512_shuffle_ps(a, c, 0x44), x[1] = _mm512_shuffle_ps(a, c, 0xee);
  x[2] = _mm512_shuffle_ps(b, d, 0x44), x[3] = _mm512_shuffle_ps(b, d, 0xee);
}

/** to = x[0], y[0], x[1], y[1], … */
static inline void v_store_pairs(float *to, vector x, vector y) {
  const __m512i low = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  const __m512i high = _mm512_set_epi32(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8);
  v_store(to, _mm512_permutex2var_ps(x, low, y));
  v_store(to + 16, _mm512_permutex2var_ps(x, high, y));
}

/** max(0, x) with NaN kept and −0 made +0: max gives its second operand for NaN and for two zeros. */
static inline vector v_relu(vector x) {
  return _mm512_add_ps(_mm512_max_ps(_mm512_setzero_ps(), x), _mm512_setzero_ps());
}

/** A bit for each lane that is not ±0. */
#define V_NONZERO(x) ((uint32_t)_mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_NEQ_UQ))

/** Store first + i for each bit i that is set, and anything behind them in 16 places. Returns how many are set. */
#define V_NUMBERS(to, bits, first) v_numbers(to, bits, first)
static inline size_t v_numbers(uint32_t *to, uint32_t bits, uint32_t first) {
  const __m512i lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __m512i number = _mm512_add_epi32(_mm512_set1_epi32((int)first), lane);
  _mm512_storeu_si512(to, _mm512_maskz_compress_epi32((__mmask16)bits, number));
  return (size_t)__builtin_popcount(bits);
}

/** A bit for each of sixteen words that has one of the bits wanted. */
#define V_ANY_BITS(words, wanted) \
  ((uint32_t)_mm512_test_epi32_mask(_mm512_loadu_si512(words), _mm512_set1_epi32((int)(wanted))))

/** A bit for each lane of x that is not y. */
#define V_DIFFERS(x, y) ((uint32_t)_mm512_cmp_ps_mask(x, y, _CMP_NEQ_UQ))

/** Store the lanes of x whose bits are set, and anything behind them in 16 places. */
#define V_KEEP(to, x, bits) _mm512_storeu_ps(to, _mm512_maskz_compress_ps((__mmask16)(bits), x))

/** The first lanes of x in the lanes whose bits are set, the lanes of y in the others. */
#define V_SPREAD(y, bits, x) _mm512_mask_expand_ps(y, (__mmask16)(bits), x)
#define V_STORE_SOME(to, x, bits) _mm512_mask_storeu_ps(to, (__mmask16)(bits), x)

/** A bit for each lane: bit ⌊column⌋ of word ⌊row⌋ of two vectors, both in [0, 32). */
#define V_BITS_AT(lower, upper, row, column) v_bits_at(lower, upper, row, column)
static inline uint32_t v_bits_at(vector lower, vector upper, vector row, vector column) {
  const __m512i word =
    _mm512_permutex2var_epi32(_mm512_castps_si512(lower), _mm512_cvttps_epi32(row), _mm512_castps_si512(upper));
  return _mm512_test_epi32_mask(_mm512_srlv_epi32(word, _mm512_cvttps_epi32(column)), _mm512_set1_epi32(1));
}

/** Transpose the 16×16 square x[row][lane]: pairs, fours, then the 128-bit quarters twice. */
static inline void v_transpose(vector x[LANES]) {
  vector p[LANES], q[LANES];
  for (int i = 0; i < 16; i += 2) {
    p[i] = _mm512_unpacklo_ps(x[i], x[i + 1]);
    p[i + 1] = _mm512_unpackhi_ps(x[i], x[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    q[i] = _mm512_shuffle_ps(p[i], p[i + 2], 0x44);
    q[i + 1] = _mm512_shuffle_ps(p[i], p[i + 2], 0xee);
    q[i + 2] = _mm512_shuffle_ps(p[i + 1], p[i + 3], 0x44);
    q[i + 3] = _mm512_shuffle_ps(p[i + 1], p[i + 3], 0xee);
  }
  for (int i = 0; i < 4; i++) { // q[4g + i] holds columns i, 4 + i, 8 + i, 12 + i of rows 4g … 4g + 3
    p[i] = _mm512_shuffle_f32x4(q[i], q[i + 4], 0x88);
    p[i + 4] = _mm512_shuffle_f32x4(q[i], q[i + 4], 0xdd);
    p[i + 8] = _mm512_shuffle_f32x4(q[i + 8], q[i + 12], 0x88);
    p[i + 12] = _mm512_shuffle_f32x4(q[i + 8], q[i + 12], 0xdd);
  }
  for (int i = 0; i < 4; i++) {
    x[i] = _mm512_shuffle_f32x4(p[i], p[i + 8], 0x88);
    x[i + 4] = _mm512_shuffle_f32x4(p[i + 4], p[i + 12], 0x88);
    x[i + 8] = _mm512_shuffle_f32x4(p[i], p[i + 8], 0xdd);
    x[i + 12] = _mm512_shuffle_f32x4(p[i + 4], p[i + 12], 0xdd);
  }
}
#endif
