// The tables of kernels that this processor can run. All tables of one arithmetic give the same bits, so which of them
// runs is a matter of speed alone: the widest, until JavaScript has timed them and chosen another.
#include <stdatomic.h>
#include "kernels.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
extern const kernels portable, avx2, avx2_fused, avx512, avx512_wide, avx512_fused, avx512_wide_fused;

#define WIDE __builtin_cpu_supports("avx512f") // includes the operating system
#define AVX2 __builtin_cpu_supports("avx2")

static int list(enum variant variant, const kernels *found[MOST_TABLES]) {
  int n = 0;
  if (variant == EXACT) {
    if (WIDE) found[n++] = &avx512, found[n++] = &avx512_wide;
    if (AVX2) found[n++] = &avx2;
    found[n++] = &portable;
  } else if (variant == FUSING) {
    if (WIDE) found[n++] = &avx512_fused, found[n++] = &avx512_wide_fused;
    if (AVX2 && __builtin_cpu_supports("fma")) found[n++] = &avx2_fused;
  } else found[n++] = &portable;
  return n;
}

int flushes_denormals(void) { return (_mm_getcsr() & 0x8040) != 0; }

#elif defined(__aarch64__)
extern const kernels neon, neon_fused;

static int list(enum variant variant, const kernels *found[MOST_TABLES]) {
  found[0] = variant == FUSING ? &neon_fused : &neon;
  return 1;
}

int flushes_denormals(void) {
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  return (control >> 24 & 1) != 0;
}

#else
extern const kernels portable;

static int list(enum variant variant, const kernels *found[MOST_TABLES]) {
  found[0] = &portable;
  return variant != FUSING;
}

int flushes_denormals(void) { // by trying: half of the smallest normal number
  volatile float small = 0x1p-126f;
  return small * 0.5f == 0;
}
#endif

const kernels *kernels_at(enum variant variant, uint32_t table) {
  const kernels *found[MOST_TABLES];
  return (uint32_t)variant < VARIANTS && table < (uint32_t)list(variant, found) ? found[table] : NULL;
}

static atomic_uint chosen[VARIANTS]; // of the whole process: its threads share this library

const kernels *find_kernels(enum variant variant) { return kernels_at(variant, atomic_load(&chosen[variant])); }

int choose_kernels(enum variant variant, uint32_t table) {
  if (!kernels_at(variant, table)) return 0;
  atomic_store(&chosen[variant], table);
  return 1;
}

size_t most_scratch(size_t rows, size_t inputs, size_t outputs) {
  size_t most = 0;
  for (int variant = 0; variant < VARIANTS; variant++)
    for (uint32_t table = 0; kernels_at((enum variant)variant, table); table++) {
      const size_t floats = kernels_at((enum variant)variant, table)->scratch(rows, inputs, outputs);
      if (floats > most) most = floats;
    }
  return most;
}
