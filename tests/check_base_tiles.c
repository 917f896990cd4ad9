/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vector kernels on tiles, log sum exp of columns and products with triangles: every instruction set against long double sums, at every
 * place in a tile, and against the plain kernels. */
#include <math.h>
#include <string.h>

#include "base/vmath_isa.h"
#include "check_base.h"

static const char *const names[] = {"generic", "sse2", "avx2", "avx512"};
#define NAMES (sizeof names / sizeof *names)

enum { ROWS = 6, WIDE = 21, LD = 24 };

/* Spread so that of each column some terms count, some do not, and one column has none. */
static void fill_columns(double *c) {
  for (size_t i = 0; i < ROWS * LD; i++) c[i] = 60 * sin((double)(i * i));
  for (size_t k = 0; k < ROWS; k++) c[k * LD + 3] = -INFINITY;
}

START_TEST(columns_are_long_double_sums) {
  const vmath_kernels *k = vmath_find(names[_i]);
  double c[ROWS * LD], share[ROWS * LD], lse[LD];
  fill_columns(c);
  memcpy(share, c, sizeof c);
  k->columns(ROWS, WIDE, LD, share, lse);
  for (size_t i = 0; i < WIDE; i++) {
    long double sum = 0;
    for (size_t row = 0; row < ROWS; row++) sum += expl((long double)c[row * LD + i]);
    if (i == 3)
      ck_assert(lse[i] == -INFINITY);
    else
      ck_assert_double_eq_tol(lse[i], (double)logl(sum), 4e-16 * (1 + fabs(lse[i])));
    for (size_t row = 0; row < ROWS; row++)
      ck_assert_double_eq_tol(share[row * LD + i], i == 3 ? 0 : (double)(expl((long double)c[row * LD + i]) / sum), 2e-15);
  }
  for (size_t row = 0; row < ROWS; row++) /* nothing beyond the columns is written */
    for (size_t i = WIDE; i < LD; i++) ck_assert(share[row * LD + i] == c[row * LD + i]);
}
END_TEST

START_TEST(columns_do_not_depend_on_their_place) {
  const vmath_kernels *k = vmath_find(names[_i]);
  double c[ROWS * LD], whole[ROWS * LD], lse[LD], part[LD];
  fill_columns(c);
  memcpy(whole, c, sizeof c);
  k->columns(ROWS, WIDE, LD, whole, lse);
  for (size_t begin = 0; begin < WIDE; begin++)
    for (size_t n = 1; begin + n <= WIDE; n++) {
      double share[ROWS * LD];
      memcpy(share, c, sizeof c);
      k->columns(ROWS, n, LD, share + begin, part);
      ck_assert_mem_eq(part, lse + begin, n * sizeof *part);
      for (size_t row = 0; row < ROWS; row++) ck_assert_mem_eq(share + row * LD + begin, whole + row * LD + begin, n * sizeof *share);
    }
}
END_TEST

/* 45 below the largest is where a term ends to count; beside it a column where it counts, so that its exponential is taken. */
START_TEST(columns_leave_out_what_is_negligible) {
  const vmath_kernels *k = vmath_find(names[_i]);
  double c[2 * 2] = {7, 7, 7 - 45.01, 7 - 44.99}, lse[2];
  k->columns(2, 2, 2, c, lse);
  ck_assert(lse[0] == 7 && lse[1] == 7);
  ck_assert(c[0] == 1 && c[1] == 1 && c[2] == 0);
  ck_assert_double_eq_tol(c[3], exp(-44.99), 1e-33);
}
END_TEST

START_TEST(columns_at_the_ends_of_the_number_line) {
  const vmath_kernels *k = vmath_find(names[_i]);
  double c[2 * 4] = {0, NAN, 1e300, -1e300, INFINITY, 0, 1e300, -1e300}, lse[4];
  k->columns(2, 4, 4, c, lse);
  ck_assert(lse[0] == INFINITY && isnan(lse[1]) && lse[2] == 1e300 && lse[3] == -1e300);
  ck_assert(c[2] == 0.5 && c[6] == 0.5 && c[3] == 0.5 && c[7] == 0.5);
}
END_TEST

enum { LARGEST = 27 };

/* Rubbish above the diagonal, which nobody may read. */
static void fill_triangle(size_t d, double *c) {
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) c[i * d + j] = j > i ? (double)NAN : cos((double)(3 * i + 7 * j * j)) + (i == j ? 2 : 0);
}

/* <- C x or C' x of one column, and the sum of the terms' sizes. */
static long double plain_product(size_t d, const double *c, int transposed, size_t row, const double *x, long double *size) {
  long double sum = 0;
  *size = 0;
  for (size_t k = transposed ? row : 0; k < (transposed ? d : row + 1); k++) {
    const long double term = (long double)c[transposed ? k * d + row : row * d + k] * x[k * LD];
    sum += term;
    *size += fabsl(term);
  }
  return sum;
}

START_TEST(triangles_are_long_double_sums) {
  const vmath_kernels *k = vmath_find(names[_i]);
  static double c[LARGEST * LARGEST], x[LARGEST * LD], y[LARGEST * LD];
  for (size_t d = 1; d <= LARGEST; d++)
    for (int transposed = 0; transposed < 2; transposed++) {
      fill_triangle(d, c);
      for (size_t i = 0; i < d * LD; i++) x[i] = y[i] = sin((double)(i * i));
      (transposed ? k->lower_transpose_times : k->lower_times)(d, c, WIDE, LD, y);
      for (size_t row = 0; row < d; row++)
        for (size_t i = 0; i < LD; i++) {
          long double size;
          const long double right = plain_product(d, c, transposed, row, x + i, &size);
          if (i < WIDE)
            ck_assert_double_le(fabs(y[row * LD + i] - (double)right), (double)(size * d * 2.3e-16L));
          else
            ck_assert(y[row * LD + i] == x[row * LD + i]);
        }
    }
}
END_TEST

START_TEST(triangles_do_not_depend_on_the_place) {
  const vmath_kernels *k = vmath_find(names[_i]);
  static double c[LARGEST * LARGEST], x[LARGEST * LD], whole[LARGEST * LD], part[LARGEST * LD];
  fill_triangle(LARGEST, c);
  for (size_t i = 0; i < LARGEST * LD; i++) x[i] = sin((double)(i * i));
  for (int transposed = 0; transposed < 2; transposed++) {
    memcpy(whole, x, sizeof x);
    (transposed ? k->lower_transpose_times : k->lower_times)(LARGEST, c, WIDE, LD, whole);
    for (size_t begin = 0; begin < WIDE; begin++) {
      memcpy(part, x, sizeof x);
      (transposed ? k->lower_transpose_times : k->lower_times)(LARGEST, c, WIDE - begin, LD, part + begin);
      for (size_t row = 0; row < LARGEST; row++)
        ck_assert_mem_eq(part + row * LD + begin, whole + row * LD + begin, (WIDE - begin) * sizeof *part);
    }
  }
}
END_TEST

TCase *tile_kernel_tests(void) {
  TCase *tests = tcase_create("vector kernels on tiles");
  tcase_add_loop_test(tests, columns_are_long_double_sums, 0, NAMES);
  tcase_add_loop_test(tests, columns_do_not_depend_on_their_place, 0, NAMES);
  tcase_add_loop_test(tests, columns_leave_out_what_is_negligible, 0, NAMES);
  tcase_add_loop_test(tests, columns_at_the_ends_of_the_number_line, 0, NAMES);
  tcase_add_loop_test(tests, triangles_are_long_double_sums, 0, NAMES);
  tcase_add_loop_test(tests, triangles_do_not_depend_on_the_place, 0, NAMES);
  return tests;
}
