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
