// This process in its MPI job, and how it waits. No call blocks inside MPI: blocking calls spin, have no time limit and
// cannot be told to stop. Every wait tests, yields, then sleeps, looks at a stop word, and ends when its time is over.
#pragma once
#include "functions.h"
#include <mpi.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <time.h>

enum outcome { DONE, LATE, STOPPED, FAILED }; // the same order there

/** This process in its job: set once, by the thread that calls init, which alone may talk afterwards. */
static struct {
  int rank, size;
  bool begun, broken, over;
  const int32_t *stop; // not 0 once every wait is to end
  pthread_t thread;
} job;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/**
 * Wait until `look` of `what` is no longer LATE, at most `seconds`. After any other outcome than DONE the job is
 * broken: nothing may follow.
 */
static enum outcome wait_until(enum outcome (*look)(void *), void *what, double seconds) {
  const double begun = now();
  enum outcome outcome;
  for (unsigned tries = 0; (outcome = look(what)) == LATE; tries++) {
    if (tries < 200) continue;
    const double waited = now() - begun;
    if (__atomic_load_n(job.stop, __ATOMIC_RELAXED)) outcome = STOPPED;
    if (outcome == STOPPED || waited > seconds) break;
    if (waited < 1e-3) sched_yield();
    else {
      const long nanoseconds = waited < 5e-3 ? 20000 : waited < 0.1 ? 200000 : waited < 1 ? 1000000 : 5000000;
      nanosleep(&(struct timespec){0, nanoseconds}, NULL);
    }
  }
  if (outcome) job.broken = true;
  return outcome;
}

typedef struct {
  MPI_Request *at;
  size_t count;
} requests;

static enum outcome all_complete(void *what) {
  const requests *of = what;
  int done = 0;
  if (MPI_Testall((int)of->count, of->at, &done, MPI_STATUSES_IGNORE) != MPI_SUCCESS) return FAILED;
  return done ? DONE : LATE;
}

/** wait_until all of `count` requests are complete. */
static enum outcome wait_for(MPI_Request *at, size_t count, double seconds) {
  return wait_until(all_complete, &(requests){at, count}, seconds);
}

/** Why this thread may not talk now; NULL if it may. */
static const char *silenced(void) {
  if (!job.begun || job.over) return "there is no MPI job";
  if (!pthread_equal(job.thread, pthread_self())) return "the thread that began the job talks alone";
  if (job.broken) return "the job is broken: it can only be aborted";
  return NULL;
}

static napi_value told(napi_env env, enum outcome outcome) {
  napi_value result;
  TRY(napi_create_uint32(env, outcome, &result));
  return result;
}

static napi_status read_seconds(napi_env env, napi_value value, double *seconds) {
  const napi_status status = napi_get_value_double(env, value, seconds);
  return status == napi_ok && !(*seconds >= 0) ? napi_number_expected : status;
}
