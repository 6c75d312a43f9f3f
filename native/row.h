// E9 for a single row and finite W, where nothing repays packing: W is read in place, row by row, and the rows that a
// term of ±0 would multiply are left out, with the same bits (sparse.h). The terms that stay are listed first, so no
// branch is left to mispredict, and then added four at a time, in index order.

enum { ROW_TERMS = 4 }; // at once
_Static_assert(KC % ROW_TERMS == 0 && 2 * (KC + ROW_TERMS) <= KC * NR, "room for the list in any scratch");

/** σ(sum + bias), but for σ of smooth.h. */
INLINE vector finished(enum epilogue epilogue, vector sum, vector bias) {
  const vector z = v_add(sum, bias);
  return epilogue == BIAS_RELU ? v_relu(z)
    : epilogue == BIAS_LEAKY   ? v_pick(z, z, v_mul(v_all(LEAKY_SLOPE), z))
                               : z;
}

/** sums[j] += x[t]·w[t][j] for `count` ≤ LANES columns and the terms in order. */
INLINE void add_edge(float *sums, const float *const w[ROW_TERMS], const float x[ROW_TERMS], size_t count) {
  float s[LANES] = {0}, y[LANES] = {0};
  memcpy(s, sums, sizeof(float) * count);
  vector sum = v_load(s);
  FOR(t, ROW_TERMS) {
    memcpy(y, w[t], sizeof(float) * count);
    sum = v_accumulate(sum, v_all(x[t]), v_load(y));
  }
  v_store(s, sum);
  memcpy(sums, s, sizeof(float) * count);
}

/** sums += Σ x[t]·w[t] over `cols` columns. */
INLINE void add_rows(float *sums, const float *const w[ROW_TERMS], const float x[ROW_TERMS], size_t cols) {
  vector xs[ROW_TERMS];
  FOR(t, ROW_TERMS) xs[t] = v_all(x[t]);
  size_t o = 0;
  for (; o + NR <= cols; o += NR) {
    vector s[NR_VECTORS];
    FOR(v, NR_VECTORS) s[v] = v_load(sums + o + v * LANES);
    FOR(t, ROW_TERMS) FOR(v, NR_VECTORS) s[v] = v_accumulate(s[v], xs[t], v_load(w[t] + o + v * LANES));
    FOR(v, NR_VECTORS) v_store(sums + o + v * LANES, s[v]);
  }
  for (; o < cols; o += LANES) {
    const float *const at[ROW_TERMS] = {w[0] + o, w[1] + o, w[2] + o, w[3] + o};
    add_edge(sums + o, at, x, least(LANES, cols - o));
  }
}

static void dense_row(float *output, const float *input, view W, const float *b, enum epilogue epilogue, float *scratch) {
  uint32_t *rows = (uint32_t *)(void *)scratch; // [KC + ROW_TERMS]
  float *x = scratch + KC + ROW_TERMS; //          the same
  const size_t cols = W.cols;
  memset(output, 0, sizeof(float) * cols);
  for (size_t k = 0; k < W.rows;) {
    size_t n = 0;
    for (const size_t end = least(W.rows, k + KC); k < end; k++) {
      uint32_t bits;
      memcpy(&bits, input + k, sizeof bits);
      rows[n] = (uint32_t)k;
      x[n] = input[k];
      n += (bits << 1) != 0; // always written, and n moves on or not
    }
    for (size_t t = 0; t < ROW_TERMS; t++) rows[n + t] = 0, x[n + t] = 0; // 0·W completes the last terms
    for (size_t i = 0; i < n; i += ROW_TERMS) {
      const float *w[ROW_TERMS];
      FOR(t, ROW_TERMS) w[t] = W.at + rows[i + t] * W.stride;
      add_rows(output, w, x + i, cols);
    }
  }
  size_t o = 0;
  for (; o + LANES <= cols; o += LANES) v_store(output + o, finished(epilogue, v_load(output + o), v_load(b + o)));
  if (o == cols) return;
  float s[LANES] = {0}, bias[LANES] = {0};
  memcpy(s, output + o, sizeof(float) * (cols - o));
  memcpy(bias, b + o, sizeof(float) * (cols - o));
  v_store(s, finished(epilogue, v_load(s), v_load(bias)));
  memcpy(output + o, s, sizeof(float) * (cols - o));
}
