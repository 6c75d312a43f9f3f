// The interface of the native kernels: src/gradients/kernels.ts in C. Each instruction set gives one table of them.
// Nothing is checked here: addon.c checks every view once, when JavaScript registers a call.
#ifndef DELTAPROP_KERNELS_H
#define DELTAPROP_KERNELS_H
#include <stddef.h>
#include <stdint.h>

/** A matrix: element (i, j) at `at[i·stride + j]`. */
typedef struct {
  float *at;
  size_t rows, cols, stride;
} view;

enum activation { IDENTITY, RELU, LEAKY_RELU, TANH, SIGMOID, ACTIVATIONS };
enum rule { SGD, MOMENTUM, NESTEROV, ADAM, ADAMW, RULES };
enum { COEFFICIENTS = 8 };

/** The examples in memory: `Examples` of src/network/plan.ts. */
typedef struct {
  size_t rows, cols, classes;
  const uint8_t *bytes; //     [rows × cols], or NULL
  const float *floats; //      [rows × cols], or NULL
  double divisor;
  int narrow; //               the divisor is a float
  const int32_t *labels; //    [rows]
  const float *soft; //        [rows × classes], or NULL
  const int32_t *order; //     row numbers
  const double *scale, *shift; // [classes]: t = scale · y + shift
} examples;

/** What one `descend` sweeps. States that the rule does not keep are NULL. */
typedef struct {
  float *parameters, *m, *v;
  const float *gradients;
  size_t length;
  int decays;
} update;

typedef struct {
  const char *name;
  /** Floats of scratch that the kernels of one layer may use, for `rows` examples from `inputs` to `outputs` units. */
  size_t (*scratch)(size_t rows, size_t inputs, size_t outputs);
  /** Returns 0, or 1 at a row number outside the examples: that row and all after it are then not written. */
  int (*gather)(view input, view targets, const examples *from, size_t at);
  void (*dense)(view output, view input, view W, const float *b, enum activation, float *scratch);
  void (*softmax_cross_entropy)(view delta, double *losses, int32_t *predictions, view logits, view targets, double *scratch);
  void (*backpropagate)(view below, view delta, view W, view output, enum activation, float *scratch);
  void (*weight_gradient)(view dW, view input, view delta, float *scratch);
  /** W ← W − η(∇W + λW), η and λ the first two coefficients. W lies like dW, which is room for sums: what it held is lost. */
  void (*descend_weights)(float *W, view dW, view input, view delta, const float coefficients[COEFFICIENTS], float *scratch);
  void (*bias_gradient)(float *db, view delta);
  void (*descend)(enum rule, const update *, const float coefficients[COEFFICIENTS]);
  /** A bare loop of `rounds` multiply-and-adds on registers: returns its floating-point operations. */
  double (*limit)(size_t rounds);
} kernels;

/** EXACT and FUSING: the widest that this processor can run. NARROW: exact on 128-bit vectors, like WebAssembly's. */
enum choice { EXACT, FUSING, NARROW, CHOICES };
/** NULL if the processor has no such kernels. */
const kernels *find_kernels(enum choice);
/** Whether this thread was set to make small results zero: our bits would then be lost. */
int flushes_denormals(void);
#endif
