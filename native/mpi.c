// What ranks of an MPI job tell each other, as a Node addon: gathers whose parts each rank owns, broadcasts from rank
// 0, a barrier, an end for all. MPI alone decides how bytes travel; nothing here adds numbers. Node-API only, one
// file for each MPI, because their constants differ. How it waits: mpi-waiting.h; what is gathered: mpi-exchanges.h;
// what goes from rank to rank: mpi-chain.h.
#define _GNU_SOURCE
#include "mpi-chain.h"
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { INTERFACE = 3 }; // src/engines/ranks/mpi-addon.ts expects it
enum { CHUNK = 1 << 30, MOST_RANKS = 1 << 16 }; // bytes, ranks
enum { LINGERING = 200, FINALIZING = 10 };      // looks 0.2 ms apart; seconds

static napi_status set_number(napi_env env, napi_value object, const char *name, double value) {
  napi_value number;
  const napi_status status = napi_create_double(env, value, &number);
  return status == napi_ok ? napi_set_named_property(env, object, name, number) : status;
}

static void release(napi_env env, void *data, void *hint) {
  (void)hint;
  instance *in = data;
  if (--in->references > 0) return;
  napi_delete_reference(env, in->array);
  for (size_t n = 0; n < in->number; n++)
    if (!job.broken && in->under_way == 0) drop(in->exchanges[n]); // else MPI may still write into them
  if (!job.broken && !(in->chain && in->chain->under_way)) free(in->chain);
  free(in->exchanges);
  free(in->begun);
  free(in);
}

/** open(bytes): exchanges over shared memory. Returns { register, begin, look, finish, chain, take, pass }. */
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
  const owned_function functions[] = {
    {"register", register_exchange}, {"begin", begin_exchange}, {"look", look}, {"finish", finish},
    {"chain", make_chain}, {"take", take_part}, {"pass", pass_part},
  };
  if (status == napi_ok) status = add_functions(env, result, functions, sizeof functions / sizeof *functions, in, &in->references, release);
  release(env, in, NULL);
  TRY(status);
  return result;
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
  // the last words of a rank may still lie in a queue, or wait for an answer, which MPI_Finalize of MPICH over UCX does
  // not always see through: so all look for some time, by counts, for a busy machine gives few looks in any time
  enum outcome outcome = DONE;
  for (int met = 0; met < 2 && outcome == DONE; met++) {
    for (int looks = 0, any; met > 0 && looks < LINGERING; looks++, nanosleep(&(struct timespec){0, 200000}, NULL))
      MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &any, MPI_STATUS_IGNORE);
    outcome = MPI_Ibarrier(MPI_COMM_WORLD, &request) == MPI_SUCCESS ? wait_for(&request, 1, seconds) : FAILED;
  }
  if (outcome == DONE) {
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
