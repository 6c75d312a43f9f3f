// The kernels against plain loops in index order, bit for bit (any NaN for a NaN), fused too, over 400 awkward shapes.
// Every array is an allocation of its own that ends with its last element, so that AddressSanitizer sees a step beyond
// it (sanitize.mjs).
#define _POSIX_C_SOURCE 200112L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels.h"
#include "numerics.h"
#include "curves.h"

enum { SHAPES = 400 };
static const char *const KERNELS[] = {
  "dense", "backpropagate", "weight_gradient", "update_weights", "bias_gradient", "gather", "losses", "update",
  "activate", "example_norms", "drop", "mask_delta", "add_noise", "squares", "clip", "shrink", "average", "hold_units",
  "gather, distorted", "normalize or denormalize", "apply", "slope", "join", "scale_gradient", "scale_rows",
  "noisy_update",
};

static uint32_t state = 20261126;
static size_t below(size_t n) {
  state = state * 1664525u + 1013904223u;
  return (size_t)((uint64_t)state * n >> 32);
}

static int sparse; // nearly all numbers are ±0: the sparse layout of zeros.h

/** Ordinary numbers and zeros; in wild shapes also ±∞, NaN, denormals, and numbers that over- or underflow. */
static float number(int wild) {
  if (sparse && below(12)) return below(2) ? 0.0f : -0.0f;
  static const float strange[] = {INFINITY, -INFINITY, NAN, 1e-45f, -1e-39f, 1e-20f, 3e38f, -2e19f};
  if (wild && below(16) == 0) return strange[below(8)];
  if (below(5) == 0) return below(2) ? 0.0f : -0.0f;
  return ((float)below(1 << 24) / (1 << 23) - 1) * (below(8) ? 1 : 40);
}

/** Room that begins a cache line, as streams of weights want it. */
static void *room_for(size_t size) {
  void *at = NULL;
  if (posix_memalign(&at, 64, size)) abort();
  return at;
}
static void *copy_of(const void *from, size_t size) { return memcpy(room_for(size), from, size); }
static size_t floats_of(view v) { return (v.rows - 1) * v.stride + v.cols; }

static view matrix(size_t rows, size_t cols, int wild) {
  static const size_t more[] = {0, 1, 3, 16};
  view v = {NULL, rows, cols, below(4) ? cols + more[below(4)] : (cols + 15) / 16 * 16};
  v.at = room_for(floats_of(v) * sizeof(float));
  for (size_t i = 0; i < floats_of(v); i++) v.at[i] = number(wild);
  return v;
}
static view twin(view v) {
  v.at = copy_of(v.at, floats_of(v) * sizeof(float));
  return v;
}

static int same_bits(const float *x, const float *y, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (memcmp(x + i, y + i, sizeof(float)) != 0 && !(x[i] != x[i] && y[i] != y[i])) return 0;
  return 1;
}

/** Whether two views have the same bits, padding included. Frees both. */
static int agree(view x, view y) {
  const int same = same_bits(x.at, y.at, floats_of(x));
  free(x.at), free(y.at);
  return same;
}

static float plus(int fused, float sum, float x, float y) { return fused ? __builtin_fmaf(x, y, sum) : sum + x * y; }

static float activate(enum activation activation, float z) {
  switch (activation) {
    case RELU: return z > 0 || z != z ? z : 0;
    case LEAKY_RELU: return z > 0 ? z : 0.01f * z;
    case TANH: return (float)own_tanh((double)z);
    case SIGMOID: return (float)own_logistic((double)z);
    case SELU: return (float)selu((double)z);
    case ELU: return (float)elu((double)z);
    case SOFTPLUS: return (float)own_softplus((double)z);
    case GELU: return (float)gelu((double)z).a;
    case SILU: return (float)silu((double)z).a;
    case MISH: return (float)mish((double)z).a;
    default: return z;
  }
}

/** s·σ′ from a = σ(z), or from the slope that was kept. */
static float back(enum activation activation, float s, float a) {
  switch (activation) {
    case RELU: return a > 0 ? s : 0;
    case LEAKY_RELU: return a > 0 ? s : 0.01f * s;
    case TANH: return s * (1 - a * a);
    case SIGMOID: return s * (a * (1 - a));
    case SELU: return (float)((double)s * (a > 0 ? SELU_LAMBDA : (double)a + SELU_BELOW));
    case ELU: return (float)((double)s * (a > 0 ? 1 : (double)a + 1));
    case SOFTPLUS: return (float)((double)s * -own_expm1(-(double)a));
    case GELU:
    case SILU:
    case MISH: return s * a;
    default: return s;
  }
}

/** Sizes around the boundaries of tiles.h: LANES, MR, NR, PACK_B_ROWS, PACK_A_REUSE; at the end KC, MC_BACK, MC. */
static size_t size(int shape) {
  static const size_t some[] = {
    1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 15, 16, 17,
    23, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 70, 96, 100, 129,
  };
  static const size_t large[] = {255, 257, 511, 513, 1023, 1025};
  return shape < SHAPES - 8 || below(3) ? some[below(sizeof some / sizeof *some)] : large[below(6)];
}

/** Sums that go on from −0, as fused ones may be, over terms of 0: none may be left out then. */
static int goes_on_from_zero(const kernels *k, int fused) {
  enum { B = 8, I = 32, O = 48 };
  float x[2][B * I], d[2][B * O], got[I * O] = {0}, wanted[I * O] = {0};
  float *scratch = aligned_alloc(64, (k->scratch(B, I, O) + 16) / 16 * 64);
  for (size_t part = 0; part < 2; part++) {
    for (size_t i = 0; i < B * I; i++) x[part][i] = part == 0 ? 1e-30f : i % I == 0;
    for (size_t i = 0; i < B * O; i++) d[part][i] = part == 0 ? -1e-30f : 1;
    for (size_t n = 0; n < I * O; n++)
      for (size_t i = 0; i < B; i++) wanted[n] = plus(fused, wanted[n], x[part][i * I + n / O], d[part][i * O + n % O]);
    k->weight_gradient((view){got, I, O, O}, (view){x[part], B, I, I}, (view){d[part], B, O, O}, 1, scratch);
  }
  free(scratch);
  return same_bits(got, wanted, I * O);
}

/** The products of one random shape. Returns the mask of KERNELS that differ. */
static unsigned products(const kernels *k, int fused, int shape) {
  const int wild = shape % 4 == 3;
  sparse = shape % 3 == 1;
  const size_t B = size(shape), I = size(shape), O = size(shape);
  const enum activation activation = (enum activation)below(ACTIVATIONS);
  const float inverse_b = (float)(1.0 / (double)B);
  const float coefficients[COEFFICIENTS] = {[RATE] = 0.05f, [DECAY] = below(2) ? 0.01f : 0};
  const view input = matrix(B, I, wild), W = matrix(I, O, wild), delta = matrix(B, O, wild), b = matrix(1, O, wild);
  float *scratch = aligned_alloc(64, (k->scratch(B, I, O) + 15) / 16 * 64);
  unsigned wrong = 0;

  view got = matrix(B, O, 0), wanted = twin(got);
  int finite = below(4) > 0;
  for (size_t i = 0; i < floats_of(W); i++) finite &= W.at[i] - W.at[i] == 0;
  k->dense(got, input, W, b.at, activation, finite, scratch);
  for (size_t i = 0; i < B; i++)
    for (size_t o = 0; o < O; o++) {
      float sum = 0;
      for (size_t n = 0; n < I; n++) sum = plus(fused, sum, input.at[i * input.stride + n], W.at[n * W.stride + o]);
      wanted.at[i * wanted.stride + o] = activate(activation, sum + b.at[o]);
    }
  wrong |= !agree(got, wanted) << 0;

  got = matrix(B, I, 0), wanted = twin(got);
  k->backpropagate(got, delta, W, input, activation, scratch);
  for (size_t i = 0; i < B; i++)
    for (size_t n = 0; n < I; n++) {
      float sum = 0;
      for (size_t o = 0; o < O; o++) sum = plus(fused, sum, delta.at[i * delta.stride + o], W.at[n * W.stride + o]);
      wanted.at[i * wanted.stride + n] = back(activation, sum, input.at[i * input.stride + n]);
    }
  wrong |= !agree(got, wanted) << 1;

  got = (view){malloc(floats_of(W) * sizeof(float)), I, O, W.stride};
  memcpy(got.at, W.at, floats_of(W) * sizeof(float));
  wanted = twin(got);
  view dW = twin(got), moved = twin(got), followed = twin(got);
  k->weight_gradient(got, input, delta, 0, scratch);
  k->update_weights(moved.at, dW, input, delta, coefficients, (int)below(2), scratch);
  for (size_t n = 0; n < I; n++)
    for (size_t o = 0; o < O; o++) {
      float sum = 0;
      for (size_t i = 0; i < B; i++)
        sum = plus(fused, sum, input.at[i * input.stride + n], delta.at[i * delta.stride + o]);
      float *w = followed.at + n * W.stride + o;
      wanted.at[n * W.stride + o] = sum * inverse_b;
      *w -= coefficients[RATE] * (sum * inverse_b + coefficients[DECAY] * *w);
    }
  wrong |= !agree(got, wanted) << 2;
  wrong |= !agree(moved, followed) << 3;

  // the rows in two parts, each sum going on where it was left
  const size_t first = B / 2;
  got = (view){calloc(floats_of(W), sizeof(float)), I, O, W.stride};
  wanted = (view){calloc(floats_of(W), sizeof(float)), I, O, W.stride};
  for (size_t n = 0; n < I; n++)
    for (size_t o = 0; o < O; o++)
      for (size_t i = 0; i < B; i++) {
        float *sum = wanted.at + n * W.stride + o;
        *sum = plus(fused, *sum, input.at[i * input.stride + n], delta.at[i * delta.stride + o]);
      }
  for (size_t part = 0; part < 2; part++) {
    const size_t from = part ? first : 0, count = part ? B - first : first;
    const view x = {input.at + from * input.stride, count, I, input.stride};
    const view d = {delta.at + from * delta.stride, count, O, delta.stride};
    if (count > 0) k->weight_gradient(got, x, d, 1, scratch);
  }
  wrong |= !agree(got, wanted) << 2;

  if (shape == 0) wrong |= (unsigned)!goes_on_from_zero(k, fused) << 2;

  got = matrix(1, O, 0), wanted = twin(got);
  k->bias_gradient(got.at, delta, 0);
  for (size_t o = 0; o < O; o++) {
    float sum = 0;
    for (size_t i = 0; i < B; i++) sum += delta.at[i * delta.stride + o];
    wanted.at[o] = sum * inverse_b;
  }
  wrong |= !agree(got, wanted) << 4;

  got = matrix(1, O, 0), wanted = twin(got);
  k->bias_gradient(got.at, delta, 1);
  for (size_t i = 0; i < B; i++)
    for (size_t o = 0; o < O; o++) wanted.at[o] += delta.at[i * delta.stride + o];
  wrong |= !agree(got, wanted) << 4;
  free(input.at), free(W.at), free(delta.at), free(b.at), free(dW.at), free(scratch);
  return wrong;
}

/** A single row of numbers whose products round to nothing, among zeros, and biases of −0. The same mask. */
static unsigned tiny_row(const kernels *k, int fused) {
  const size_t I = 1 + below(40), O = 1 + below(40);
  view x = matrix(1, I, 0), W = matrix(I, O, 0), b = matrix(1, O, 0), got = matrix(1, O, 0), wanted = twin(got);
  for (size_t i = 0; i < I; i++) x.at[i] *= below(2) ? 1e-30f : 0;
  for (size_t i = 0; i < floats_of(W); i++) W.at[i] *= 1e-20f;
  for (size_t o = 0; o < O; o++) b.at[o] = below(2) ? -0.0f : 0;
  float *scratch = aligned_alloc(64, (k->scratch(1, I, O) + 15) / 16 * 64);
  k->dense(got, x, W, b.at, IDENTITY, 1, scratch);
  for (size_t o = 0; o < O; o++) {
    float sum = 0;
    for (size_t i = 0; i < I; i++) sum = plus(fused, sum, x.at[i], W.at[i * W.stride + o]);
    wanted.at[o] = sum + b.at[o];
  }
  free(x.at), free(W.at), free(b.at), free(scratch);
  return !agree(got, wanted);
}

/** Σ x² of row `r`: term j goes to lane j mod 8, and the lanes are added two by two (example-norms.ts). */
static double lanes_norm(view v, size_t r) {
  double lane[8] = {0};
  for (size_t j = 0; j < v.cols; j++) lane[j % 8] += (double)v.at[r * v.stride + j] * (double)v.at[r * v.stride + j];
  for (size_t k = 0; k < 4; k++) lane[k] += lane[k + 4];
  return (lane[0] + lane[2]) + (lane[1] + lane[3]);
}

/**
 * gather, the losses, activate and update against those of the narrow kernels, whose loops are plain. Returns the
 * same mask.
 */
static unsigned others(const kernels *k, const kernels *plain, int shape) {
  enum { N = 9 };
  const int wild = shape % 4 == 3, bytes = (int)below(2);
  const size_t B = size(shape), I = size(shape), C = size(shape);
  const double divisor = below(2) ? 255 : 0.3;
  unsigned wrong = 0;

  uint8_t *pixels = malloc(N * I);
  float *floats = malloc(N * I * sizeof(float));
  for (size_t i = 0; i < N * I; i++) pixels[i] = (uint8_t)below(256), floats[i] = number(wild);
  int32_t *labels = malloc(N * sizeof(int32_t)), *order = malloc(B * sizeof(int32_t));
  double *scale = malloc(C * sizeof(double)), *shift = malloc(C * sizeof(double));
  for (size_t i = 0; i < N; i++) labels[i] = (int32_t)below(C);
  for (size_t i = 0; i < B; i++) order[i] = (int32_t)below(N);
  for (size_t c = 0; c < C; c++) scale[c] = 0.9, shift[c] = 0.1 / (double)C;
  const examples from = {
    .rows = N, .cols = I, .classes = C, .bytes = bytes ? pixels : NULL, .floats = floats, .divisor = divisor,
    .float_divisor = (double)(float)divisor == divisor, .labels = labels, .order = order, .scale = scale,
    .shift = shift,
  };
  view x = matrix(B, I, 0), y = twin(x), t = matrix(B, C, 0), u = twin(t);
  const int failed = k->gather(x, t, &from, 0, NULL) | plain->gather(y, u, &from, 0, NULL);
  wrong |= (failed | !agree(x, y)) << 5;

  const view logits = matrix(B, C, wild);
  double *losses = malloc(2 * B * sizeof(double)), *e = malloc(k->scratch(B, 1, C) * sizeof(float));
  int32_t *best = malloc(2 * B * sizeof(int32_t));
  double *parameters = malloc(2 * C * sizeof(double));
  for (size_t c = 0; c < 2 * C; c++) parameters[c] = c < C ? 1 : 0.5;
  const enum loss loss = below(2) ? SOFTMAX_CROSS_ENTROPY : (enum loss)below(C % 2 ? GAUSSIAN : LOSSES);
  const size_t per = loss == GAUSSIAN ? 2 : 1;
  x = matrix(B, C, 0), y = twin(x);
  k->output_delta(loss, x, losses, best, logits, t, per, parameters, e);
  plain->output_delta(loss, y, losses + B, best + B, logits, t, per, parameters, e);
  int same = same_bits(t.at, u.at, floats_of(t)) && memcmp(best, best + B, B * sizeof(int32_t)) == 0 && agree(x, y);
  for (size_t i = 0; i < B; i++) same &= losses[i] == losses[B + i] || losses[B + i] != losses[B + i];
  wrong |= !same << 6;

  const enum activation smooth = (enum activation)(GELU + below(ACTIVATIONS - GELU));
  view z = matrix(B, C, wild), slopes = matrix(B, C, 0), a = twin(z), others = twin(slopes);
  k->activate(z, slopes, smooth);
  plain->activate(a, others, smooth);
  for (int i = 0; i < 2; i++) wrong |= !agree(i ? z : slopes, i ? a : others) << 8;

  const view rows = matrix(B, I, wild), errors = matrix(B, C, wild);
  double *norms = malloc(B * sizeof(double));
  k->example_norms(norms, rows, errors);
  for (size_t r = 0; r < B; r++) {
    const double expected = (lanes_norm(rows, r) + 1) * lanes_norm(errors, r);
    wrong |= (unsigned)(norms[r] != expected && expected == expected) << 9;
  }
  free(rows.at), free(errors.at), free(norms);

  const enum optimizer optimizer = (enum optimizer)below(OPTIMIZERS);
  const float coefficients[COEFFICIENTS] = {0.05f, 0.01f, 0.9f, 0.1f, 0.999f, 0.001f, 1e-8f, 1.5f};
  const view g = matrix(1, I, wild);
  view at[3], twins[3];
  for (int i = 0; i < 3; i++) at[i] = matrix(1, I, wild), twins[i] = twin(at[i]);
  for (size_t i = 0; i < I; i++) at[2].at[i] = twins[2].at[i] = __builtin_fabsf(at[2].at[i]);
  const int decays = (int)below(2);
  k->update(optimizer, &(update_arrays){at[0].at, at[1].at, at[2].at, g.at, I, decays}, coefficients, (int)below(2));
  plain->update(optimizer, &(update_arrays){twins[0].at, twins[1].at, twins[2].at, g.at, I, decays}, coefficients, 0);
  for (int i = 0; i < 3; i++) wrong |= !agree(at[i], twins[i]) << 7;

  free(pixels), free(floats), free(labels), free(order), free(scale), free(shift), free(t.at), free(u.at);
  free(logits.at), free(losses), free(e), free(best), free(g.at), free(parameters);
  return wrong;
}

#include "agree-steps.h"
#include "agree-warp.h"
#include "agree-between.h"
#include "agree-private.h"

int main(void) {
  unsigned wrong = 0;
  for (int n = 0; n < VARIANTS * MOST_TABLES; n++) {
    const enum variant variant = (enum variant)(n / MOST_TABLES);
    const kernels *k = kernels_at(variant, n % MOST_TABLES);
    if (!k) continue;
    unsigned here = 0;
    for (int shape = 0; shape < SHAPES; shape++)
      here |= products(k, variant == FUSING, shape) | tiny_row(k, variant == FUSING) | others(k, find_kernels(NARROW), shape) |
        step_kernels(k, find_kernels(NARROW), shape) | distorted(k) << 18 | between_layers(k, shape) << 19 |
        private_step(k, find_kernels(NARROW), shape) << 24;
    printf("%s: %d shapes, %s\n", k->name, SHAPES, here ? "OTHER BITS" : "the bits of plain loops");
    for (unsigned i = 0; i < sizeof KERNELS / sizeof *KERNELS; i++)
      if (here >> i & 1) printf("  in %s\n", KERNELS[i]);
    wrong |= here;
  }
  return wrong != 0;
}
