/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vector kernels, once for every instruction set: the including file includes its lanes (base/lanes.h) first.
 *
 * Every value goes through a whole vector, the remainder through a padded one, so it cannot depend on its place in the array. */
#include "base/vmath_isa.h"

#include <Random123/philox.h>
#include <string.h>

#include "base/vmath_columns.h"
#include "base/vmath_triangle.h"

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

#if WIDTH == 1
typedef uint64_t LANES;
static inline VECTOR to_double(LANES k) {
  return (double)k;
}
#else
typedef uint64_t LANES __attribute__((vector_size(WIDTH * sizeof(uint64_t))));

/* Exact for k < 2^53: the halves are put into the low bits of 2^84 and of 2^52, which are then taken away again. */
static inline VECTOR to_double(LANES k) {
  const LANES high = (k >> 32) | 0x4530000000000000u, low = (k & 0xffffffffu) | 0x4330000000000000u;
  return ((VECTOR)high - FILL(0x1p84 + 0x1p52)) + (VECTOR)low;
}
#endif

/* The 53 upper bits of a 64-bit integer, from its two 32-bit words. */
static inline VECTOR upper_bits(LANES low, LANES high) {
  return to_double(((high << 32) | (low & 0xffffffffu)) >> 11);
}

/* Philox4x32-10, one block a lane.  The upper halves of the words hold rubbish, which PRODUCT does not see. */
static inline void philox_lanes(uint64_t key, LANES word[4]) {
  const LANES zero = {0};
  uint32_t key0 = (uint32_t)key, key1 = (uint32_t)(key >> 32);
  for (int round = 0; round < 10; round++) {
    const LANES a = PRODUCT(word[0], zero + PHILOX_M4x32_0), b = PRODUCT(word[2], zero + PHILOX_M4x32_1);
    word[0] = (b >> 32) ^ word[1] ^ key0;
    word[1] = b;
    word[2] = (a >> 32) ^ word[3] ^ key1;
    word[3] = a;
    key0 += PHILOX_W32_0;
    key1 += PHILOX_W32_1;
  }
}

/* Normals from the two integers of each block: Box and Muller's. */
static inline void normal_vector(const vmath_counter *c, const uint32_t *particle, double *a, double *b) {
  uint64_t number[WIDTH];
  for (size_t k = 0; k < WIDTH; k++) number[k] = particle[k];
  const LANES zero = {0};
  LANES word[4] = {zero + c->block, zero + c->step, zero, zero + c->tag};
  memcpy(&word[2], number, sizeof number);
  philox_lanes(c->key, word);
  const VECTOR u1 = (upper_bits(word[0], word[1]) + FILL(1.0)) * FILL(0x1p-53);
  const VECTOR turn = upper_bits(word[2], word[3]) * FILL(0x1p-52); /* 2 u2: in half turns */
  const VECTOR radius = ROOT(FILL(-2.0) * LOG(u1));
  const __typeof__(SINCOSPI(turn)) angle = SINCOSPI(turn);
  STORE(a, radius * angle.y);
  STORE(b, radius * angle.x);
}

static void normals_array(const vmath_counter *c, size_t n, const uint32_t *particle, double *a, double *b) {
  size_t i = 0;
  for (; i + WIDTH <= n; i += WIDTH) normal_vector(c, particle + i, a + i, b + i);
  if (i == n) return;
  uint32_t padded[WIDTH] = {0};
  double cosine[WIDTH], sine[WIDTH];
  memcpy(padded, particle + i, (n - i) * sizeof *padded);
  normal_vector(c, padded, cosine, sine);
  memcpy(a + i, cosine, (n - i) * sizeof *a);
  memcpy(b + i, sine, (n - i) * sizeof *b);
}

static void columns_array(size_t rows, size_t n, size_t ld, double *c, double *lse) {
  for (size_t i = 0; i < n; i += WIDTH) {
    VECTOR largest = FILL(-(double)INFINITY);
    for (size_t row = 0; row < rows; row++) largest = lanes_larger(largest, lanes_get(c + row * ld + i, n - i));
    lanes_put(lse + i, n - i, columns_shares(rows, ld, n - i, largest, c + i));
  }
}

static void lower_times_array(size_t d, const double *c, size_t n, size_t ld, double *x) {
  for (size_t i = 0; i < n; i += WIDTH) triangle_times(d, c, ld, n - i, x + i);
}

static void lower_transpose_times_array(size_t d, const double *c, size_t n, size_t ld, double *x) {
  for (size_t i = 0; i < n; i += WIDTH) triangle_transpose_times(d, c, ld, n - i, x + i);
}

const vmath_kernels ISA(vmath) = {.name = NAME,
                                  .exp = exp_array,
                                  .log = log_array,
                                  .normals = normals_array,
                                  .columns = columns_array,
                                  .lower_times = lower_times_array,
                                  .lower_transpose_times = lower_transpose_times_array};
