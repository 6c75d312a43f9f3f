// The pixels of an example, read between the pixels of its image (X47): src/gradients/warp-pixels.ts defines the
// operations and their order. Loops over a piece of a row, so that a compiler can make vectors of all but the loads.

/** Fill the border of the image that `warp_image` reads. */
static void clear_border(const warp *w, float *image) {
  const size_t stride = (w->width + BORDER) * w->channels, all = stride * (w->height + BORDER);
  for (size_t i = 0; i < all; i++) image[i] = w->fill;
}

/** A value of the memory as a place in the fields, whatever it holds. */
static size_t place_in(float value, size_t size) {
  return value >= 0 && value < (float)size ? (size_t)value : 0;
}

static float between(float p, float q, float t) { return p + t * (q - p); }

enum { PIECE = 64, LOOK_AHEAD = 4 }; // pixels, rows

/** Pieces are whole vectors: what lies beyond the end of a row is computed and left. */
#define EACH_LANE(i, count) \
  for (size_t i##_from = 0; i##_from < (count); i##_from += LANES) \
    for (size_t i = i##_from; i < i##_from + LANES; i++)

/** u ← ramp·slope + start, then the displacement, held inside the border; its whole part to `whole`, the rest to u. */
static void places(
  float *restrict u, int32_t *restrict whole, const float *restrict ramp, size_t count, float slope, float start,
  const float *restrict field, float elastic, float last) {
  EACH_LANE(i, count) u[i] = ramp[i] * slope + start;
  if (field) EACH_LANE(i, count) u[i] = u[i] + elastic * field[i];
  EACH_LANE(i, count) {
    float inside = u[i] > 0 ? u[i] : 0;
    inside = inside < last ? inside : last;
    whole[i] = (int32_t)inside;
    u[i] = inside - (float)whole[i];
  }
}

/** One example in place, by way of `image` with its border. */
static void warp_image(float *restrict to, float *restrict image, const warp *w, const float *n) {
  const size_t width = w->width, height = w->height, channels = w->channels;
  for (size_t y = 0; y < height; y++)
    memcpy(
      image + ((y + 1) * (width + BORDER) + 1) * channels, to + y * width * channels, width * channels * sizeof(float));
  const size_t field_stride = w->field_size + width, plane = field_stride * (w->field_size + height);
  const float *window = NULL;
  if (w->field_size > 0)
    window = w->fields + place_in(n[WINDOW_Y], w->field_size) * field_stride + place_in(n[WINDOW_X], w->field_size);
  const int bends = window && n[ELASTIC] != 0, noisy = window && n[NOISE] != 0;
  const int32_t step = (int32_t)channels, stride = (int32_t)((width + BORDER) * channels);
  float ramp[PIECE], u[PIECE], v[PIECE], upper[2 * PIECE], lower[2 * PIECE], value[PIECE];
  int32_t iu[PIECE], iv[PIECE];
  for (size_t y = 0; y < height; y++) {
    const float uy = n[UY] * (float)y + n[U0], vy = n[VY] * (float)y + n[V0];
    for (size_t x = 0, count; x < width; x += count) {
      count = least(PIECE, width - x);
      EACH_LANE(i, count) ramp[i] = (float)(int32_t)(x + i);
      const float *fields = window ? window + y * field_stride + x : NULL;
      if (bends) { // a row of the fields lies on a page of its own, where no hardware looks ahead
        const float *next = fields + LOOK_AHEAD * field_stride;
        for (size_t i = 0; i < count + 16; i += 16) {
          __builtin_prefetch(next + i);
          __builtin_prefetch(next + plane + i);
        }
      }
      places(u, iu, ramp, count, n[UX], uy, bends ? fields : NULL, n[ELASTIC], (float)(width + 1));
      places(v, iv, ramp, count, n[VX], vy, bends ? fields + plane : NULL, n[ELASTIC], (float)(height + 1));
      EACH_LANE(i, count) iv[i] = iv[i] * stride + iu[i] * step;
      for (size_t c = 0; c < channels; c++) {
        if (step == 1)
          for (size_t i = 0; i < count; i++) { // neighbors are one load
            memcpy(upper + 2 * i, image + iv[i], 2 * sizeof(float));
            memcpy(lower + 2 * i, image + iv[i] + stride, 2 * sizeof(float));
          }
        else
          for (size_t i = 0; i < count; i++) {
            const float *at = image + iv[i] + c;
            upper[2 * i] = at[0], upper[2 * i + 1] = at[step];
            lower[2 * i] = at[stride], lower[2 * i + 1] = at[stride + step];
          }
        EACH_LANE(i, count)
          value[i] = between(
            between(upper[2 * i], upper[2 * i + 1], u[i]), between(lower[2 * i], lower[2 * i + 1], u[i]), v[i]);
        if (noisy) EACH_LANE(i, count) value[i] = value[i] + n[NOISE] * fields[2 * plane + i];
        float *row = to + (y * width + x) * channels + c;
        if (channels == 1) memcpy(row, value, count * sizeof(float));
        else
          for (size_t i = 0; i < count; i++) row[i * channels] = value[i];
      }
    }
    if ((float)y >= n[ERASE_TOP] && (float)y < n[ERASE_BOTTOM])
      for (size_t x = 0; x < width; x++)
        if ((float)x >= n[ERASE_LEFT] && (float)x < n[ERASE_RIGHT])
          for (size_t c = 0; c < channels; c++) to[(y * width + x) * channels + c] = w->fill;
  }
}
