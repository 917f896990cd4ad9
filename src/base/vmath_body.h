/* The vector kernels, once for every instruction set.  The including file defines VECTOR, WIDTH, LOAD, STORE, FILL, EXP, LOG, ROOT and
 * SINCOSPI (sine in .x, cosine in .y) and KERNELS, the table's name, with its text NAME.
 *
 * Every value goes through a whole vector, the remainder through a padded one, so it cannot depend on its place in the array. */

/* y = f(x) for a whole array; f is one of the functions below, inlined. */
#define OVER_ARRAY(f)                                                                                                                      \
  size_t i = 0;                                                                                                                            \
  for (; i + WIDTH <= n; i += WIDTH) STORE(y + i, f(LOAD(x + i)));                                                                         \
  if (i == n) return;                                                                                                                      \
  double padded[WIDTH] = {0};                                                                                                              \
  memcpy(padded, x + i, (n - i) * sizeof *padded);                                                                                         \
  STORE(padded, f(LOAD(padded)));                                                                                                          \
  memcpy(y + i, padded, (n - i) * sizeof *padded)

static void exp_array(size_t n, const double *x, double *y) {
  OVER_ARRAY(EXP);
}

static void log_array(size_t n, const double *x, double *y) {
  OVER_ARRAY(LOG);
}

static inline void box_muller_vector(const double *u1, const double *u2, double *a, double *b) {
  const VECTOR radius = ROOT(FILL(-2.0) * LOG(LOAD(u1))), turn = FILL(2.0) * LOAD(u2);
  const __typeof__(SINCOSPI(turn)) angle = SINCOSPI(turn);
  STORE(a, radius * angle.y);
  STORE(b, radius * angle.x);
}

static void box_muller_array(size_t n, const double *u1, const double *u2, double *a, double *b) {
  size_t i = 0;
  for (; i + WIDTH <= n; i += WIDTH) box_muller_vector(u1 + i, u2 + i, a + i, b + i);
  if (i == n) return;
  double padded[4][WIDTH] = {{0}};
  for (size_t k = 0; k < WIDTH; k++) padded[0][k] = 1;
  memcpy(padded[0], u1 + i, (n - i) * sizeof(double));
  memcpy(padded[1], u2 + i, (n - i) * sizeof(double));
  box_muller_vector(padded[0], padded[1], padded[2], padded[3]);
  memcpy(a + i, padded[2], (n - i) * sizeof(double));
  memcpy(b + i, padded[3], (n - i) * sizeof(double));
}

const vmath_kernels KERNELS = {.name = NAME, .exp = exp_array, .log = log_array, .box_muller = box_muller_array};
