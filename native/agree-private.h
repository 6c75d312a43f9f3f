// For agree.c: a private step (X40, X41). The cipher against RFC 8439's quarter rounds in plain steps, the draws
// against Box and Muller in double with the language's functions, and all bits against the narrow kernels.

static uint32_t rotated(uint32_t x, int by) { return x << by | x >> (32 - by); }

/** Word w of block `counter` of a key. */
static uint32_t cipher_word(const uint32_t key[8], uint32_t counter, uint32_t nonce, size_t w) {
  static const int places[8][4] = {
    {0, 4, 8, 12}, {1, 5, 9, 13}, {2, 6, 10, 14}, {3, 7, 11, 15},
    {0, 5, 10, 15}, {1, 6, 11, 12}, {2, 7, 8, 13}, {3, 4, 9, 14},
  };
  uint32_t from[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, x[16];
  memcpy(from + 4, key, 8 * sizeof(uint32_t));
  from[12] = counter, from[13] = nonce;
  memcpy(x, from, sizeof x);
  for (int n = 0; n < 80; n++) {
    const int *p = places[n % 8], by[4] = {16, 12, 8, 7};
    for (int i = 0; i < 4; i++) { // a += b; d = rotated(d ^ a), and the same with c, d, b
      const int at = i % 2 ? p[2] : p[0], more = i % 2 ? p[3] : p[1], turned = i % 2 ? p[1] : p[3];
      x[at] += x[more];
      x[turned] = rotated(x[turned] ^ x[at], by[i]);
    }
  }
  return x[w] + from[w];
}

/** Draw n of a key, in double. */
static double normal_of(const uint32_t key[8], size_t n) {
  const size_t group = n / 256, i = n % 128;
  const uint32_t u = cipher_word(key, (uint32_t)(16 * group + i % 16), 0, i / 16);
  const uint32_t v = cipher_word(key, (uint32_t)(16 * group + i % 16), 0, 8 + i / 16);
  double share = ((double)(u >> 1) + 0.5) / 0x1p31;
  if (u < 1u << 20) {
    const uint32_t pair = (uint32_t)(128 * group + i);
    const double high = cipher_word(key, pair, 1, 0) >> 5, low = cipher_word(key, pair, 1, 1) >> 6;
    share = ((double)u + (high * 0x1p26 + low + 0.5) / 0x1p53) / 0x1p32;
  }
  const double angle = 6.283185307179586 * ((double)(int32_t)v + 0.5) / 0x1p32;
  return sqrt(-2 * log(share)) * (n % 256 < 128 ? cos(angle) : sin(angle));
}

/** Returns a mask: 1 rows times factors, 2 noise. */
static unsigned private_step(const kernels *k, const kernels *plain, int shape) {
  const int wild = shape % 4 == 3;
  const size_t B = size(shape), O = size(shape);
  unsigned wrong = 0;
  view delta = matrix(B, O, wild), wanted = twin(delta);
  double *factors = malloc(B * sizeof(double));
  for (size_t r = 0; r < B; r++) factors[r] = (double)number(wild);
  k->scale_rows(delta, factors);
  for (size_t r = 0; r < B; r++)
    for (size_t o = 0; o < O; o++) {
      float *d = wanted.at + r * wanted.stride + o;
      *d = (float)((double)*d * factors[r]);
    }
  wrong |= !agree(delta, wanted);
  free(factors);

  uint32_t *key = malloc(8 * sizeof(uint32_t));
  for (int i = 0; i < 8; i++) key[i] = (uint32_t)below(1 << 16) << 16 | (uint32_t)below(1 << 16);
  const uint64_t first = below(1 << 20);
  const enum optimizer optimizer = (enum optimizer)below(OPTIMIZERS);
  const float c[COEFFICIENTS] = {0.05f, 0.01f, 0.9f, 0.1f, 0.999f, 0.001f, 1e-8f, 1.5f};
  view g = matrix(B, O, wild), theirs = twin(g), at[3], twins[3];
  const size_t length = floats_of(g);
  for (int i = 0; i < 3; i++) {
    at[i] = twin(g);
    for (size_t e = 0; e < length; e++) at[i].at[e] = __builtin_fabsf(number(wild));
    twins[i] = twin(at[i]);
  }
  const update_arrays arrays = {at[0].at, at[1].at, at[2].at, g.at, length, 1};
  k->noisy_update(optimizer, &arrays, g, key, first, 0.3f, c);
  const update_arrays others = {twins[0].at, twins[1].at, twins[2].at, theirs.at, length, 1};
  plain->noisy_update(optimizer, &others, theirs, key, first, 0.3f, c);
  wrong |= (unsigned)!agree(g, theirs) << 1;
  for (int i = 0; i < 3; i++) wrong |= (unsigned)!agree(at[i], twins[i]) << 1;
  if (shape % 10 == 0) {
    view noise = matrix(B, O, 0), moved = twin(noise);
    for (size_t i = 0; i < floats_of(noise); i++) noise.at[i] = moved.at[i] = 0;
    const float still[COEFFICIENTS] = {1};
    const update_arrays plainly = {.parameters = moved.at, .gradients = noise.at, .length = floats_of(noise)};
    k->noisy_update(SGD, &plainly, noise, key, first, -1, still);
    for (size_t n = 0; n < B * O; n++) {
      const size_t e = n / O * noise.stride + n % O;
      const double drawn = normal_of(key, (size_t)first + n), got = (double)noise.at[e];
      wrong |= (unsigned)(!(fabs(got - drawn) < 3e-6) || moved.at[e] != -noise.at[e]) << 1;
    }
    free(noise.at), free(moved.at);
  }
  free(key);
  return wrong;
}
