// Dropout and input noise (X36, X37): the draws of src/gradients/row-draws.ts, a counter-based block (Philox-4x32-10,
// of src/numerics/random.ts) for four units at a time. Blocks are independent, so their loops become vectors.

enum { BLOCKS = 16, DRAWN = 4 * BLOCKS }; // blocks at a time, and their words
enum { PURPOSE_DROPOUT = 18, PURPOSE_NOISE = 19 };
static const uint32_t LAYER_UNITS = 1u << 20;

/** Philox of one counter c and the key of `seed`. Unrolled, so that a loop over counters is a loop over vectors. */
static inline void philox(uint32_t c[4], uint64_t seed) {
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  UNROLL for (int round = 0; round < 10; round++) {
    const uint64_t x = (uint64_t)0xd2511f53 * c[0], y = (uint64_t)0xcd9e8d57 * c[2];
    c[0] = (uint32_t)(y >> 32) ^ c[1] ^ k0;
    c[1] = (uint32_t)y;
    c[2] = (uint32_t)(x >> 32) ^ c[3] ^ k1;
    c[3] = (uint32_t)x;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
}

/** words[w][b]: word w of block `first` + b. */
static void draw(
  uint32_t words[4][BLOCKS], uint64_t seed, uint32_t first, uint32_t epoch, uint32_t example, uint32_t purpose) {
  for (size_t b = 0; b < BLOCKS; b++) {
    uint32_t c[4] = {first + (uint32_t)b, epoch, example, purpose};
    philox(c, seed);
    words[0][b] = c[0], words[1][b] = c[1], words[2][b] = c[2], words[3][b] = c[3];
  }
}

/** X36: mask = [u ≥ p]/(1 − p), passed = output ⊙ mask; in epoch 0 nothing is left out. */
static void drop(view passed, view mask, view output, const draws *d, uint32_t epoch, size_t at, uint32_t layer) {
  const double limit = epoch == 0 ? 0 : d->amount * 4294967296.0;
  const uint32_t whole = limit > 4294967295.0 ? 0 : (uint32_t)limit, least = whole + ((double)whole < limit);
  const float kept = epoch == 0 ? 1 : limit > 4294967295.0 ? 0 : (float)(1 / (1 - d->amount));
  uint32_t words[4][BLOCKS];
  float m[DRAWN];
  for (size_t r = 0; r < output.rows; r++) {
    const float *a = output.at + r * output.stride;
    float *to = passed.at + r * passed.stride, *kept_mask = mask.at + r * mask.stride;
    for (size_t o = 0; o < output.cols; o += DRAWN) {
      const size_t count = output.cols - o < DRAWN ? output.cols - o : DRAWN;
      const uint32_t first = layer * LAYER_UNITS + (uint32_t)(o / 4), example = (uint32_t)d->examples[at + r];
      draw(words, d->seed, first, epoch, example, PURPOSE_DROPOUT);
      for (size_t b = 0; b < BLOCKS; b++) {
        m[4 * b] = words[0][b] >= least ? kept : 0;
        m[4 * b + 1] = words[1][b] >= least ? kept : 0;
        m[4 * b + 2] = words[2][b] >= least ? kept : 0;
        m[4 * b + 3] = words[3][b] >= least ? kept : 0;
      }
      for (size_t i = 0; i < count; i++) {
        kept_mask[o + i] = m[i];
        to[o + i] = a[o + i] * m[i];
      }
    }
  }
}

/** X36: δ ← δ ⊙ mask. */
static void mask_delta(view delta, view mask) {
  for (size_t r = 0; r < delta.rows; r++) {
    float *d = delta.at + r * delta.stride;
    const float *m = mask.at + r * mask.stride;
    for (size_t o = 0; o < delta.cols; o++) d[o] *= m[o];
  }
}

/** X37: input ← input + σ·n, two draws of a pair of words. */
static void add_noise(view input, const draws *d, uint32_t epoch, size_t at) {
  const float sigma = (float)d->amount;
  uint32_t words[4][BLOCKS];
  float normal[4][BLOCKS], noise[DRAWN];
  for (size_t r = 0; r < input.rows; r++) {
    float *x = input.at + r * input.stride;
    for (size_t j = 0; j < input.cols; j += DRAWN) {
      const size_t count = input.cols - j < DRAWN ? input.cols - j : DRAWN;
      draw(words, d->seed, (uint32_t)(j / 4), epoch, (uint32_t)d->examples[at + r], PURPOSE_NOISE);
      for (int pair = 0; pair < 4; pair += 2)
        for (size_t b = 0; b < BLOCKS; b++) {
          float cosine, sine;
          turn_by_word(words[pair + 1][b], &cosine, &sine);
          const float radius = radius_of_word(words[pair][b]);
          normal[pair][b] = radius * cosine;
          normal[pair + 1][b] = radius * sine;
        }
      for (size_t b = 0; b < BLOCKS; b++) {
        noise[4 * b] = normal[0][b];
        noise[4 * b + 1] = normal[1][b];
        noise[4 * b + 2] = normal[2][b];
        noise[4 * b + 3] = normal[3][b];
      }
      for (size_t i = 0; i < count; i++) x[j + i] += sigma * noise[i];
    }
  }
}
