// Activations and their slopes in double, rounded once: those of src/gradients/activations.ts that no product fuses
// (X3, X4, X16 … X21), each operation in its order. No branches, so the loops become vectors.

#include "curves.h"

/** A loop over the elements of a matrix: row pointer x, index o. */
#define EACH(x, m, statement) \
  for (size_t i = 0; i < (m).rows; i++) { \
    float *x = (m).at + i * (m).stride; \
    for (size_t o = 0; o < (m).cols; o++) statement; \
  }
#define IN_PLACE(value) EACH(x, output, { const double z = (double)x[o]; x[o] = (float)(value); }) break

/** z becomes σ(z) in place, for the activations that no product fuses. */
static void activate_in_place(view output, enum activation activation) {
  switch (activation) {
    case TANH: IN_PLACE(own_tanh(z));
    case SIGMOID: IN_PLACE(own_logistic(z));
    case SELU: IN_PLACE(selu(z));
    case ELU: IN_PLACE(elu(z));
    case GELU: IN_PLACE(gelu(z).a);
    case SILU: IN_PLACE(silu(z).a);
    case MISH: IN_PLACE(mish(z).a);
    case SOFTPLUS: IN_PLACE(own_softplus(z));
    default: break;
  }
}

#define WITH_SLOPES(σ) \
  EACH(x, output, { \
    const curve c = σ((double)x[o]); \
    slopes.at[i * slopes.stride + o] = (float)c.slope; \
    x[o] = (float)c.a; \
  }) break

/** X18 … X20: slopes = σ′(z), and σ(z) in place of z. */
static void activate(view output, view slopes, enum activation activation) {
  switch (activation) {
    case GELU: WITH_SLOPES(gelu);
    case SILU: WITH_SLOPES(silu);
    default: WITH_SLOPES(mish);
  }
}

#define TIMES(slope) \
  EACH(s, below, { \
    const double a = (double)kept.at[i * kept.stride + o]; \
    s[o] = (float)((double)s[o] * (slope)); \
  }) break

/** below ⊙ σ′, for the activations that no product fuses: σ′ from a = σ(z), or kept as it is. */
static void times_slopes(view below, view kept, enum activation activation) {
  switch (activation) {
    case SELU: TIMES(a > 0 ? SELU_LAMBDA : a + SELU_BELOW);
    case ELU: TIMES(a > 0 ? 1 : a + 1);
    case SOFTPLUS: TIMES(-own_expm1(-a));
    default: TIMES(a);
  }
}
