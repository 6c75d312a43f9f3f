// Layer normalization, σ and σ′ apart from the products, residual sums (X49, X50): the operations of
// src/gradients/normalize-row.ts and between-layers.ts, each in its order.

static const double NORM_EPSILON = 1e-5;

/** The sum of eight lanes. */
static inline double lanes_total(const double s[8]) {
  return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/** Lane k of eight adds the terms j ≡ k (mod 8), in their order. */
#define EACH_TERM(j, count, statement) \
  for (size_t j##_from = 0, j##_whole = (count) - (count) % 8; j##_from < j##_whole; j##_from += 8) \
    for (size_t k = 0, j = j##_from; k < 8; k++, j++) statement; \
  for (size_t k = 0, j = (count) - (count) % 8; j < (count); k++, j++) statement

/**
 * X49: z of each row becomes γ ∘ n + β, n = (z − μ)/√(v + ε);
 * n and the inverse roots stay where `inverses` is not NULL.
 */
static void normalize(view output, const float *gain, const float *offset, view normalized, double *inverses) {
  const size_t count = output.cols;
  for (size_t r = 0; r < output.rows; r++) {
    float *z = output.at + r * output.stride;
    double sums[8] = {0}, squares[8] = {0};
    EACH_TERM(j, count, sums[k] += (double)z[j]);
    const double mean = lanes_total(sums) / (double)count;
    EACH_TERM(j, count, squares[k] += ((double)z[j] - mean) * ((double)z[j] - mean));
    const double inverse = 1 / __builtin_sqrt(lanes_total(squares) / (double)count + NORM_EPSILON);
    if (inverses) {
      float *n = normalized.at + r * normalized.stride;
      inverses[r] = inverse;
      for (size_t j = 0; j < count; j++) {
        n[j] = (float)(((double)z[j] - mean) * inverse);
        z[j] = gain[j] * n[j] + offset[j];
      }
    } else
      for (size_t j = 0; j < count; j++) z[j] = gain[j] * (float)(((double)z[j] - mean) * inverse) + offset[j];
  }
}

/** σ in place (X1 … X5, X16 … X21). */
static void apply(view output, enum activation activation) {
  switch (activation) {
    case IDENTITY: break;
    case RELU: EACH(x, output, x[o] = x[o] <= 0 ? 0 : x[o]) break; // NaN is kept
    case LEAKY_RELU: EACH(x, output, x[o] = x[o] > 0 ? x[o] : LEAKY_SLOPE * x[o]) break;
    default: activate_in_place(output, activation);
  }
}

#define SLOPES(value) EACH(d, delta, { const float a = kept.at[i * kept.stride + o]; d[o] = (value); }) break

/** E17 without its product: delta = above ⊙ σ′, from a = σ(z) or the slopes of a layer that keeps them. */
static void slope(view delta, view above, view kept, enum activation activation) {
  if (delta.at != above.at || delta.stride != above.stride)
    for (size_t r = 0; r < delta.rows; r++)
      memmove(delta.at + r * delta.stride, above.at + r * above.stride, delta.cols * sizeof(float));
  switch (activation) {
    case IDENTITY: break;
    case RELU: SLOPES(a > 0 ? d[o] : 0);
    case LEAKY_RELU: SLOPES(a > 0 ? d[o] : LEAKY_SLOPE * d[o]);
    case TANH: SLOPES(d[o] * (1 - a * a));
    case SIGMOID: SLOPES(d[o] * (a * (1 - a)));
    default: times_slopes(delta, kept, activation);
  }
}

/** X49: δ = (p − m₁ − n·m₂)/√(v + ε), p = γ ∘ ∂ℓ/∂h, m₁ and m₂ the means of p and of p ∘ n. */
static void denormalize(view delta, view above, const float *gain, view normalized, const double *inverses) {
  const size_t count = delta.cols;
  for (size_t r = 0; r < delta.rows; r++) {
    const float *s = above.at + r * above.stride, *n = normalized.at + r * normalized.stride;
    float *d = delta.at + r * delta.stride;
    double sums[8] = {0}, products[8] = {0};
    EACH_TERM(j, count, {
      const double p = (double)gain[j] * (double)s[j];
      sums[k] += p;
      products[k] += p * (double)n[j];
    });
    const double m1 = lanes_total(sums) / (double)count, m2 = lanes_total(products) / (double)count;
    const double inverse = inverses[r];
    for (size_t j = 0; j < count; j++)
      d[j] = (float)(inverse * ((double)gain[j] * (double)s[j] - m1 - (double)n[j] * m2));
  }
}

/** X50: sum = x + y. */
static void join(view sum, view x, view y) {
  EACH(to, sum, to[o] = x.at[i * x.stride + o] + y.at[i * y.stride + o])
}

/** X49: gradient = Σ_i input_i ⊙ delta_i · (1/B), rows in index order. */
static void scale_gradient(float *gradient, view input, view delta, int adds) {
  const float inverse_b = (float)(1.0 / (double)delta.rows);
  if (!adds) memset(gradient, 0, sizeof(float) * delta.cols);
  for (size_t i = 0; i < delta.rows; i++) {
    const float *x = input.at + i * input.stride, *d = delta.at + i * delta.stride;
    for (size_t j = 0; j < delta.cols; j++) gradient[j] += x[j] * d[j];
  }
  for (size_t j = 0; !adds && j < delta.cols; j++) gradient[j] *= inverse_b;
}
