// Everything that is not a matrix product: gathering examples, softmax with its loss, ∇b, the update, tanh and sigmoid.
// The formulas and the order of every rounding are those of src/gradients/reference.ts.

static int gather(view input, view targets, const examples *from, size_t at) {
  const size_t cols = from->cols, classes = from->classes;
  for (size_t r = 0; r < input.rows; r++) {
    const size_t row = (size_t)(uint32_t)from->order[at + r];
    if (row >= from->rows) return 1;
    float *x = input.at + r * input.stride, *t = targets.at + r * targets.stride;
    if (from->bytes) {
      const uint8_t *bytes = from->bytes + row * cols;
      size_t j = 0;
      if (from->narrow) // of two floats, the float nearest to the quotient is the same whether or not it passes through a double
        for (; j + LANES <= cols; j += LANES) v_store(x + j, v_div(v_bytes(bytes + j), v_all((float)from->divisor)));
      for (; j < cols; j++) x[j] = (float)((double)bytes[j] / from->divisor);
    } else if (from->divisor == 1) {
      memmove(x, from->floats + row * cols, sizeof(float) * cols);
    } else {
      const float *floats = from->floats + row * cols;
      for (size_t j = 0; j < cols; j++) x[j] = (float)((double)floats[j] / from->divisor);
    }
    for (size_t c = 0; c < classes; c++) {
      const double y = from->soft ? (double)from->soft[row * classes + c] : from->labels[row] == (int32_t)c;
      t[c] = (float)(from->scale[c] * y + from->shift[c]);
    }
  }
  return 0;
}

/** The first of the greatest. */
static size_t argmax(const float *z, size_t classes) {
  size_t best = 0;
  float top = z[0];
  for (size_t c = 1; c < classes; c++) {
    const int more = z[c] > top; // chosen, not branched: no processor could foretell it
    top = more ? z[c] : top;
    best = more ? c : best;
  }
  return best;
}

/** One example: δ = Σy·S − y and ℓ = −Σ y·log S, from e = exp(z − max). */
static double cross_entropy(float *delta, const float *z, double max, const float *targets, const double *e, size_t classes) {
  double sum = 0, mass = 0, loss = 0;
  for (size_t c = 0; c < classes; c++) {
    sum += e[c];
    mass += (double)targets[c];
  }
  const double log_sum = own_log(sum);
  for (size_t c = 0; c < classes; c++) {
    const double y = targets[c];
    const double part = y * (log_sum + (max - (double)z[c]));
    loss += y != 0 ? part : 0;
    delta[c] = (float)(mass * (e[c] / sum) - y);
  }
  return loss;
}

/** `e`: room for EXPONENTS doubles, or for one example. Many examples at a time, as few classes would fill no vectors of exp. */
static void softmax_cross_entropy(view delta, double *losses, int32_t *predictions, view logits, view targets, double *e) {
  const size_t classes = logits.cols, group = most(1, EXPONENTS / classes);
  double largest[EXPONENTS]; // and not predictions read back: where arrays overlap, another number lies there
  for (size_t from = 0, count; from < logits.rows; from += count) {
    count = least(group, logits.rows - from);
    for (size_t i = 0; i < count; i++) {
      const float *z = logits.at + (from + i) * logits.stride;
      const size_t best = argmax(z, classes);
      for (size_t c = 0; c < classes; c++) e[i * classes + c] = (double)z[c] - (double)z[best];
      predictions[from + i] = (int32_t)best;
      largest[i] = (double)z[best];
    }
    for (size_t n = 0; n < count * classes; n++) e[n] = own_exp(e[n]);
    for (size_t i = 0; i < count; i++) {
      const size_t row = from + i;
      const float *z = logits.at + row * logits.stride;
      losses[row] = cross_entropy(delta.at + row * delta.stride, z, largest[i], targets.at + row * targets.stride, e + i * classes, classes);
    }
  }
}

/** db = 1·delta · (1/B): row after row, as rows lie far apart. */
static void bias_gradient(float *db, view delta) {
  const float share = (float)(1.0 / (double)delta.rows);
  memset(db, 0, sizeof(float) * delta.cols);
  for (size_t i = 0; i < delta.rows; i++) {
    const float *d = delta.at + i * delta.stride;
    for (size_t o = 0; o < delta.cols; o++) db[o] += d[o];
  }
  for (size_t o = 0; o < delta.cols; o++) db[o] *= share;
}

/** m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; returns the step η̂·m / (√v·κ + ε). */
static inline float moments(float g, float *m, float *v, const float *c) {
  *m = c[2] * *m + c[3] * g;
  *v = c[4] * *v + c[5] * (g * g);
  return c[0] * *m / (__builtin_sqrtf(*v) * c[7] + c[6]);
}

/** theta follows its gradients. Plain loops: each element is on its own, so the compiler's vectors change no operation. */
static void descend(enum rule rule, const update *u, const float coefficients[COEFFICIENTS]) {
  float c[COEFFICIENTS];
  memcpy(c, coefficients, sizeof c);
  const float decay = u->decays ? c[1] : 0;
  float *theta = u->parameters, *m = u->m, *v = u->v;
  const float *g = u->gradients;
  const size_t n = u->length;
  switch (rule) {
    case SGD:
      for (size_t i = 0; i < n; i++) theta[i] -= c[0] * (g[i] + decay * theta[i]);
      break;
    case MOMENTUM:
      for (size_t i = 0; i < n; i++) {
        m[i] = c[2] * m[i] + (g[i] + decay * theta[i]);
        theta[i] -= c[0] * m[i];
      }
      break;
    case NESTEROV:
      for (size_t i = 0; i < n; i++) {
        const float pull = g[i] + decay * theta[i];
        m[i] = c[2] * m[i] + pull;
        theta[i] -= c[0] * (pull + c[2] * m[i]);
      }
      break;
    case ADAM:
      for (size_t i = 0; i < n; i++) theta[i] -= moments(g[i] + decay * theta[i], m + i, v + i, c);
      break;
    default: // ADAMW: c[1] already holds ηλ
      for (size_t i = 0; i < n; i++) {
        const float kept = theta[i] - decay * theta[i];
        theta[i] = kept - moments(g[i], m + i, v + i, c);
      }
  }
}
