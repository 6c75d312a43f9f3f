// exp, log and what is made of them in double: the operations of exp-log.ts, expm1-log1p.ts and normal.ts in
// src/numerics/, each in its order.
// Explanations and error bounds are there. Compile without contraction.
#ifndef DELTAPROP_NUMERICS_H
#define DELTAPROP_NUMERICS_H
#include <stdint.h>
#include <string.h>

static const double LN2_HI = (double)0x162e42fef / 0x200000000; // ⌊ln 2 · 2³³⌋ / 2³³
static const double LN2_LO = 7.440617110012397e-11;
static const double LOG2_E = 1.4426950408889634;
static const double ROUND = 0x18000000000000; // 1.5 · 2⁵²

static inline double from_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline uint64_t to_bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/** 2^k for an integer −1022 ≤ k ≤ 1023: the low bits of k + ROUND hold k. */
static inline double power_of_two(double k) { return from_bits((to_bits(k + ROUND) + 1023) << 52); }

/** e^x. Special cases are selected at the end, so that a loop over e^x has no branch and becomes vectors. */
static inline double own_exp(double x) {
  const double k = x * LOG2_E + ROUND - ROUND;
  const double high = x - k * LN2_HI, low = k * LN2_LO;
  const double r = high - low, lost = high - r - low;
  const double tail = 1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720 + r * (1.0 / 5040 + r * (1.0 / 40320 +
    r * (1.0 / 362880 + r * (1.0 / 3628800 + r * (1.0 / 39916800 + r * (1.0 / 479001600 +
    r * (1.0 / 6227020800))))))))));
  const double square = r * r;
  const double y = 1 + (r + (square * (1.0 / 2) + (square * r * tail + lost)));
  const double half = k * 0.5 + ROUND - ROUND;
  const double e = y * power_of_two(half) * power_of_two(k - half);
  return x != x ? x : x > 709.782712893384 ? (double)__builtin_inf() : x < -745.1332191019412 ? 0 : e;
}

static inline double own_log(double x) {
  if (!(x > 0)) return x == 0 ? -__builtin_inf() : __builtin_nan("");
  if (x == __builtin_inf()) return x;
  int32_t k = 0;
  double scaled = x;
  if (x < 2.2250738585072014e-308) {
    scaled = x * 0x40000000000000;
    k = -54;
  }
  const uint64_t whole = to_bits(scaled);
  const int32_t bits = (int32_t)(whole >> 32) - 0x3fe6a09e;
  k += bits >> 20;
  const uint64_t mantissa = (uint64_t)((bits & 0xfffff) + 0x3fe6a09e) << 32 | (whole & 0xffffffff);
  const double f = from_bits(mantissa) - 1;
  const double s = f / (2 + f), z = s * s;
  const double series = z * (2.0 / 3 + z * (2.0 / 5 + z * (2.0 / 7 + z * (2.0 / 9 + z * (2.0 / 11 + z * (2.0 / 13 +
    z * (2.0 / 15 + z * (2.0 / 17 + z * (2.0 / 19 + z * (2.0 / 21 + z * (2.0 / 23)))))))))));
  const double half = 0.5 * f * f;
  return k * LN2_HI - (half - (s * (half + series) + k * LN2_LO) - f);
}

static inline double own_logistic(double x) {
  const double e = own_exp(x >= 0 ? -x : x); // NaN goes either way
  return (x >= 0 ? 1 : e) / (1 + e);
}

static inline double own_tanh(double x) {
  const double size = x < 0 ? -x : x;
  const double t = 1 - 2 / (own_exp(2 * size) + 1);
  const double z = x * x;
  const double top = 2027025 + z * (270270 + z * (6930 + z * 36));
  const double bottom = 2027025 + z * (945945 + z * (51975 + z * (630 + z)));
  return size < 0.625 ? x * top / bottom : x < 0 ? -t : t;
}

static inline double own_expm1(double x) {
  const double e = own_exp(x), h = 0.5 * x, z = h * h;
  const double top = 2027025 + z * (270270 + z * (6930 + z * 36));
  const double bottom = 2027025 + z * (945945 + z * (51975 + z * (630 + z)));
  const double small = (e + 1) * (h * top / bottom);
  return (x < 0 ? -x : x) < 1 ? small : e - 1;
}

/** own_log of a number in [2⁻¹⁰⁰⁰, 2¹⁰⁰⁰], without its branches. */
static inline double log_of_normal(double v) {
  const uint64_t root = (uint64_t)0x3fe6a09e << 32, bits = to_bits(v) - root;
  const uint64_t lifted = bits + ((uint64_t)1024 << 52); // k + 1024 in its upper bits
  const double k = from_bits(lifted >> 52 | (uint64_t)0x433 << 52) - 0x10000000000400;
  const double f = from_bits((bits & 0xfffffffffffff) + root) - 1;
  const double s = f / (2 + f), z = s * s;
  const double series = z * (2.0 / 3 + z * (2.0 / 5 + z * (2.0 / 7 + z * (2.0 / 9 + z * (2.0 / 11 + z * (2.0 / 13 +
    z * (2.0 / 15 + z * (2.0 / 17 + z * (2.0 / 19 + z * (2.0 / 21 + z * (2.0 / 23)))))))))));
  const double half = 0.5 * f * f;
  return k * LN2_HI - (half - (s * (half + series) + k * LN2_LO) - f);
}

/** ln(1 + u), u in [0, 1] or NaN. */
static inline double own_log1p(double u) {
  const double v = 1 + u, d = v - 1;
  const double log = log_of_normal(v) * u / d;
  return d == 0 ? u : log;
}

static inline double own_softplus(double x) {
  const double tail = own_log1p(own_exp(x < 0 ? x : -x));
  return x > 0 ? x + tail : tail;
}

static inline double own_bell(double x) { return own_exp(-0.5 * (x * x)); }

/** Φ(x), given e = own_bell(x). */
static inline double own_normal_cdf(double x, double e) {
  const double t = x < 0 ? -x : x, v = (t - 5) / (t + 5);
  const double s = 0.46151582985003775 + v * (-0.09155228183400904 + v * (0.031030368425963708 + v * (
    0.010002352385229382 + v * (-0.026401042966308307 + v * (0.024536963243678652 + v * (
    -0.015170415402514863 + v * (0.006522000667783896 + v * (-0.00167607234455447 + v * (
    7.791597409338999e-6 + v * (0.00018233414511643843 + v * (-5.36075811148722e-5 + v * (
    -9.896097759279782e-6 + v * (9.05982468125664e-6 + v * (-7.034644683537101e-8 + v * (
    -1.3074486019237587e-6 + v * (1.27878221820937e-7 + v * (1.9627809920091187e-7 + v * (
    -2.6286205089898754e-8 + v * (-3.095201755804207e-8 + v * (3.627373163401201e-9 + v * (
    4.4011596227599254e-9 + v * (-2.8220772290629865e-10 + v * (-3.815816262632953e-10)))))))))))))))))))))));
  const double tail = e * (s / (1 + t));
  return x < 0 ? tail : 1 - tail;
}
#endif
