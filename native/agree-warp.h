// For agree.c: distorted pixels (X47) against plain loops, one pixel at a time, as src/gradients/warp-pixels.ts has
// them.

static float plain_pixel(const warp *w, const uint8_t *image, double divisor, int y, int x, size_t c) {
  if (y < 1 || y > (int)w->height || x < 1 || x > (int)w->width) return w->fill;
  return (float)((double)image[((size_t)(y - 1) * w->width + (size_t)(x - 1)) * w->channels + c] / divisor);
}

static float plain_between(float p, float q, float t) {
  const float part = t * (q - p);
  return p + part;
}

/** x ← ramp·slope + start, displaced, then held in [0, last]. */
static float plain_place(float slope, float x, float start, int bends, float elastic, float field, float last) {
  const float ramp = slope * x, moved = elastic * field;
  float u = ramp + start;
  if (bends) u = u + moved;
  u = u > 0 ? u : 0;
  return u < last ? u : last;
}

static void plain_warp(float *to, const warp *w, const uint8_t *image, double divisor, const float *n) {
  const size_t stride = w->field_size + w->width, plane = stride * (w->field_size + w->height);
  const size_t window = (size_t)n[WINDOW_Y] * stride + (size_t)n[WINDOW_X];
  const int bends = w->field_size > 0 && n[ELASTIC] != 0, noisy = w->field_size > 0 && n[NOISE] != 0;
  for (size_t y = 0; y < w->height; y++)
    for (size_t x = 0; x < w->width; x++) {
      const float *field = w->fields + window + y * stride + x;
      const float uy = n[UY] * (float)y + n[U0], vy = n[VY] * (float)y + n[V0];
      const float u = plain_place(n[UX], (float)x, uy, bends, n[ELASTIC], bends ? field[0] : 0, (float)(w->width + 1));
      const float last = (float)(w->height + 1);
      const float v = plain_place(n[VX], (float)x, vy, bends, n[ELASTIC], bends ? field[plane] : 0, last);
      const int iu = (int)u, iv = (int)v;
      const int erased = (float)y >= n[ERASE_TOP] && (float)y < n[ERASE_BOTTOM] && (float)x >= n[ERASE_LEFT] &&
        (float)x < n[ERASE_RIGHT];
      for (size_t c = 0; c < w->channels; c++) {
        const float p = plain_pixel(w, image, divisor, iv, iu, c), q = plain_pixel(w, image, divisor, iv, iu + 1, c);
        const float r = plain_pixel(w, image, divisor, iv + 1, iu, c);
        const float s = plain_pixel(w, image, divisor, iv + 1, iu + 1, c);
        float value = plain_between(
          plain_between(p, q, u - (float)iu), plain_between(r, s, u - (float)iu), v - (float)iv);
        if (noisy) {
          const float noise = n[NOISE] * field[2 * plane];
          value = value + noise;
        }
        to[(y * w->width + x) * w->channels + c] = erased ? w->fill : value;
      }
    }
}

static float signed_share(float most) { return ((float)below(1 << 20) / (1 << 19) - 1) * most; }

/** gather of distorted images. Returns 1 where a bit differs. */
static unsigned distorted(const kernels *k) {
  enum { N = 3, ROWS = 4, ROOM = 16 };
  const double divisor = below(2) ? 255 : 0.3;
  warp w = {
    .width = 1 + below(40), .height = 1 + below(40), .channels = below(2) ? 1 : 3,
    .field_size = below(3) ? 1 + below(9) : 0, .fill = below(2) ? 0 : 0.25f,
  };
  const size_t I = w.width * w.height * w.channels;
  const size_t all = 3 * (w.field_size + w.width) * (w.field_size + w.height);
  float *fields = malloc((all + ROOM) * sizeof(float)), *numbers = malloc(ROWS * WARP_NUMBERS * sizeof(float));
  for (size_t i = 0; i < all + ROOM; i++) fields[i] = signed_share(1);
  for (size_t r = 0; r < ROWS; r++) {
    float *n = numbers + r * WARP_NUMBERS;
    n[UX] = 1 + signed_share(0.5f), n[UY] = signed_share(0.5f), n[U0] = signed_share(5);
    n[VX] = signed_share(0.5f), n[VY] = 1 + signed_share(0.5f), n[V0] = signed_share(5);
    n[ELASTIC] = below(3) ? signed_share(4) : 0, n[NOISE] = below(3) ? signed_share(0.3f) : 0;
    if (below(16) == 0) n[below(2) ? U0 : V0] = below(2) ? NAN : INFINITY;
    n[WINDOW_X] = (float)(w.field_size ? below(w.field_size) : 0);
    n[WINDOW_Y] = (float)(w.field_size ? below(w.field_size) : 0);
    n[ERASE_LEFT] = (float)below(9), n[ERASE_RIGHT] = (float)below(20);
    n[ERASE_TOP] = (float)below(9), n[ERASE_BOTTOM] = (float)below(20);
  }
  w.numbers = numbers, w.fields = fields;
  uint8_t *pixels = malloc(N * I);
  for (size_t i = 0; i < N * I; i++) pixels[i] = (uint8_t)(i / I > 0 && below(8) ? 0 : below(256)); // mostly background
  int32_t labels[N] = {0}, order[ROWS];
  for (size_t r = 0; r < ROWS; r++) order[r] = (int32_t)below(N);
  const double scale = 1, shift = 0;
  const examples from = {
    .rows = N, .cols = I, .classes = 1, .bytes = pixels, .divisor = divisor,
    .float_divisor = (double)(float)divisor == divisor, .labels = labels, .order = order, .scale = &scale,
    .shift = &shift, .warp = w,
  };
  float *scratch = malloc((2 * ((w.width + BORDER + ROOM - 1) / ROOM * ROOM) * (w.height + 2) + ROOM) * sizeof(float));
  const view x = matrix(ROWS, I, 0), y = twin(x), t = matrix(ROWS, 1, 0);
  const int failed = k->gather(x, t, &from, 0, scratch);
  for (size_t r = 0; r < ROWS; r++)
    plain_warp(y.at + r * y.stride, &w, pixels + (size_t)order[r] * I, divisor, numbers + r * WARP_NUMBERS);
  const unsigned wrong = (unsigned)(failed || !agree(x, y));
  free(fields), free(numbers), free(pixels), free(scratch), free(t.at);
  return wrong;
}
