// What ranks of an MPI job tell each other, as a Node addon: gathers whose parts each rank owns, broadcasts from rank
// 0, a barrier, an end for all. MPI alone decides how bytes travel; nothing here adds numbers. Node-API only, one
// file for each MPI, because their constants differ.
//
// No call blocks inside MPI: blocking calls spin, have no time limit and cannot be told to stop. Every wait here
// tests, yields, then sleeps, looks at a stop word, and ends when its time is over.
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <limits.h>
#include <math.h>
#include <mpi.h>
#include <node_api.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { INTERFACE = 1 }; // src/engines/ranks/mpi-addon.ts expects it
enum outcome { DONE, LATE, STOPPED, FAILED }; // the same order there
enum { LINE = 64, PACKED = 65536, CHUNK = 1 << 30, MOST_RANKS = 1 << 16 }; // bytes, bytes, bytes, ranks

/** This process in its job: set once, by the thread that calls init, which alone may talk afterwards. */
static struct {
  int rank, size;
  bool begun, broken, over;
  const int32_t *stop; // not 0 once every wait is to end
  pthread_t thread;
} job;

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
} exchange;

/** The exchanges over one memory, freed when the last of its JavaScript functions is collected. */
typedef struct {
  unsigned char *base;
  size_t bytes;
  exchange **exchanges;
  size_t number, capacity;
  napi_ref array; // keeps the memory alive
  int references;
} instance;

static const double LINGER = 0.05; // seconds
enum { FINALIZING = 10 };          // seconds

static MPI_Datatype line; // LINE bytes: counts are ints, and memories may be larger than INT_MAX bytes

#define TRY(expression) \
  do { \
    if ((expression) != napi_ok) return fail(env); \
  } while (0)

static napi_value fail(napi_env env) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) napi_throw_type_error(env, NULL, "an argument has the wrong type");
  return NULL;
}

static napi_value refuse(napi_env env, const char *reason) {
  napi_throw_range_error(env, NULL, reason);
  return NULL;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/**
 * Wait for `requests`, at most `seconds`. After any other outcome than DONE the job is broken: nothing may follow.
 */
static enum outcome wait_for(MPI_Request *requests, size_t count, double seconds) {
  const double begun = now();
  enum outcome outcome = DONE;
  int done = 0;
  for (unsigned tries = 0;; tries++) {
    if (MPI_Testall((int)count, requests, &done, MPI_STATUSES_IGNORE) != MPI_SUCCESS) outcome = FAILED;
    if (done || outcome) break;
    if (tries < 200) continue;
    const double waited = now() - begun;
    if (__atomic_load_n(job.stop, __ATOMIC_RELAXED)) outcome = STOPPED;
    else if (waited > seconds) outcome = LATE;
    if (outcome) break;
    if (waited < 200e-6) sched_yield();
    else {
      const long nanoseconds = waited < 5e-3 ? 20000 : waited < 0.1 ? 200000 : waited < 1 ? 1000000 : 5000000;
      nanosleep(&(struct timespec){0, nanoseconds}, NULL);
    }
  }
  if (outcome) job.broken = true;
  return outcome;
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

static napi_status set_number(napi_env env, napi_value object, const char *name, double value) {
  napi_value number;
  const napi_status status = napi_create_double(env, value, &number);
  return status == napi_ok ? napi_set_named_property(env, object, name, number) : status;
}

/** init(stop): join the job; `stop` is an Int32Array of shared memory. Returns { rank, size, level }. */
static napi_value init(napi_env env, napi_callback_info info) {
  napi_value argument, buffer, result;
  size_t given = 1, length, offset;
  void *data;
  bool unshared;
  int level = 0, running = 0;
  napi_typedarray_type type;
  napi_ref held;
  TRY(napi_get_cb_info(env, info, &given, &argument, NULL, NULL));
  if (given < 1) return refuse(env, "init takes a stop word");
  TRY(napi_get_typedarray_info(env, argument, &type, &length, &data, &buffer, &offset));
  TRY(napi_is_arraybuffer(env, buffer, &unshared));
  if (type != napi_int32_array || unshared || length < 1)
    return refuse(env, "the stop word must be an Int32Array of shared memory");
  MPI_Initialized(&running);
  if (running || job.begun) return refuse(env, "this process has joined its MPI job already");
  TRY(napi_create_reference(env, argument, 1, &held)); // for good: the stop word is read until the end
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS) return refuse(env, "MPI did not start");
  if (level < MPI_THREAD_FUNNELED) return refuse(env, "this MPI has no support for threads (MPI_THREAD_FUNNELED)");
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm_rank(MPI_COMM_WORLD, &job.rank);
  MPI_Comm_size(MPI_COMM_WORLD, &job.size);
  if (job.size > MOST_RANKS) return refuse(env, "a job has at most 65536 ranks");
  MPI_Type_contiguous(LINE, MPI_BYTE, &line);
  MPI_Type_commit(&line);
  job.stop = data;
  job.thread = pthread_self();
  job.begun = true;
  TRY(napi_create_object(env, &result));
  TRY(set_number(env, result, "rank", job.rank));
  TRY(set_number(env, result, "size", job.size));
  TRY(set_number(env, result, "level", level));
  return result;
}

/** library(): the MPI's name and version, in its own words; without joining a job. */
static napi_value library(napi_env env, napi_callback_info info) {
  (void)info;
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  napi_value result;
  MPI_Get_library_version(text, &length);
  TRY(napi_create_string_utf8(env, text, strcspn(text, "\r\n"), &result));
  return result;
}

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
    if (!more) return refuse(env, "no memory for another exchange");
    in->exchanges = more;
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

/** run(number, seconds): give this rank's parts to all and take theirs. Returns the outcome. */
static napi_value run_exchange(napi_env env, napi_callback_info info) {
  napi_value argument[2];
  size_t given = 2, count = 0;
  void *owner;
  uint32_t number;
  double seconds;
  TRY(napi_get_cb_info(env, info, &given, argument, NULL, &owner));
  if (given < 2) return refuse(env, "run takes the number of an exchange and seconds");
  if (silenced()) return refuse(env, silenced());
  instance *in = owner;
  TRY(napi_get_value_uint32(env, argument[0], &number));
  TRY(read_seconds(env, argument[1], &seconds));
  if (number >= in->number) return refuse(env, "there is no such exchange");
  exchange *x = in->exchanges[number];
  bool wrong = false;
  for (size_t s = 0; s < x->segments && !wrong; s++) {
    const segment *g = &x->of[s];
    if (g->packed) continue;
    wrong = MPI_Iallgatherv(MPI_IN_PLACE, 0, g->unit, g->at, g->count, g->displacement, g->unit, MPI_COMM_WORLD,
                            &x->requests[count++]) != MPI_SUCCESS;
  }
  if (x->buffer && !wrong) {
    copy_parts(in, x, (size_t)job.rank, true);
    wrong = MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_BYTE, x->buffer, x->count, x->displacement, MPI_BYTE, MPI_COMM_WORLD,
                            &x->requests[count++]) != MPI_SUCCESS;
  }
  if (wrong) {
    job.broken = true;
    return told(env, FAILED);
  }
  const enum outcome outcome = wait_for(x->requests, count, seconds);
  if (outcome == DONE && x->buffer)
    for (size_t q = 0; q < (size_t)job.size; q++)
      if (q != (size_t)job.rank) copy_parts(in, x, q, false);
  return told(env, outcome);
}

static void release(napi_env env, void *data, void *hint) {
  (void)hint;
  instance *in = data;
  if (--in->references > 0) return;
  napi_delete_reference(env, in->array);
  for (size_t n = 0; n < in->number; n++)
    if (!job.broken) drop(in->exchanges[n]); // of a broken job MPI may still write into them
  free(in->exchanges);
  free(in);
}

static napi_status add_function(napi_env env, napi_value object, const char *name, napi_callback run, instance *in) {
  napi_value function;
  napi_status status = napi_create_function(env, name, NAPI_AUTO_LENGTH, run, in, &function);
  if (status == napi_ok) status = napi_add_finalizer(env, function, in, release, NULL, NULL);
  if (status == napi_ok) {
    in->references++;
    status = napi_set_named_property(env, object, name, function);
  }
  return status;
}

/** open(bytes): exchanges over shared memory. Returns { register, run }. */
static napi_value open_memory(napi_env env, napi_callback_info info) {
  napi_value argument, buffer, result;
  size_t given = 1, length, offset;
  void *data;
  bool unshared;
  napi_typedarray_type type;
  TRY(napi_get_cb_info(env, info, &given, &argument, NULL, NULL));
  if (given < 1) return refuse(env, "open takes bytes");
  if (silenced()) return refuse(env, silenced());
  TRY(napi_get_typedarray_info(env, argument, &type, &length, &data, &buffer, &offset));
  TRY(napi_is_arraybuffer(env, buffer, &unshared)); // it could be detached later; shared memory cannot
  if (type != napi_uint8_array || unshared || length == 0)
    return refuse(env, "the memory must be a Uint8Array of shared memory");
  instance *in = calloc(1, sizeof *in);
  if (!in) return refuse(env, "no memory");
  in->base = data;
  in->bytes = length;
  in->references = 1; // held by this function until both are made
  napi_status status = napi_create_reference(env, argument, 1, &in->array);
  if (status == napi_ok) status = napi_create_object(env, &result);
  if (status == napi_ok) status = add_function(env, result, "register", register_exchange, in);
  if (status == napi_ok) status = add_function(env, result, "run", run_exchange, in);
  release(env, in, NULL);
  TRY(status);
  return result;
}

/** A Uint8Array and seconds, for the two functions below; the wait does not return to JavaScript, so it stays. */
static napi_value read_bytes(napi_env env, napi_callback_info info, unsigned char **at, size_t *length, double *wait) {
  napi_value argument[2], buffer;
  size_t given = 2, offset;
  void *data;
  napi_typedarray_type type;
  TRY(napi_get_cb_info(env, info, &given, argument, NULL, NULL));
  if (given < 2) return refuse(env, "bytes and seconds are missing");
  if (silenced()) return refuse(env, silenced());
  TRY(napi_get_typedarray_info(env, argument[0], &type, length, &data, &buffer, &offset));
  TRY(read_seconds(env, argument[1], wait));
  if (type != napi_uint8_array) return refuse(env, "the bytes must be a Uint8Array");
  *at = data;
  return argument[0];
}

/**
 * share(bytes, seconds): `bytes` are equal parts, one a rank, of which this rank's is filled. Returns the outcome.
 */
static napi_value share(napi_env env, napi_callback_info info) {
  unsigned char *at;
  size_t length;
  double seconds;
  if (!read_bytes(env, info, &at, &length, &seconds)) return NULL;
  const size_t part = length / (size_t)job.size;
  if (part == 0 || part * (size_t)job.size != length || part > CHUNK)
    return refuse(env, "the bytes must be equal parts, one a rank");
  MPI_Request request;
  if (MPI_Iallgather(MPI_IN_PLACE, 0, MPI_BYTE, at, (int)part, MPI_BYTE, MPI_COMM_WORLD, &request) != MPI_SUCCESS) {
    job.broken = true;
    return told(env, FAILED);
  }
  return told(env, wait_for(&request, 1, seconds));
}

/** broadcast(bytes, seconds): rank 0's bytes to all, each GiB within `seconds`. Returns the outcome. */
static napi_value broadcast(napi_env env, napi_callback_info info) {
  unsigned char *at;
  size_t length;
  double seconds;
  if (!read_bytes(env, info, &at, &length, &seconds)) return NULL;
  enum outcome outcome = DONE;
  for (size_t from = 0; from < length && outcome == DONE; from += CHUNK) {
    MPI_Request request;
    const int part = (int)(length - from < CHUNK ? length - from : CHUNK);
    if (MPI_Ibcast(at + from, part, MPI_BYTE, 0, MPI_COMM_WORLD, &request) == MPI_SUCCESS)
      outcome = wait_for(&request, 1, seconds);
    else {
      job.broken = true;
      outcome = FAILED;
    }
  }
  return told(env, outcome);
}

static volatile sig_atomic_t last_exit;
static char last_words[1024];

static void leave_now(int number) {
  (void)number;
  const ssize_t written = write(2, last_words, strlen(last_words));
  (void)written;
  _exit(last_exit);
}

/** Leave with this exit status in that time, and say these words; 0 seconds: not any more. */
static void leave_in(unsigned seconds, int status, const char *words) {
  alarm(0);
  snprintf(last_words, sizeof last_words, "%s", words);
  last_exit = status;
  signal(SIGALRM, leave_now);
  alarm(seconds);
}

/** An exit status, as the first of the arguments. */
static napi_status read_exit(napi_env env, napi_callback_info info, napi_value argument[3], uint32_t *status) {
  size_t given = 3;
  napi_status read = napi_get_cb_info(env, info, &given, argument, NULL, NULL);
  if (read == napi_ok) read = given < 1 ? napi_number_expected : napi_get_value_uint32(env, argument[0], status);
  return read == napi_ok && *status > 255 ? napi_number_expected : read;
}

/** arm(status, seconds, words): leave_in, whatever happens until then. Any thread may call it. */
static napi_value arm(napi_env env, napi_callback_info info) {
  napi_value argument[3];
  uint32_t status, seconds;
  char words[sizeof last_words];
  size_t length;
  TRY(read_exit(env, info, argument, &status));
  TRY(napi_get_value_uint32(env, argument[1], &seconds));
  TRY(napi_get_value_string_utf8(env, argument[2], words, sizeof words, &length));
  leave_in(seconds, (int)status, words);
  return NULL;
}

/** abort(status): end every rank of the job with this exit status. */
static napi_value abort_job(napi_env env, napi_callback_info info) {
  napi_value argument[3];
  uint32_t status;
  TRY(read_exit(env, info, argument, &status));
  if (!job.begun || job.over) return refuse(env, "there is no MPI job");
  job.broken = true;
  MPI_Abort(MPI_COMM_WORLD, (int)status);
  return NULL;
}

/**
 * finalize(status, seconds): leave the job once every rank leaves. Returns the outcome of the barrier before. A
 * process that MPI_Finalize keeps nevertheless ends with this exit status: all that was to be done is done.
 */
static napi_value finalize(napi_env env, napi_callback_info info) {
  napi_value argument[3];
  uint32_t status;
  double seconds;
  MPI_Request request;
  TRY(read_exit(env, info, argument, &status));
  TRY(read_seconds(env, argument[1], &seconds));
  if (silenced()) return refuse(env, silenced());
  enum outcome outcome = FAILED;
  if (MPI_Ibarrier(MPI_COMM_WORLD, &request) == MPI_SUCCESS) outcome = wait_for(&request, 1, seconds);
  if (outcome == DONE) {
    // this rank's last words may still lie in a queue that MPI_Finalize of MPICH over UCX does not always empty
    const double until = now() + LINGER;
    for (int any; now() < until; nanosleep(&(struct timespec){0, 200000}, NULL))
      MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &any, MPI_STATUS_IGNORE);
    leave_in(FINALIZING, (int)status, "");
    MPI_Type_free(&line);
    MPI_Finalize();
    job.over = true;
  }
  return told(env, outcome);
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
    {"init", NULL, init, NULL, NULL, NULL, napi_enumerable, NULL},
    {"library", NULL, library, NULL, NULL, NULL, napi_enumerable, NULL},
    {"open", NULL, open_memory, NULL, NULL, NULL, napi_enumerable, NULL},
    {"share", NULL, share, NULL, NULL, NULL, napi_enumerable, NULL},
    {"broadcast", NULL, broadcast, NULL, NULL, NULL, napi_enumerable, NULL},
    {"arm", NULL, arm, NULL, NULL, NULL, napi_enumerable, NULL},
    {"abort", NULL, abort_job, NULL, NULL, NULL, napi_enumerable, NULL},
    {"finalize", NULL, finalize, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  TRY(napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions));
  TRY(set_number(env, exports, "interface", INTERFACE));
  return exports;
}
