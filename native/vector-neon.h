// Four floats at a time: NEON of arm64. Compiled a second time with FUSED for fused multiply-add.
#ifndef DELTAPROP_VECTOR_H
#define DELTAPROP_VECTOR_H
#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

#define LANES 4
#define NR_VECTORS 4 // 6 × 4 sums, 4 of B, 1 of A and 1 product fit the 32 registers
#define MR 6
// Of a flat micro-tile (sparse.h): 16 sums, 2 of A, 1 of B and 1 product. It pays where half of its terms are left out.
#define SPARSE_VECTORS 8
#define SPARSE_PAYS(stay, all) (2 * (stay) <= (all))
#define V_REGISTER(x) "+w"(x)

typedef float32x4_t vector;

static inline vector v_zero(void) { return vdupq_n_f32(0); }
static inline vector v_all(float x) { return vdupq_n_f32(x); }
static inline vector v_load(const float *p) { return vld1q_f32(p); }
static inline void v_store(float *p, vector x) { vst1q_f32(p, x); }
static inline void v_stream(float *p, vector x) { v_store(p, x); } // arm64 has no such store that is worth it here
static inline vector v_add(vector x, vector y) { return vaddq_f32(x, y); }
static inline vector v_sub(vector x, vector y) { return vsubq_f32(x, y); }
static inline vector v_mul(vector x, vector y) { return vmulq_f32(x, y); }
static inline vector v_div(vector x, vector y) { return vdivq_f32(x, y); }
static inline vector v_bytes(const uint8_t *p) { return (vector){p[0], p[1], p[2], p[3]}; }

/** sum + x·y: two roundings, or one where FUSED. */
static inline vector v_accumulate(vector sum, vector x, vector y) {
#ifdef FUSED
  return vfmaq_f32(sum, x, y);
#else
  return vaddq_f32(sum, vmulq_f32(x, y));
#endif
}

/** test > 0 ? yes : no, by lane; NaN is not > 0. */
static inline vector v_pick(vector test, vector yes, vector no) {
  return vbslq_f32(vcgtq_f32(test, vdupq_n_f32(0)), yes, no);
}

/** x > 0 ? min(x, last) : 0. */
static inline vector v_within(vector x, vector last) {
  return vminq_f32(vbslq_f32(vcgtq_f32(x, vdupq_n_f32(0)), x, vdupq_n_f32(0)), last);
}

/** at = (⌊v⌋·line + ⌊u⌋)·2; u and v ← their fractions. */
static inline void v_places(int32_t *at, vector *u, vector *v, int32_t line) {
  const int32x4_t iu = vcvtq_s32_f32(*u), iv = vcvtq_s32_f32(*v);
  *u = vsubq_f32(*u, vcvtq_f32_s32(iu));
  *v = vsubq_f32(*v, vcvtq_f32_s32(iv));
  vst1q_s32(at, vshlq_n_s32(vmlaq_n_s32(iu, iv, line), 1));
}

/** to = x[0], y[0], x[1], y[1], … */
static inline void v_store_pairs(float *to, vector x, vector y) { vst2q_f32(to, (float32x4x2_t){{x, y}}); }

/** max(0, x) with NaN kept and −0 made +0: FMAX does both. */
static inline vector v_relu(vector x) { return vmaxq_f32(x, vdupq_n_f32(0)); }

/** Transpose the 4×4 square x[row][lane]. */
static inline void v_transpose(vector x[LANES]) {
  const float32x4x2_t p = vtrnq_f32(x[0], x[1]), q = vtrnq_f32(x[2], x[3]);
  x[0] = vcombine_f32(vget_low_f32(p.val[0]), vget_low_f32(q.val[0]));
  x[1] = vcombine_f32(vget_low_f32(p.val[1]), vget_low_f32(q.val[1]));
  x[2] = vcombine_f32(vget_high_f32(p.val[0]), vget_high_f32(q.val[0]));
  x[3] = vcombine_f32(vget_high_f32(p.val[1]), vget_high_f32(q.val[1]));
}

/** x[k] = from[at[lane] + k] */
static inline void v_fours(vector x[LANES], const float *from, const int32_t *at) {
  for (int i = 0; i < 4; i++) x[i] = v_load(from + at[i]);
  v_transpose(x);
}
#endif
