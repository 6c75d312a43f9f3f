// AVX-512 in plain C, for processors without it: SIMDe (Debian's libsimde-dev), and what its version 0.7 lacks.
// sanitize.mjs includes this before all else when it runs the AVX-512 kernels. No part of the addon.
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#undef I // of complex.h

#define V_REGISTER(x) "+m"(x) // no register is 512 bits wide here

typedef int32_t words __attribute__((vector_size(64)));
typedef uint8_t bytes __attribute__((vector_size(16)));

#ifndef _mm512_stream_ps
#define _mm512_stream_ps(at, x) _mm512_storeu_ps(at, x)
#endif
#ifndef _mm512_cvtepu8_epi32
#define _mm512_cvtepu8_epi32(x) ((__m512i)__builtin_convertvector((bytes)(x), words))
#endif
#ifndef _mm512_cvtepi32_ps
#define _mm512_cvtepi32_ps(x) __builtin_convertvector((words)(x), __m512)
#endif
#ifndef _mm512_shuffle_f32x4
#define _mm512_shuffle_f32x4 quarters
/** Two quarters of x, then two of y. */
static inline __m512 quarters(__m512 x, __m512 y, int which) {
  __m512 z;
  for (int i = 0; i < 16; i++) z[i] = (i < 8 ? x : y)[4 * (which >> i / 4 * 2 & 3) + i % 4];
  return z;
}
#endif
