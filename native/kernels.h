// The interface of the native kernels: src/gradients/kernels.ts in C. Each instruction set gives one table of them.
// Kernels check nothing: addon.c checks every view once, when JavaScript registers a call.
#ifndef DELTAPROP_KERNELS_H
#define DELTAPROP_KERNELS_H
#include <stddef.h>
#include <stdint.h>

/** A matrix: element (i, j) at `at[i·stride + j]`. */
typedef struct {
  float *at;
  size_t rows, cols, stride;
} view;

enum activation {
  IDENTITY, RELU, LEAKY_RELU, TANH, SIGMOID, SELU, ELU, SOFTPLUS,
  GELU, SILU, MISH, // their layers keep σ′(z)
  ACTIVATIONS
};
enum loss {
  SOFTMAX_CROSS_ENTROPY, SIGMOID_CROSS_ENTROPY, FOCAL, SQUARED_ERROR, ABSOLUTE_ERROR, HUBER, QUANTILE, POISSON, GAUSSIAN,
  LOSSES
};
enum optimizer { SGD, MOMENTUM, NESTEROV, ADAM, ADAMW, OPTIMIZERS };
/** Places of a step's coefficients: COEFFICIENT of src/network/plan.ts. test/engines/native.test.ts compares them. */
enum coefficient {
  RATE, //             η; adam, adamw: η/(1 − β₁ᵗ)
  DECAY, //            λ; adamw: ηλ
  MOMENTUM_OR_BETA1, // μ; adam, adamw: β₁
  ONE_MINUS_BETA1,
  BETA2,
  ONE_MINUS_BETA2,
  EPSILON, //          ε
  CORRECTION, //       1/√(1 − β₂ᵗ)
  SHRINK, //           ηλ₁, which no optimizer reads
  AVERAGE, //          nor this
  COEFFICIENTS
};

/** Places of an example's numbers: WARP_NUMBER of src/network/warp.ts. test/engines/native.test.ts compares them. */
enum warp_number {
  UX, UY, U0, VX, VY, V0, ELASTIC, NOISE, WINDOW_X, WINDOW_Y, ERASE_LEFT, ERASE_RIGHT, ERASE_TOP, ERASE_BOTTOM,
  WARP_NUMBERS = 16
};
enum { BORDER = 3 }; // pixels around an image: one before, two after

/** Where the pixels of examples are read: `Warp` of src/network/warp.ts. */
typedef struct {
  size_t width, height, channels, field_size;
  float fill;
  const float *numbers; // [capacity × WARP_NUMBERS], by position in the order; NULL: pixels stay where they are
  const float *fields; //  [3][(field_size + height) × (field_size + width)]
} warp;

/** The examples in memory: `Examples` of src/network/plan.ts. */
typedef struct {
  size_t rows, cols, classes;
  const uint8_t *bytes; //     [rows × cols], or NULL
  const float *floats; //      [rows × cols], or NULL
  double divisor;
  int float_divisor; //        whether the divisor is exactly a float
  const int32_t *labels; //    [rows]
  const float *soft; //        [rows × classes], or NULL
  const int32_t *order; //     row numbers
  const double *scale, *shift; // [classes]: t = scale · y + shift
  warp warp;
} examples;

/** What a step's rows are drawn: `PlannedDraws` of src/network/passed.ts, with the one amount that a kernel needs. */
typedef struct {
  uint64_t seed;
  double amount; //           p of dropout, σ of the noise
  const int32_t *examples; // numbers of the examples, by position in the order
} draws;

/** The arrays of one `update`, `length` floats each. States m and v that the optimizer does not keep are NULL. */
typedef struct {
  float *parameters, *m, *v;
  const float *gradients;
  size_t length;
  int decays; // whether λ applies: to weights, not to biases
} update_arrays;

typedef struct {
  const char *name;
  /** Floats of scratch that the kernels of one layer may use, for `rows` examples from `inputs` to `outputs` units. */
  size_t (*scratch)(size_t rows, size_t inputs, size_t outputs);
  /**
   * X6 … X8, X47. Returns 0, or 1 at a row number outside the examples: that row and all after it are then not written.
   * `scratch`: with a warp a channel of an image in pairs (warp.h).
   */
  int (*gather)(view input, view targets, const examples *from, size_t at, float *scratch);
  /** E9. `finite`: every weight is, so a term of ±0 may be left out. */
  void (*dense)(view output, view input, view W, const float *b, enum activation, int finite, float *scratch);
  /** X18 … X20: slopes = σ′(z), and σ(z) in place of z. */
  void (*activate)(view output, view slopes, enum activation);
  /**
   * E2, E8, E10; X22 … X29. `per`: outputs a target. `parameters`: weights [C] of the outputs, then a parameter of each
   * [C]; softmax reads neither.
   */
  void (*output_delta)(
    enum loss, view delta, double *losses, int32_t *predictions, view output, view targets, size_t per,
    const double *parameters, double *scratch);
  /** E17. `kept`: a = σ(z), or the slopes of a layer that keeps them. */
  void (*backpropagate)(view below, view delta, view W, view kept, enum activation, float *scratch);
  /** E37. `adds`: the sums go on from those in dW, and are not divided by the rows. */
  void (*weight_gradient)(view dW, view input, view delta, int adds, float *scratch);
  /**
   * E37 and X10: W ← W − η(∇W + λW). W has dW's shape and stride. dW is scratch, unspecified afterwards. `streams`:
   * other threads read W, so it is stored past the caches. A line that two cores have read and one writes costs 7 to 27
   * ns, one that is in no cache 1 to 3.
   */
  void (*update_weights)(
    float *W, view dW, view input, view delta, const float c[COEFFICIENTS], int streams, float *scratch);
  /** E36, `adds` as in E37. */
  void (*bias_gradient)(float *db, view delta, int adds);
  /** X30 */
  void (*example_norms)(double *norms, view input, view delta);
  /** X49. n and the inverse roots stay where `inverses` is not NULL. */
  void (*normalize)(view output, const float *gain, const float *offset, view normalized, double *inverses);
  /** σ in place. */
  void (*apply)(view output, enum activation);
  /** delta = above ⊙ σ′, `kept` as in backpropagate. delta may be `above`. */
  void (*slope)(view delta, view above, view kept, enum activation);
  /** X49 */
  void (*denormalize)(view delta, view above, const float *gain, view normalized, const double *inverses);
  /** X50. sum may be x or y. */
  void (*join)(view sum, view x, view y);
  /** X39, X49, `adds` as in E37. */
  void (*scale_gradient)(float *gradient, view input, view delta, int adds);
  /** X40 */
  void (*scale_rows)(view delta, const double *factors);
  /** X10 … X14, `streams` as above. */
  void (*update)(enum optimizer, const update_arrays *, const float c[COEFFICIENTS], int streams);
  /** X41: g ← g − rate·ξ, of element (r, c) draw first + r·cols + c of a key of 8 words; then `update`. */
  void (*noisy_update)(
    enum optimizer, const update_arrays *, view g, const uint32_t *key, uint64_t first, float rate,
    const float c[COEFFICIENTS]);
  /** X36. `epoch` 0 draws nothing. `at`: place of the first row in the order; `layer` from 0. */
  void (*drop)(view passed, view mask, view output, const draws *, uint32_t epoch, size_t at, uint32_t layer);
  /** X36: delta ⊙ mask */
  void (*mask_delta)(view delta, view mask);
  /** X37 */
  void (*add_noise)(view input, const draws *, uint32_t epoch, size_t at);
  /** X33: Σ dW² of each row, and the gradient times a factor. */
  void (*squares)(double *squares, view dW);
  void (*clip)(float *gradients, size_t length, float factor);
  /** X34 */
  void (*shrink)(float *weights, size_t length, float by);
  /** X38 */
  void (*average)(float *mean, const float *parameters, size_t length, float share);
  /** X35 */
  void (*hold_units)(view W, double most);
  /** A loop of `rounds` multiply-and-adds on registers alone: returns its floating-point operations. */
  double (*limit)(size_t rounds);
} kernels;

/** EXACT, FUSING: the fastest tables of this processor. NARROW: exact on 128-bit vectors, like WebAssembly's. */
enum variant { EXACT, FUSING, NARROW, VARIANTS };
enum { MOST_TABLES = 4 };
/** The table chosen; NULL if the processor has no such kernels. */
const kernels *find_kernels(enum variant);
/** Table 0, 1, … that this processor can run, the widest first; NULL after the last. */
const kernels *kernels_at(enum variant, uint32_t table);
/** Let find_kernels return this table from now on, on all threads. Returns 0 where there is none. */
int choose_kernels(enum variant, uint32_t table);
/** Scratch that is enough for every table. */
size_t most_scratch(size_t rows, size_t inputs, size_t outputs);
/** Floating-point operations a second of a table's products. */
double time_kernels(const kernels *);
/** Whether this thread's mode makes denormal results zero: the bits would then differ. */
int flushes_denormals(void);
#endif
