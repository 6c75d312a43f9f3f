// σ and σ′ of one number in double: X16 … X20, the formulas of src/gradients/activations.ts.
#ifndef DELTAPROP_CURVES_H
#define DELTAPROP_CURVES_H
#include "numerics.h"

static const double SELU_LAMBDA = 1.0507009873554805, SELU_BELOW = 1.0507009873554805 * 1.6732632423543772;
static const double INVERSE_ROOT_2PI = 0.3989422804014327;

/** σ(z) and σ′(z) of an activation that keeps its slope. */
typedef struct {
  double a, slope;
} curve;

static inline curve gelu(double z) {
  const double e = own_bell(z), cdf = own_normal_cdf(z, e);
  return (curve){z * cdf, cdf + z * (e * INVERSE_ROOT_2PI)};
}

static inline curve silu(double z) {
  const double p = own_logistic(z);
  return (curve){z * p, p + z * p * own_logistic(-z)};
}

/** tanh(ln(1 + e^z)) = n/d; 1 − n/d and 1 + n/d by d − n and d + n. */
static inline curve mish(double z) {
  const double u = own_exp(z < 0 ? z : -z);
  const double n = z < 0 ? u * (u + 2) : 1 + 2 * u;
  const double lost = z < 0 ? 2 : 2 * (u * u), d = n + lost, p = (z < 0 ? u : 1) / (1 + u);
  return (curve){z * (n / d), n / d + z * (lost / d * ((d + n) / d)) * p};
}

static inline double selu(double z) { return z > 0 ? SELU_LAMBDA * z : SELU_BELOW * own_expm1(z); }
static inline double elu(double z) { return z > 0 ? z : own_expm1(z); }
#endif
