// A kernel call as JavaScript describes it, in numbers, and how these are read one by one, inside the memory.
#ifndef DELTAPROP_CALL_H
#define DELTAPROP_CALL_H
#include <math.h>
#include <string.h>
#include "kernels.h"

/**
 * In the order of KINDS in src/engines/native/registered-calls.ts. GATHER, DROP, ADD_NOISE and the last three are run
 * at a place; those from DROP to HOLD_UNITS with a number.
 */
enum kind {
  GATHER, DENSE, ACTIVATE, OUTPUT_DELTA, BACKPROPAGATE, WEIGHT_GRADIENT, BIAS_GRADIENT, EXAMPLE_NORMS, MASK, SQUARES,
  DROP, ADD_NOISE, CLIP, SHRINK_WEIGHTS, MOVE_MEAN, HOLD_UNITS, NORMALIZE, APPLY, SLOPE, DENORMALIZE, JOIN,
  SCALE_GRADIENT, SCALE_ROWS, UPDATE, UPDATE_WEIGHTS, NOISY_UPDATE, KINDS
};

typedef struct {
  enum kind kind;
  int option; // the activation, the loss, the optimizer, or whether sums go on
  int finite; // of dense: every weight is, and stays so
  view v[5];
  double *losses; // of softmax; of norms, factors of rows; of a normalization the inverse roots, or NULL
  int32_t *predictions;
  size_t per; // outputs a target, of a loss
  const double *parameters; // of a loss
  size_t largest_at; // of the place in the order (gather, draws), or of the coefficients (updates)
  examples examples;
  update_arrays arrays; // of an update, and of what runs over one or two spans
  draws draws;
  uint32_t layer; // of draws
  const uint32_t *key; // of noise
  uint64_t first; //      its first draw
  const float *rate; //   and −s
} call;

/** Whether a call is run in an epoch. */
static inline int draws_epoch(const call *c) { return c->kind == DROP || c->kind == ADD_NOISE; }

/** Whether a call is run at a place. */
static inline int takes_place(const call *c) { return c->kind == GATHER || draws_epoch(c) || c->kind >= UPDATE; }

/** Whether a call is run with a number. */
static inline int takes_number(const call *c) { return c->kind >= DROP && c->kind <= HOLD_UNITS; }

/** The memory that calls are checked against, with the scratch in it, which no array of a call may touch. */
typedef struct {
  char *base;
  size_t bytes;
  float *scratch;
  size_t scratch_floats;
  const kernels *k;
  int streams; // of updates: several threads read the parameters
  const kernels *widest; // for draws, whose loops are no products: the same bits
} memory;

/** The numbers that describe a call, read in order. After the first wrong one, `wrong` holds the reason. */
typedef struct {
  const memory *in;
  const double *numbers;
  size_t left;
  const char *wrong;
} reader;

static double next(reader *r) {
  if (r->left == 0) {
    r->wrong = "too few numbers";
    return 0;
  }
  r->left--;
  return *r->numbers++;
}

/** A whole number in [0, limit]. */
static size_t count_of(reader *r, size_t limit) {
  const double x = next(r);
  if (!(x >= 0 && x <= (double)limit) || x != floor(x)) {
    if (!r->wrong) r->wrong = "a number is not whole, or too large";
    return 0;
  }
  return (size_t)x;
}

/** `count` elements of `size` bytes from the next offset, inside the memory. */
static void *span_of(reader *r, size_t count, size_t size) {
  const size_t all = r->in->bytes / size, offset = count_of(r, all);
  if (!r->wrong && count > all - offset) r->wrong = "an array does not end inside the memory";
  return r->wrong ? NULL : r->in->base + offset * size;
}

/** Whether the `bytes` bytes at `at` overlap the scratch. */
static int touches_scratch(const memory *in, const void *at, size_t bytes) {
  const char *from = at, *scratch = (const char *)in->scratch;
  return from < scratch + in->scratch_floats * sizeof(float) && scratch < from + bytes;
}

static void clear_of_scratch(reader *r, const void *at, size_t bytes) {
  if (!r->wrong && touches_scratch(r->in, at, bytes)) r->wrong = "an array lies in the scratch";
}

/** offset, rows, cols, stride. */
static view view_of(reader *r) {
  const size_t all = r->in->bytes / sizeof(float), offset = count_of(r, all);
  const size_t rows = count_of(r, all), cols = count_of(r, all), stride = count_of(r, all);
  if (!r->wrong && (rows == 0 || cols == 0 || stride < cols)) r->wrong = "a view is empty, or its rows overlap";
  if (!r->wrong && (cols > all - offset || (stride > 0 && rows - 1 > (all - offset - cols) / stride)))
    r->wrong = "a view does not end inside the memory";
  if (r->wrong) return (view){NULL, 0, 0, 0};
  float *at = (float *)(void *)r->in->base + offset;
  clear_of_scratch(r, at, ((rows - 1) * stride + cols) * sizeof(float));
  return (view){at, rows, cols, stride};
}

static void same(reader *r, size_t x, size_t y) {
  if (!r->wrong && x != y) r->wrong = "shapes do not fit";
}

static void needs(reader *r, size_t rows, size_t inputs, size_t outputs) {
  if (!r->wrong && r->in->k->scratch(rows, inputs, outputs) > r->in->scratch_floats) r->wrong = "too little scratch";
}

#endif
