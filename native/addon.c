// The kernels as a Node addon, over shared memory that JavaScript owns. JavaScript registers each call once, with all
// its views; these are checked against the memory here, and from then on a call is one small number. Node-API only.
#define _DEFAULT_SOURCE
#include <sched.h>
#include <stdlib.h>
#ifdef __linux__
#include <sys/mman.h>
#endif
#include "calls.h"
#include "functions.h"
#include "kernels.h"
#include "lists.h"
#include "numerics.h"

enum { INTERFACE = 16 }; // src/engines/native/addon.ts expects it

/** One thread's kernels over one memory, freed when the last of its JavaScript functions is collected. */
typedef struct {
  memory memory;
  call *calls;
  size_t count, capacity;
  lists lists;
  napi_ref array; // keeps the memory alive
  int references;
} instance;

/** register(kind, numbers): check a call and store it. Returns its number. */
static napi_value register_call(napi_env env, napi_callback_info info) {
  napi_value argument[2], array, result;
  size_t given = 2, length, offset;
  void *data, *owner;
  uint32_t kind;
  napi_typedarray_type type;
  TRY(napi_get_cb_info(env, info, &given, argument, NULL, &owner));
  if (given < 2) return refuse(env, "register takes a kind and numbers");
  instance *in = owner;
  TRY(napi_get_value_uint32(env, argument[0], &kind));
  TRY(napi_get_typedarray_info(env, argument[1], &type, &length, &data, &array, &offset));
  if (type != napi_float64_array || kind >= KINDS) return refuse(env, "register takes a kind and a Float64Array");
  call c;
  const char *wrong = check_call(&in->memory, (enum kind)kind, data, length, &c);
  if (wrong) return refuse(env, wrong);
  if (in->count == in->capacity) {
    const size_t capacity = in->capacity ? 2 * in->capacity : 64;
    call *more = realloc(in->calls, capacity * sizeof(call));
    if (!more) return refuse(env, "no memory for another call");
    in->calls = more;
    in->capacity = capacity;
  }
  in->calls[in->count] = c;
  TRY(napi_create_uint32(env, (uint32_t)in->count++, &result));
  return result;
}

/**
 * run(number, at, value): run a registered call. `at`: the place in the order (gather, draws), or of the coefficients
 * (updates). `value`: the epoch of draws; the factor, share or limit of a span or of W.
 */
static napi_value run_call(napi_env env, napi_callback_info info) {
  napi_value argument[3];
  size_t given = 3;
  double value = 0;
  void *owner;
  uint32_t number;
  int64_t at = 0;
  TRY(napi_get_cb_info(env, info, &given, argument, NULL, &owner));
  if (given < 1) return refuse(env, "run takes the number of a call");
  const instance *in = owner;
  TRY(napi_get_value_uint32(env, argument[0], &number));
  if (number >= in->count) return refuse(env, "there is no such call");
  const call *c = &in->calls[number];
  if (takes_place(c)) {
    if (given < 2) return refuse(env, "this call takes a place");
    TRY(napi_get_value_int64(env, argument[1], &at));
    if (at < 0) return refuse(env, "this place is outside the memory");
  }
  if (takes_number(c)) {
    if (given < 3) return refuse(env, "this call takes a number");
    TRY(napi_get_value_double(env, argument[2], &value));
  }
  const char *wrong = perform(&in->memory, c, (uint64_t)at, value);
  return wrong ? refuse(env, wrong) : NULL;
}

/** note(numbers): keep a list of calls, [number, place] of each. Returns its number. */
static napi_value note_calls(napi_env env, napi_callback_info info) {
  napi_value argument, array, result;
  size_t given = 1, length, offset;
  void *data, *owner;
  napi_typedarray_type type;
  TRY(napi_get_cb_info(env, info, &given, &argument, NULL, &owner));
  if (given < 1) return refuse(env, "note takes calls");
  instance *in = owner;
  TRY(napi_get_typedarray_info(env, argument, &type, &length, &data, &array, &offset));
  if (type != napi_float64_array || length % 2) return refuse(env, "note takes a Float64Array of calls and places");
  const char *wrong = keep_list(&in->lists, data, length, in->calls, in->count, in->memory.bytes);
  if (wrong) return refuse(env, wrong);
  TRY(napi_create_uint32(env, (uint32_t)in->lists.count - 1, &result));
  return result;
}

/** runList(number, at): every call of a list in turn, its place counted from `at`. */
static napi_value run_list(napi_env env, napi_callback_info info) {
  napi_value argument[2];
  size_t given = 2;
  void *owner;
  uint32_t number;
  int64_t at;
  TRY(napi_get_cb_info(env, info, &given, argument, NULL, &owner));
  if (given < 2) return refuse(env, "runList takes the number of a list and a place");
  const instance *in = owner;
  TRY(napi_get_value_uint32(env, argument[0], &number));
  TRY(napi_get_value_int64(env, argument[1], &at));
  if (number >= in->lists.count) return refuse(env, "there is no such list");
  if (at < 0 || (uint64_t)at > in->memory.bytes) return refuse(env, "this place is outside the memory");
  const char *wrong = perform_list(&in->memory, in->calls, &in->lists.at[number], (uint64_t)at);
  return wrong ? refuse(env, wrong) : NULL;
}

static void release(napi_env env, void *data, void *hint) {
  (void)hint;
  instance *in = data;
  if (--in->references > 0) return;
  napi_delete_reference(env, in->array);
  free_lists(&in->lists);
  free(in->calls);
  free(in);
}

/**
 * open(bytes, variant, scratch, scratchLength, streams): kernels over shared memory; the scratch counts in floats.
 * `streams`, 0 or 1: see kernels.h.
 */
static napi_value open_memory(napi_env env, napi_callback_info info) {
  napi_value argument[5], buffer, result;
  size_t given = 5, length, offset;
  void *data;
  uint32_t variant, streams;
  bool unshared;
  int64_t scratch, scratch_floats;
  napi_typedarray_type type;
  TRY(napi_get_cb_info(env, info, &given, argument, NULL, NULL));
  if (given < 5) return refuse(env, "open takes bytes, a variant of the kernels, the scratch, and whether to stream");
  TRY(napi_get_typedarray_info(env, argument[0], &type, &length, &data, &buffer, &offset));
  TRY(napi_get_value_uint32(env, argument[1], &variant));
  TRY(napi_get_value_int64(env, argument[2], &scratch));
  TRY(napi_get_value_int64(env, argument[3], &scratch_floats));
  TRY(napi_get_value_uint32(env, argument[4], &streams));
  TRY(napi_is_arraybuffer(env, buffer, &unshared)); // it could be detached later; shared memory cannot
  if (type != napi_uint8_array || unshared) return refuse(env, "the memory must be a Uint8Array of shared memory");
  if (length == 0 || (uintptr_t)data % sizeof(double)) return refuse(env, "the memory is empty or not aligned");
  const size_t floats = length / sizeof(float);
  if (scratch < 0 || (uint64_t)scratch > floats)
    return refuse(env, "the scratch does not lie in the memory");
  if (scratch_floats < 0 || (uint64_t)scratch_floats > floats - (size_t)scratch)
    return refuse(env, "the scratch does not lie in the memory");
  if (scratch % 2) return refuse(env, "the scratch is not aligned");
  if (flushes_denormals())
    return refuse(env, "this thread makes denormal numbers zero; another addon must have set that");
  const kernels *k = variant < VARIANTS ? find_kernels((enum variant)variant) : NULL;
  if (!k) return refuse(env, "this processor has no such kernels");
  instance *in = calloc(1, sizeof *in);
  if (!in) return refuse(env, "no memory");
  const kernels *widest = variant == NARROW ? k : kernels_at(EXACT, 0);
  in->memory = (memory){data, length, (float *)data + scratch, (size_t)scratch_floats, k, streams > 0, widest};
  in->references = 1; // held by this function until both are made
  napi_status status = napi_create_reference(env, argument[0], 1, &in->array);
  if (status == napi_ok) status = napi_create_object(env, &result);
  const owned_function functions[] = {
    {"register", register_call}, {"run", run_call}, {"note", note_calls}, {"runList", run_list},
  };
  const size_t all = sizeof functions / sizeof *functions;
  if (status == napi_ok) status = add_functions(env, result, functions, all, in, &in->references, release);
  release(env, in, NULL);
  TRY(status);
  return result;
}

/** largePages(bytes): request pages of 2 MiB. A hint, and only for pages that have not been touched yet. */
static napi_value large_pages(napi_env env, napi_callback_info info) {
  napi_value argument, buffer;
  size_t given = 1, length, offset;
  void *data;
  napi_typedarray_type type;
  TRY(napi_get_cb_info(env, info, &given, &argument, NULL, NULL));
  if (given < 1) return refuse(env, "largePages takes bytes");
  TRY(napi_get_typedarray_info(env, argument, &type, &length, &data, &buffer, &offset));
#ifdef MADV_HUGEPAGE
  const uintptr_t page = 4096, start = ((uintptr_t)data + page - 1) & ~(page - 1);
  if (length >= 2u << 20) madvise((void *)start, length - page, MADV_HUGEPAGE);
#endif
  return NULL;
}

/** scratch(rows, inputs, outputs): floats of scratch that the kernels of a layer need. */
static napi_value scratch_size(napi_env env, napi_callback_info info) {
  napi_value argument[3], result;
  size_t given = 3;
  uint32_t n[3];
  TRY(napi_get_cb_info(env, info, &given, argument, NULL, NULL));
  if (given < 3) return refuse(env, "scratch takes rows, inputs and outputs");
  for (int i = 0; i < 3; i++) TRY(napi_get_value_uint32(env, argument[i], &n[i]));
  TRY(napi_create_double(env, (double)most_scratch(n[0], n[1], n[2]), &result));
  return result;
}

/** Two small numbers, a variant and a table, for the functions below. */
static napi_status read_table(napi_env env, napi_callback_info info, uint32_t numbers[2]) {
  napi_value argument[2];
  size_t given = 2;
  napi_status status = napi_get_cb_info(env, info, &given, argument, NULL, NULL);
  for (size_t i = 0; i < 2 && status == napi_ok; i++)
    status = i < given ? napi_get_value_uint32(env, argument[i], &numbers[i]) : napi_number_expected;
  return status;
}

/** table(variant, number): the name of a table that can run here, the widest first; undefined after the last. */
static napi_value table_name(napi_env env, napi_callback_info info) {
  uint32_t n[2];
  TRY(read_table(env, info, n));
  const kernels *k = kernels_at((enum variant)n[0], n[1]);
  napi_value name;
  if (!k) return NULL;
  TRY(napi_create_string_utf8(env, k->name, NAPI_AUTO_LENGTH, &name));
  return name;
}

/** time(variant, table): floating-point operations a second. */
static napi_value run_time(napi_env env, napi_callback_info info) {
  uint32_t n[2];
  TRY(read_table(env, info, n));
  const kernels *k = kernels_at((enum variant)n[0], n[1]);
  if (!k) return refuse(env, "this processor has no such kernels");
  napi_value result;
  TRY(napi_create_double(env, time_kernels(k), &result));
  return result;
}

/** choose(variant, table): of all memories opened from now on, on every thread. */
static napi_value choose_table(napi_env env, napi_callback_info info) {
  uint32_t n[2];
  TRY(read_table(env, info, n));
  return choose_kernels((enum variant)n[0], n[1]) ? NULL : refuse(env, "this processor has no such kernels");
}

/** limit(variant, rounds): floating-point operations of `rounds` rounds of the widest kernels' `limit`. */
static napi_value run_limit(napi_env env, napi_callback_info info) {
  napi_value argument[2], result;
  size_t given = 2;
  uint32_t variant, rounds;
  TRY(napi_get_cb_info(env, info, &given, argument, NULL, NULL));
  if (given < 2) return refuse(env, "limit takes a variant of the kernels and rounds");
  TRY(napi_get_value_uint32(env, argument[0], &variant));
  TRY(napi_get_value_uint32(env, argument[1], &rounds));
  if (rounds > 100000000) return refuse(env, "limit runs at most 100,000,000 rounds");
  const kernels *k = kernels_at((enum variant)variant, 0);
  if (!k) return refuse(env, "this processor has no such kernels");
  TRY(napi_create_double(env, k->limit(rounds), &result));
  return result;
}

static double normal_cdf(double x) { return own_normal_cdf(x, own_bell(x)); }

/** numeric(which, values): a function of src/numerics/, in place. */
static napi_value run_numeric(napi_env env, napi_callback_info info) {
  static double (*const functions[])(double) = {
    own_exp, own_log, own_logistic, own_tanh, own_expm1, own_softplus, normal_cdf,
  };
  napi_value argument[2], buffer;
  size_t given = 2, length, offset;
  uint32_t which;
  void *data;
  napi_typedarray_type type;
  TRY(napi_get_cb_info(env, info, &given, argument, NULL, NULL));
  if (given < 2) return refuse(env, "numeric takes a function and values");
  TRY(napi_get_value_uint32(env, argument[0], &which));
  TRY(napi_get_typedarray_info(env, argument[1], &type, &length, &data, &buffer, &offset));
  if (which >= sizeof functions / sizeof *functions || type != napi_float64_array) return refuse(env, "numeric takes a function and a Float64Array");
  for (size_t i = 0; i < length; i++) ((double *)data)[i] = functions[which](((double *)data)[i]);
  return NULL;
}

/** giveWay(): let another thread that wants this processor run first. */
static napi_value give_way(napi_env env, napi_callback_info info) {
  (void)env, (void)info;
  sched_yield();
  return NULL;
}

NAPI_MODULE_INIT() {
  napi_value number, fused;
  const napi_property_descriptor functions[] = {
    {"open", NULL, open_memory, NULL, NULL, NULL, napi_enumerable, NULL},
    {"largePages", NULL, large_pages, NULL, NULL, NULL, napi_enumerable, NULL},
    {"scratch", NULL, scratch_size, NULL, NULL, NULL, napi_enumerable, NULL},
    {"table", NULL, table_name, NULL, NULL, NULL, napi_enumerable, NULL},
    {"time", NULL, run_time, NULL, NULL, NULL, napi_enumerable, NULL},
    {"choose", NULL, choose_table, NULL, NULL, NULL, napi_enumerable, NULL},
    {"limit", NULL, run_limit, NULL, NULL, NULL, napi_enumerable, NULL},
    {"giveWay", NULL, give_way, NULL, NULL, NULL, napi_enumerable, NULL},
    {"numeric", NULL, run_numeric, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  TRY(napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions));
  TRY(napi_create_uint32(env, INTERFACE, &number));
  TRY(napi_set_named_property(env, exports, "interface", number));
  TRY(napi_get_boolean(env, find_kernels(FUSING) != NULL, &fused));
  TRY(napi_set_named_property(env, exports, "fused", fused));
  return exports;
}
