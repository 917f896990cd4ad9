/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The radix sort against the library's own comparison sort, selection against it, distances against a plain loop. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/distance.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/sort.h"
#include "check_base.h"

#define MOST 5000
#define N    203
#define DIM  7
#define LD   208

typedef struct numbers {
  double x[MOST], sorted[MOST], work[MOST];
  uint32_t order[MOST], order_work[MOST];
} numbers;

static int rising(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Sorted as qsort sorts, each number from its place, equal ones in their order. */
static int is_right(numbers *s, size_t n) {
  memcpy(s->work, s->x, n * sizeof *s->x);
  qsort(s->work, n, sizeof *s->x, rising);
  for (size_t k = 0; k < n; k++) {
    if (s->sorted[k] != s->work[k] || s->x[s->order[k]] != s->sorted[k]) return 0;
    if (k && memcmp(&s->sorted[k], &s->sorted[k - 1], sizeof(double)) == 0 && s->order[k] < s->order[k - 1]) return 0;
  }
  return 1;
}

static void sort(numbers *s, size_t n) {
  sort_order(n, s->x, s->sorted, s->order, s->work, s->order_work);
}

START_TEST(sorts_as_comparisons_do) {
  numbers *s = NEW(numbers, 1);
  static const size_t sizes[] = {0, 1, 2, 3, 31, 1000, MOST};
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
    for (int kind = 0; kind < 4; kind++) {
      for (uint32_t i = 0; i < sizes[k]; i++) {
        const double u = stream_uniform(stream_make(3, STREAM_START, 0, 0), i, (uint32_t)k, (uint32_t)kind) - 0.5;
        s->x[i] = kind == 0 ? u : kind == 1 ? exp(1400 * u) * (i % 2 ? -1 : 1) : kind == 2 ? rint(8 * u) : 7;
      }
      sort(s, sizes[k]);
      ck_assert_msg(is_right(s, sizes[k]), "%zu numbers of kind %d", sizes[k], kind);
    }
  memory_free(s);
}
END_TEST

START_TEST(sorts_what_is_not_ordinary) {
  static const double x[] = {INFINITY, 5e-324, -INFINITY, -0.0, 1, 0.0, -5e-324, 1.7976931348623157e308, -1};
  static const uint32_t order[] = {2, 8, 6, 3, 5, 1, 4, 7, 0};
  numbers *s = NEW(numbers, 1);
  memcpy(s->x, x, sizeof x);
  sort(s, 9);
  ck_assert_mem_eq(s->order, order, sizeof order);
  ck_assert(is_right(s, 9));
  memory_free(s);
}
END_TEST

START_TEST(sorts_in_place_and_without_order) {
  numbers *s = NEW(numbers, 1);
  for (uint32_t i = 0; i < 100; i++) s->x[i] = s->sorted[i] = (double)(i * 37 % 100) - 50;
  sort_order(100, s->sorted, s->sorted, NULL, s->work, NULL);
  for (uint32_t i = 0; i < 100; i++) ck_assert_double_eq(s->sorted[i], (double)i - 50);
  memory_free(s);
}
END_TEST

START_TEST(a_wrong_order_is_noticed) {
  numbers *s = NEW(numbers, 1);
  for (uint32_t i = 0; i < 100; i++) s->x[i] = (double)(i % 10);
  sort(s, 100);
  ck_assert(is_right(s, 100));
  const uint32_t swap = s->order[3];
  s->order[3] = s->order[4]; /* equal numbers, out of their order */
  s->order[4] = swap;
  ck_assert(!is_right(s, 100));
  memory_free(s);
}
END_TEST

/* All places one by one, and places of a fifth, twice each, together. */
START_TEST(selects_what_sorting_puts_there) {
  numbers *s = NEW(numbers, 1);
  for (size_t n = 1; n < 130; n++)
    for (int kind = 0; kind < 2; kind++) {
      for (uint32_t i = 0; i < n; i++) {
        const double u = stream_uniform(stream_make(3, STREAM_START, 1, 0), i, (uint32_t)n, (uint32_t)kind) - 0.5;
        s->x[i] = kind == 0 ? u : rint(8 * u);
      }
      sort(s, n);
      size_t place[8];
      double found[8];
      for (size_t k = 0; k < 8; k++) place[k] = (k / 2 + 1) * n / 5;
      for (size_t k = 0; k < n; k++) {
        memcpy(s->work, s->x, n * sizeof *s->x);
        sort_select(n, s->work, 1, &k, found);
        ck_assert(found[0] == s->sorted[k]);
      }
      sort_select(n, s->x, 8, place, found);
      for (size_t k = 0; k < 8; k++) ck_assert(found[k] == s->sorted[place[k]]);
    }
  memory_free(s);
}
END_TEST

/* ---- Distances ---- */

/* Numbers of all sizes and both signs, many of them equal. */
static void odd_numbers(size_t n, double *x) {
  const stream s = stream_make(3, STREAM_USER, 1, 0);
  for (size_t i = 0; i < n; i++) {
    const double u = stream_uniform(s, (uint32_t)i, 0, 0), v = stream_uniform(s, (uint32_t)i, 0, 1);
    x[i] = (u < 0.5 ? -1 : 1) * (v < 0.3 ? floor(30 * v) : exp(800 * (v - 0.65)));
  }
  if (n > 9) {
    x[3] = INFINITY;
    x[9] = -INFINITY;
  }
}

/* The same bits, whatever the number of points and the stride. */
START_TEST(distances_are_those_of_a_plain_loop) {
  double x[DIM * LD], at[3 * DIM], distance[N], plain[N];
  odd_numbers(DIM * LD, x);
  odd_numbers(3 * DIM, at);
  at[3] = at[9] = x[3] = x[9] = 1;
  for (size_t n = 0; n <= N; n += n < 20 ? 1 : 61)
    for (size_t stride = 1; stride <= 3; stride += 2) {
      memset(plain, 0, sizeof plain);
      for (size_t j = 0; j < DIM; j++)
        for (size_t k = 0; k < n; k++) plain[k] += (x[j * LD + k] - at[j * stride]) * (x[j * LD + k] - at[j * stride]);
      square_distances(DIM, n, LD, x, stride, at, distance);
      ck_assert_mem_eq(distance, plain, n * sizeof *plain);
    }
}
END_TEST

START_TEST(the_least_is_the_first_of_the_least) {
  double x[N];
  for (size_t n = 1; n <= N; n++) {
    odd_numbers(n, x);
    size_t best = 0;
    for (size_t k = 1; k < n; k++)
      if (x[k] < x[best]) best = k;
    ck_assert_uint_eq(least_of(n, x), best);
  }
  const double broken[4] = {NAN, 3, 2, 2}, nothing[3] = {NAN, NAN, NAN}, far[2] = {INFINITY, INFINITY};
  ck_assert_uint_eq(least_of(4, broken), 2);
  ck_assert_uint_eq(least_of(3, nothing), 0);
  ck_assert_uint_eq(least_of(2, far), 0);
}
END_TEST

TCase *sort_tests(void) {
  TCase *tests = tcase_create("sorting and distances");
  tcase_add_test(tests, sorts_as_comparisons_do);
  tcase_add_test(tests, sorts_what_is_not_ordinary);
  tcase_add_test(tests, sorts_in_place_and_without_order);
  tcase_add_test(tests, a_wrong_order_is_noticed);
  tcase_add_test(tests, selects_what_sorting_puts_there);
  tcase_add_test(tests, distances_are_those_of_a_plain_loop);
  tcase_add_test(tests, the_least_is_the_first_of_the_least);
  return tests;
}
