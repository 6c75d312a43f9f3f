// The pixels of an example, read between the pixels of its image (X47): src/gradients/warp-pixels.ts defines the
// operations and their order. Vectors run across pixels.
//
// A channel of an image is laid out with a border and in pairs, each pixel beside the one below, so that the four
// neighbors of a place are one load of 128 bits. `read_any` reads all pixels so. In warp-small.h vectors of 16 leave
// out what lies in the background.

/** One example: where its pixels come from, and how they are read. */
typedef struct {
  const warp *w;
  const uint8_t *bytes; //   its values are bytes / divisor,
  const float *floats; //    or these, if bytes is NULL
  size_t room; //            values that can be read from there
  float divisor;
  const float *n; //         its numbers
  const float *window; //    its window of the fields, or NULL
  size_t stride, plane; //   of the fields
  int bends, noisy;
  const char *next_image; // of the example that comes after
  size_t image_row; //       bytes
  const float *next_window;
} picture;

/** Ask for `size` bytes at an address, near but not nearest. Never a call: a compiler may leave it out. */
INLINE void prefetch(const void *from, size_t size) {
  for (size_t i = 0; i < size; i += 64) __builtin_prefetch((const char *)from + i, 0, 2);
}

/** Ask for what row y of the next example needs. A row of the fields lies on a page of its own. */
INLINE void prefetch_row(const picture *p, size_t y) {
  prefetch(p->next_image + y * p->image_row, p->image_row);
  if (!p->bends) return;
  prefetch(p->next_window + y * p->stride, (p->w->width + 16) * sizeof(float));
  prefetch(p->next_window + p->plane + y * p->stride, (p->w->width + 16) * sizeof(float));
}

/** A value of the memory as a place in the fields, whatever it holds. */
static size_t place_in(float value, size_t size) {
  return value >= 0 && value < (float)size ? (size_t)value : 0;
}

static const float *window_of(const warp *w, const float *n) {
  const size_t F = w->field_size;
  return F > 0 ? w->fields + place_in(n[WINDOW_Y], F) * (F + w->width) + place_in(n[WINDOW_X], F) : NULL;
}

/** Pairs of a row: whole vectors. A row's first pair is the last of the row before. */
static size_t line_of(const warp *w) { return up(w->width + BORDER, LANES); }

/** first, first + 1, … */
static vector ramp_from(size_t first) {
  float lanes[LANES];
  for (size_t i = 0; i < LANES; i++) lanes[i] = (float)(int32_t)(first + i);
  return v_load(lanes);
}

/** Channel c of the pixels (x, y) …; the background where `left`, the pixels left of the row, is not > 0. */
INLINE vector read_pixels(const picture *p, size_t y, size_t x, size_t c, vector left) {
  const warp *w = p->w;
  const size_t at = (y * w->width + x) * w->channels + c;
  if (w->channels == 1 && at + LANES <= p->room) {
    const vector x = p->bytes ? v_div(v_bytes(p->bytes + at), v_all(p->divisor)) : v_load(p->floats + at);
    return v_pick(left, x, v_all(w->fill));
  }
  float lanes[LANES];
  for (size_t i = 0, n = at; i < LANES; i++, n += w->channels)
    lanes[i] = x + i >= w->width ? w->fill : p->bytes ? (float)p->bytes[n] / p->divisor : p->floats[n];
  return v_load(lanes);
}

/** Columns x … of pairs[2·(y·line + x)] = pixel (x − 1, y − 1) and the one below. `take` is run with each `pixels`. */
#define LAY_COLUMNS(pairs, p, x, c, line, take) \
  do { \
    const vector left = v_sub(v_all((float)(p)->w->width), ramp_from(x)), fill = v_all((p)->w->fill); \
    float *to = (pairs) + 2 * ((x) + 1); \
    vector above = fill; \
    for (size_t y = 0; y < (p)->w->height; y++, to += 2 * (line)) { \
      const vector pixels = read_pixels(p, y, x, c, left); \
      take; \
      v_store_pairs(to, above, pixels); \
      above = pixels; \
    } \
    v_store_pairs(to, above, fill); \
    v_store_pairs(to + 2 * (line), fill, fill); \
  } while (0)

INLINE vector between(vector p, vector q, vector t) { return v_add(p, v_mul(t, v_sub(q, p))); }

/** What is read at the places (u, v). */
INLINE vector read_between(const float *pairs, size_t line, vector u, vector v) {
  int32_t at[LANES];
  v_places(at, &u, &v, (int32_t)line);
  vector p[4]; // left, below it, right, below it
  v_fours(p, pairs, at);
  return between(between(p[0], p[2], u), between(p[1], p[3], u), v);
}

/** u of pixels: slope·x + start, displaced, then held inside the border. */
INLINE vector place(vector along, float start, const float *field, vector elastic, float last) {
  vector u = v_add(along, v_all(start));
  if (field) u = v_add(u, v_mul(elastic, v_load(field)));
  return v_within(u, v_all(last));
}

INLINE vector noised(const picture *p, vector value, size_t x, size_t y) {
  return v_add(value, v_mul(v_all(p->n[NOISE]), v_load(p->window + 2 * p->plane + y * p->stride + x)));
}

/** Any image. */
static void read_any(float *restrict to, float *restrict pairs, const picture *p) {
  const size_t width = p->w->width, height = p->w->height, channels = p->w->channels, line = line_of(p->w);
  const float *n = p->n;
  const vector elastic = v_all(n[ELASTIC]), lanes = ramp_from(0);
  pairs[0] = pairs[1] = p->w->fill;
  for (size_t c = 0; c < channels; c++) {
    for (size_t x = 0; x < line; x += LANES) LAY_COLUMNS(pairs, p, x, c, line, (void)0);
    for (size_t y = 0; y < height; y++) {
      const float start_u = n[UY] * (float)y + n[U0], start_v = n[VY] * (float)y + n[V0];
      if (c == 0) prefetch_row(p, y);
      for (size_t strip = 0; strip < width; strip += LANES) {
        const size_t x = width < LANES ? 0 : least(strip, width - LANES); // the last strip overlaps the one before
        const vector ramp = v_add(lanes, v_all((float)(int32_t)x));
        const float *du = p->bends ? p->window + y * p->stride + x : NULL, *dv = p->bends ? du + p->plane : NULL;
        const vector u = place(v_mul(ramp, v_all(n[UX])), start_u, du, elastic, (float)(width + 1));
        const vector v = place(v_mul(ramp, v_all(n[VX])), start_v, dv, elastic, (float)(height + 1));
        vector value = read_between(pairs, line, u, v);
        if (p->noisy) value = noised(p, value, x, y);
        if (channels == 1 && width >= LANES) {
          v_store(to + y * width + x, value);
          continue;
        }
        float values[LANES];
        v_store(values, value);
        for (size_t i = 0; i < LANES && x + i < width; i++) to[(y * width + x + i) * channels + c] = values[i];
      }
    }
  }
}

#include "warp-small.h"

/**
 * Example `row` to `to`, with the numbers at `at` of the order. `taken`: its values are read where they are stored;
 * else they are in `to` already. `scratch`: room for a channel in pairs. `next`: the example that comes after.
 */
static void read_picture(
  float *to, float *scratch, const examples *from, size_t row, size_t at, int taken, size_t next) {
  const warp *w = &from->warp;
  const float *n = w->numbers + at * WARP_NUMBERS, *window = window_of(w, n);
  const size_t size = from->bytes ? 1 : sizeof(float);
  const char *all = from->bytes ? (const char *)from->bytes : (const char *)from->floats;
  const size_t stride = w->field_size + w->width;
  const picture p = {
    .w = w, .bytes = taken && from->bytes ? from->bytes + row * from->cols : NULL,
    .floats = taken && !from->bytes ? from->floats + row * from->cols : to,
    .room = taken ? (from->rows - row) * from->cols : from->cols, .divisor = (float)from->divisor,
    .n = n, .window = window, .stride = stride, .plane = stride * (w->field_size + w->height),
    .bends = window && n[ELASTIC] != 0, .noisy = window && n[NOISE] != 0,
    .next_image = all + next * from->cols * size, .image_row = w->width * w->channels * size,
    .next_window = window_of(w, next == row ? n : n + WARP_NUMBERS),
  };
  float *pairs = scratch + LANES - 2; // whole vectors of pairs are aligned
#ifdef V_BITS_AT
  if (is_small(w)) read_small(to, pairs, &p);
  else
#endif
    read_any(to, pairs, &p);
  for (size_t y = 0; y < w->height; y++)
    if ((float)y >= n[ERASE_TOP] && (float)y < n[ERASE_BOTTOM])
      for (size_t x = 0; x < w->width; x++)
        if ((float)x >= n[ERASE_LEFT] && (float)x < n[ERASE_RIGHT])
          for (size_t c = 0; c < w->channels; c++) to[(y * w->width + x) * w->channels + c] = w->fill;
}
