// Exchanges over a memory: which parts of it each rank owns is told once; then an exchange is begun by its number, and
// all that are under way are finished together. Small matrices of an exchange travel in one buffer.
#pragma once
#include "mpi-waiting.h"
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 64, PACKED = 65536 }; // bytes

/** One matrix of an exchange: rank q's part lies at start[q] of the memory, length[q] bytes. */
typedef struct {
  size_t *start, *length;
  bool packed;      // travels in the exchange's buffer, with the other small ones
  unsigned char *at; // else in place: the first part,
  MPI_Datatype unit; // and the parts counted in bytes or in cache lines from there
  int *count, *displacement;
} segment;

typedef struct {
  size_t segments;
  segment *of;
  unsigned char *buffer; // of what is packed: rank 0's parts, rank 1's, …
  int *count, *displacement;
  MPI_Request *requests;
  size_t pending; // requests of it that were begun
  bool begun;
} exchange;

typedef struct chain chain; // mpi-chain.h

/** The exchanges over one memory, freed when the last of its JavaScript functions is collected. */
typedef struct {
  unsigned char *base;
  size_t bytes;
  exchange **exchanges;
  size_t number, capacity;
  uint32_t *begun; // the exchanges under way, in the order in which they were begun
  size_t under_way;
  chain *chain; // or NULL
  napi_ref array; // keeps the memory alive
  int references;
} instance;

static MPI_Datatype line; // LINE bytes: counts are ints, and memories may be larger than INT_MAX bytes

static void drop(exchange *x) {
  if (!x) return;
  for (size_t s = 0; x->of && s < x->segments; s++) {
    free(x->of[s].start);
    free(x->of[s].count);
  }
  free(x->of);
  free(x->buffer);
  free(x->count);
  free(x->requests);
  free(x);
}

/** Read one segment's numbers, R starts and then R lengths, and place it. Returns what is wrong, or NULL. */
static const char *place(const instance *in, const double *numbers, segment *s) {
  const size_t ranks = (size_t)job.size;
  s->start = malloc(2 * ranks * sizeof *s->start);
  s->count = malloc(2 * ranks * sizeof *s->count);
  if (!s->start || !s->count) return "no memory for another exchange";
  s->length = s->start + ranks;
  s->displacement = s->count + ranks;
  size_t first = SIZE_MAX, end = 0, total = 0;
  bool lines = true;
  for (size_t q = 0; q < ranks; q++) {
    const double start = numbers[q], length = numbers[ranks + q], most = (double)in->bytes;
    if (!(start >= 0 && start <= most && length >= 0 && length <= most - start))
      return "a part does not lie in the memory";
    if (start != floor(start) || length != floor(length)) return "parts are whole bytes";
    s->start[q] = (size_t)start;
    s->length[q] = (size_t)length;
    if (s->length[q] == 0) continue;
    if (first == SIZE_MAX) first = s->start[q];
    if (s->start[q] < end) return "the parts of the ranks must follow each other";
    end = s->start[q] + s->length[q];
    total += s->length[q];
    lines = lines && (s->start[q] - first) % LINE == 0 && s->length[q] % LINE == 0;
  }
  s->packed = total <= PACKED;
  if (s->packed) return NULL;
  const size_t unit = lines ? LINE : 1;
  if ((end - first) / unit > INT_MAX) return "a matrix is too large for one exchange";
  s->at = in->base + first;
  s->unit = lines ? line : MPI_BYTE;
  for (size_t q = 0; q < ranks; q++) {
    s->count[q] = (int)(s->length[q] / unit);
    s->displacement[q] = s->length[q] ? (int)((s->start[q] - first) / unit) : 0;
  }
  return NULL;
}

/** Room for the packed segments: at most PACKED bytes each. Returns what is wrong, or NULL. */
static const char *make_buffer(exchange *x) {
  const size_t ranks = (size_t)job.size;
  x->count = calloc(2 * ranks, sizeof *x->count);
  x->requests = malloc((x->segments + 1) * sizeof *x->requests);
  if (!x->count || !x->requests) return "no memory for another exchange";
  x->displacement = x->count + ranks;
  size_t total = 0;
  for (size_t q = 0; q < ranks; q++) {
    x->displacement[q] = (int)total;
    for (size_t s = 0; s < x->segments; s++)
      if (x->of[s].packed) total += x->of[s].length[q];
    x->count[q] = (int)total - x->displacement[q];
  }
  if (total > INT_MAX / 2) return "an exchange has too many small matrices";
  if (total > 0 && !(x->buffer = malloc(total))) return "no memory for another exchange";
  return NULL;
}

/** register(segments, numbers): for each segment R starts and R lengths, in bytes. Returns the exchange's number. */
static napi_value register_exchange(napi_env env, napi_callback_info info) {
  napi_value argument[2], array, result;
  size_t given = 2, length, offset;
  void *data, *owner;
  uint32_t segments;
  napi_typedarray_type type;
  TRY(napi_get_cb_info(env, info, &given, argument, NULL, &owner));
  if (given < 2) return refuse(env, "register takes a number of segments and their parts");
  if (silenced()) return refuse(env, silenced());
  instance *in = owner;
  TRY(napi_get_value_uint32(env, argument[0], &segments));
  TRY(napi_get_typedarray_info(env, argument[1], &type, &length, &data, &array, &offset));
  if (type != napi_float64_array || segments < 1 || segments > 4096 || length != 2 * (size_t)job.size * segments)
    return refuse(env, "register takes segments and a Float64Array of two numbers a rank and segment");
  if (in->number == in->capacity) {
    const size_t capacity = in->capacity ? 2 * in->capacity : 16;
    exchange **more = realloc(in->exchanges, capacity * sizeof *more);
    if (more) in->exchanges = more;
    uint32_t *begun = realloc(in->begun, capacity * sizeof *begun);
    if (begun) in->begun = begun;
    if (!more || !begun) return refuse(env, "no memory for another exchange");
    in->capacity = capacity;
  }
  exchange *x = calloc(1, sizeof *x);
  const char *wrong = x && (x->of = calloc(segments, sizeof *x->of)) ? NULL : "no memory for another exchange";
  if (!wrong) x->segments = segments;
  for (size_t s = 0; s < segments && !wrong; s++)
    wrong = place(in, (const double *)data + 2 * (size_t)job.size * s, &x->of[s]);
  if (!wrong) wrong = make_buffer(x);
  if (wrong) {
    drop(x);
    return refuse(env, wrong);
  }
  in->exchanges[in->number] = x;
  TRY(napi_create_uint32(env, (uint32_t)in->number++, &result));
  return result;
}

/** Copy rank q's packed parts between the memory and the buffer. */
static void copy_parts(const instance *in, exchange *x, size_t q, bool out) {
  unsigned char *at = x->buffer + x->displacement[q];
  for (size_t s = 0; s < x->segments; s++) {
    const segment *g = &x->of[s];
    if (!g->packed || g->length[q] == 0) continue;
    if (out) memcpy(at, in->base + g->start[q], g->length[q]);
    else memcpy(in->base + g->start[q], at, g->length[q]);
    at += g->length[q];
  }
}

/** begin(number): give this rank's parts to all. Every rank begins the same exchanges in the same order. */
static napi_value begin_exchange(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t given = 1;
  void *owner;
  uint32_t number;
  TRY(napi_get_cb_info(env, info, &given, &argument, NULL, &owner));
  if (given < 1) return refuse(env, "begin takes the number of an exchange");
  if (silenced()) return refuse(env, silenced());
  instance *in = owner;
  TRY(napi_get_value_uint32(env, argument, &number));
  if (number >= in->number) return refuse(env, "there is no such exchange");
  exchange *x = in->exchanges[number];
  if (x->begun) return refuse(env, "this exchange is under way");
  bool wrong = false;
  x->pending = 0;
  for (size_t s = 0; s < x->segments && !wrong; s++) {
    const segment *g = &x->of[s];
    if (g->packed) continue;
    wrong = MPI_Iallgatherv(MPI_IN_PLACE, 0, g->unit, g->at, g->count, g->displacement, g->unit, MPI_COMM_WORLD,
                            &x->requests[x->pending++]) != MPI_SUCCESS;
  }
  if (x->buffer && !wrong) {
    copy_parts(in, x, (size_t)job.rank, true);
    wrong = MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_BYTE, x->buffer, x->count, x->displacement, MPI_BYTE, MPI_COMM_WORLD,
                            &x->requests[x->pending++]) != MPI_SUCCESS;
  }
  x->begun = true;
  in->begun[in->under_way++] = number;
  if (wrong) job.broken = true;
  return told(env, wrong ? FAILED : DONE);
}

/** look(): an MPI moves bytes while it is called, so it is, between two pieces of other work. */
static napi_value look(napi_env env, napi_callback_info info) {
  void *owner;
  int done;
  TRY(napi_get_cb_info(env, info, NULL, NULL, NULL, &owner));
  if (silenced()) return refuse(env, silenced());
  const instance *in = owner;
  bool wrong = false;
  for (size_t n = 0; n < in->under_way && !wrong; n++) {
    const exchange *x = in->exchanges[in->begun[n]];
    wrong = MPI_Testall((int)x->pending, x->requests, &done, MPI_STATUSES_IGNORE) != MPI_SUCCESS;
  }
  if (wrong) job.broken = true;
  return told(env, wrong ? FAILED : DONE);
}

/** finish(seconds): the parts of all ranks are there, of every exchange that was begun. Returns the outcome. */
static napi_value finish(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t given = 1;
  void *owner;
  double seconds;
  TRY(napi_get_cb_info(env, info, &given, &argument, NULL, &owner));
  if (given < 1) return refuse(env, "finish takes seconds");
  if (silenced()) return refuse(env, silenced());
  instance *in = owner;
  TRY(read_seconds(env, argument, &seconds));
  for (size_t n = 0; n < in->under_way; n++) {
    exchange *x = in->exchanges[in->begun[n]];
    const enum outcome outcome = wait_for(x->requests, x->pending, seconds);
    if (outcome != DONE) return told(env, outcome);
    for (size_t q = 0; x->buffer && q < (size_t)job.size; q++)
      if (q != (size_t)job.rank) copy_parts(in, x, q, false);
    x->begun = false;
  }
  in->under_way = 0;
  return told(env, DONE);
}
