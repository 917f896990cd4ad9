/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorting and distances against the plain way. */
#include "check_base.h"

#include "base/distance.h"
#include "base/linalg.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/sort.h"

#include <math.h>
#include <string.h>

#define N   203
#define DIM 7
#define LD  208

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

/* By insertion, which is stable. */
static void plain_order(size_t n, const double *x, size_t *order) {
  for (size_t i = 0; i < n; i++) {
    size_t at = i;
    for (; at > 0 && x[order[at - 1]] > x[i]; at--) order[at] = order[at - 1];
    order[at] = i;
  }
}

START_TEST(order_is_that_of_insertion) {
  double x[N];
  size_t order[N], plain[N];
  uint64_t *work = NEW(uint64_t, sort_work(N));
  ck_assert_ptr_nonnull(work);
  for (size_t n = 0; n <= N; n += n < 12 ? 1 : 27) {
    odd_numbers(n, x);
    for (size_t i = 0; i < n; i++) x[i] += 0.0; /* no -0, which has a place of its own */
    sort_order(n, x, order, work);
    plain_order(n, x, plain);
    ck_assert_mem_eq(order, plain, n * sizeof *order);
  }
  memory_free(work);
}
END_TEST

START_TEST(order_of_equal_and_of_extreme_values) {
  const double same[4] = {2, 2, 2, 2}, odd[6] = {INFINITY, 0.0, -0.0, -5e-324, -INFINITY, 5e-324};
  const size_t stays[4] = {0, 1, 2, 3}, rises[6] = {4, 3, 2, 1, 5, 0};
  size_t order[6];
  uint64_t *work = NEW(uint64_t, sort_work(6));
  ck_assert_ptr_nonnull(work);
  sort_order(4, same, order, work);
  ck_assert_mem_eq(order, stays, sizeof stays);
  sort_order(6, odd, order, work);
  ck_assert_mem_eq(order, rises, sizeof rises);
  memory_free(work);
}
END_TEST

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

/* Bit by bit, of any shape, however little room there is to work in. */
START_TEST(products_are_those_of_plain_loops) {
  enum { ROWS = 11, COLUMNS = 29, SPAN = 32 };
  double a[ROWS * SPAN], b[ROWS * SPAN], c[ROWS * ROWS], plain[ROWS * ROWS], work[ROWS * COLUMNS];
  const stream s = stream_make(3, STREAM_USER, 2, 0);
  for (uint32_t i = 0; i < ROWS * SPAN; i++) {
    a[i] = stream_uniform(s, i, 0, 0) - 0.5;
    b[i] = stream_uniform(s, i, 0, 1) - 0.5;
  }
  for (size_t d = 1; d <= ROWS; d++)
    for (size_t room = d; room <= d * COLUMNS; room += d * 7) {
      memset(c, 0, sizeof c);
      memset(plain, 0, sizeof plain);
      for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
          for (size_t k = 0; k < COLUMNS; k++) plain[i * d + j] += a[i * SPAN + k] * b[j * SPAN + k];
      add_product_transposed(d, COLUMNS, SPAN, a, b, c, room, work);
      ck_assert_mem_eq(c, plain, d * d * sizeof *c);
    }
}
END_TEST

TCase *sort_tests(void) {
  TCase *tests = tcase_create("sorting and distances");
  tcase_add_test(tests, order_is_that_of_insertion);
  tcase_add_test(tests, order_of_equal_and_of_extreme_values);
  tcase_add_test(tests, distances_are_those_of_a_plain_loop);
  tcase_add_test(tests, products_are_those_of_plain_loops);
  tcase_add_test(tests, the_least_is_the_first_of_the_least);
  return tests;
}
