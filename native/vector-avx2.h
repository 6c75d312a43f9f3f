// Eight floats at a time: AVX2. Compiled a second time with FUSED for fused multiply-add.
#ifndef DELTAPROP_VECTOR_H
#define DELTAPROP_VECTOR_H
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define LANES 8
#define V_REGISTER(x) "+x"(x)
#define NR_VECTORS 2 // 6 × 2 sums, 2 of B, 1 of A and 1 product fill the 16 registers
#define MR 6
// Of a flat micro-tile (sparse.h): 12 sums, 2 of A, 1 of B and 1 product. It pays where half of its terms are left out.
#define SPARSE_VECTORS 6
#define SPARSE_PAYS(stay, all) (2 * (stay) <= (all))

typedef __m256 vector;

static inline vector v_zero(void) { return _mm256_setzero_ps(); }
static inline vector v_all(float x) { return _mm256_set1_ps(x); }
static inline vector v_load(const float *p) { return _mm256_loadu_ps(p); }
static inline void v_store(float *p, vector x) { _mm256_storeu_ps(p, x); }
/** At half a line, past the caches: `streams` in kernels.h. */
static inline void v_stream(float *p, vector x) { _mm256_stream_ps(p, x); }
static inline vector v_add(vector x, vector y) { return _mm256_add_ps(x, y); }
static inline vector v_sub(vector x, vector y) { return _mm256_sub_ps(x, y); }
static inline vector v_mul(vector x, vector y) { return _mm256_mul_ps(x, y); }
static inline vector v_div(vector x, vector y) { return _mm256_div_ps(x, y); }
static inline vector v_bytes(const uint8_t *p) {
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)p)));
}

/** sum + x·y: two roundings, or one where FUSED. */
static inline vector v_accumulate(vector sum, vector x, vector y) {
#ifdef FUSED
  return _mm256_fmadd_ps(x, y, sum);
#else
  return _mm256_add_ps(sum, _mm256_mul_ps(x, y));
#endif
}

/** test > 0 ? yes : no, by lane; NaN is not > 0. */
static inline vector v_pick(vector test, vector yes, vector no) {
  return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(test, _mm256_setzero_ps(), _CMP_GT_OQ));
}

/** max(0, x) with NaN kept and −0 made +0: max gives its second operand for NaN and for two zeros. */
static inline vector v_relu(vector x) {
  return _mm256_add_ps(_mm256_max_ps(_mm256_setzero_ps(), x), _mm256_setzero_ps());
}

/** A bit for each lane that is not ±0. */
#define V_NONZERO(x) ((uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_NEQ_UQ)))

/** Transpose the 8×8 square x[row][lane]. */
static inline void v_transpose(vector x[LANES]) {
  vector p[LANES], q[LANES];
  for (int i = 0; i < 8; i += 2) {
    p[i] = _mm256_unpacklo_ps(x[i], x[i + 1]);
    p[i + 1] = _mm256_unpackhi_ps(x[i], x[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    q[i] = _mm256_shuffle_ps(p[i], p[i + 2], 0x44);
    q[i + 1] = _mm256_shuffle_ps(p[i], p[i + 2], 0xee);
    q[i + 2] = _mm256_shuffle_ps(p[i + 1], p[i + 3], 0x44);
    q[i + 3] = _mm256_shuffle_ps(p[i + 1], p[i + 3], 0xee);
  }
  for (int i = 0; i < 4; i++) {
    x[i] = _mm256_permute2f128_ps(q[i], q[i + 4], 0x20);
    x[i + 4] = _mm256_permute2f128_ps(q[i], q[i + 4], 0x31);
  }
}
#endif
