// Threads that run the two passes of a step on slices, with a barrier between, for ThreadSanitizer (sanitize.mjs). The
// slices are those of src/network/slices.ts. The weights are also compared with those of one thread, bit for bit.
#define _XOPEN_SOURCE 600
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels.h"

enum { B = 37, D = 45, H = 34, C = 10, N = 64, L = 3, STEPS = 6, THREADS = 4 };
static const size_t SIZES[L + 1] = {D, H, H, C};

typedef struct {
  const kernels *k;
  view input, targets, W[L], b[L], output[L], delta[L], dW[L], db[L];
  double losses[B];
  int32_t predictions[B], labels[N], order[STEPS * B];
  double scale[C], shift[C];
  uint8_t bytes[N * D];
  float coefficients[COEFFICIENTS];
  size_t threads;
  pthread_barrier_t barrier;
} team;

typedef struct {
  team *team;
  size_t thread;
} rank;

/** All 0. Rows begin cache lines, so that updates are streamed. */
static view matrix(size_t rows, size_t cols) {
  const size_t stride = (cols + 15) / 16 * 16, size = rows * stride * sizeof(float);
  void *at = NULL;
  if (posix_memalign(&at, 64, size)) abort();
  return (view){memset(at, 0, size), rows, cols, stride};
}
static view rows(view v, size_t from, size_t to) { return (view){v.at + from * v.stride, to - from, v.cols, v.stride}; }
static view cols(view v, size_t from, size_t to) { return (view){v.at + from, v.rows, to - from, v.stride}; }

/** First row or column of thread t's share of [0, count), in whole tiles. */
static size_t share(size_t count, size_t t, size_t threads, size_t tile) {
  const size_t at = (count + tile - 1) / tile * t / threads * tile;
  return at < count ? at : count;
}

static void *work(void *given) {
  const rank *self = given;
  team *w = self->team;
  const kernels *k = w->k;
  size_t floats = 0;
  for (int l = 0; l < L; l++) {
    const size_t need = k->scratch(B, SIZES[l], SIZES[l + 1]);
    if (need > floats) floats = need;
  }
  float *scratch = aligned_alloc(64, (floats + 15) / 16 * 64);
  const examples from = {
    .rows = N, .cols = D, .classes = C, .bytes = w->bytes, .divisor = 255, .labels = w->labels,
    .order = w->order, .scale = w->scale, .shift = w->shift,
  };
  for (size_t step = 0; step < STEPS; step++) {
    const size_t first = share(B, self->thread, w->threads, 4), end = share(B, self->thread + 1, w->threads, 4);
    if (first < end) {
      const view x = rows(w->input, first, end), t = rows(w->targets, first, end);
      k->gather(x, t, &from, step * B + first, scratch);
      for (int l = 0; l < L; l++)
        k->dense(
          rows(w->output[l], first, end), l ? rows(w->output[l - 1], first, end) : x, w->W[l], w->b[l].at,
          l < L - 1 ? RELU : IDENTITY, 0, scratch);
      k->output_delta(
        SOFTMAX_CROSS_ENTROPY, rows(w->delta[L - 1], first, end), w->losses + first, w->predictions + first,
        rows(w->output[L - 1], first, end), t, 1, NULL, (double *)(void *)scratch);
      for (int l = L - 1; l > 0; l--)
        k->backpropagate(
          rows(w->delta[l - 1], first, end), rows(w->delta[l], first, end), w->W[l], rows(w->output[l - 1], first, end),
          RELU, scratch);
    }
    pthread_barrier_wait(&w->barrier);
    for (int l = 0; l < L; l++) {
      const view input = l ? w->output[l - 1] : w->input;
      const size_t from_row = share(SIZES[l], self->thread, w->threads, 8);
      const size_t to_row = share(SIZES[l], self->thread + 1, w->threads, 8);
      if (from_row < to_row) {
        const view dW = rows(w->dW[l], from_row, to_row);
        float *W = w->W[l].at + from_row * dW.stride;
        k->update_weights(W, dW, cols(input, from_row, to_row), w->delta[l], w->coefficients, 1, scratch);
      }
      const size_t from_col = share(SIZES[l + 1], self->thread, w->threads, 16);
      const size_t to_col = share(SIZES[l + 1], self->thread + 1, w->threads, 16);
      if (from_col < to_col) {
        float *b = w->b[l].at + from_col, *db = w->db[l].at + from_col;
        k->bias_gradient(db, cols(w->delta[l], from_col, to_col), 0);
        const update_arrays arrays = {.parameters = b, .gradients = db, .length = to_col - from_col};
        k->update(SGD, &arrays, w->coefficients, 1);
      }
    }
    pthread_barrier_wait(&w->barrier);
  }
  free(scratch);
  return NULL;
}

/** Train on `threads` threads; returns a packed copy of all weights. */
static float *train(const kernels *k, size_t threads, size_t *length) {
  team *w = calloc(1, sizeof *w);
  w->k = k;
  w->threads = threads;
  w->input = matrix(B, D);
  w->targets = matrix(B, C);
  unsigned state = 1;
  *length = 0;
  for (int l = 0; l < L; l++) {
    w->W[l] = matrix(SIZES[l], SIZES[l + 1]), w->dW[l] = matrix(SIZES[l], SIZES[l + 1]);
    w->b[l] = matrix(1, SIZES[l + 1]), w->db[l] = matrix(1, SIZES[l + 1]);
    w->output[l] = matrix(B, SIZES[l + 1]), w->delta[l] = matrix(B, SIZES[l + 1]);
    for (size_t i = 0; i < SIZES[l]; i++)
      for (size_t o = 0; o < SIZES[l + 1]; o++) {
        state = state * 1664525u + 1013904223u;
        w->W[l].at[i * w->W[l].stride + o] = (float)(state >> 8) / (1 << 25) - 0.25f;
      }
    *length += w->W[l].rows * w->W[l].stride;
  }
  for (int i = 0; i < N * D; i++) w->bytes[i] = (uint8_t)((state = state * 1664525u + 1013904223u) >> 24);
  for (int i = 0; i < N; i++) w->labels[i] = i * 7 % C;
  for (int i = 0; i < STEPS * B; i++) w->order[i] = i * 11 % N;
  for (int c = 0; c < C; c++) w->scale[c] = 1;
  w->coefficients[RATE] = 0.1f, w->coefficients[DECAY] = 0.001f;
  pthread_barrier_init(&w->barrier, NULL, (unsigned)threads);
  pthread_t threads_of[THREADS];
  rank ranks[THREADS];
  for (size_t t = 0; t < threads; t++) {
    ranks[t] = (rank){w, t};
    pthread_create(&threads_of[t], NULL, work, &ranks[t]);
  }
  for (size_t t = 0; t < threads; t++) pthread_join(threads_of[t], NULL);
  float *all = malloc(*length * sizeof(float)), *to = all;
  for (int l = 0; l < L; l++) {
    const size_t count = w->W[l].rows * w->W[l].stride;
    memcpy(to, w->W[l].at, count * sizeof(float));
    to += count;
  }
  return all;
}

int main(void) {
  int wrong = 0;
  for (int n = 0; n < VARIANTS * MOST_TABLES; n++) {
    const enum variant variant = (enum variant)(n / MOST_TABLES);
    const kernels *k = kernels_at(variant, n % MOST_TABLES);
    if (!k) continue;
    size_t length;
    const float *one = train(k, 1, &length);
    uint32_t sum = 0;
    for (size_t i = 0; i < length; i++) {
      uint32_t bits;
      memcpy(&bits, one + i, sizeof bits);
      sum = sum * 31 + bits;
    }
    printf("%s: weights %08x, the same on every machine unless fused\n", k->name, sum);
    for (size_t threads = 2; threads <= THREADS; threads++) {
      const int same = memcmp(one, train(k, threads, &length), length * sizeof(float)) == 0;
      printf("%s, %zu threads: %s\n", k->name, threads, same ? "the bits of one" : "OTHER BITS");
      wrong |= !same;
    }
  }
  return wrong;
}
