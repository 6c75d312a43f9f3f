// A chain over a memory: its parts go from rank to rank, each of which adds to what came, and then from the last one to
// all. While a part is added to on one rank, the one before it is on the next.
#pragma once
#include "mpi-exchanges.h"

typedef struct {
  size_t start;
  int lines; // of LINE bytes
  MPI_Request incoming, outgoing, shared;
} part;

struct chain {
  size_t parts, passed, shared; // parts that left this rank, and those of them on their way from the last rank
  bool under_way;
  part of[];
};

enum { CHAIN_TAG = 1 };
static bool is_last(void) { return job.rank + 1 == job.size; }

/** chain(parts): a start and a length of each, in bytes, whole lines that follow each other. Once for a memory. */
static napi_value make_chain(napi_env env, napi_callback_info info) {
  napi_value argument, array;
  size_t given = 1, length, offset;
  void *data, *owner;
  napi_typedarray_type type;
  TRY(napi_get_cb_info(env, info, &given, &argument, NULL, &owner));
  if (given < 1) return refuse(env, "chain takes parts");
  if (silenced()) return refuse(env, silenced());
  instance *in = owner;
  if (in->chain) return refuse(env, "this memory has a chain already");
  TRY(napi_get_typedarray_info(env, argument, &type, &length, &data, &array, &offset));
  if (type != napi_float64_array || length == 0 || length % 2)
    return refuse(env, "chain takes a Float64Array of two numbers a part");
  const double *numbers = data;
  size_t end = 0;
  for (size_t i = 0; i < length; i += 2) {
    const double start = numbers[i], bytes = numbers[i + 1];
    if (!(start >= (double)end && start <= (double)in->bytes && bytes > 0 && bytes <= (double)in->bytes - start))
      return refuse(env, "a part does not lie in the memory, behind the part before it");
    if (fmod(start, LINE) != 0 || fmod(bytes, LINE) != 0 || bytes / LINE > INT_MAX)
      return refuse(env, "parts are whole cache lines");
    end = (size_t)(start + bytes);
  }
  chain *made = calloc(1, sizeof *made + length / 2 * sizeof *made->of);
  if (!made) return refuse(env, "no memory for a chain");
  made->parts = length / 2;
  for (size_t p = 0; p < made->parts; p++)
    made->of[p] = (part){(size_t)numbers[2 * p], (int)(numbers[2 * p + 1] / LINE), MPI_REQUEST_NULL, MPI_REQUEST_NULL,
                         MPI_REQUEST_NULL};
  in->chain = made;
  return NULL;
}

/** Begin the way from the last rank of every part that has left this one: its memory is free to be written again. */
static bool share_parts(const instance *in) {
  chain *c = in->chain;
  for (; c->shared < c->passed; c->shared++) {
    part *p = &c->of[c->shared];
    int done = 1;
    if (!is_last() && MPI_Test(&p->outgoing, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) return false;
    if (!done) return true;
    if (MPI_Ibcast(in->base + p->start, p->lines, line, job.size - 1, MPI_COMM_WORLD, &p->shared) != MPI_SUCCESS)
      return false;
  }
  return true;
}

/** What is waited for: one part from the rank before, or after the last part all of them from the last rank. */
typedef struct {
  const instance *in;
  size_t part;
} awaited;

static enum outcome has_come(void *what) {
  const awaited *of = what;
  chain *c = of->in->chain;
  int done = 1;
  if (!share_parts(of->in)) return FAILED;
  if (of->part < c->parts) {
    if (MPI_Test(&c->of[of->part].incoming, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) return FAILED;
    return done ? DONE : LATE;
  }
  for (size_t p = 0; p < c->shared && done; p++)
    if (MPI_Test(&c->of[p].shared, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) return FAILED;
  return done && c->shared == c->parts ? DONE : LATE;
}

/** The number of a part, and seconds where they are given. */
static napi_value read_part(napi_env env, napi_callback_info info, instance **in, uint32_t *number, double *seconds) {
  napi_value argument[2];
  size_t given = 2;
  void *owner;
  TRY(napi_get_cb_info(env, info, &given, argument, NULL, &owner));
  *in = owner;
  if (silenced()) return refuse(env, silenced());
  if (given < (seconds ? 2 : 1)) return refuse(env, "the number of a part, or seconds, are missing");
  if (!(*in)->chain) return refuse(env, "this memory has no chain");
  TRY(napi_get_value_uint32(env, argument[0], number));
  if (seconds) TRY(read_seconds(env, argument[1], seconds));
  return argument[0];
}

/**
 * take(part, seconds): the part has come from the rank before, and may be added to; the first part begins a round. The
 * number after the last: all parts have come from the last rank, and the round is over. Returns the outcome.
 */
static napi_value take_part(napi_env env, napi_callback_info info) {
  instance *in;
  uint32_t number;
  double seconds;
  if (!read_part(env, info, &in, &number, &seconds)) return NULL;
  chain *c = in->chain;
  if (number != (c->under_way ? c->passed : 0)) return refuse(env, "parts are taken in turn");
  bool wrong = false;
  if (!c->under_way) {
    c->under_way = true;
    c->passed = c->shared = 0;
    for (size_t p = 0; p < c->parts && job.rank > 0 && !wrong; p++)
      wrong = MPI_Irecv(in->base + c->of[p].start, c->of[p].lines, line, job.rank - 1, CHAIN_TAG, MPI_COMM_WORLD,
                        &c->of[p].incoming) != MPI_SUCCESS;
  }
  if (wrong) job.broken = true;
  const enum outcome outcome = wrong ? FAILED : wait_until(has_come, &(awaited){in, number}, seconds);
  if (outcome == DONE && number == c->parts) c->under_way = false;
  return told(env, outcome);
}

/** pass(part): it was added to, and goes to the next rank, or from the last one to all. Returns the outcome. */
static napi_value pass_part(napi_env env, napi_callback_info info) {
  instance *in;
  uint32_t number;
  if (!read_part(env, info, &in, &number, NULL)) return NULL;
  chain *c = in->chain;
  if (!c->under_way || number != c->passed || number >= c->parts) return refuse(env, "parts are passed in turn");
  part *p = &c->of[number];
  bool right = is_last() || MPI_Isend(in->base + p->start, p->lines, line, job.rank + 1, CHAIN_TAG, MPI_COMM_WORLD,
                                      &p->outgoing) == MPI_SUCCESS;
  c->passed++;
  right = right && share_parts(in);
  if (!right) job.broken = true;
  return told(env, right ? DONE : FAILED);
}
