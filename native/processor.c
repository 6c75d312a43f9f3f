// The kernels that this processor can run, chosen whenever a memory is opened.
#include "kernels.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
extern const kernels portable, avx2, avx2_fused, avx512, avx512_fused;

const kernels *find_kernels(enum variant variant) { // __builtin_cpu_supports includes the operating system
  const int fuses = variant == FUSING;
  if (variant == NARROW) return &portable;
  if (__builtin_cpu_supports("avx512f")) return fuses ? &avx512_fused : &avx512;
  if (__builtin_cpu_supports("avx2")) return !fuses ? &avx2 : __builtin_cpu_supports("fma") ? &avx2_fused : NULL;
  return fuses ? NULL : &portable;
}

int flushes_denormals(void) { return (_mm_getcsr() & 0x8040) != 0; }

#elif defined(__aarch64__)
extern const kernels neon, neon_fused;

const kernels *find_kernels(enum variant variant) { return variant == FUSING ? &neon_fused : &neon; }

int flushes_denormals(void) {
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  return (control >> 24 & 1) != 0;
}

#else
extern const kernels portable;

const kernels *find_kernels(enum variant variant) { return variant == FUSING ? NULL : &portable; }

int flushes_denormals(void) { // by trying: half of the smallest normal number
  volatile float small = 0x1p-126f;
  return small * 0.5f == 0;
}
#endif
