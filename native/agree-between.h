// For agree.c: layer normalization, σ and σ′ apart from the products, residual sums (X49, X50), ∇γ: plain loops.

/** Σ term_j in eight lanes, j ≡ k (mod 8), which are added two by two (normalize-row.ts). */
static double lanes_sum(const double *term, size_t count) {
  double lane[8] = {0};
  for (size_t j = 0; j < count; j++) lane[j % 8] += term[j];
  for (size_t k = 0; k < 4; k++) lane[k] += lane[k + 4];
  return (lane[0] + lane[2]) + (lane[1] + lane[3]);
}

/** Returns 1 where a normalization, or the way back through it, has other bits. */
static unsigned normalization(const kernels *k, size_t B, size_t O, int wild) {
  const view gain = matrix(1, O, wild), offset = matrix(1, O, wild), above = matrix(B, O, wild);
  view h = matrix(B, O, wild), wanted = twin(h), alone = twin(h), n = matrix(B, O, 0), kept = twin(n);
  view delta = matrix(B, O, 0), back = twin(delta);
  double *inverses = malloc(B * sizeof(double)), *term = malloc(2 * O * sizeof(double));
  k->normalize(h, gain.at, offset.at, n, inverses);
  k->normalize(alone, gain.at, offset.at, (view){0}, NULL);
  k->denormalize(delta, above, gain.at, n, inverses);
  unsigned wrong = 0;
  for (size_t r = 0; r < B; r++) {
    float *z = wanted.at + r * wanted.stride, *own = kept.at + r * kept.stride;
    for (size_t j = 0; j < O; j++) term[j] = (double)z[j];
    const double mean = lanes_sum(term, O) / (double)O;
    for (size_t j = 0; j < O; j++) term[j] = ((double)z[j] - mean) * ((double)z[j] - mean);
    const double inverse = 1 / sqrt(lanes_sum(term, O) / (double)O + 1e-5);
    wrong |= inverses[r] != inverse && (inverse == inverse || inverses[r] == inverses[r]);
    for (size_t j = 0; j < O; j++) {
      own[j] = (float)(((double)z[j] - mean) * inverse);
      z[j] = gain.at[j] * own[j] + offset.at[j];
    }
    const float *s = above.at + r * above.stride;
    float *d = back.at + r * back.stride;
    for (size_t j = 0; j < O; j++) {
      term[j] = (double)gain.at[j] * (double)s[j];
      term[O + j] = term[j] * (double)own[j];
    }
    const double m1 = lanes_sum(term, O) / (double)O, m2 = lanes_sum(term + O, O) / (double)O;
    for (size_t j = 0; j < O; j++)
      d[j] = (float)(inverse * ((double)gain.at[j] * (double)s[j] - m1 - (double)own[j] * m2));
  }
  wrong |= !same_bits(alone.at, wanted.at, floats_of(h));
  wrong |= !agree(h, wanted) | !agree(n, kept) | !agree(delta, back);
  free(gain.at), free(offset.at), free(above.at), free(alone.at), free(inverses), free(term);
  return wrong;
}

/** Returns a mask: 1 normalization, 2 σ, 4 σ′, 8 residual sums, 16 ∇γ. */
static unsigned between_layers(const kernels *k, int shape) {
  const int wild = shape % 4 == 3;
  const size_t B = size(shape), O = size(shape);
  unsigned wrong = normalization(k, B, O, wild);

  const enum activation activation = (enum activation)below(ACTIVATIONS);
  view output = matrix(B, O, wild), wanted = twin(output);
  k->apply(output, activation);
  for (size_t i = 0; i < B; i++)
    for (size_t o = 0; o < O; o++) {
      float *z = wanted.at + i * wanted.stride + o;
      *z = activate(activation, *z);
    }
  wrong |= (unsigned)!agree(output, wanted) << 1;

  const view kept = matrix(B, O, wild), above = matrix(B, O, wild);
  view delta = below(2) ? matrix(B, O, 0) : twin(above), expected = twin(delta);
  k->slope(delta, above, kept, activation);
  for (size_t i = 0; i < B; i++)
    for (size_t o = 0; o < O; o++)
      expected.at[i * expected.stride + o] = back(activation, above.at[i * above.stride + o], kept.at[i * kept.stride + o]);
  wrong |= (unsigned)!agree(delta, expected) << 2;

  view sum = twin(above), total = twin(above);
  k->join(sum, sum, kept);
  for (size_t i = 0; i < B; i++)
    for (size_t o = 0; o < O; o++) total.at[i * total.stride + o] += kept.at[i * kept.stride + o];
  wrong |= (unsigned)!agree(sum, total) << 3;

  view gradient = matrix(1, O, 0), theirs = twin(gradient);
  k->scale_gradient(gradient.at, kept, above, 0);
  for (size_t o = 0; o < O; o++) {
    float g = 0;
    for (size_t i = 0; i < B; i++) g += kept.at[i * kept.stride + o] * above.at[i * above.stride + o];
    theirs.at[o] = g * (float)(1.0 / (double)B);
  }
  wrong |= (unsigned)!agree(gradient, theirs) << 4;
  free(kept.at), free(above.at);
  return wrong;
}
