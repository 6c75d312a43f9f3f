// For agree.c: what a step draws (X36, X37) and what bounds it (X33 … X35, X38), against plain loops.

/** Word `unit` mod 4 of Philox's block of a unit, in plain steps. */
static uint32_t drawn(uint64_t seed, uint32_t first, uint32_t epoch, uint32_t example, uint32_t purpose, size_t unit) {
  uint32_t c[4] = {first + (uint32_t)(unit / 4), epoch, example, purpose};
  uint32_t k[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  for (int round = 0; round < 10; round++, k[0] += 0x9e3779b9, k[1] += 0xbb67ae85) {
    const uint64_t x = (uint64_t)0xd2511f53 * c[0], y = (uint64_t)0xcd9e8d57 * c[2];
    const uint32_t upper[2] = {(uint32_t)(x >> 32), (uint32_t)(y >> 32)};
    const uint32_t next[4] = {upper[1] ^ c[1] ^ k[0], (uint32_t)y, upper[0] ^ c[3] ^ k[1], (uint32_t)x};
    memcpy(c, next, sizeof c);
  }
  return c[unit % 4];
}

/** What a step draws, and what bounds it. Returns the same mask. */
static unsigned step_kernels(const kernels *k, const kernels *plain, int shape) {
  const int wild = shape % 4 == 3;
  const size_t B = size(shape), O = size(shape);
  const uint32_t epoch = (uint32_t)below(3), layer = (uint32_t)below(4);
  const double p = (double[]){0.3, 0, 0.5, 1 - 1e-12}[below(4)];
  int32_t *numbers = malloc(B * sizeof(int32_t));
  for (size_t i = 0; i < B; i++) numbers[i] = (int32_t)below(1 << 30);
  const draws d = {.seed = (uint64_t)below(1 << 30) << 22 | below(1 << 22), .amount = p, .examples = numbers};
  unsigned wrong = 0;

  const view output = matrix(B, O, wild);
  view passed = matrix(B, O, 0), mask = matrix(B, O, 0), their = twin(passed), masks = twin(mask);
  k->drop(passed, mask, output, &d, epoch, 0, layer);
  for (size_t i = 0; i < B; i++)
    for (size_t o = 0; o < O; o++) {
      const uint32_t word = drawn(d.seed, layer << 20, epoch, (uint32_t)numbers[i], 18, o);
      const float m = epoch == 0 ? 1 : (double)word >= p * 0x1p32 ? (float)(1 / (1 - p)) : 0;
      masks.at[i * masks.stride + o] = m;
      their.at[i * their.stride + o] = output.at[i * output.stride + o] * m;
    }
  view delta = matrix(B, O, wild), masked = twin(delta);
  k->mask_delta(delta, mask);
  for (size_t i = 0; i < B; i++)
    for (size_t o = 0; o < O; o++) masked.at[i * masked.stride + o] *= mask.at[i * mask.stride + o];
  wrong |= !agree(passed, their) << 10;
  wrong |= !agree(mask, masks) << 10;
  wrong |= !agree(delta, masked) << 11;

  view x = matrix(B, O, wild), y = twin(x);
  k->add_noise(x, &d, epoch, 0);
  plain->add_noise(y, &d, epoch, 0);
  wrong |= !agree(x, y) << 12;

  const view W = matrix(B, O, wild);
  double *sums = malloc(B * sizeof(double));
  k->squares(sums, W);
  for (size_t r = 0; r < B; r++) {
    const double expected = lanes_norm(W, r);
    wrong |= (unsigned)(sums[r] != expected && expected == expected) << 13;
  }
  const float by = (float[]){0.3f, 1e-6f, 2}[below(3)];
  for (int which = 0; which < 4; which++) {
    view got = twin(W), wanted = twin(W), beside = matrix(B, W.stride, wild);
    const size_t length = floats_of(W);
    if (which == 0) k->clip(got.at, length, by);
    else if (which == 1) k->shrink(got.at, length, by);
    else if (which == 2) k->average(got.at, beside.at, length, by);
    else k->hold_units(got, (double)by);
    for (size_t i = 0; i < length && which < 3; i++) {
      float *w = wanted.at + i;
      if (which == 0) *w *= by;
      else if (which == 2) *w += by * (beside.at[i] - *w);
      else *w = *w > by ? *w - by : *w < -by ? *w + by : *w - *w; // 0, or NaN
    }
    for (size_t o = 0; o < O && which == 3; o++) {
      double sum = 0;
      for (size_t r = 0; r < B; r++) sum += (double)W.at[r * W.stride + o] * (double)W.at[r * W.stride + o];
      const float factor = (float)((double)by / sqrt(sum));
      for (size_t r = 0; r < B && sqrt(sum) > (double)by; r++) wanted.at[r * wanted.stride + o] *= factor;
    }
    wrong |= (unsigned)!agree(got, wanted) << (14 + which);
    free(beside.at);
  }
  free(numbers), free(output.at), free(W.at), free(sums);
  return wrong;
}
