// What a step does beside the optimizer's update (X33 … X35, X38): the formulas of src/gradients/limits.ts, in its
// order of every sum. Elements, rows and columns are independent, so the compiler's vectors change no operation.

/** X33: Σ dW² of each row. */
static void squares(double *sums, view dW) {
  for (size_t k = 0; k < dW.rows; k++) sums[k] = squared_norm(dW.at + k * dW.stride, dW.cols);
}

/** X33 */
static void clip(float *gradients, size_t length, float factor) {
  for (size_t i = 0; i < length; i++) gradients[i] *= factor;
}

/** X34: w ← w − max(−by, min(by, w)); NaN stays. */
static void shrink(float *weights, size_t length, float by) {
  for (size_t i = 0; i < length; i++) {
    const float w = weights[i], least = w < by ? w : by;
    weights[i] = w - (least > -by ? least : -by);
  }
}

/** X38 */
static void average(float *mean, const float *parameters, size_t length, float share) {
  for (size_t i = 0; i < length; i++) mean[i] += share * (parameters[i] - mean[i]);
}

/** X35, a few columns at a time: each adds its squares in row order, in double. */
static void hold_units(view W, double longest) {
  enum { COLUMNS = 64 };
  for (size_t from = 0; from < W.cols; from += COLUMNS) {
    const size_t count = least(COLUMNS, W.cols - from);
    double sums[COLUMNS] = {0};
    float factors[COLUMNS];
    for (size_t k = 0; k < W.rows; k++) {
      const float *w = W.at + k * W.stride + from;
      for (size_t o = 0; o < count; o++) sums[o] += (double)w[o] * (double)w[o];
    }
    int held = 0;
    for (size_t o = 0; o < count; o++) {
      const double norm = __builtin_sqrt(sums[o]);
      factors[o] = norm > longest ? (float)(longest / norm) : 1;
      held |= norm > longest;
    }
    for (size_t k = 0; held && k < W.rows; k++) {
      float *w = W.at + k * W.stride + from;
      for (size_t o = 0; o < count; o++) w[o] *= factors[o];
    }
  }
}
