// The kernels for one instruction set. build.mjs compiles this file once for each, with TABLE, NAME, VECTORS and, for
// fused multiply-add, FUSED. Compile with contraction off: every rounding is written down.
#include "kernels.h"
#include <float.h>
#include <string.h>
#include VECTORS

_Static_assert(FLT_EVAL_METHOD == 0, "float arithmetic must round to float");

#include "numerics.h"

static const float LEAKY_SLOPE = 0.01f;

#include "streams.h"

#include "tiles.h"

#include "products.h"

#include "row.h"

#include "warp.h"

#include "pointwise.h"

#include "smooth.h"

#include "between.h"

#include "losses.h"

#include "box-muller.h"

#include "draws.h"

#include "noise.h"

#include "limits.h"

/** E9: output = σ(input·W + b). */
static void dense(
  view output, view input, view W, const float *b, enum activation activation, int finite, float *scratch) {
  const enum epilogue epilogue = activation == RELU ? BIAS_RELU : activation == LEAKY_RELU ? BIAS_LEAKY : BIAS;
  if (finite && output.rows == 1) dense_row(output.at, input.at, W, b, epilogue, scratch);
  else dense_sums(output, input, W, b, epilogue, finite, scratch);
  if (activation > LEAKY_RELU) activate_in_place(output, activation);
}

/** What no product fuses is a sweep of its own. */
static void backpropagate_any(view below, view delta, view W, view kept, enum activation activation, float *scratch) {
  if (activation < SELU) backpropagate(below, delta, W, kept, activation, scratch);
  else {
    backpropagate(below, delta, W, kept, IDENTITY, scratch);
    times_slopes(below, kept, activation);
  }
}

/** A roof for the products: 12 sums in registers, nothing loaded or stored in the loop. */
static double limit(size_t rounds) {
  vector s[12], x = v_all(0.999f), y = v_all(0.001f);
  FOR(i, 12) s[i] = v_all((float)i);
  for (size_t n = 0; n < rounds; n++) {
    FOR(i, 12) {
      __asm__ volatile("" : V_REGISTER(x)); // x counts as changed, so the product stays in the loop
      s[i] = v_accumulate(s[i], x, y);
    }
  }
  UNROLL for (int i = 1; i < 12; i++) s[0] = v_add(s[0], s[i]);
  float sums[LANES];
  v_store(sums, s[0]);
  volatile float used = sums[0];
  (void)used;
  return 24.0 * LANES * (double)rounds;
}

const kernels TABLE = {
  .name = NAME, .scratch = scratch, .gather = gather, .dense = dense, .activate = activate,
  .output_delta = output_delta, .backpropagate = backpropagate_any, .weight_gradient = weight_gradient,
  .update_weights = update_weights, .bias_gradient = bias_gradient, .example_norms = example_norms, .update = update,
  .drop = drop, .mask_delta = mask_delta, .add_noise = add_noise, .squares = squares, .clip = clip, .shrink = shrink,
  .average = average, .hold_units = hold_units,
  .normalize = normalize, .apply = apply, .slope = slope, .denormalize = denormalize, .join = join,
  .scale_gradient = scale_gradient, .scale_rows = scale_rows, .noisy_update = noisy_update, .limit = limit,
};
