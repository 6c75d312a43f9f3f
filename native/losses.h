// Every loss but softmax cross-entropy, with its own δ^L (X22 … X29): the formulas of
// src/gradients/elementwise-losses.ts in double, each operation in its order.

/** ℓ of one output, and ∂ℓ/∂z. */
typedef struct {
  double value, slope;
} term;

static inline double size_of(double x) { return x < 0 ? -x : x; }

static inline term sigmoid_cross_entropy(double z, double t) {
  const double tail = own_log1p(own_exp(z < 0 ? z : -z));
  if (z >= 0) return (term){(1 - t) * z + tail, 1 - t - own_logistic(-z)};
  return (term){t * -z + tail, own_logistic(z) - t};
}

static inline term focal(double z, double t, double gamma) {
  const double p = own_logistic(z), q = own_logistic(-z), a = own_softplus(z), b = own_softplus(-z);
  const double yes = own_exp(-gamma * a), no = own_exp(-gamma * b); // (1 − p)^γ, p^γ
  return (term){
    t * (yes * b) + (1 - t) * (no * a),
    (1 - t) * (no * (gamma * (q * a) + p)) - t * (yes * (gamma * (p * b) + q)),
  };
}

static inline term huber(double r, double threshold) {
  const double size = size_of(r);
  if (size <= threshold) return (term){0.5 * (r * r), r};
  return (term){threshold * (size - 0.5 * threshold), r > 0 ? threshold : -threshold};
}

static inline term quantile(double r, double level) {
  return (term){r > 0 ? (1 - level) * r : level * -r, r > 0 ? 1 - level : r < 0 ? -level : 0};
}

static inline term poisson(double z, double t) {
  const double rate = own_exp(z);
  return (term){rate - t * z, rate - t};
}

/** ℓ of one output of a loss whose outputs do not meet. */
static term term_of(enum loss loss, double z, double t, double parameter) {
  const double r = z - t;
  switch (loss) {
    case SIGMOID_CROSS_ENTROPY: return sigmoid_cross_entropy(z, t);
    case FOCAL: return focal(z, t, parameter);
    case SQUARED_ERROR: return (term){0.5 * (r * r), r};
    case ABSOLUTE_ERROR: return (term){size_of(r), r > 0 ? 1 : r < 0 ? -1 : 0};
    case HUBER: return huber(r, parameter);
    case QUANTILE: return quantile(r, parameter);
    default: return poisson(z, t);
  }
}

/** Gaussian likelihood of t at mean z[0] and log variance z[1]: ℓ, and ∂ℓ of both. */
static double gaussian(const float *z, double t, double slopes[2]) {
  const double half = 0.5 * (double)z[1], r = (double)z[0] - t, inverse = own_exp(-half);
  const double w = r == 0 ? 0 : r * inverse; // r/σ; 0 also where 1/σ overflows
  slopes[0] = w == 0 ? 0 : w * inverse;
  slopes[1] = 0.5 - 0.5 * (w * w);
  return half + 0.5 * (w * w);
}

/**
 * X22 … X29: ℓ and δ^L of each row. `parameters`: the outputs' weights [C], then one parameter each [C]. `per`:
 * outputs a target. A column of `targets` beyond the last target is the row's weight.
 */
static void elementwise_losses(
  enum loss loss, view delta, double *losses, int32_t *predictions, view output, view targets, size_t per,
  const double *parameters) {
  const size_t C = output.cols, T = C / per;
  for (size_t i = 0; i < output.rows; i++) {
    const float *z = output.at + i * output.stride, *t = targets.at + i * targets.stride;
    float *d = delta.at + i * delta.stride;
    const double weight = targets.cols > T ? (double)t[T] : 1;
    const int32_t best = (int32_t)argmax(z, C);
    double sum = 0;
    if (loss == GAUSSIAN)
      for (size_t c = 0; c < C; c += 2) {
        double slopes[2];
        sum += parameters[c] * gaussian(z + c, (double)t[c / 2], slopes);
        d[c] = (float)(weight * (parameters[c] * slopes[0]));
        d[c + 1] = (float)(weight * (parameters[c] * slopes[1]));
      }
    else
      for (size_t c = 0; c < C; c++) {
        const term one = term_of(loss, (double)z[c], (double)t[c / per], parameters[C + c]);
        sum += parameters[c] * one.value;
        d[c] = (float)(weight * (parameters[c] * one.slope));
      }
    losses[i] = weight * sum;
    predictions[i] = best;
  }
}

/** E2, E8, E10; X22 … X29. */
static void output_delta(
  enum loss loss, view delta, double *losses, int32_t *predictions, view output, view targets, size_t per,
  const double *parameters, double *scratch) {
  if (loss == SOFTMAX_CROSS_ENTROPY) softmax_cross_entropy(delta, losses, predictions, output, targets, scratch);
  else elementwise_losses(loss, delta, losses, predictions, output, targets, per, parameters);
}
