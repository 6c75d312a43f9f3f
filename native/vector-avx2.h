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

/** x > 0 ? min(x, last) : 0: max gives its second operand for NaN. */
static inline vector v_within(vector x, vector last) {
  return _mm256_min_ps(_mm256_max_ps(x, _mm256_setzero_ps()), last);
}

/** at = (⌊v⌋·line + ⌊u⌋)·2; u and v ← their fractions. */
static inline void v_places(int32_t *at, vector *u, vector *v, int32_t line) {
  const __m256i iu = _mm256_cvttps_epi32(*u), iv = _mm256_cvttps_epi32(*v);
  *u = _mm256_sub_ps(*u, _mm256_cvtepi32_ps(iu));
  *v = _mm256_sub_ps(*v, _mm256_cvtepi32_ps(iv));
  const __m256i place = _mm256_add_epi32(_mm256_mullo_epi32(iv, _mm256_set1_epi32(line)), iu);
  _mm256_storeu_si256((void *)at, _mm256_slli_epi32(place, 1));
}

/** x[k] = from[at[lane] + k]: lanes i and i + 4 in one vector, then both halves transposed. */
static inline void v_fours(vector x[4], const float *from, const int32_t *at) {
  vector p[4];
  for (int i = 0; i < 4; i++)
    p[i] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(from + at[i])), _mm_loadu_ps(from + at[i + 4]), 1);
  const vector a = _mm256_unpacklo_ps(p[0], p[1]), b = _mm256_unpackhi_ps(p[0], p[1]);
  const vector c = _mm256_unpacklo_ps(p[2], p[3]), d = _mm256_unpackhi_ps(p[2], p[3]);
  x[0] = _mm256_shuffle_ps(a, c, 0x44), x[1] = _mm256_shuffle_ps(a, c, 0xee);
  x[2] = _mm256_shuffle_ps(b, d, 0x44), x[3] = _mm256_shuffle_ps(b, d, 0xee);
}

/** to = x[0], y[0], x[1], y[1], … */
static inline void v_store_pairs(float *to, vector x, vector y) {
  const vector a = _mm256_unpacklo_ps(x, y), b = _mm256_unpackhi_ps(x, y);
  v_store(to, _mm256_permute2f128_ps(a, b, 0x20));
  v_store(to + 8, _mm256_permute2f128_ps(a, b, 0x31));
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
