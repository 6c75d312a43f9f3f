// Terms that need no arithmetic: where all numbers of a tile's input are 0, as at the border of images. A sum that starts at +0 is never −0,
// so adding a product of 0 and a finite number leaves its bits. What is not finite makes NaN of 0: then nothing is left out.

enum {
  MOSTLY = 4, // lists pay from one term in so many left out
  ASKED = 8, //  tiles of a weight gradient that are asked whether they do
  EVERY = 5, //  terms from one that is asked to the next; no divisor of an image's usual width
};

/** Whether one of R numbers is not ±0. */
static inline __attribute__((always_inline)) int some(const float *x, const size_t R) {
  uint32_t bits[TILE_ROWS], all = 0;
  memcpy(bits, x, sizeof(float) * R);
  UNROLL for (size_t r = 0; r < R; r++) all |= bits[r];
  return (all << 1) != 0;
}

static inline __attribute__((always_inline)) void keep_some(uint32_t *list, float *run, size_t K, const size_t R) {
  uint32_t n = 0;
  for (size_t k = 0; k < K; k++) {
    const float *x = run + k * R;
    const int keep = some(x, R);
    float kept[TILE_ROWS];
    memcpy(kept, x, sizeof(float) * R);
    memcpy(run + n * R, kept, sizeof(float) * R);
    list[1 + n] = (uint32_t)(k * PANEL);
    n += (uint32_t)keep;
  }
  list[0] = n;
}

/** A sample of terms, and those of them that are 0 in all rows of their tile. */
typedef struct {
  size_t asked, zero;
} sample;

static void ask(sample *s, const float *run, size_t K, size_t R) {
  for (size_t k = 0; k < K; k += EVERY) s->asked++, s->zero += !some(run + k * R, R);
}

/**
 * Drop from a turned run [K][R] the terms that are 0 in all R rows; the list gets the number of those that stay, then where the row of each
 * lies in a packed panel.
 */
static void list_terms(uint32_t *list, float *run, size_t K, size_t R) {
  switch (R) { // one copy for each of the usual heights
    case TILE_ROWS: keep_some(list, run, K, TILE_ROWS); break;
    case TILE_ROWS - 1: keep_some(list, run, K, TILE_ROWS - 1); break;
    default: keep_some(list, run, K, R);
  }
}

static int all_finite(const float *from, size_t stride, size_t rows, size_t cols) {
  uint32_t largest = 0;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < cols; j++) {
      uint32_t bits;
      memcpy(&bits, from + i * stride + j, sizeof bits);
      bits &= 0x7fffffff;
      largest = bits > largest ? bits : largest;
    }
  return largest < 0x7f800000;
}

/** Floats of room for the lists of `rows` rows in tiles, on any instruction set. */
static size_t list_room(size_t rows, size_t terms) { return up(rows, SHORTEST) / SHORTEST * (1 + terms); }
