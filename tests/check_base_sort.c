/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The radix sort against the library's own comparison sort. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/sort.h"
#include "check_base.h"

#define MOST 5000

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

TCase *sort_tests(void) {
  TCase *tests = tcase_create("sort");
  tcase_add_test(tests, sorts_as_comparisons_do);
  tcase_add_test(tests, sorts_what_is_not_ordinary);
  tcase_add_test(tests, sorts_in_place_and_without_order);
  tcase_add_test(tests, a_wrong_order_is_noticed);
  return tests;
}
