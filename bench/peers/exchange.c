// The exchanges of a training step of several ranks, in C: mpicc -O2 exchange.c; mpirun -n R exchange FILE WINDOWS MS.
// FILE (bench/ranks/parts.ts writes it): bytes of the memory; then for each of two exchanges a number of matrices, and
// for each matrix R starts and R lengths in bytes. Prints one line: µs of both exchanges, for every window.
#include <mpi.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PACKED = 65536 };

static int rank, size;
static char *memory;

typedef struct {
  int matrices, *starts, *lengths, *packed; // [matrix × rank], [matrix]
  int *count, *displacement, bytes;         // of the buffer
  char *buffer;
} exchange;

static int number(FILE *file) {
  int value = 0;
  if (fscanf(file, "%d", &value) != 1) MPI_Abort(MPI_COMM_WORLD, 2);
  return value;
}

static exchange read_exchange(FILE *file) {
  exchange x = {.matrices = number(file)};
  const size_t cells = (size_t)x.matrices * (size_t)size;
  x.starts = calloc(cells, sizeof(int)), x.lengths = calloc(cells, sizeof(int));
  x.packed = calloc((size_t)x.matrices, sizeof(int));
  x.count = calloc((size_t)size, sizeof(int)), x.displacement = calloc((size_t)size, sizeof(int));
  for (int m = 0; m < x.matrices; m++) {
    int total = 0;
    for (int q = 0; q < size; q++) x.starts[m * size + q] = number(file);
    for (int q = 0; q < size; q++) total += x.lengths[m * size + q] = number(file);
    x.packed[m] = total <= PACKED;
  }
  for (int q = 0; q < size; q++) {
    x.displacement[q] = x.bytes;
    for (int m = 0; m < x.matrices; m++)
      if (x.packed[m]) x.count[q] += x.lengths[m * size + q];
    x.bytes += x.count[q];
  }
  x.buffer = malloc((size_t)x.bytes + 1);
  return x;
}

static void copy(const exchange *x, int q, int out) {
  char *at = x->buffer + x->displacement[q];
  for (int m = 0; m < x->matrices; m++) {
    if (!x->packed[m]) continue;
    const size_t length = (size_t)x->lengths[m * size + q];
    char *place = memory + x->starts[m * size + q];
    memcpy(out ? at : place, out ? place : at, length);
    at += length;
  }
}

static void run(const exchange *x) {
  MPI_Request requests[64];
  int begun = 0, done = 0;
  for (int m = 0; m < x->matrices; m++)
    if (!x->packed[m])
      MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_BYTE, memory, x->lengths + m * size, x->starts + m * size, MPI_BYTE,
                      MPI_COMM_WORLD, &requests[begun++]);
  if (x->bytes > 0) {
    copy(x, rank, 1);
    MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_BYTE, x->buffer, x->count, x->displacement, MPI_BYTE, MPI_COMM_WORLD,
                    &requests[begun++]);
  }
  for (int tries = 0; !done; tries++) {
    MPI_Testall(begun, requests, &done, MPI_STATUSES_IGNORE);
    if (tries > 200) sched_yield();
  }
  for (int q = 0; q < size; q++)
    if (q != rank && x->bytes > 0) copy(x, q, 0);
}

int main(int count, char **words) {
  MPI_Init(&count, &words);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  FILE *file = count == 4 ? fopen(words[1], "r") : NULL;
  if (!file) MPI_Abort(MPI_COMM_WORLD, 2);
  memory = calloc((size_t)number(file), 1);
  const exchange rows = read_exchange(file), weights = read_exchange(file);
  const int windows = atoi(words[2]);
  int steps = 20;
  for (int window = -2; window < windows; window++) { // two to warm up, the second of which says how many steps
    MPI_Barrier(MPI_COMM_WORLD);
    const double begun = MPI_Wtime();
    for (int step = 0; step < steps; step++) run(&rows), run(&weights);
    const double seconds = MPI_Wtime() - begun;
    if (window < 0) {
      steps = (int)(steps * atof(words[3]) / 1000 / seconds) + 2;
      MPI_Bcast(&steps, 1, MPI_INT, 0, MPI_COMM_WORLD);
    } else if (rank == 0)
      printf("%s%.2f%s", window ? "," : "{\"us\":[", 1e6 * seconds / steps, window + 1 < windows ? "" : "]}\n");
  }
  MPI_Finalize();
  return 0;
}
