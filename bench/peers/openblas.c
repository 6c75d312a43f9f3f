// C on OpenBLAS as a contender: the equations by hand over cblas_sgemm.
//   openblas own|blas THREADS FOLDER [DATA]
// own:  our threads; each takes a slice of the batch forward and back, then a slice of the rows of every W: two
// barriers a step,
//       over single-threaded products. The best arrangement known for networks of this size.
// blas: one caller; OpenBLAS divides each product among its threads.
// OPENBLAS_CORETYPE picks OpenBLAS's kernel. With DATA, a cold start on MNIST.
#include <cblas.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern void openblas_set_num_threads(int);
extern char *openblas_get_config(void);
extern char *openblas_get_corename(void);

enum { D = 784, C = 10, LAYERS = 4, MOST_THREADS = 64, WARM_UP = 51, TEST = 10000, TRAIN = 60000, SPINS = 20000 };
static const float RATE = 0.1f;
static int batch, sizes[LAYERS + 1];
static float *W[LAYERS], *b[LAYERS], *a[LAYERS + 1], *delta[LAYERS]; // a[0] is the batch itself
static const float *input;
static const uint8_t *labels;
static int threads = 1, helped; // helped: our own threads share a step
static double partial[MOST_THREADS * 8]; // a cache line each
static const char *folder;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *take(size_t bytes) {
  void *p = aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (!p) exit(3);
  return memset(p, 0, bytes);
}

static void *slurp(const char *name, size_t *bytes) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *f = fopen(path, "rb");
  if (!f || fseek(f, 0, SEEK_END)) { perror(path); exit(3); }
  *bytes = (size_t)ftell(f);
  rewind(f);
  void *p = take(*bytes);
  if (fread(p, 1, *bytes, f) != *bytes) exit(3);
  fclose(f);
  return p;
}

/** Arrays for 784-H-H-H-10 and up to `rows` examples at once; parameters from the work folder. */
static void open_network(int H, int B, int rows) {
  const int layout[] = {D, H, H, H, C};
  memcpy(sizes, layout, sizeof sizes);
  batch = B;
  char name[64];
  size_t bytes;
  snprintf(name, sizeof name, "start-%d.f32", H);
  float *start = slurp(name, &bytes), *at = start;
  for (int l = 0; l < LAYERS; l++) {
    const size_t inputs = (size_t)sizes[l], outputs = (size_t)sizes[l + 1];
    free(W[l]), free(b[l]), free(a[l + 1]), free(delta[l]);
    W[l] = take(4 * inputs * outputs), b[l] = take(4 * outputs), a[l + 1] = take(4 * (size_t)rows * outputs), delta[l] = take(4 * (size_t)rows * outputs);
    memcpy(W[l], at, 4 * inputs * outputs), at += inputs * outputs;
    memcpy(b[l], at, 4 * outputs), at += outputs;
  }
  free(start);
}

static void forward(const float *x, int from, int to) {
  for (int l = 0; l < LAYERS; l++) {
    const int inputs = sizes[l], outputs = sizes[l + 1], rows = to - from;
    const float *in = (l ? a[l] : x) + (size_t)from * (size_t)inputs;
    float *out = a[l + 1] + (size_t)from * (size_t)outputs;
    for (int i = 0; i < rows; i++) memcpy(out + (size_t)i * (size_t)outputs, b[l], 4 * (size_t)outputs);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, outputs, inputs, 1, in, inputs, W[l], outputs, 1, out, outputs);
    if (l < LAYERS - 1)
      for (size_t k = 0; k < (size_t)rows * (size_t)outputs; k++) out[k] = out[k] > 0 ? out[k] : 0;
  }
}

/** Sum of losses, and δ^L / B. */
static double cross_entropy(int from, int to) {
  double sum = 0;
  const float share = 1.0f / (float)batch;
  for (int i = from; i < to; i++) {
    const float *z = a[LAYERS] + i * C;
    float *d = delta[LAYERS - 1] + i * C, most = z[0], total = 0;
    for (int c = 1; c < C; c++) most = z[c] > most ? z[c] : most;
    for (int c = 0; c < C; c++) total += d[c] = expf(z[c] - most);
    sum += (double)(logf(total) + most - z[labels[i]]);
    for (int c = 0; c < C; c++) d[c] *= share / total;
    d[labels[i]] -= share;
  }
  return sum;
}

static void backward(int from, int to) {
  for (int l = LAYERS - 1; l > 0; l--) {
    const int inputs = sizes[l], outputs = sizes[l + 1], rows = to - from;
    float *below = delta[l - 1] + (size_t)from * (size_t)inputs;
    const float *above = delta[l] + (size_t)from * (size_t)outputs, *act = a[l] + (size_t)from * (size_t)inputs;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, inputs, outputs, 1, above, outputs, W[l], outputs, 0, below, inputs);
    for (size_t k = 0; k < (size_t)rows * (size_t)inputs; k++) below[k] = act[k] > 0 ? below[k] : 0;
  }
}

/** θ ← θ − η∇θ on thread t's share of every W's rows, and of the biases: the product itself subtracts. */
static void descend(int t, int of) {
  for (int l = 0; l < LAYERS; l++) {
    const int inputs = sizes[l], outputs = sizes[l + 1];
    const int from = inputs * t / of / 16 * 16, to = t == of - 1 ? inputs : inputs * (t + 1) / of / 16 * 16;
    const float *in = l ? a[l] : input;
    if (to > from)
      cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, to - from, outputs, batch, -RATE, in + from, inputs, delta[l], outputs, 1,
                  W[l] + (size_t)from * (size_t)outputs, outputs);
    if (t == l % of)
      for (int i = 0; i < batch; i++)
        for (int o = 0; o < outputs; o++) b[l][o] -= RATE * delta[l][(size_t)i * (size_t)outputs + (size_t)o];
  }
}

static atomic_int arrived, round_number;

/** Spins, as a step leaves no time to sleep. Between requests the helpers sleep. */
static void barrier(void) {
  const int mine = atomic_load(&round_number);
  if (atomic_fetch_add(&arrived, 1) == threads - 1) {
    atomic_store(&arrived, 0);
    atomic_fetch_add(&round_number, 1);
  } else
    for (int looks = 0; atomic_load_explicit(&round_number, memory_order_acquire) == mine; looks++)
      if (looks > SPINS) sched_yield(); // another process has our processor, or wants it
}

static void part(int t) {
  const int from = batch * t / threads, to = batch * (t + 1) / threads;
  forward(input, from, to);
  partial[8 * t] = cross_entropy(from, to);
  backward(from, to);
  barrier();
  descend(t, threads);
  barrier();
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static atomic_int working;

static void *helper(void *number) {
  const int t = (int)(intptr_t)number;
  for (;;) {
    pthread_mutex_lock(&lock);
    while (!working) pthread_cond_wait(&wake, &lock);
    pthread_mutex_unlock(&lock);
    for (;;) {
      barrier(); // a step begins, or the work ends
      if (!working) break;
      part(t);
    }
    barrier(); // `work` waits until everyone has seen it
  }
  return NULL;
}

/** A request's steps begin, or are over. At least one step must lie between. */
static void work(int yes) {
  if (!helped) return;
  pthread_mutex_lock(&lock);
  working = yes;
  pthread_cond_broadcast(&wake);
  pthread_mutex_unlock(&lock);
  if (!yes) barrier(), barrier();
}

static double step(const float *x, const uint8_t *y) {
  input = x, labels = y;
  double sum = 0;
  if (helped) {
    barrier();
    part(0);
    for (int t = 0; t < threads; t++) sum += partial[8 * t];
  } else {
    forward(x, 0, batch);
    sum = cross_entropy(0, batch);
    backward(0, batch);
    descend(0, 1);
  }
  return sum / batch;
}

static void serve(void) {
  size_t bytes, rows;
  const float *pool = slurp("pool.f32", &bytes);
  const uint8_t *classes = slurp("labels.u8", &rows);
  char line[256];
  int H, B;
  long at = 0;
  double ms;
  while (fgets(line, sizeof line, stdin)) {
    long count = 0, batches = batch ? (long)rows / batch : 0;
    work(1);
    if (sscanf(line, "{\"prepare\":[%d,%d]", &H, &B) == 2) {
      double losses[WARM_UP];
      open_network(H, B, B);
      batches = (long)rows / B;
      for (at = 0; at < WARM_UP; at++) losses[at] = step(pool + at % batches * B * D, classes + at % batches * B);
      printf("{\"losses\":[%.7f,%.7f,%.7f]}\n", losses[0], losses[5], losses[50]);
    } else if (sscanf(line, "{\"run\":%lf", &ms) == 1) {
      const double start = now();
      double seconds;
      do step(pool + at % batches * batch * D, classes + at % batches * batch), at++, count++;
      while ((seconds = now() - start) < ms / 1000);
      printf("{\"steps\":%ld,\"seconds\":%.9f}\n", count, seconds);
    }
    work(0);
    fflush(stdout);
  }
}

static uint8_t *gunzip(const char *data, const char *name, size_t header, size_t bytes) {
  char command[4200];
  snprintf(command, sizeof command, "gzip -dc '%s/%s'", data, name);
  FILE *f = popen(command, "r");
  uint8_t *p = take(header + bytes);
  if (!f || fread(p, 1, header + bytes, f) != header + bytes) exit(3);
  pclose(f);
  return p + header;
}

static float *images(const char *data, const char *name, size_t pixels) {
  uint8_t *bytes = gunzip(data, name, 16, pixels);
  float *x = take(4 * pixels);
  for (size_t k = 0; k < pixels; k++) x[k] = (float)bytes[k] / 255;
  free(bytes - 16);
  return x;
}

static void cold_start(const char *data) {
  const float *x = images(data, "train-images-idx3-ubyte.gz", (size_t)TRAIN * D);
  const uint8_t *classes = gunzip(data, "train-labels-idx1-ubyte.gz", 8, TRAIN);
  const float *tx = images(data, "t10k-images-idx3-ubyte.gz", (size_t)TEST * D);
  const uint8_t *answers = gunzip(data, "t10k-labels-idx1-ubyte.gz", 8, TEST);
  enum { H = 256, B = 64, TESTED = 1000 };
  open_network(H, B, TESTED);
  float *rows = take(4 * B * D);
  uint8_t y[B];
  for (int epoch = 1;; epoch++) {
    char name[64];
    size_t bytes;
    snprintf(name, sizeof name, "order-%d.u32", epoch);
    uint32_t *order = slurp(name, &bytes);
    const double start = now();
    work(1);
    for (size_t at = 0; at < bytes / 4; at += B) {
      for (int i = 0; i < B; i++) {
        memcpy(rows + i * D, x + (size_t)order[at + (size_t)i] * D, 4 * D);
        y[i] = classes[order[at + (size_t)i]];
      }
      step(rows, y);
    }
    work(0);
    const double trained = now();
    int right = 0;
    for (int from = 0; from < TEST; from += TESTED) {
      forward(tx + (size_t)from * D, 0, TESTED);
      for (int i = 0; i < TESTED; i++) {
        const float *z = a[LAYERS] + i * C;
        int most = 0;
        for (int c = 1; c < C; c++) most = z[c] > z[most] ? c : most;
        right += most == answers[from + i];
      }
    }
    printf("{\"epoch\":%d,\"seconds\":%.6f,\"testing\":%.6f,\"accuracy\":%.4f}\n", epoch, trained - start, now() - trained, right / (double)TEST);
    fflush(stdout);
    free(order);
  }
}

int main(int count, char **arguments) {
  if (count < 4) return 2;
  threads = atoi(arguments[2]);
  helped = !strcmp(arguments[1], "own") && threads > 1;
  folder = arguments[3];
  if (threads < 1 || threads > MOST_THREADS) return 2;
  openblas_set_num_threads(helped ? 1 : threads);
  for (int t = 1; helped && t < threads; t++) pthread_create(&(pthread_t){0}, NULL, helper, (void *)(intptr_t)t);
  if (count > 4) cold_start(arguments[4]);
  char version[64] = "";
  sscanf(openblas_get_config(), "%*s %63s", version);
  printf("{\"ready\":\"OpenBLAS %s, kernel %s\"}\n", version, openblas_get_corename());
  fflush(stdout);
  serve();
}
