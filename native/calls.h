// The check of a kernel call of each kind: one that passes stays inside the memory.
#ifndef DELTAPROP_CALLS_H
#define DELTAPROP_CALLS_H
#include "call.h"

/** width, height, channels, size of the fields, fill, numbers, fields: of `rows` rows from any place in the order. */
static void read_warp(reader *r, call *c, size_t rows) {
  enum { MOST = 1 << 16, MOST_LANES = 16 };
  warp *w = &c->examples.warp;
  w->width = count_of(r, MOST);
  w->height = count_of(r, MOST);
  w->channels = count_of(r, MOST);
  w->field_size = count_of(r, MOST);
  w->fill = (float)next(r);
  const size_t pairs = (w->width + BORDER + MOST_LANES - 1) / MOST_LANES * MOST_LANES * (w->height + 2);
  if (!r->wrong && (w->width == 0 || w->height == 0 || w->channels == 0)) r->wrong = "an image is empty";
  if (!r->wrong && w->width * w->channels > c->examples.cols) r->wrong = "shapes do not fit";
  same(r, w->width * w->height * w->channels, c->examples.cols);
  if (!r->wrong && 2 * pairs + MOST_LANES > r->in->scratch_floats) r->wrong = "too little scratch";
  if (!r->wrong && 2 * pairs > INT32_MAX) r->wrong = "an image is too large";
  const float *numbers = span_of(r, rows * WARP_NUMBERS, sizeof(float));
  const size_t field = w->field_size ? (w->field_size + w->width) * (w->field_size + w->height) : 0;
  w->fields = span_of(r, field ? 3 * field + MOST_LANES : 0, sizeof(float)); // a row's last piece is a whole vector
  if (r->wrong) return;
  w->numbers = numbers;
  const size_t floats = r->in->bytes / sizeof(float), first = (size_t)((const char *)numbers - r->in->base) / sizeof(float);
  const size_t last = (floats - first) / WARP_NUMBERS - rows;
  if (last < c->largest_at) c->largest_at = last;
}

static void read_gather(reader *r, call *c) {
  examples *e = &c->examples;
  const view input = c->v[0] = view_of(r), targets = c->v[1] = view_of(r);
  e->rows = count_of(r, SIZE_MAX >> 12);
  e->cols = input.cols;
  e->classes = targets.cols;
  same(r, input.rows, targets.rows);
  if (!r->wrong && e->rows > r->in->bytes / e->cols) r->wrong = "too many examples";
  if (!r->wrong && e->rows > r->in->bytes / e->classes) r->wrong = "too many examples";
  const int floats = (int)count_of(r, 1);
  e->divisor = next(r);
  if (!r->wrong && !(e->divisor > 0 && e->divisor <= 1.7976931348623157e308))
    r->wrong = "the divisor is not finite and positive";
  if (r->wrong) return;
  if (floats) e->floats = span_of(r, e->rows * e->cols, sizeof(float));
  else e->bytes = span_of(r, e->rows * e->cols, 1);
  e->labels = span_of(r, e->rows, sizeof(int32_t));
  e->scale = span_of(r, e->classes, sizeof(double));
  e->shift = span_of(r, e->classes, sizeof(double));
  e->order = span_of(r, input.rows, sizeof(int32_t));
  if (r->wrong) return;
  const size_t order = (size_t)((const char *)e->order - r->in->base) / sizeof(int32_t);
  c->largest_at = r->in->bytes / sizeof(int32_t) - input.rows - order;
  if (count_of(r, 1)) e->soft = span_of(r, e->rows * e->classes, sizeof(float));
  if (r->left > 0) read_warp(r, c, input.rows);
  e->float_divisor = (double)(float)e->divisor == e->divisor;
}

static void allow_coefficients(reader *r, call *c) {
  if (!r->wrong && r->in->bytes / sizeof(float) < COEFFICIENTS) r->wrong = "no room for coefficients";
  c->largest_at = r->in->bytes / sizeof(float) - COEFFICIENTS;
}

/** delta, output, targets, losses, predictions, loss, outputs a target, parameters. */
static void read_loss(reader *r, call *c) {
  view *v = c->v;
  for (int i = 0; i < 3; i++) v[i] = view_of(r);
  same(r, v[0].rows, v[1].rows);
  same(r, v[0].cols, v[1].cols);
  same(r, v[0].rows, v[2].rows);
  c->losses = span_of(r, v[0].rows, sizeof(double));
  c->predictions = span_of(r, v[0].rows, sizeof(int32_t));
  clear_of_scratch(r, c->losses, v[0].rows * sizeof(double));
  clear_of_scratch(r, c->predictions, v[0].rows * sizeof(int32_t));
  c->option = (int)count_of(r, LOSSES - 1);
  c->per = count_of(r, v[0].cols);
  c->parameters = span_of(r, 2 * v[0].cols, sizeof(double));
  if (r->wrong) return;
  const size_t per = c->option == GAUSSIAN ? 2 : c->option == QUANTILE ? c->per : 1;
  if (c->per == 0 || c->per != per || v[0].cols % per) r->wrong = "the outputs do not fit the loss";
  if (r->wrong) return;
  const size_t T = v[0].cols / per, weighted = c->option != SOFTMAX_CROSS_ENTROPY && v[2].cols == T + 1;
  same(r, v[2].cols, T + weighted);
  needs(r, 1, 1, v[0].cols);
}

/** A word of 32 bits. */
static uint32_t word_of(reader *r) { return (uint32_t)count_of(r, UINT32_MAX); }

/** amount, halves of the seed, examples: of `rows` rows from any place in the order. */
static void read_draws(reader *r, call *c, size_t rows) {
  draws *d = &c->draws;
  d->amount = next(r);
  d->seed = word_of(r);
  d->seed |= (uint64_t)word_of(r) << 32;
  if (!r->wrong && !(d->amount >= 0 && d->amount <= (c->kind == DROP ? 1 : 1.7976931348623157e308)))
    r->wrong = "an amount of draws is not in its range";
  d->examples = span_of(r, rows, sizeof(int32_t));
  if (r->wrong) return;
  const size_t from = (size_t)((const char *)d->examples - r->in->base) / sizeof(int32_t);
  c->largest_at = r->in->bytes / sizeof(int32_t) - rows - from;
}

/** length, and `count` spans: of the gradients or parameters, then of a mean. */
static void read_spans(reader *r, call *c, int count) {
  const size_t length = c->arrays.length = count_of(r, r->in->bytes / sizeof(float));
  c->arrays.parameters = span_of(r, length, sizeof(float));
  clear_of_scratch(r, c->arrays.parameters, length * sizeof(float));
  if (count < 2) return;
  c->arrays.m = span_of(r, length, sizeof(float));
  clear_of_scratch(r, c->arrays.m, length * sizeof(float));
}

/** Whether the sums of a gradient go on from those of the rows before. */
static void read_adds(reader *r, call *c) {
  if (r->left > 0) c->option = (int)count_of(r, 1);
}

static void same_shape(reader *r, view x, view y) {
  same(r, x.rows, y.rows);
  same(r, x.cols, y.cols);
}

static void read_inverses(reader *r, call *c) {
  c->losses = span_of(r, c->v[0].rows, sizeof(double));
  clear_of_scratch(r, c->losses, c->v[0].rows * sizeof(double));
}

/** Calls of between.h. */
static void read_between(reader *r, call *c) {
  view *v = c->v;
  switch (c->kind) {
    case NORMALIZE: // output, gain, offset, and, where they are kept, normalized and inverse roots
      for (int i = 0; i < 3; i++) v[i] = view_of(r);
      same(r, v[1].cols, v[0].cols);
      same(r, v[2].cols, v[0].cols);
      if (r->wrong || r->left == 0) return;
      v[3] = view_of(r);
      same_shape(r, v[0], v[3]);
      read_inverses(r, c);
      return;
    case APPLY: // output, activation
      v[0] = view_of(r);
      c->option = (int)count_of(r, ACTIVATIONS - 1);
      return;
    case DENORMALIZE: // delta, above, gain, normalized, inverse roots
      for (int i = 0; i < 4; i++) v[i] = view_of(r);
      same_shape(r, v[0], v[1]);
      same_shape(r, v[0], v[3]);
      same(r, v[2].cols, v[0].cols);
      read_inverses(r, c);
      return;
    case SCALE_GRADIENT: // gradient, input, delta, adds as in WEIGHT_GRADIENT
      for (int i = 0; i < 3; i++) v[i] = view_of(r);
      same(r, v[0].cols, v[1].cols);
      same_shape(r, v[1], v[2]);
      read_adds(r, c);
      return;
    default: // SLOPE: delta, above, kept, activation; JOIN: sum, x, y
      for (int i = 0; i < 3; i++) v[i] = view_of(r);
      same_shape(r, v[0], v[1]);
      same_shape(r, v[0], v[2]);
      if (c->kind == SLOPE) c->option = (int)count_of(r, ACTIVATIONS - 1);
  }
}

/** optimizer, decays, length, parameters, gradients, states. */
static void read_update(reader *r, call *c) {
  c->option = (int)count_of(r, OPTIMIZERS - 1);
  c->arrays.decays = (int)count_of(r, 1);
  const size_t length = c->arrays.length = count_of(r, r->in->bytes / sizeof(float));
  c->arrays.parameters = span_of(r, length, sizeof(float));
  c->arrays.gradients = span_of(r, length, sizeof(float));
  if (c->option != SGD) c->arrays.m = span_of(r, length, sizeof(float));
  if (c->option >= ADAM) c->arrays.v = span_of(r, length, sizeof(float));
  allow_coefficients(r, c);
}

/** gradients, first draw, key, rate, and of an update that holds them. */
static void read_noisy_update(reader *r, call *c) {
  const view g = c->v[0] = view_of(r);
  c->first = count_of(r, (size_t)1 << 36); // 2³² blocks of 16 draws
  c->key = span_of(r, 8, sizeof(uint32_t));
  c->rate = span_of(r, 1, sizeof(float));
  read_update(r, c);
  if (!r->wrong && c->arrays.gradients != g.at) r->wrong = "the gradients are others";
  if (!r->wrong && c->arrays.length < (g.rows - 1) * g.stride + g.cols) r->wrong = "shapes do not fit";
}

static void read_call(reader *r, call *c) {
  view *v = c->v;
  switch (c->kind) {
    case GATHER: read_gather(r, c); return;
    case DENSE: // output, input, W, b, activation, and, where it is 1, finite
    case BACKPROPAGATE: // below, delta, W, kept, activation
      for (int i = 0; i < 4; i++) v[i] = view_of(r);
      c->option = (int)count_of(r, ACTIVATIONS - 1);
      same(r, v[0].rows, v[1].rows);
      if (c->kind == DENSE) {
        same(r, v[0].cols, v[2].cols);
        same(r, v[1].cols, v[2].rows);
        same(r, v[3].cols, v[2].cols);
        if (r->left > 0) c->finite = (int)count_of(r, 1);
      } else {
        same(r, v[0].cols, v[2].rows);
        same(r, v[1].cols, v[2].cols);
        same(r, v[3].cols, v[2].rows);
        same(r, v[3].rows, v[0].rows);
      }
      needs(r, v[0].rows, v[2].rows, v[2].cols);
      return;
    case ACTIVATE: // output, slopes, activation
      for (int i = 0; i < 2; i++) v[i] = view_of(r);
      c->option = (int)count_of(r, ACTIVATIONS - 1);
      same(r, v[0].rows, v[1].rows);
      same(r, v[0].cols, v[1].cols);
      if (!r->wrong && c->option < GELU) r->wrong = "this activation keeps no slopes";
      return;
    case OUTPUT_DELTA: read_loss(r, c); return;
    case WEIGHT_GRADIENT: // dW, input, delta, and, where it is 1, adds
    case UPDATE_WEIGHTS: // dW, input, delta, W
      for (int i = 0; i < (c->kind == UPDATE_WEIGHTS ? 4 : 3); i++) v[i] = view_of(r);
      same(r, v[0].rows, v[1].cols);
      same(r, v[0].cols, v[2].cols);
      same(r, v[1].rows, v[2].rows);
      needs(r, v[2].rows, v[0].rows, v[0].cols);
      if (c->kind == WEIGHT_GRADIENT) {
        read_adds(r, c);
        return;
      }
      same(r, v[3].rows, v[0].rows);
      same(r, v[3].cols, v[0].cols);
      same(r, v[3].stride, v[0].stride);
      allow_coefficients(r, c);
      return;
    case BIAS_GRADIENT: // db, delta, adds as above
      for (int i = 0; i < 2; i++) v[i] = view_of(r);
      same(r, v[0].cols, v[1].cols);
      read_adds(r, c);
      return;
    case EXAMPLE_NORMS: // input, delta, norms
      for (int i = 0; i < 2; i++) v[i] = view_of(r);
      same(r, v[0].rows, v[1].rows);
      c->losses = span_of(r, v[0].rows, sizeof(double));
      clear_of_scratch(r, c->losses, v[0].rows * sizeof(double));
      return;
    case MASK: // delta, mask
      for (int i = 0; i < 2; i++) v[i] = view_of(r);
      same(r, v[0].rows, v[1].rows);
      same(r, v[0].cols, v[1].cols);
      return;
    case SQUARES: // dW, squares
    case SCALE_ROWS: // delta, factors
      v[0] = view_of(r);
      c->losses = span_of(r, v[0].rows, sizeof(double));
      clear_of_scratch(r, c->losses, v[0].rows * sizeof(double));
      return;
    case DROP: // passed, mask, output, layer, draws
      for (int i = 0; i < 3; i++) v[i] = view_of(r);
      for (int i = 1; i < 3; i++) {
        same(r, v[i].rows, v[0].rows);
        same(r, v[i].cols, v[0].cols);
      }
      c->layer = word_of(r);
      read_draws(r, c, v[0].rows);
      return;
    case ADD_NOISE: // input, draws
      v[0] = view_of(r);
      read_draws(r, c, v[0].rows);
      return;
    case CLIP: // length, gradients
    case SHRINK_WEIGHTS: read_spans(r, c, 1); return; // length, weights
    case MOVE_MEAN: read_spans(r, c, 2); return; //      length, parameters, mean
    case HOLD_UNITS: v[0] = view_of(r); return; //       W
    case NOISY_UPDATE: read_noisy_update(r, c); return;
    case NORMALIZE:
    case APPLY:
    case SLOPE:
    case DENORMALIZE:
    case JOIN:
    case SCALE_GRADIENT: read_between(r, c); return;
    default: read_update(r, c);
  }
}

/** Read a call of `kind`; returns what is wrong with it, or NULL. */
static const char *check_call(const memory *in, enum kind kind, const double *numbers, size_t length, call *c) {
  reader r = {in, numbers, length, NULL};
  memset(c, 0, sizeof *c);
  c->kind = kind;
  read_call(&r, c);
  return r.wrong ? r.wrong : r.left > 0 ? "too many numbers" : NULL;
}
#endif
