// Four floats at a time, on any processor: the vectors of GNU C, which gcc and clang lower to its instructions.
#ifndef DELTAPROP_VECTOR_H
#define DELTAPROP_VECTOR_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#define LANES 4
#define NR_VECTORS 2
#define MR 6
// Of a flat micro-tile (sparse.h): 12 sums, 2 of A, 1 of B and 1 product. It pays where half of its terms are left out.
#define SPARSE_VECTORS 6
#define SPARSE_PAYS(stay, all) (2 * (stay) <= (all))
#if defined(__x86_64__)
#define V_REGISTER(x) "+x"(x)
#else
#define V_REGISTER(x) "+m"(x)
#endif

typedef float vector __attribute__((vector_size(16)));
typedef int32_t mask __attribute__((vector_size(16)));

static inline vector v_all(float x) { return (vector){x, x, x, x}; }
static inline vector v_zero(void) { return v_all(0); }
static inline vector v_load(const float *p) {
  vector x;
  memcpy(&x, p, sizeof x);
  return x;
}
static inline void v_store(float *p, vector x) { memcpy(p, &x, sizeof x); }
/** At a quarter of a line, past the caches: `streams` in kernels.h. */
static inline void v_stream(float *p, vector x) {
#if defined(__x86_64__)
  _mm_stream_ps(p, (__m128)x);
#else
  v_store(p, x);
#endif
}
static inline vector v_add(vector x, vector y) { return x + y; }
static inline vector v_sub(vector x, vector y) { return x - y; }
static inline vector v_mul(vector x, vector y) { return x * y; }
static inline vector v_div(vector x, vector y) { return x / y; }
static inline vector v_bytes(const uint8_t *p) { return (vector){p[0], p[1], p[2], p[3]}; }

/** sum + x·y in two roundings. */
static inline vector v_accumulate(vector sum, vector x, vector y) { return sum + x * y; }

/** test > 0 ? yes : no, by lane; NaN is not > 0. */
static inline vector v_pick(vector test, vector yes, vector no) {
  const mask positive = test > v_zero();
  return (vector)((positive & (mask)yes) | (~positive & (mask)no));
}

/** x > 0 ? min(x, last) : 0. */
static inline vector v_within(vector x, vector last) {
  const vector low = (vector)((mask)(x > v_zero()) & (mask)x);
  const mask inside = low < last;
  return (vector)((inside & (mask)low) | (~inside & (mask)last));
}

/** at = (⌊v⌋·line + ⌊u⌋)·2; u and v ← their fractions. */
static inline void v_places(int32_t *at, vector *u, vector *v, int32_t line) {
  const mask iu = __builtin_convertvector(*u, mask), iv = __builtin_convertvector(*v, mask);
  *u -= __builtin_convertvector(iu, vector);
  *v -= __builtin_convertvector(iv, vector);
  const mask places = (iv * line + iu) * 2;
  memcpy(at, &places, sizeof places);
}

/** max(0, x): all bits cleared where x ≤ 0, so NaN is kept and −0 made +0. */
static inline vector v_relu(vector x) { return (vector)(~(mask)(x <= v_zero()) & (mask)x); }

/** Transpose the 4×4 square x[row][lane]. */
static inline void v_transpose(vector x[LANES]) {
  const vector a = __builtin_shufflevector(x[0], x[1], 0, 4, 1, 5), b = __builtin_shufflevector(x[0], x[1], 2, 6, 3, 7);
  const vector c = __builtin_shufflevector(x[2], x[3], 0, 4, 1, 5), d = __builtin_shufflevector(x[2], x[3], 2, 6, 3, 7);
  x[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5), x[1] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
  x[2] = __builtin_shufflevector(b, d, 0, 1, 4, 5), x[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

/** x[k] = from[at[lane] + k] */
static inline void v_fours(vector x[4], const float *from, const int32_t *at) {
  for (int i = 0; i < 4; i++) x[i] = v_load(from + at[i]);
  v_transpose(x);
}

/** to = x[0], y[0], x[1], y[1], … */
static inline void v_store_pairs(float *to, vector x, vector y) {
  v_store(to, (vector){x[0], y[0], x[1], y[1]});
  v_store(to + 4, (vector){x[2], y[2], x[3], y[3]});
}
#endif
