/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vector kernels: every instruction set that this processor has against the mathematical library, at the edges of the number line,
 * and at every place in an array. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/vmath_isa.h"
#include "check_base.h"
#include "dilate.h"

static const char *const names[] = {"generic", "sse2", "avx2", "avx512"};
#define NAMES (sizeof names / sizeof *names)

#define COUNT 1000

/* |a - b| in units of the last place of b. */
static double ulps(double a, double b) {
  if (a == b || (isnan(a) && isnan(b))) return 0;
  return fabs(a - b) / fabs(nextafter(b, INFINITY) - b);
}

START_TEST(choice_falls_back_to_what_there_is) {
  size_t widest = 0;
  for (size_t i = 0; i < NAMES; i++) {
    const vmath_kernels *k = vmath_find(names[i]);
    size_t found = 0;
    while (strcmp(names[found], k->name) != 0) found++;
    ck_assert_uint_le(found, i); /* never wider than asked */
    widest = found > widest ? found : widest;
  }
  ck_assert_str_eq(vmath_find("generic")->name, "generic");
  ck_assert_str_eq(vmath_find(NULL)->name, names[widest]);
  ck_assert_str_eq(vmath_find("altivec")->name, names[widest]);
  ck_assert_str_eq(vmath_find("")->name, names[widest]);
}
END_TEST

START_TEST(environment_pins_the_choice) {
  ck_assert_str_eq(vmath_isa(), vmath_find(getenv("DILATE_ISA"))->name);
  ck_assert_str_eq(dilate_isa(), vmath_isa());
}
END_TEST

START_TEST(exp_and_log_are_right_to_the_last_place) {
  const vmath_kernels *k = vmath_find(names[_i]);
  static double x[COUNT], y[COUNT];
  for (size_t i = 0; i < COUNT; i++) x[i] = -740 + 1449.7 * ((double)i / COUNT);
  k->exp(COUNT, x, y);
  for (size_t i = 0; i < COUNT; i++) ck_assert_double_le(ulps(y[i], exp(x[i])), 1.5);
  for (size_t i = 0; i < COUNT; i++) x[i] = exp(x[i]);
  k->log(COUNT, x, y);
  for (size_t i = 0; i < COUNT; i++) ck_assert_double_le(ulps(y[i], log(x[i])), 1.5);
  for (size_t i = 0; i < COUNT; i++) x[i] = 1 + ((double)i - COUNT / 2) * 1e-6;
  k->log(COUNT, x, y);
  for (size_t i = 0; i < COUNT; i++) ck_assert_double_le(ulps(y[i], log(x[i])), 1.5);
}
END_TEST

START_TEST(exp_and_log_at_the_ends_of_the_number_line) {
  const vmath_kernels *k = vmath_find(names[_i]);
  const double e[] = {-INFINITY, -800, -0.0, 0, 710, INFINITY, NAN}, exp_of[] = {0, 0, 1, 1, INFINITY, INFINITY, NAN};
  const double l[] = {0, -1, 1, INFINITY, NAN, 0x1p-1074, -INFINITY},
               log_of[] = {-INFINITY, NAN, 0, INFINITY, NAN, -1074 * 0.69314718055994531, NAN};
  double y[7];
  k->exp(7, e, y);
  for (size_t i = 0; i < 7; i++) ck_assert_double_le(ulps(y[i], exp_of[i]), 1);
  k->log(7, l, y);
  for (size_t i = 0; i < 7; i++) ck_assert_double_le(ulps(y[i], log_of[i]), 2);
}
END_TEST

/* Every start and length up to 40: the bits of a value do not tell where it stood; in place is allowed; nothing beyond n is written. */
START_TEST(values_do_not_depend_on_their_place) {
  const vmath_kernels *k = vmath_find(names[_i]);
  double x[40], whole[40], part[41], sine[41];
  uint32_t particle[40];
  const vmath_counter c = {.key = 77, .block = 3, .step = 9, .tag = 5};
  for (size_t i = 0; i < 40; i++) x[i] = 1 + (double)i / 7;
  for (size_t i = 0; i < 40; i++) particle[i] = (uint32_t)(i * i);
  for (size_t start = 0; start < 40; start++)
    for (size_t n = 0; start + n <= 40; n++) {
      k->exp(40, x, whole);
      memcpy(part, x + start, n * sizeof *part);
      part[n] = 42;
      k->exp(n, part, part);
      ck_assert_mem_eq(part, whole + start, n * sizeof *part);
      k->root(40, x, whole);
      k->root(n, x + start, part);
      for (size_t i = 0; i < n; i++) ck_assert(part[i] == whole[start + i] && part[i] == sqrt(x[start + i]));
      k->log(40, x, whole);
      k->log(n, x + start, part);
      ck_assert_mem_eq(part, whole + start, n * sizeof *part);
      double all_sines[40];
      sine[n] = 42;
      k->normals(&c, 40, particle, whole, all_sines);
      k->normals(&c, n, particle + start, part, sine);
      ck_assert_mem_eq(part, whole + start, n * sizeof *part);
      ck_assert_mem_eq(sine, all_sines + start, n * sizeof *sine);
      ck_assert(part[n] == 42 && sine[n] == 42);
    }
}
END_TEST

/* The kernels' own Philox and Box-Muller against Random123's block and the textbook formula in plain C. */
START_TEST(normals_follow_from_the_block) {
  const vmath_kernels *k = vmath_find(names[_i]);
  const stream s = {.seed = 0xfedcba9876543210u, .tag = 0xdeadbeefu};
  static uint32_t particle[COUNT];
  static double a[COUNT], b[COUNT];
  for (uint32_t i = 0; i < COUNT; i++) particle[i] = i * 4294967u;
  for (uint32_t block = 0; block < 3; block++) {
    const vmath_counter c = {.key = s.seed, .block = block, .step = 0x80000001u, .tag = s.tag};
    k->normals(&c, COUNT, particle, a, b);
    for (size_t i = 0; i < COUNT; i++) {
      uint32_t word[4];
      stream_block(s, particle[i], 0x80000001u, block, word);
      const double two_pi = 2 * acos(-1.0);
      const double u1 = ((double)(((uint64_t)word[1] << 32 | word[0]) >> 11) + 1) * 0x1p-53;
      const double u2 = (double)(((uint64_t)word[3] << 32 | word[2]) >> 11) * 0x1p-53, radius = sqrt(-2 * log(u1));
      ck_assert_double_eq_tol(a[i], radius * cos(two_pi * u2), 4e-15 * radius);
      ck_assert_double_eq_tol(b[i], radius * sin(two_pi * u2), 4e-15 * radius);
    }
  }
}
END_TEST

/* x of d rows and n columns: lower halves of c = x x' + keep c and of e, weighted about m; y = A x and z = A' x with A the first d
 * columns of x; distances of the last column from all.  The upper halves, and columns beyond the last, are left alone. */
START_TEST(products_and_distances_are_those_of_plain_loops) {
  enum { D = 19, N = 45, LD = 47 };
  const vmath_kernels *k = vmath_find(names[_i]);
  static double x[D * LD], a[D * D], c[D * D], e[D * D], m[D], w[N], y[D * LD], z[D * LD], distance[LD];
  for (size_t i = 0; i < D * LD; i++) x[i] = sin(1.0 + 7.3 * (double)i);
  for (size_t i = 0; i < D; i++) m[i] = 0.1 * (double)i;
  for (size_t i = 0; i < N; i++) w[i] = (double)(i + 1);
  for (size_t d = 1; d <= D; d += d < 10 ? 1 : 3)
    for (size_t n = 1; n <= N; n += n < 18 ? 1 : 9) {
      for (size_t i = 0; i < d * d; i++) a[i] = x[i / d * LD + i % d];
      for (size_t i = 0; i < d * d; i++) c[i] = e[i] = 4;
      for (size_t i = 0; i < d * LD; i++) y[i] = z[i] = 42;
      for (size_t i = 0; i < LD; i++) distance[i] = 42;
      k->symmetric_product(d, n, LD, x, 0.5, c);
      k->weighted_product(d, n, LD, x, w, m, e);
      k->product(d, d, n, a, d, 1, x, LD, y, LD);
      k->product(d, d, n, a, 1, d, x, LD, z, LD);
      k->distances(d, n, LD, x, LD, x + n - 1, distance);
      for (size_t r = 0; r < d; r++)
        for (size_t s = 0; s < d; s++) {
          double sum = 2, weighted = 4;
          for (size_t i = 0; i < n; i++) {
            sum += x[r * LD + i] * x[s * LD + i];
            weighted += (double)(i + 1) * (x[r * LD + i] - m[r]) * (x[s * LD + i] - m[s]);
          }
          ck_assert_double_eq_tol(c[r * d + s], s <= r ? sum : 4, 1e-13);
          ck_assert_double_eq_tol(e[r * d + s], s <= r ? weighted : 4, 1e-11);
        }
      for (size_t i = 0; i < LD; i++) {
        double square = 0;
        for (size_t r = 0; r < d; r++) {
          double sum = 0, turned = 0;
          for (size_t s = 0; s < d; s++) sum += a[r * d + s] * x[s * LD + i];
          for (size_t s = 0; s < d; s++) turned += a[s * d + r] * x[s * LD + i];
          ck_assert(y[r * LD + i] == (i < n ? sum : 42));
          ck_assert(z[r * LD + i] == (i < n ? turned : 42));
          square += (x[r * LD + i] - x[r * LD + n - 1]) * (x[r * LD + i] - x[r * LD + n - 1]);
        }
        ck_assert(distance[i] == (i < n ? square : 42));
      }
    }
}
END_TEST

/* What c held does not matter where nothing of it is kept. */
START_TEST(a_product_of_its_own_forgets_what_was) {
  const vmath_kernels *k = vmath_find(names[_i]);
  const double x[] = {3, 4, 0, 1, 2, 2};
  double c[] = {NAN, NAN, NAN, INFINITY};
  k->symmetric_product(2, 3, 3, x, 0, c);
  ck_assert(c[0] == 25 && isnan(c[1]) && c[2] == 11 && c[3] == 9);
}
END_TEST

/* Against the generic kernels to a few units in the last place: a run on another instruction set is the same run but for rounding. */
START_TEST(instruction_sets_agree) {
  const vmath_kernels *k = vmath_find(names[_i]), *generic = vmath_find("generic");
  const vmath_counter c = {.key = 1, .block = 0, .step = 2, .tag = 3};
  static uint32_t particle[COUNT];
  static double a[COUNT], b[COUNT], c0[COUNT], s0[COUNT];
  for (uint32_t i = 0; i < COUNT; i++) particle[i] = i;
  k->normals(&c, COUNT, particle, a, b);
  generic->normals(&c, COUNT, particle, c0, s0);
  for (size_t i = 0; i < COUNT; i++) {
    ck_assert_double_le(ulps(a[i], c0[i]), 4);
    ck_assert_double_le(ulps(b[i], s0[i]), 4);
  }
}
END_TEST

/* What callbacks see: the chosen kernels' bits, in place too; nothing from nothing. */
START_TEST(public_names_are_the_chosen_kernels) {
  const vmath_kernels *k = vmath_find(getenv("DILATE_ISA"));
  double x[37], expected[37], y[38];
  for (size_t i = 0; i < 37; i++) x[i] = 0.1 + (double)i / 3;
  k->exp(37, x, expected);
  y[37] = 42;
  dilate_vector_exp(37, x, y);
  ck_assert_mem_eq(y, expected, sizeof expected);
  ck_assert(y[37] == 42);
  k->log(37, x, expected);
  memcpy(y, x, sizeof x);
  dilate_vector_log(37, y, y);
  ck_assert_mem_eq(y, expected, sizeof expected);
  dilate_vector_exp(0, x, y);
  dilate_vector_exp(3, NULL, y);
  dilate_vector_log(3, NULL, y);
  dilate_vector_exp(3, x, NULL);
  dilate_vector_log(3, x, NULL);
  ck_assert_mem_eq(y, expected, sizeof expected);
}
END_TEST

TCase *vmath_tests(void) {
  TCase *tests = tcase_create("vector kernels");
  tcase_add_test(tests, choice_falls_back_to_what_there_is);
  tcase_add_test(tests, environment_pins_the_choice);
  tcase_add_test(tests, public_names_are_the_chosen_kernels);
  tcase_add_loop_test(tests, exp_and_log_are_right_to_the_last_place, 0, NAMES);
  tcase_add_loop_test(tests, exp_and_log_at_the_ends_of_the_number_line, 0, NAMES);
  tcase_add_loop_test(tests, values_do_not_depend_on_their_place, 0, NAMES);
  tcase_add_loop_test(tests, normals_follow_from_the_block, 0, NAMES);
  tcase_add_loop_test(tests, products_and_distances_are_those_of_plain_loops, 0, NAMES);
  tcase_add_loop_test(tests, a_product_of_its_own_forgets_what_was, 0, NAMES);
  tcase_add_loop_test(tests, instruction_sets_agree, 0, NAMES);
  return tests;
}
