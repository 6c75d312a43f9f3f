// Two normal draws of two words: src/numerics/box-muller.ts in its order. No branches, so that loops become vectors.

/** √(−2 ln u), u = (word >>> 1 + ½)/2³¹. */
static inline float radius_of_word(uint32_t word) {
  const int32_t k = (int32_t)(word >> 1), root_half = 0x3f3504f3;
  const float x = (float)k + 0.5f;
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  const int32_t above = bits - root_half, e = 31 - (above >> 23), mantissa = (above & 0x7fffff) + root_half;
  float whole;
  memcpy(&whole, &mantissa, sizeof whole);
  const float near = ((float)(0x7fffffff - k) + 0.5f) * -0x1p-31f; // u − 1, where subtracting would lose its bits
  const float t = e == 0 ? near : whole - 1, z = t * t;
  float y = 7.0376836292e-2f * t + -1.151461031e-1f;
  y = y * t + 1.167699874e-1f;
  y = y * t + -1.2420140846e-1f;
  y = y * t + 1.4249322787e-1f;
  y = y * t + -1.6668057665e-1f;
  y = y * t + 2.0000714765e-1f;
  y = y * t + -2.4999993993e-1f;
  y = y * t + 3.3333331174e-1f;
  const float ln = t + (y * (t * z) - 0.5f * z);
  return __builtin_sqrtf(2 * ((float)e * 0.6931471805599453f - ln));
}

/** cos and sin of 2π(word + ½)/2³². */
static inline void turn_by_word(uint32_t word, float *cosine, float *sine) {
  const uint32_t quarter = (word + 0x20000000u) >> 30; // the nearest quarter turn, of 4
  const float x = ((float)(int32_t)(word - (quarter << 30)) + 0.5f) * 1.4629180792671596e-9f, z = x * x; // 2π/2³²
  const float s = x + x * z * ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z + -1.6666654611e-1f);
  const float c = 1 - 0.5f * z +
    z * z * ((2.443315711809948e-5f * z + -1.388731625493765e-3f) * z + 4.166664568298827e-2f);
  const float even = quarter & 1 ? s : c, odd = quarter & 1 ? c : s;
  uint32_t first, second;
  memcpy(&first, &even, sizeof first);
  memcpy(&second, &odd, sizeof second);
  first ^= (quarter + 1) >> 1 << 31; // where −1 times it
  second ^= quarter >> 1 << 31;
  memcpy(cosine, &first, sizeof first);
  memcpy(sine, &second, sizeof second);
}
