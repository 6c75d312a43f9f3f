// What the addons of this folder share: how a call fails, and functions that keep what they belong to alive.
#pragma once
#define NAPI_VERSION 8
#include <node_api.h>

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

/** One JavaScript function of `owner`, which `release` frees with the last of its `references`. */
typedef struct {
  const char *name;
  napi_callback run;
} owned_function;

/** Give `object` functions of `owner`. The caller holds one of the references itself. */
static napi_status add_functions(napi_env env, napi_value object, const owned_function *functions, size_t count,
                                 void *owner, int *references, napi_finalize release) {
  napi_status status = napi_ok;
  for (size_t f = 0; f < count && status == napi_ok; f++) {
    napi_value function;
    status = napi_create_function(env, functions[f].name, NAPI_AUTO_LENGTH, functions[f].run, owner, &function);
    if (status == napi_ok) status = napi_add_finalizer(env, function, owner, release, NULL, NULL);
    if (status != napi_ok) break;
    ++*references;
    status = napi_set_named_property(env, object, functions[f].name, function);
  }
  return status;
}
