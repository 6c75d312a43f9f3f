// How fast a table of kernels is on this processor: the products of one middle layer, forward and backward, of a batch
// of 64 examples and 256 units. The fastest of a few turns counts; a turn takes about 0.3 ms.
#define _POSIX_C_SOURCE 200112L
#include <stdlib.h>
#include <time.h>
#include "kernels.h"

enum { ROWS = 64, UNITS = 256, TURNS = 4 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/** `rows` rows of UNITS numbers in [0.5, 1.5]: none is zero, as the kernels leave out zeros. */
static view part(float **at, size_t rows) {
  const view v = {*at, rows, UNITS, UNITS};
  for (size_t i = 0; i < rows * UNITS; i++) v.at[i] = 0.5f + (float)(i * 37 % 101) / 101;
  *at += rows * UNITS;
  return v;
}

double time_kernels(const kernels *k) {
  const size_t scratch = k->scratch(ROWS, UNITS, UNITS), floats = 4 * ROWS * UNITS + 2 * UNITS * UNITS + UNITS;
  float *block = aligned_alloc(64, (floats + scratch + 15) / 16 * 64);
  if (!block) return 0;
  float *at = block;
  const view input = part(&at, ROWS), output = part(&at, ROWS), delta = part(&at, ROWS), below = part(&at, ROWS);
  const view W = part(&at, UNITS), dW = part(&at, UNITS), b = part(&at, 1);
  double best = 1e9;
  for (int turn = 0; turn < TURNS; turn++) {
    const double start = now();
    k->dense(output, input, W, b.at, RELU, 0, at);
    k->backpropagate(below, delta, W, output, RELU, at);
    k->weight_gradient(dW, input, delta, 0, at);
    const double took = now() - start;
    if (took < best) best = took;
  }
  free(block);
  return 3 * 2.0 * ROWS * UNITS * UNITS / best;
}
