// The kernels as a Node addon, over shared memory that JavaScript owns. JavaScript registers each call once, with every view it
// touches; here all of it is checked against the memory, and from then on a call is one small number. Node-API only.
#define _DEFAULT_SOURCE
#define NAPI_VERSION 8
#include <math.h>
#include <node_api.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif
#include "kernels.h"
#include "numerics.h"

enum { INTERFACE = 1 }; // src/engines/native/addon.ts expects it

enum kind { GATHER, DENSE, SOFTMAX, BACKPROPAGATE, WEIGHT_GRADIENT, BIAS_GRADIENT, DESCEND, KINDS };

typedef struct {
  enum kind kind;
  int choice; // activation or rule
  view v[5];
  double *losses;
  int32_t *predictions;
  size_t limit; // gather: largest `at`; descend: largest place of the coefficients
  examples examples;
  update update;
} call;

/** One thread's kernels over one memory. Lives until the last of its JavaScript functions is gone. */
typedef struct {
  const kernels *k;
  char *base;
  size_t bytes;
  float *scratch;
  size_t scratch_floats;
  call *calls;
  size_t count, room;
  napi_ref memory;
  int owners;
} instance;

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

/** The numbers that describe a call, read one after another; the first wrong one spoils the rest. */
typedef struct {
  const instance *in;
  const double *numbers;
  size_t left;
  const char *wrong;
} reader;

static double next(reader *r) {
  if (r->left == 0) {
    r->wrong = "too few numbers";
    return 0;
  }
  r->left--;
  return *r->numbers++;
}

/** A whole number in [0, limit]. */
static size_t count_of(reader *r, size_t limit) {
  const double x = next(r);
  if (!(x >= 0 && x <= (double)limit) || x != floor(x)) {
    if (!r->wrong) r->wrong = "a number is not whole, or too large";
    return 0;
  }
  return (size_t)x;
}

/** `count` elements of `size` bytes from the next offset, inside the memory. */
static void *span_of(reader *r, size_t count, size_t size) {
  const size_t all = r->in->bytes / size, offset = count_of(r, all);
  if (!r->wrong && count > all - offset) r->wrong = "an array does not end inside the memory";
  return r->wrong ? NULL : r->in->base + offset * size;
}

/** Whether `bytes` bytes from `at` share any with the scratch, which the kernels write at will. */
static int touches_scratch(const instance *in, const void *at, size_t bytes) {
  const char *from = at, *scratch = (const char *)in->scratch;
  return from < scratch + in->scratch_floats * sizeof(float) && scratch < from + bytes;
}

static void clear_of_scratch(reader *r, const void *at, size_t bytes) {
  if (!r->wrong && touches_scratch(r->in, at, bytes)) r->wrong = "an array lies in the scratch";
}

/** offset, rows, cols, stride. */
static view view_of(reader *r) {
  const size_t all = r->in->bytes / sizeof(float), offset = count_of(r, all);
  const size_t rows = count_of(r, all), cols = count_of(r, all), stride = count_of(r, all);
  if (!r->wrong && (rows == 0 || cols == 0 || stride < cols)) r->wrong = "a view is empty, or its rows overlap";
  if (!r->wrong && (cols > all - offset || (stride > 0 && rows - 1 > (all - offset - cols) / stride)))
    r->wrong = "a view does not end inside the memory";
  if (r->wrong) return (view){NULL, 0, 0, 0};
  float *at = (float *)(void *)r->in->base + offset;
  clear_of_scratch(r, at, ((rows - 1) * stride + cols) * sizeof(float));
  return (view){at, rows, cols, stride};
}

static void same(reader *r, size_t x, size_t y) {
  if (!r->wrong && x != y) r->wrong = "shapes do not fit";
}

static void needs(reader *r, size_t rows, size_t inputs, size_t outputs) {
  if (!r->wrong && r->in->k->scratch(rows, inputs, outputs) > r->in->scratch_floats) r->wrong = "too little scratch";
}

static void read_gather(reader *r, call *c) {
  examples *e = &c->examples;
  const view input = c->v[0] = view_of(r), targets = c->v[1] = view_of(r);
  e->rows = count_of(r, SIZE_MAX >> 12);
  e->cols = input.cols;
  e->classes = targets.cols;
  same(r, input.rows, targets.rows);
  if (!r->wrong && e->rows > r->in->bytes / e->cols) r->wrong = "too many examples";
  if (!r->wrong && e->rows > r->in->bytes / e->classes) r->wrong = "too many examples";
  const int floats = (int)count_of(r, 1);
  e->divisor = next(r);
  if (!r->wrong && !(e->divisor > 0 && e->divisor <= 1.7976931348623157e308)) r->wrong = "the divisor is not finite and positive";
  if (r->wrong) return;
  if (floats) e->floats = span_of(r, e->rows * e->cols, sizeof(float));
  else e->bytes = span_of(r, e->rows * e->cols, 1);
  e->labels = span_of(r, e->rows, sizeof(int32_t));
  e->scale = span_of(r, e->classes, sizeof(double));
  e->shift = span_of(r, e->classes, sizeof(double));
  e->order = span_of(r, input.rows, sizeof(int32_t));
  if (r->wrong) return;
  c->limit = r->in->bytes / sizeof(int32_t) - input.rows - (size_t)((const char *)e->order - r->in->base) / sizeof(int32_t);
  if (r->left > 0) e->soft = span_of(r, e->rows * e->classes, sizeof(float));
  e->reciprocal = 1 / e->divisor;
  e->exact = 1;
  for (int byte = 0; byte < 256; byte++)
    if ((float)(byte * e->reciprocal) != (float)(byte / e->divisor)) e->exact = 0;
}

static void read_call(reader *r, call *c) {
  view *v = c->v;
  switch (c->kind) {
    case GATHER: read_gather(r, c); return;
    case DENSE: // output, input, W, b, activation
    case BACKPROPAGATE: // below, delta, W, output, activation
      for (int i = 0; i < 4; i++) v[i] = view_of(r);
      c->choice = (int)count_of(r, ACTIVATIONS - 1);
      same(r, v[0].rows, v[1].rows);
      if (c->kind == DENSE) {
        same(r, v[0].cols, v[2].cols);
        same(r, v[1].cols, v[2].rows);
        same(r, v[3].cols, v[2].cols);
      } else {
        same(r, v[0].cols, v[2].rows);
        same(r, v[1].cols, v[2].cols);
        same(r, v[3].cols, v[2].rows);
        same(r, v[3].rows, v[0].rows);
      }
      needs(r, v[0].rows, v[2].rows, v[2].cols);
      return;
    case SOFTMAX: // delta, logits, targets, losses, predictions
      for (int i = 0; i < 3; i++) v[i] = view_of(r);
      for (int i = 1; i < 3; i++) {
        same(r, v[0].rows, v[i].rows);
        same(r, v[0].cols, v[i].cols);
      }
      c->losses = span_of(r, v[0].rows, sizeof(double));
      c->predictions = span_of(r, v[0].rows, sizeof(int32_t));
      clear_of_scratch(r, c->losses, v[0].rows * sizeof(double));
      clear_of_scratch(r, c->predictions, v[0].rows * sizeof(int32_t));
      needs(r, 1, 1, v[0].cols);
      return;
    case WEIGHT_GRADIENT: // dW, input, delta
      for (int i = 0; i < 3; i++) v[i] = view_of(r);
      same(r, v[0].rows, v[1].cols);
      same(r, v[0].cols, v[2].cols);
      same(r, v[1].rows, v[2].rows);
      needs(r, v[2].rows, v[0].rows, v[0].cols);
      return;
    case BIAS_GRADIENT: // db, delta
      for (int i = 0; i < 2; i++) v[i] = view_of(r);
      same(r, v[0].cols, v[1].cols);
      return;
    default: { // DESCEND: rule, decays, length, parameters, gradients, states
      c->choice = (int)count_of(r, RULES - 1);
      c->update.decays = (int)count_of(r, 1);
      const size_t length = c->update.length = count_of(r, r->in->bytes / sizeof(float));
      c->update.parameters = span_of(r, length, sizeof(float));
      c->update.gradients = span_of(r, length, sizeof(float));
      if (c->choice != SGD) c->update.m = span_of(r, length, sizeof(float));
      if (c->choice >= ADAM) c->update.v = span_of(r, length, sizeof(float));
      if (!r->wrong && r->in->bytes / sizeof(float) < COEFFICIENTS) r->wrong = "no room for coefficients";
      c->limit = r->in->bytes / sizeof(float) - COEFFICIENTS;
    }
  }
}

/** register(kind, numbers): check a call and keep it. Returns its number. */
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
  reader r = {in, data, length, NULL};
  call c;
  memset(&c, 0, sizeof c);
  c.kind = (enum kind)kind;
  read_call(&r, &c);
  if (!r.wrong && r.left > 0) r.wrong = "too many numbers";
  if (r.wrong) return refuse(env, r.wrong);
  if (in->count == in->room) {
    const size_t room = in->room ? 2 * in->room : 64;
    call *more = realloc(in->calls, room * sizeof(call));
    if (!more) return refuse(env, "no memory for another call");
    in->calls = more;
    in->room = room;
  }
  in->calls[in->count] = c;
  TRY(napi_create_uint32(env, (uint32_t)in->count++, &result));
  return result;
}

/** run(number, at): do a registered call. `at` is the place in the order for gather, of the coefficients for descend. */
static napi_value run_call(napi_env env, napi_callback_info info) {
  napi_value argument[2];
  size_t given = 2;
  void *owner;
  uint32_t number;
  int64_t at = 0;
  TRY(napi_get_cb_info(env, info, &given, argument, NULL, &owner));
  if (given < 1) return refuse(env, "run takes the number of a call");
  instance *in = owner;
  TRY(napi_get_value_uint32(env, argument[0], &number));
  if (number >= in->count) return refuse(env, "there is no such call");
  const call *c = &in->calls[number];
  const view *v = c->v;
  if (c->kind == GATHER || c->kind == DESCEND) {
    if (given < 2) return refuse(env, "this call takes a place");
    TRY(napi_get_value_int64(env, argument[1], &at));
    if (at < 0 || (uint64_t)at > c->limit) return refuse(env, "this place is outside the memory");
  }
  switch (c->kind) {
    case GATHER:
      if (in->k->gather(v[0], v[1], &c->examples, (size_t)at)) return refuse(env, "the order holds a row that does not exist");
      break;
    case DENSE: in->k->dense(v[0], v[1], v[2], v[3].at, (enum activation)c->choice, in->scratch); break;
    case SOFTMAX:
      in->k->softmax_cross_entropy(v[0], c->losses, c->predictions, v[1], v[2], (double *)(void *)in->scratch);
      break;
    case BACKPROPAGATE: in->k->backpropagate(v[0], v[1], v[2], v[3], (enum activation)c->choice, in->scratch); break;
    case WEIGHT_GRADIENT: in->k->weight_gradient(v[0], v[1], v[2], in->scratch); break;
    case BIAS_GRADIENT: in->k->bias_gradient(v[0].at, v[1]); break;
    default: in->k->descend((enum rule)c->choice, &c->update, (const float *)(const void *)in->base + at);
  }
  return NULL;
}

static void release(napi_env env, void *data, void *hint) {
  (void)hint;
  instance *in = data;
  if (--in->owners > 0) return;
  napi_delete_reference(env, in->memory);
  free(in->calls);
  free(in);
}

static napi_status add_function(napi_env env, napi_value object, const char *name, napi_callback run, instance *in) {
  napi_value function;
  napi_status status = napi_create_function(env, name, NAPI_AUTO_LENGTH, run, in, &function);
  if (status == napi_ok) status = napi_add_finalizer(env, function, in, release, NULL, NULL);
  if (status == napi_ok) {
    in->owners++;
    status = napi_set_named_property(env, object, name, function);
  }
  return status;
}

/** open(bytes, fused, scratch, scratchLength): kernels over shared memory; the scratch is given in floats. */
static napi_value open_memory(napi_env env, napi_callback_info info) {
  napi_value argument[4], buffer, result;
  size_t given = 4, length, offset;
  void *data;
  bool fused, unshared;
  int64_t scratch, scratch_floats;
  napi_typedarray_type type;
  TRY(napi_get_cb_info(env, info, &given, argument, NULL, NULL));
  if (given < 4) return refuse(env, "open takes bytes, whether to fuse, and the scratch");
  TRY(napi_get_typedarray_info(env, argument[0], &type, &length, &data, &buffer, &offset));
  TRY(napi_get_value_bool(env, argument[1], &fused));
  TRY(napi_get_value_int64(env, argument[2], &scratch));
  TRY(napi_get_value_int64(env, argument[3], &scratch_floats));
  TRY(napi_is_arraybuffer(env, buffer, &unshared)); // an ArrayBuffer could be detached under our feet; shared memory cannot
  if (type != napi_uint8_array || unshared) return refuse(env, "the memory must be a Uint8Array of shared memory");
  if (length == 0 || (uintptr_t)data % sizeof(double)) return refuse(env, "the memory is empty or not aligned");
  const size_t floats = length / sizeof(float);
  if (scratch < 0 || scratch_floats < 0 || (uint64_t)scratch > floats || (uint64_t)scratch_floats > floats - (size_t)scratch)
    return refuse(env, "the scratch does not lie in the memory");
  if (scratch % 2) return refuse(env, "the scratch is not aligned");
  if (flushes_denormals()) return refuse(env, "this thread makes small numbers zero; another addon must have set that");
  const kernels *k = find_kernels(fused);
  if (!k) return refuse(env, "this processor has no fused multiply-add");
  instance *in = calloc(1, sizeof *in);
  if (!in) return refuse(env, "no memory");
  in->k = k;
  in->base = data;
  in->bytes = length;
  in->scratch = (float *)data + scratch;
  in->scratch_floats = (size_t)scratch_floats;
  in->owners = 1; // this function, until all is made
  napi_status status = napi_create_reference(env, argument[0], 1, &in->memory);
  if (status == napi_ok) status = napi_create_object(env, &result);
  if (status == napi_ok) status = add_function(env, result, "register", register_call, in);
  if (status == napi_ok) status = add_function(env, result, "run", run_call, in);
#ifdef MADV_HUGEPAGE
  const uintptr_t page = 4096, start = ((uintptr_t)data + page - 1) & ~(page - 1);
  if (length >= 2u << 20) madvise((void *)start, length - page, MADV_HUGEPAGE); // only a hint
#endif
  release(env, in, NULL);
  TRY(status);
  return result;
}

/** scratch(rows, inputs, outputs): floats that the kernels of a layer need. */
static napi_value scratch_size(napi_env env, napi_callback_info info) {
  napi_value argument[3], result;
  size_t given = 3;
  uint32_t n[3];
  TRY(napi_get_cb_info(env, info, &given, argument, NULL, NULL));
  if (given < 3) return refuse(env, "scratch takes rows, inputs and outputs");
  for (int i = 0; i < 3; i++) TRY(napi_get_value_uint32(env, argument[i], &n[i]));
  TRY(napi_create_double(env, (double)find_kernels(0)->scratch(n[0], n[1], n[2]), &result));
  return result;
}

/** limit(which, rounds): floating-point operations done in a bare loop. 0: multiply, then add; 1: fused; 2: multiply, then add, 128 bits. */
static napi_value run_limit(napi_env env, napi_callback_info info) {
  napi_value argument[2], result;
  size_t given = 2;
  uint32_t which, rounds;
  TRY(napi_get_cb_info(env, info, &given, argument, NULL, NULL));
  if (given < 2) return refuse(env, "limit takes a kind and rounds");
  TRY(napi_get_value_uint32(env, argument[0], &which));
  TRY(napi_get_value_uint32(env, argument[1], &rounds));
  const kernels *k = which < 2 ? find_kernels((int)which) : which == 2 ? narrow_kernels() : NULL;
  if (!k) return refuse(env, "this processor has no such limit");
  TRY(napi_create_double(env, k->limit(rounds), &result));
  return result;
}

/** numeric(which, values): exp, log, logistic or tanh of src/numerics/exp-log.ts, in place. */
static napi_value run_numeric(napi_env env, napi_callback_info info) {
  static double (*const functions[])(double) = {own_exp, own_log, own_logistic, own_tanh};
  napi_value argument[2], buffer;
  size_t given = 2, length, offset;
  uint32_t which;
  void *data;
  napi_typedarray_type type;
  TRY(napi_get_cb_info(env, info, &given, argument, NULL, NULL));
  if (given < 2) return refuse(env, "numeric takes a function and values");
  TRY(napi_get_value_uint32(env, argument[0], &which));
  TRY(napi_get_typedarray_info(env, argument[1], &type, &length, &data, &buffer, &offset));
  if (which > 3 || type != napi_float64_array) return refuse(env, "numeric takes a function and a Float64Array");
  for (size_t i = 0; i < length; i++) ((double *)data)[i] = functions[which](((double *)data)[i]);
  return NULL;
}

static napi_value set_string(napi_env env, napi_value object, const char *name, const char *value) {
  napi_value text;
  TRY(napi_create_string_utf8(env, value, NAPI_AUTO_LENGTH, &text));
  TRY(napi_set_named_property(env, object, name, text));
  return object;
}

NAPI_MODULE_INIT() {
  napi_value number, fused;
  const napi_property_descriptor functions[] = {
    {"open", NULL, open_memory, NULL, NULL, NULL, napi_enumerable, NULL},
    {"scratch", NULL, scratch_size, NULL, NULL, NULL, napi_enumerable, NULL},
    {"limit", NULL, run_limit, NULL, NULL, NULL, napi_enumerable, NULL},
    {"numeric", NULL, run_numeric, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  TRY(napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions));
  TRY(napi_create_uint32(env, INTERFACE, &number));
  TRY(napi_set_named_property(env, exports, "interface", number));
  TRY(napi_get_boolean(env, find_kernels(1) != NULL, &fused));
  TRY(napi_set_named_property(env, exports, "fused", fused));
  return set_string(env, exports, "instructions", find_kernels(0)->name);
}
