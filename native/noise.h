// A private step (X40, X41): rows of δ times a factor, and the noise, normal draws of a key. The cipher is
// src/numerics/chacha20.ts, the draws are src/privacy/keyed-normals.ts, each operation in its order.

enum { KEY_WORDS = 8, GROUP = 16 * BLOCKS, PAIRS = GROUP / 2 };
static const uint32_t TAIL = 1u << 20; // below it, of 2³², a radius has bits of its own

#define ROTATE(x, by) ((x) << (by) | (x) >> (32 - (by)))
#define QUARTER_ROUND(a, b, c, d) \
  a += b, d ^= a, d = ROTATE(d, 16); \
  c += d, b ^= c, b = ROTATE(b, 12); \
  a += b, d ^= a, d = ROTATE(d, 8); \
  c += d, b ^= c, b = ROTATE(b, 7)
#define TWENTY_ROUNDS(x) \
  for (int round = 0; round < 10; round++) { \
    QUARTER_ROUND(x[0], x[4], x[8], x[12]); \
    QUARTER_ROUND(x[1], x[5], x[9], x[13]); \
    QUARTER_ROUND(x[2], x[6], x[10], x[14]); \
    QUARTER_ROUND(x[3], x[7], x[11], x[15]); \
    QUARTER_ROUND(x[0], x[5], x[10], x[15]); \
    QUARTER_ROUND(x[1], x[6], x[11], x[12]); \
    QUARTER_ROUND(x[2], x[7], x[8], x[13]); \
    QUARTER_ROUND(x[3], x[4], x[9], x[14]); \
  }

static void chacha_state(uint32_t state[16], const uint32_t key[KEY_WORDS], uint32_t counter) {
  const uint32_t begin[16] = {
    0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, key[0], key[1], key[2], key[3], key[4], key[5], key[6], key[7],
    counter,
  };
  memcpy(state, begin, sizeof begin);
}

/** words[w][b]: word w of block `counter` + b. A block is a lane. */
static void chacha_blocks(uint32_t words[16][BLOCKS], const uint32_t key[KEY_WORDS], uint32_t counter) {
  typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));
  uint32_t state[16];
  chacha_state(state, key, counter);
  for (uint32_t b = 0; b < BLOCKS; b += LANES) {
    lanes from[16], x[16], number;
    UNROLL for (uint32_t i = 0; i < LANES; i++) number[i] = b + i;
    FOR(w, 16) from[w] = x[w] = state[w] + (lanes){0};
    from[12] = x[12] = x[12] + number;
    TWENTY_ROUNDS(x)
    FOR(w, 16) {
      x[w] += from[w];
      memcpy(words[w] + b, &x[w], sizeof x[w]);
    }
  }
}

/** The radius of a word below TAIL, with 53 bits more, in double. */
static float tail_radius(const uint32_t key[KEY_WORDS], uint32_t word, uint64_t pair) {
  uint32_t state[16], x[16];
  chacha_state(state, key, (uint32_t)pair);
  state[13] = 1, state[14] = (uint32_t)(pair >> 32);
  memcpy(x, state, sizeof x);
  TWENTY_ROUNDS(x)
  const uint32_t high = (x[0] + state[0]) >> 5, low = (x[1] + state[1]) >> 6;
  const double rest = ((double)high * 0x4000000 + (double)low + 0.5) * 0x1p-53;
  return (float)__builtin_sqrt(-2 * own_log(((double)word + rest) * 0x1p-32));
}

/** Draws GROUP·group … of a key. */
static void draw_group(float out[GROUP], const uint32_t key[KEY_WORDS], uint64_t group) {
  uint32_t words[16][BLOCKS], least_word = UINT32_MAX;
  float radius[PAIRS];
  chacha_blocks(words, key, (uint32_t)(BLOCKS * group));
  const uint32_t *word = words[0], *angles = words[8];
  for (size_t i = 0; i < PAIRS; i++) {
    radius[i] = radius_of_word(word[i]);
    least_word = word[i] < least_word ? word[i] : least_word;
  }
  if (least_word < TAIL)
    for (size_t i = 0; i < PAIRS; i++)
      if (word[i] < TAIL) radius[i] = tail_radius(key, word[i], PAIRS * group + i);
  for (size_t i = 0; i < PAIRS; i++) {
    float cosine, sine;
    turn_by_word(angles[i], &cosine, &sine);
    out[i] = radius[i] * cosine;
    out[PAIRS + i] = radius[i] * sine;
  }
}

/** X40: δ_r ← factor_r·δ_r, rounded once. */
static void scale_rows(view delta, const double *factors) {
  for (size_t r = 0; r < delta.rows; r++) {
    float *d = delta.at + r * delta.stride;
    for (size_t o = 0; o < delta.cols; o++) d[o] = (float)((double)d[o] * factors[r]);
  }
}

/**
 * X41: g ← g − rate·ξ, of element (r, c) draw first + r·cols + c of the key, and then θ follows it, piece by piece
 * while both are in a cache. Of `u` g is the gradients.
 */
static void noisy_update(
  enum optimizer optimizer, const update_arrays *u, view g, const uint32_t *key_words, uint64_t first, float rate,
  const float c[COEFFICIENTS]) {
  uint32_t key[KEY_WORDS];
  float normal[GROUP];
  uint64_t n = first, held = UINT64_MAX;
  memcpy(key, key_words, sizeof key);
  for (size_t r = 0; r < g.rows; r++) {
    float *row = g.at + r * g.stride;
    for (size_t o = 0, count; o < g.cols; o += count, n += count) {
      const size_t from = n % GROUP;
      if (n / GROUP != held) draw_group(normal, key, held = n / GROUP);
      count = least(g.cols - o, GROUP - from);
      for (size_t i = 0; i < count; i++) row[o + i] -= rate * normal[from + i];
      const update_arrays part = part_of(u, r * g.stride + o, count);
      move(optimizer, &part, c);
    }
  }
  memset(key, 0, sizeof key);
  memset(normal, 0, sizeof normal);
  __asm__ volatile("" : : "r"(key), "r"(normal) : "memory"); // both count as read, so they are cleared
}
