// Small grey images on vectors of 16 (warp.h). Where all four neighbors of a place are the background, so is what is
// read there: f + t·(f − f) = f. Most places of a written digit are such. So a first pass keeps the places that have
// another neighbor, a second reads these, and a third spreads what was read.
#ifdef V_BITS_AT

enum {
  SMALL = 32, //               columns, and rows, of a small image with its border: a row is a word of bits
  STRIPS = SMALL / LANES,
  PLACES = SMALL * SMALL + LANES, // room for all places; a vector is stored whole
};

static int is_small(const warp *w) {
  return w->channels == 1 && line_of(w) == SMALL && w->height + BORDER <= SMALL;
}

/** Lay the pairs. near[y]: bit x, where a neighbor of the places from pair x of row y to the next is no background. */
INLINE void lay_small(float *restrict pairs, uint32_t near[SMALL], const picture *p) {
  uint32_t rows[SMALL + 1] = {0}; // bit x of word y: pixel (x − 1, y − 1)
  pairs[0] = pairs[1] = p->w->fill;
  FOR(i, STRIPS)
    LAY_COLUMNS(pairs, p, i * LANES, 0, SMALL, rows[y + 1] |= V_DIFFERS(pixels, fill) << (i * LANES + 1));
  for (size_t y = 0; y < SMALL; y++) {
    const uint32_t both = rows[y] | rows[y + 1];
    near[y] = both | both >> 1;
  }
}

INLINE void read_places(const int bends, float *restrict to, float *restrict pairs, const picture *p) {
  const size_t width = p->w->width, height = p->w->height, stride = p->stride, plane = p->plane;
  const float *n = p->n, *window = p->window, ux = n[UX], uy = n[UY], u0 = n[U0], vx = n[VX], vy = n[VY], v0 = n[V0];
  uint32_t near[SMALL], inside[STRIPS];
  float us[PLACES], vs[PLACES], *values = us;
  uint16_t kept[SMALL * STRIPS]; // bits of a vector's pixels
  vector along_u[STRIPS], along_v[STRIPS];
  lay_small(pairs, near, p);
  FOR(i, STRIPS) {
    const vector ramp = ramp_from(i * LANES);
    inside[i] = V_DIFFERS(v_pick(v_sub(v_all((float)width), ramp), v_all(1), v_zero()), v_zero());
    along_u[i] = v_mul(ramp, v_all(ux)), along_v[i] = v_mul(ramp, v_all(vx));
  }
  const vector lower = v_load((const float *)near), upper = v_load((const float *)near + LANES);
  const vector elastic = v_all(n[ELASTIC]);
  size_t count = 0;
  for (size_t y = 0; y < height; y++) {
    prefetch_row(p, y);
    FOR(i, STRIPS) {
      const float *du = bends ? window + y * stride + i * LANES : NULL, *dv = bends ? du + plane : NULL;
      const vector u = place(along_u[i], uy * (float)y + u0, du, elastic, (float)(width + 1));
      const vector v = place(along_v[i], vy * (float)y + v0, dv, elastic, (float)(height + 1));
      const uint32_t bits = V_BITS_AT(lower, upper, v, u) & inside[i];
      V_KEEP(us + count, u, bits);
      V_KEEP(vs + count, v, bits);
      kept[y * STRIPS + i] = (uint16_t)bits;
      count += (size_t)__builtin_popcount(bits);
    }
  }
  v_store(us + count, v_zero()); // any place
  v_store(vs + count, v_zero());
  for (size_t k = 0; k < count; k += LANES)
    v_store(values + k, read_between(pairs, SMALL, v_load(us + k), v_load(vs + k)));
  const vector fill = v_all(p->w->fill), empty = between(fill, fill, v_zero()); // −0 would become +0
  for (size_t y = 0; y < height; y++)
    FOR(i, STRIPS) {
      const uint32_t bits = kept[y * STRIPS + i];
      vector value = V_SPREAD(empty, bits, v_load(values));
      values += __builtin_popcount(bits);
      if (p->noisy) value = noised(p, value, i * LANES, y);
      V_STORE_SOME(to + y * width + i * LANES, value, inside[i]);
    }
}

static void read_small(float *to, float *pairs, const picture *p) {
  if (p->bends) read_places(1, to, pairs, p);
  else read_places(0, to, pairs, p);
}
#endif
