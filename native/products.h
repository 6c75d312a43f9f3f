// The three matrix products, in the tiles of tiles.h. Long reductions are cut into blocks whose sums wait in memory.

#include "zeros.h"

_Static_assert(SHORTEST <= TILE_ROWS, "room for every tile's list");

/** output = σ(input·W + b), but for tanh and sigmoid σ is left to the caller. Lanes run across output units. */
static void dense_product(view output, view input, view W, const float *b, enum finish finish, float *scratch) {
  float *panel = scratch, *turned = scratch + BLOCK * PANEL; // [block × PANEL], [tile][block][R]
  const size_t last = blocks(W.rows), rows = output.rows;
  uint32_t *lists = (uint32_t *)(void *)(turned + rows * least(W.rows, BLOCK) + LANES); // [tile][1 + block]
  const cut tiles = cut_rows(rows);
  const int turns = rows > TILE_ROWS && W.cols >= TURN_FROM;
  for (size_t n = 0; n < last; n++) {
    const size_t k = block_start(W.rows, n), K = block_start(W.rows, n + 1) - k;
    if (turns)
      for (size_t i = 0, R; i < rows; i += R) {
        R = height_at(tiles, i);
        pack_rows(turned + i * K, input.at + i * input.stride + k, input.stride, K, R);
      }
    sample terms = {0};
    if (turns) ask(&terms, turned, K, height_at(tiles, 0));
    const int listed = turns && MOSTLY * terms.zero >= terms.asked && all_finite(W.at + k * W.stride, W.stride, K, W.cols);
    if (listed)
      for (size_t i = 0, tile = 0, R; i < rows; i += R, tile++) {
        R = height_at(tiles, i);
        list_terms(lists + tile * (1 + K), turned + i * K, K, R);
      }
    for (size_t o = 0; o < W.cols; o += PANEL) {
      const size_t cols = least(PANEL, W.cols - o);
      const float *w = W.at + k * W.stride + o;
      const int ready = cols < PANEL || rows >= PACK_FROM || listed;
      if (ready) pack_panel(panel, w, W.stride, K, cols);
      strip t = {
        .K = K, .a_row = input.stride, .b = panel, .b_row = W.stride, .panel = panel, .c_row = output.stride,
        .started = n > 0, .finish = n + 1 == last ? finish : KEEP, .bias = b + o, .list = lists, .list_step = 1 + K,
      };
      for (size_t i = 0, count; i < rows;) {
        const size_t R = height_at(tiles, i);
        t.a = turns ? turned + i * K : input.at + i * input.stride + k;
        t.a_step = turns ? R * K : R * input.stride;
        t.c = output.at + i * output.stride + o;
        t.c_step = R * output.stride;
        if (i == 0 && !ready) { // the first tile reads W itself, and packs it for the others
          count = 1;
          t.form = rows == R ? DIRECT : turns ? TURNED_PACKING : PACKING;
          t.b = w;
        } else {
          count = tiles_alike(tiles, rows, i);
          t.form = listed ? LISTED : turns ? TURNED : ROWS;
          t.b = panel;
        }
        run_strip(R, &t, count, cols);
        t.list += count * t.list_step;
        i += count * R;
      }
    }
  }
}

/** s·σ′ from a = σ(z), as in gradients/reference.ts. */
static inline __attribute__((always_inline)) vector back(enum activation activation, vector s, vector a) {
  switch (activation) {
    case RELU: return v_pick(a, s, v_zero());
    case LEAKY_RELU: return v_pick(a, s, v_mul(v_all(LEAKY_SLOPE), s));
    case TANH: return v_mul(s, v_sub(v_all(1), v_mul(a, a)));
    case SIGMOID: return v_mul(s, v_mul(a, v_sub(v_all(1), a)));
    default: return s;
  }
}

/** below[i][k] = sums[k][i] ⊙ σ′ for `count` ≤ PANEL rows. */
static inline __attribute__((always_inline)) void turn_back(enum activation activation, view below, view output, const float *sums, size_t count) {
  const size_t K = below.cols;
  for (size_t i = 0; i < count; i += LANES) {
    const size_t here = least(LANES, count - i);
    for (size_t k = 0; k < K; k += LANES) {
      const size_t wide = least(LANES, K - k);
      vector x[LANES];
      UNROLL for (size_t r = 0; r < LANES; r++) x[r] = v_load(sums + (k + r) * PANEL + i); // rows past K are scratch, and dropped
      v_transpose(x);
      if (wide == LANES && here == LANES) {
        UNROLL for (size_t r = 0; r < LANES; r++)
          v_store(below.at + (i + r) * below.stride + k, back(activation, x[r], v_load(output.at + (i + r) * output.stride + k)));
      } else {
        float s[LANES][LANES];
        UNROLL for (size_t r = 0; r < LANES; r++) v_store(s[r], x[r]);
        for (size_t r = 0; r < here; r++) {
          float a[LANES] = {0};
          memcpy(a, output.at + (i + r) * output.stride + k, sizeof(float) * wide);
          v_store(s[r], back(activation, v_load(s[r]), v_load(a)));
          memcpy(below.at + (i + r) * below.stride + k, s[r], sizeof(float) * wide);
        }
      }
    }
  }
}

/** Examples whose δ is turned at a time: about DELTA_ROOM floats, in whole panels of any width, so that all tables need the same scratch. */
static size_t turned_examples(size_t outputs) { return most(DELTA_ROOM / most(outputs, 1) / WIDEST, 1) * WIDEST; }
_Static_assert(WIDEST % PANEL == 0, "whole panels");

/**
 * below = (delta·Wᵀ) ⊙ σ′. Lanes run across examples: δ is turned, and the result turned back. A run of W's rows stays in the second cache
 * while all examples pass; many of them repay copying it too.
 */
static void backpropagate(view below, view delta, view W, view output, enum activation activation, float *scratch) {
  const size_t O = W.cols, last = blocks(O), examples = turned_examples(O), runs = (W.rows + W_ROWS - 1) / W_ROWS;
  float *panels = scratch, *sums = panels + least(up(below.rows, PANEL), examples) * O; // [panel][O × PANEL], [panel][rows of W × PANEL]
  const int turns = below.rows >= TURN_FROM && O >= TURN_FROM;
  for (size_t from = 0; from < below.rows; from += examples) {
    const size_t count = least(examples, below.rows - from);
    for (size_t i = 0; i < count; i += PANEL)
      turn_panel(panels + i * O, delta.at + (from + i) * delta.stride, delta.stride, O, least(PANEL, count - i));
    for (size_t run = 0; run < runs; run++) {
      const size_t first = W.rows * run / runs, rows = W.rows * (run + 1) / runs - first, height = up(rows, LANES);
      const cut tiles = cut_rows(rows);
      float *turned = sums + up(count, PANEL) * height; // [tile][block][R]
      for (size_t n = 0; n < last; n++) {
        const size_t o = block_start(O, n), K = block_start(O, n + 1) - o;
        const float *w = W.at + first * W.stride + o;
        if (turns)
          for (size_t k = 0, R; k < rows; k += R) {
            R = height_at(tiles, k);
            pack_rows(turned + k * K, w + k * W.stride, W.stride, K, R);
          }
        strip t = {.K = K, .form = turns ? TURNED : ROWS, .a_row = W.stride, .c_row = PANEL, .started = n > 0};
        for (size_t i = 0; i < count; i += PANEL) {
          t.b = panels + i * O + o * PANEL;
          for (size_t k = 0, R, alike; k < rows; k += alike * R) {
            R = height_at(tiles, k);
            alike = tiles_alike(tiles, rows, k);
            t.a = turns ? turned + k * K : w + k * W.stride;
            t.a_step = turns ? R * K : R * W.stride;
            t.c = sums + i * height + k * PANEL;
            t.c_step = R * PANEL;
            run_strip(R, &t, alike, PANEL);
          }
        }
      }
      for (size_t i = 0; i < count; i += PANEL) {
        const size_t here = least(PANEL, count - i);
        const view to = {below.at + (from + i) * below.stride + first, here, rows, below.stride};
        const view a = {output.at + (from + i) * output.stride + first, here, rows, output.stride};
        const float *z = sums + i * height;
        switch (activation) { // one copy of the loop for each σ
          case RELU: turn_back(RELU, to, a, z, here); break;
          case LEAKY_RELU: turn_back(LEAKY_RELU, to, a, z, here); break;
          case TANH: turn_back(TANH, to, a, z, here); break;
          case SIGMOID: turn_back(SIGMOID, to, a, z, here); break;
          default: turn_back(IDENTITY, to, a, z, here);
        }
      }
    }
  }
}

/** Plain descent: W ← W − rate·(∇W + decay·W). */
typedef struct {
  float *W; // laid out like dW
  float rate, decay;
} descent;

/** dW = inputᵀ·delta · (1/B), or with `down` not dW but its W. Lanes run across output units; the reduction runs over examples. */
static void weight_gradient_product(view dW, view input, view delta, const descent *down, float *scratch) {
  float *panels = scratch, *columns = scratch + GROUP; // [panel][block × PANEL], [tile][block][R]
  uint32_t *lists = (uint32_t *)(void *)(columns + dW.rows * least(delta.rows, BLOCK)); // [tile][1 + block]
  const size_t last = blocks(delta.rows);
  const cut rows = cut_rows(dW.rows);
  const size_t apart = 1 + dW.rows / TILE_ROWS / ASKED;
  const float share = (float)(1.0 / (double)delta.rows);
  for (size_t n = 0; n < last; n++) {
    const size_t i = block_start(delta.rows, n), K = block_start(delta.rows, n + 1) - i;
    for (size_t row = 0, R, count; row < dW.rows; row += count * R) {
      R = height_at(rows, row);
      count = least(tiles_alike(rows, dW.rows, row), COLUMN_TILES);
      pack_columns(columns + row * K, input.at + i * input.stride + row, input.stride, K, R, count);
    }
    sample terms = {0};
    for (size_t row = 0, tile = 0, R; row < dW.rows; row += R, tile++) {
      R = height_at(rows, row);
      if (tile % apart == 0) ask(&terms, columns + row * K, K, R);
    }
    const int listed = MOSTLY * terms.zero >= terms.asked && all_finite(delta.at + i * delta.stride, delta.stride, K, delta.cols);
    if (listed)
      for (size_t row = 0, tile = 0, R; row < dW.rows; row += R, tile++) {
        R = height_at(rows, row);
        list_terms(lists + tile * (1 + K), columns + row * K, K, R);
      }
    const size_t wide = GROUP / K / PANEL * PANEL;
    for (size_t from = 0; from < dW.cols; from += wide) {
      const size_t end = least(from + wide, dW.cols);
      for (size_t o = from; o < end; o += PANEL)
        pack_panel(panels + (o - from) * K, delta.at + i * delta.stride + o, delta.stride, K, least(PANEL, end - o));
      strip t = {
        .K = K, .form = listed ? LISTED : TURNED, .list = lists, .b_step = K * PANEL, .c_row = dW.stride, .c_step = PANEL, .started = n > 0,
        .finish = n + 1 < last ? KEEP : down ? DESCEND : SHARE, .share = share,
      };
      if (down) t.rate = down->rate, t.decay = down->decay;
      for (size_t row = 0, R; row < dW.rows; row += R, t.list += 1 + K) {
        R = height_at(rows, row);
        t.a = columns + row * K;
        t.b = panels;
        t.c = dW.at + row * dW.stride + from;
        if (down) t.w = down->W + row * dW.stride + from;
        const size_t whole = (end - from) / PANEL, cols = (end - from) % PANEL;
        if (whole > 0) run_strip(R, &t, whole, PANEL);
        if (cols == 0) continue;
        t.b += whole * t.b_step, t.c += whole * PANEL;
        if (down) t.w += whole * PANEL;
        run_strip(R, &t, 1, cols);
      }
    }
  }
}

/** Rows or columns [from, from + count) of a view. */
static view rows_of(view v, size_t from, size_t count) { return (view){v.at + from * v.stride, count, v.cols, v.stride}; }
static view columns_of(view v, size_t from, size_t count) { return (view){v.at + from, v.rows, count, v.stride}; }

static void dense_sums(view output, view input, view W, const float *b, enum finish finish, float *scratch) {
  for (size_t i = 0, n; i < output.rows; i += n) {
    n = least(CHUNK, output.rows - i);
    dense_product(rows_of(output, i, n), rows_of(input, i, n), W, b, finish, scratch);
  }
}

static void weight_gradient(view dW, view input, view delta, float *scratch) {
  for (size_t k = 0, n; k < dW.rows; k += n) {
    n = least(CHUNK, dW.rows - k);
    weight_gradient_product(rows_of(dW, k, n), columns_of(input, k, n), delta, NULL, scratch);
  }
}

/** What waits in dW between blocks is lost. */
static void descend_weights(float *W, view dW, view input, view delta, const float coefficients[COEFFICIENTS], float *scratch) {
  for (size_t k = 0, n; k < dW.rows; k += n) {
    n = least(CHUNK, dW.rows - k);
    const descent down = {W + k * dW.stride, coefficients[0], coefficients[1]};
    weight_gradient_product(rows_of(dW, k, n), columns_of(input, k, n), delta, &down, scratch);
  }
}

_Static_assert(GROUP >= BLOCK * PANEL, "a group holds a panel");
_Static_assert(2 * EXPONENTS <= BLOCK * PANEL, "any scratch holds the exponentials");

/** Floats of scratch: the most that dense, backpropagate, a weight gradient, or softmax in doubles takes. */
static size_t scratch(size_t rows, size_t inputs, size_t outputs) {
  const size_t dense = BLOCK * PANEL + least(rows, CHUNK) * least(inputs, BLOCK) + list_room(least(rows, CHUNK), least(inputs, BLOCK));
  const size_t turned = least(up(rows, WIDEST), turned_examples(outputs)), height = up(least(inputs, W_ROWS), LANES);
  const size_t back = turned * (outputs + height) + height * least(outputs, BLOCK);
  const size_t gradient = GROUP + least(inputs, CHUNK) * least(rows, BLOCK) + list_room(least(inputs, CHUNK), least(rows, BLOCK));
  return most(most(dense, back), most(gradient, 2 * outputs)) + 2 * LANES;
}
