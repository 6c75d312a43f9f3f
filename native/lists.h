// Running a registered call, and lists of calls that one crossing from JavaScript runs one after the other.
#ifndef DELTAPROP_LISTS_H
#define DELTAPROP_LISTS_H
#include <stdlib.h>
#include "calls.h"

/** A call of a list: its place in the order, or of its coefficients, counts from that of the list. */
typedef struct {
  uint32_t number;
  uint64_t at;
} noted;

typedef struct {
  noted *calls;
  size_t count;
} call_list;

typedef struct {
  call_list *at;
  size_t count, capacity;
} lists;

/**
 * Run a registered call at a place in the order (gather, draws), or of coefficients (updates), with a number: the epoch
 * of draws; the factor, share or limit of a span or of W. Returns why it cannot.
 */
static const char *perform(const memory *in, const call *c, uint64_t at, double value) {
  const view *v = c->v;
  const kernels *k = in->k;
  float *scratch = in->scratch;
  const float *floats = (const float *)(const void *)in->base;
  if (takes_place(c) && at > c->largest_at) return "this place is outside the memory";
  if (draws_epoch(c) && !(value >= 0 && value <= UINT32_MAX)) return "there is no such epoch";
  switch (c->kind) {
    case GATHER:
      if (k->gather(v[0], v[1], &c->examples, (size_t)at, scratch)) return "the order holds a row that does not exist";
      break;
    case DENSE: k->dense(v[0], v[1], v[2], v[3].at, (enum activation)c->option, c->finite, scratch); break;
    case ACTIVATE: k->activate(v[0], v[1], (enum activation)c->option); break;
    case OUTPUT_DELTA:
      k->output_delta(
        (enum loss)c->option, v[0], c->losses, c->predictions, v[1], v[2], c->per, c->parameters,
        (double *)(void *)scratch);
      break;
    case BACKPROPAGATE: k->backpropagate(v[0], v[1], v[2], v[3], (enum activation)c->option, scratch); break;
    case WEIGHT_GRADIENT: k->weight_gradient(v[0], v[1], v[2], c->option, scratch); break;
    case BIAS_GRADIENT: k->bias_gradient(v[0].at, v[1], c->option); break;
    case EXAMPLE_NORMS: k->example_norms(c->losses, v[0], v[1]); break;
    case MASK: k->mask_delta(v[0], v[1]); break;
    case SQUARES: k->squares(c->losses, v[0]); break;
    case DROP: in->widest->drop(v[0], v[1], v[2], &c->draws, (uint32_t)value, (size_t)at, c->layer); break;
    case ADD_NOISE: in->widest->add_noise(v[0], &c->draws, (uint32_t)value, (size_t)at); break;
    case CLIP: k->clip(c->arrays.parameters, c->arrays.length, (float)value); break;
    case SHRINK_WEIGHTS: k->shrink(c->arrays.parameters, c->arrays.length, (float)value); break;
    case MOVE_MEAN: k->average(c->arrays.m, c->arrays.parameters, c->arrays.length, (float)value); break;
    case HOLD_UNITS: k->hold_units(v[0], value); break;
    case NORMALIZE: k->normalize(v[0], v[1].at, v[2].at, v[3], c->losses); break;
    case APPLY: k->apply(v[0], (enum activation)c->option); break;
    case SLOPE: k->slope(v[0], v[1], v[2], (enum activation)c->option); break;
    case DENORMALIZE: k->denormalize(v[0], v[1], v[2].at, v[3], c->losses); break;
    case JOIN: k->join(v[0], v[1], v[2]); break;
    case SCALE_GRADIENT: k->scale_gradient(v[0].at, v[1], v[2], c->option); break;
    case SCALE_ROWS: k->scale_rows(v[0], c->losses); break;
    case NOISY_UPDATE:
      in->widest->noisy_update(
        (enum optimizer)c->option, &c->arrays, v[0], c->key, c->first, *c->rate, floats + at);
      break;
    case UPDATE: k->update((enum optimizer)c->option, &c->arrays, floats + at, in->streams); break;
    default: k->update_weights(v[3].at, v[0], v[1], v[2], floats + at, in->streams, scratch);
  }
  return NULL;
}

/**
 * Keep calls that numbers describe, [number, place] of each: of `count` calls those without a number of their own,
 * which changes from step to step. Returns why it cannot.
 */
static const char *keep_list(
  lists *in, const double *numbers, size_t length, const call *calls, size_t count, size_t bytes) {
  for (size_t i = 0; i < length; i += 2) {
    if (!(numbers[i] >= 0 && numbers[i] < (double)count)) return "there is no such call";
    if (takes_number(&calls[(size_t)numbers[i]])) return "no list holds a call that takes a number";
    if (!(numbers[i + 1] >= 0 && numbers[i + 1] <= (double)bytes)) return "this place is outside the memory";
  }
  if (in->count == in->capacity) {
    const size_t capacity = in->capacity ? 2 * in->capacity : 16;
    call_list *more = realloc(in->at, capacity * sizeof(call_list));
    if (!more) return "no memory for another list";
    in->at = more;
    in->capacity = capacity;
  }
  const call_list list = {calloc(length / 2 + 1, sizeof(noted)), length / 2};
  if (!list.calls) return "no memory for another list";
  for (size_t i = 0; i < list.count; i++)
    list.calls[i] = (noted){(uint32_t)numbers[2 * i], (uint64_t)numbers[2 * i + 1]};
  in->at[in->count++] = list;
  return NULL;
}

/** Every call of a list in turn, its place counted from `at`. Returns why one of them cannot run. */
static const char *perform_list(const memory *in, const call *calls, const call_list *list, uint64_t at) {
  for (size_t i = 0; i < list->count; i++) {
    const noted n = list->calls[i];
    const char *wrong = perform(in, &calls[n.number], n.at + at, 0);
    if (wrong) return wrong;
  }
  return NULL;
}

static void free_lists(lists *in) {
  for (size_t i = 0; i < in->count; i++) free(in->at[i].calls);
  free(in->at);
}
#endif
