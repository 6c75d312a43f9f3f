// Stores past the caches, of what other threads or processes read next: `streams` in kernels.h. v_stream is in
// vector-*.h.

/** Whether each of the rows from `at` on begins a cache line, as v_stream wants it. */
static int in_lines(const float *at, size_t stride) { return ((uintptr_t)at | stride * sizeof(float)) % 64 == 0; }

/** What was streamed is there for whoever passes the next barrier. */
static void end_stream(void) {
#if defined(__x86_64__)
  __asm__ volatile("sfence" : : : "memory");
#endif
}
