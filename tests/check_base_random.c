/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random streams: known answers, laws, and independence of where and how a number is asked for.
 *
 * Every statistical check is a function that accepts or rejects a sample; it is given the streams' numbers and a deliberately wrong sample.
 * Seeds are fixed.  Each z-score is compared with 5.5, which a right sample exceeds with probability 4e-8; there are fewer than 100 of
 * them, so the whole file would reject a right generator with probability below 4e-6. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "check_base.h"

#define LIMIT 5.5

enum { DIM = 7, PARTICLES = 4096, STEPS = 32, SAMPLE = DIM * PARTICLES * STEPS };

/* ---- Known answers ---- */

START_TEST(known_answers) {
  const char *top = getenv("top_srcdir");
  char path[4096], line[256];
  (void)snprintf(path, sizeof path, "%s/tests/data/philox_kat.txt", top ? top : ".");
  FILE *file = fopen(path, "r");
  ck_assert_msg(file != NULL, "cannot open %s", path);
  int vectors = 0;
  while (fgets(line, sizeof line, file)) {
    if (line[0] == '#') continue;
    uint32_t w[10], out[4];
    char *rest = line;
    for (int i = 0; i < 10; i++) w[i] = (uint32_t)strtoul(rest, &rest, 16);
    const stream s = {.seed = (uint64_t)w[5] << 32 | w[4], .tag = w[3]};
    stream_block(s, w[2], w[1], w[0], out);
    for (int i = 0; i < 4; i++) ck_assert_uint_eq(out[i], w[6 + i]);
    vectors++;
  }
  (void)fclose(file);
  ck_assert_int_eq(vectors, 3);
}
END_TEST

START_TEST(tags_tell_streams_apart) {
  const stream s = stream_make(9, STREAM_BRIDGE, 3, 2);
  ck_assert_uint_eq(s.seed, 9);
  ck_assert_uint_eq(s.tag, (uint32_t)STREAM_BRIDGE << 26 | 3u << 12 | 2u);
  ck_assert_uint_ne(s.tag, stream_make(9, STREAM_PILOT, 3, 2).tag);
  ck_assert_uint_ne(s.tag, stream_make(9, STREAM_BRIDGE, 2, 3).tag);
  const stream last = stream_make(9, STREAM_USER, 0x3fff, 0xfff);
  ck_assert_uint_eq(last.tag, (uint32_t)STREAM_USER << 26 | 0x3ffffffu);
}
END_TEST

/* ---- The normal law ---- */

static double *all_normals(stream s) {
  double *x = NEW(double, SAMPLE);
  uint32_t *particle = NEW(uint32_t, PARTICLES);
  ck_assert(x != NULL && particle != NULL);
  for (uint32_t i = 0; i < PARTICLES; i++) particle[i] = i;
  for (uint32_t step = 0; step < STEPS; step++) stream_normals(s, step, DIM, PARTICLES, PARTICLES, particle, x + step * (DIM * PARTICLES));
  memory_free(particle);
  return x;
}

/* Moments 1 to 4 of a standard normal: 0, 1, 0, 3; the powers' variances are 1, 2, 15, 96. */
static int moments_right(size_t n, const double *x) {
  static const double mean[] = {0, 1, 0, 3}, variance[] = {1, 2, 15, 96};
  double sum[4] = {0};
  for (size_t i = 0; i < n; i++) {
    double power = 1;
    for (int k = 0; k < 4; k++) sum[k] += power *= x[i];
  }
  int right = 1;
  for (int k = 0; k < 4; k++) right &= fabs(sum[k] / (double)n - mean[k]) < LIMIT * sqrt(variance[k] / (double)n);
  return right;
}

/* How many lie beyond 2, 3 and 4 standard deviations, on the left, on the right and on both sides.  Binomial; the rarest, 29 expected, is
 * beyond the limit with probability below 1e-6 (Poisson). */
static int tails_right(size_t n, const double *x) {
  int right = 1;
  for (int sides = 1; sides <= 3; sides++)
    for (int bound = 2; bound <= 4; bound++) {
      const double p = 0.5 * erfc(bound / sqrt(2.0)) * (sides == 3 ? 2 : 1), expected = (double)n * p;
      double count = 0;
      for (size_t i = 0; i < n; i++) count += ((sides & 1) && x[i] > bound) || ((sides & 2) && x[i] < -bound);
      right &= fabs(count - expected) < LIMIT * sqrt(expected * (1 - p));
    }
  return right;
}

/* The products x[i] y[i] of independent normals have mean 0 and variance 1. */
static int uncorrelated(size_t n, const double *x, const double *y) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += x[i] * y[i];
  return fabs(sum) < LIMIT * sqrt((double)n);
}

START_TEST(normals_have_the_right_moments) {
  double *x = all_normals(stream_make(1, STREAM_EXPLORE, 0, 0));
  ck_assert(moments_right(SAMPLE, x));
  for (size_t j = 0; j < DIM; j++) ck_assert(moments_right(PARTICLES, x + j * PARTICLES)); /* every coordinate */
  for (size_t i = 0; i < SAMPLE; i++) x[i] *= sqrt(1.02);
  ck_assert(!moments_right(SAMPLE, x)); /* the broken twin: variance 1.02 */
  memory_free(x);
}
END_TEST

START_TEST(normals_have_the_right_tails) {
  double *x = all_normals(stream_make(2, STREAM_EXPLORE, 0, 0));
  ck_assert(tails_right(SAMPLE, x));
  for (size_t i = 0; i < SAMPLE; i++) x[i] = fmax(-4, fmin(x[i], 4));
  ck_assert(!tails_right(SAMPLE, x)); /* the broken twin: cut off at 4 */
  memory_free(x);
}
END_TEST

START_TEST(streams_are_uncorrelated) {
  double *x = all_normals(stream_make(3, STREAM_BRIDGE, 1, 0));
  const stream others[] = {stream_make(4, STREAM_BRIDGE, 1, 0), stream_make(3 + (UINT64_C(1) << 32), STREAM_BRIDGE, 1, 0),
                           stream_make(3, STREAM_PILOT, 1, 0), stream_make(3, STREAM_BRIDGE, 2, 0), stream_make(3, STREAM_BRIDGE, 1, 1)};
  for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
    double *y = all_normals(others[k]);
    ck_assert(uncorrelated(SAMPLE, x, y));
    memory_free(y);
  }
  const size_t step = DIM * PARTICLES;
  ck_assert(uncorrelated(SAMPLE - step, x, x + step));           /* from step to step */
  ck_assert(uncorrelated(SAMPLE - PARTICLES, x, x + PARTICLES)); /* from coordinate to coordinate: cosine and sine */
  ck_assert(uncorrelated(SAMPLE - 1, x, x + 1));                 /* from particle to particle */
  ck_assert(!uncorrelated(SAMPLE, x, x));                        /* the broken twin: one stream used twice */
  memory_free(x);
}
END_TEST

/* A value depends on (particle, step, coordinate) alone: not on how many are asked for, in which order, or with which leading dimension. */
START_TEST(normals_do_not_depend_on_the_tile) {
  enum { N = 150 };
  const stream s = stream_make(5, STREAM_SETTLE, 0, 1);
  static double whole[DIM * N], part[(DIM + 1) * (N + 9)];
  uint32_t particle[N], reversed[N];
  for (uint32_t i = 0; i < N; i++) particle[i] = 1000 + i;
  for (uint32_t i = 0; i < N; i++) reversed[i] = 1000 + N - 1 - i;
  stream_normals(s, 6, DIM, N, N, particle, whole);
  for (size_t n = 1; n <= N; n++) {
    const size_t ld = n + n % 10;
    stream_normals(s, 6, DIM, n, ld, reversed + (N - n), part); /* particles n - 1 down to 0 */
    for (size_t j = 0; j < DIM; j++)
      for (size_t i = 0; i < n; i++) ck_assert(part[j * ld + i] == whole[j * N + n - 1 - i]);
  }
  for (size_t dim = 1; dim <= DIM; dim++) { /* nor on the number of coordinates; nothing is written beyond them */
    for (size_t i = 0; i < N; i++) part[dim * N + i] = 42;
    stream_normals(s, 6, dim, N, N, particle, part);
    ck_assert_mem_eq(part, whole, dim * N * sizeof *part);
    for (size_t i = 0; i < N; i++) ck_assert(part[dim * N + i] == 42);
  }
}
END_TEST

/* ---- The uniform law ---- */

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Kolmogorov: sqrt(n) D exceeds 2.7 with probability 2 exp(-2 2.7^2) < 1e-6. */
static int uniform_right(size_t n, double *u) {
  qsort(u, n, sizeof *u, ascending);
  double distance = 0;
  for (size_t i = 0; i < n; i++)
    distance = fmax(distance, fmax(fabs(u[i] - (double)i / (double)n), fabs(u[i] - (double)(i + 1) / (double)n)));
  return sqrt((double)n) * distance < 2.7;
}

START_TEST(uniforms_are_uniform) {
  enum { N = 200000 };
  const stream s = stream_make(6, STREAM_RESAMPLE, 0, 0);
  double *u = NEW(double, N);
  ck_assert_ptr_nonnull(u);
  for (int varied = 0; varied < 3; varied++) { /* over particles, steps, slots */
    for (uint32_t i = 0; i < N; i++) u[i] = stream_uniform(s, varied == 0 ? i : 1, varied == 1 ? i : 1, varied == 2 ? i : 1);
    for (size_t i = 0; i < N; i++) ck_assert(u[i] > 0 && u[i] < 1);
    ck_assert(uniform_right(N, u));
  }
  for (size_t i = 0; i < N; i++) u[i] = pow(u[i], 1.02);
  ck_assert(!uniform_right(N, u)); /* the broken twin */
  memory_free(u);
}
END_TEST

/* Slot k is block 2^31 + k, which no normal uses, and its 52 upper bits, in the middle of their cell. */
START_TEST(uniforms_come_from_blocks_of_their_own) {
  const stream s = stream_make(7, STREAM_RESAMPLE, 0, 0);
  for (uint32_t slot = 0; slot < 100; slot++) {
    uint32_t word[4];
    stream_block(s, 11, 12, 0x80000000u | slot, word);
    const double low = (double)((((uint64_t)word[1] << 32) | word[0]) >> 12) * 0x1p-52;
    ck_assert(stream_uniform(s, 11, 12, slot) == low + 0x1p-53);
  }
}
END_TEST

TCase *random_tests(void) {
  TCase *tests = tcase_create("random");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, known_answers);
  tcase_add_test(tests, tags_tell_streams_apart);
  tcase_add_test(tests, normals_have_the_right_moments);
  tcase_add_test(tests, normals_have_the_right_tails);
  tcase_add_test(tests, streams_are_uncorrelated);
  tcase_add_test(tests, normals_do_not_depend_on_the_tile);
  tcase_add_test(tests, uniforms_are_uniform);
  tcase_add_test(tests, uniforms_come_from_blocks_of_their_own);
  return tests;
}
