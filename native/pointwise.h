// What is no matrix product: gathering examples, softmax and cross-entropy, the bias gradient, the updates.
// The formulas and the order of every rounding are those of src/gradients/reference.ts.

/** x = example / divisor, as it is stored. */
static void read_example(float *x, const examples *from, size_t row) {
  const size_t cols = from->cols;
  if (from->bytes) {
    const uint8_t *bytes = from->bytes + row * cols;
    size_t j = 0;
    if (from->float_divisor) // a quotient of two floats rounds to the same float with or without a double between
      for (; j + LANES <= cols; j += LANES) v_store(x + j, v_div(v_bytes(bytes + j), v_all((float)from->divisor)));
    for (; j < cols; j++) x[j] = (float)((double)bytes[j] / from->divisor);
  } else if (from->divisor == 1) {
    memmove(x, from->floats + row * cols, sizeof(float) * cols);
  } else {
    const float *floats = from->floats + row * cols;
    for (size_t j = 0; j < cols; j++) x[j] = (float)((double)floats[j] / from->divisor);
  }
}

/** x = example / divisor and t = scale·y + shift (X6 … X8), x then moved (X47). Returns 1 at a row outside. */
static int gather(view input, view targets, const examples *from, size_t at, float *scratch) {
  const size_t cols = from->cols, classes = from->classes, size = from->bytes ? 1 : sizeof(float);
  const int moves = from->warp.numbers != NULL;
  const int taken = from->warp.channels == 1 && (from->bytes ? from->float_divisor : from->divisor == 1);
  const char *all = from->bytes ? (const char *)from->bytes : (const char *)from->floats;
  for (size_t r = 0; r < input.rows; r++) {
    const size_t row = (size_t)(uint32_t)from->order[at + r];
    if (row >= from->rows) return 1;
    size_t next = r + 1 < input.rows ? (size_t)(uint32_t)from->order[at + r + 1] : row; // it lies anywhere in memory
    if (next >= from->rows) next = row;
    float *x = input.at + r * input.stride, *t = targets.at + r * targets.stride;
    if (!moves) prefetch(all + next * cols * size, cols * size);
    if (!moves || !taken) read_example(x, from, row);
    if (moves) read_picture(x, scratch, from, row, at + r, taken, next);
    for (size_t c = 0; c < classes; c++) {
      const double y = from->soft ? (double)from->soft[row * classes + c] : from->labels[row] == (int32_t)c;
      t[c] = (float)(from->scale[c] * y + from->shift[c]);
    }
  }
  return 0;
}

/** The first of the greatest logits. */
static size_t argmax(const float *z, size_t classes) {
  size_t best = 0;
  float top = z[0];
  for (size_t c = 1; c < classes; c++) {
    const int more = z[c] > top; // selections instead of a branch, which would be mispredicted
    top = more ? z[c] : top;
    best = more ? c : best;
  }
  return best;
}

/** One example: S = e/Σe (E2), δ = Σy·S − y (E8, E10), and returned ℓ = −Σ y·log S, from e = exp(z − max). */
static double cross_entropy(
  float *delta, const float *z, double max, const float *targets, const double *e, size_t classes) {
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

/**
 * E2, E8, E10. `e`: room for SOFTMAX_LOGITS doubles, or for one example. As many examples at a time as fit, so that the
 * loop over exp fills its vectors although classes are few.
 */
static void softmax_cross_entropy(
  view delta, double *losses, int32_t *predictions, view logits, view targets, double *e) {
  const size_t classes = logits.cols, group = most(1, SOFTMAX_LOGITS / classes);
  double largest[SOFTMAX_LOGITS]; // not read back through predictions: arrays of a wrong caller may overlap
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
      const float *t = targets.at + row * targets.stride;
      losses[row] = cross_entropy(delta.at + row * delta.stride, z, largest[i], t, e + i * classes, classes);
    }
  }
}

/** E36: db = 1·delta · (1/B). The loop over columns is inside, along memory; each column still adds in row order. */
static void bias_gradient(float *db, view delta, int adds) {
  const float inverse_b = (float)(1.0 / (double)delta.rows);
  if (!adds) memset(db, 0, sizeof(float) * delta.cols);
  for (size_t i = 0; i < delta.rows; i++) {
    const float *d = delta.at + i * delta.stride;
    for (size_t o = 0; o < delta.cols; o++) db[o] += d[o];
  }
  for (size_t o = 0; !adds && o < delta.cols; o++) db[o] *= inverse_b;
}

/** Σ x² in eight lanes: the order of squaredNorm in src/gradients/example-norms.ts. Products of floats are exact. */
static double squared_norm(const float *x, size_t count) {
  double s[8] = {0};
  const size_t whole = count - count % 8;
  for (size_t j = 0; j < whole; j += 8)
    for (size_t k = 0; k < 8; k++) s[k] += (double)x[j + k] * (double)x[j + k];
  for (size_t k = 0; whole + k < count; k++) s[k] += (double)x[whole + k] * (double)x[whole + k];
  return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/** exampleNorms: ‖∇W‖² + ‖∇b‖² of each row alone, from the two arrays of its layer. */
static void example_norms(double *norms, view input, view delta) {
  for (size_t r = 0; r < input.rows; r++)
    norms[r] = (squared_norm(input.at + r * input.stride, input.cols) + 1) *
      squared_norm(delta.at + r * delta.stride, delta.cols);
}

/** X13: m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; returns the step η̂·m / (√v·κ + ε), κ = CORRECTION. */
static inline float adam_step(float g, float *m, float *v, const float *c) {
  *m = c[MOMENTUM_OR_BETA1] * *m + c[ONE_MINUS_BETA1] * g;
  *v = c[BETA2] * *v + c[ONE_MINUS_BETA2] * (g * g);
  return c[RATE] * *m / (__builtin_sqrtf(*v) * c[CORRECTION] + c[EPSILON]);
}

/** θ moves along its gradient. Plain loops: elements are independent, so the compiler's vectors change no operation. */
static void move(enum optimizer optimizer, const update_arrays *u, const float coefficients[COEFFICIENTS]) {
  float c[COEFFICIENTS];
  memcpy(c, coefficients, sizeof c);
  const float decay = u->decays ? c[DECAY] : 0;
  float *theta = u->parameters, *m = u->m, *v = u->v;
  const float *g = u->gradients;
  const size_t n = u->length;
  switch (optimizer) {
    case SGD: // X10, with the λ of X9
      for (size_t i = 0; i < n; i++) theta[i] -= c[RATE] * (g[i] + decay * theta[i]);
      break;
    case MOMENTUM: // X11
      for (size_t i = 0; i < n; i++) {
        m[i] = c[MOMENTUM_OR_BETA1] * m[i] + (g[i] + decay * theta[i]);
        theta[i] -= c[RATE] * m[i];
      }
      break;
    case NESTEROV: // X12
      for (size_t i = 0; i < n; i++) {
        const float direction = g[i] + decay * theta[i];
        m[i] = c[MOMENTUM_OR_BETA1] * m[i] + direction;
        theta[i] -= c[RATE] * (direction + c[MOMENTUM_OR_BETA1] * m[i]);
      }
      break;
    case ADAM: // X13
      for (size_t i = 0; i < n; i++) theta[i] -= adam_step(g[i] + decay * theta[i], m + i, v + i, c);
      break;
    default: // ADAMW: X14, where DECAY is ηλ
      for (size_t i = 0; i < n; i++) {
        const float decayed = theta[i] - decay * theta[i];
        theta[i] = decayed - adam_step(g[i], m + i, v + i, c);
      }
  }
}

/** Arrays of an update from element `at` on, `length` of them. */
static update_arrays part_of(const update_arrays *u, size_t at, size_t length) {
  return (update_arrays){
    u->parameters + at, u->m ? u->m + at : NULL, u->v ? u->v + at : NULL, u->gradients + at, length, u->decays,
  };
}

/** `move`, or with `streams` piece by piece: θ moves in a copy, which is then stored past the caches. */
static void update(enum optimizer optimizer, const update_arrays *u, const float c[COEFFICIENTS], int streams) {
  enum { PIECE = 256 };
  float copy[PIECE];
  if (!streams || !in_lines(u->parameters, 0) || u->length % LANES) {
    move(optimizer, u, c);
    return;
  }
  for (size_t at = 0, count; at < u->length; at += count) {
    count = least(PIECE, u->length - at);
    update_arrays part = part_of(u, at, count);
    float *theta = part.parameters;
    part.parameters = memcpy(copy, theta, sizeof(float) * count);
    move(optimizer, &part, c);
    for (size_t i = 0; i < count; i += LANES) v_stream(theta + i, v_load(copy + i));
  }
  end_stream();
}
