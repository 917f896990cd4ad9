/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The base layer: errors, memory and log-sum-exp here, random streams, vector kernels and linear algebra in files of their own. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/logsumexp.h"
#include "base/memory.h"
#include "base/status.h"
#include "check_base.h"
#include "runner.h"

/* ---- Status and errors ---- */

START_TEST(version_is_that_of_the_header) {
  char text[32];
  (void)snprintf(text, sizeof text, "%d.%d.%d", DILATE_VERSION_MAJOR, DILATE_VERSION_MINOR, DILATE_VERSION_PATCH);
  ck_assert_str_eq(dilate_version(), text);
}
END_TEST

START_TEST(every_status_has_a_text_of_its_own) {
  static const int codes[] = {
#define CODE(name, value, text) DILATE_##name,
      DILATE_STATUS_LIST(CODE)
#undef CODE
  };
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    ck_assert_str_ne(dilate_status_text(codes[i]), "unknown status");
    for (size_t j = 0; j < i; j++) {
      ck_assert_int_ne(codes[i], codes[j]);
      ck_assert_str_ne(dilate_status_text(codes[i]), dilate_status_text(codes[j]));
    }
  }
  ck_assert_str_eq(dilate_status_text(-1000), "unknown status");
  ck_assert_str_eq(dilate_status_text(DILATE_STATUS_RESERVED), "unknown status");
}
END_TEST

START_TEST(first_error_wins) {
  dilate_error err;
  memset(&err, 0x5a, sizeof err);
  dilate_error_init(&err);
  ck_assert_uint_eq(err.struct_size, sizeof err);
  ck_assert_int_eq(err.status, DILATE_OK);
  ck_assert_str_eq(err.message, "");
  ck_assert_int_eq(error_set(&err, DILATE_EINVAL, "dim is %d", 0), DILATE_EINVAL);
  ck_assert_int_eq(error_memory(&err, "the second place"), DILATE_ENOMEM);
  ck_assert_int_eq(err.status, DILATE_EINVAL);
  ck_assert_str_eq(err.message, "dim is 0");
}
END_TEST

START_TEST(error_may_be_absent) {
  ck_assert_int_eq(error_set(NULL, DILATE_ETARGET, "%s", "nobody reads this"), DILATE_ETARGET);
  ck_assert_int_eq(error_memory(NULL, "nowhere"), DILATE_ENOMEM);
  dilate_error_init_sized(NULL, sizeof(dilate_error));
}
END_TEST

START_TEST(memory_error_says_where) {
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_int_eq(error_memory(&err, "the bridge"), DILATE_ENOMEM);
  ck_assert_str_eq(err.message, "out of memory in the bridge");
}
END_TEST

/* A caller whose header has a shorter struct: whatever lies beyond the size it named must stay as it was. */
START_TEST(nothing_is_written_beyond_the_callers_struct) {
  const size_t message = offsetof(dilate_error, message);
  for (size_t size = 0; size <= sizeof(dilate_error); size++) {
    dilate_error err;
    memset(&err, 0x5a, sizeof err);
    dilate_error_init_sized(&err, size);
    if (size < sizeof err.struct_size) err.struct_size = size;
    (void)error_set(&err, DILATE_EINVAL, "%0600d", 7);
    const unsigned char *bytes = (const unsigned char *)&err;
    for (size_t i = size < sizeof err.struct_size ? sizeof err.struct_size : size; i < sizeof err; i++) ck_assert_uint_eq(bytes[i], 0x5a);
    if (size <= message) continue;
    const size_t room = size - message < sizeof err.message ? size - message : sizeof err.message;
    ck_assert(err.message[room - 1] == '\0' && memchr(err.message, '\0', room) == err.message + room - 1);
  }
}
END_TEST

START_TEST(longer_structs_of_newer_headers_are_left_alone) {
  struct {
    dilate_error known;
    unsigned char newer[64];
  } err;
  memset(&err, 0x5a, sizeof err);
  dilate_error_init_sized(&err.known, sizeof err);
  (void)error_set(&err.known, DILATE_EINVAL, "%0900d", 7);
  ck_assert_uint_eq(err.known.struct_size, sizeof err);
  ck_assert_uint_eq(strlen(err.known.message), sizeof err.known.message - 1);
  for (size_t i = 0; i < sizeof err.newer; i++) ck_assert_uint_eq(err.newer[i], 0x5a);
}
END_TEST

/* ---- Memory ---- */

START_TEST(memory_is_zeroed_and_aligned) {
  for (size_t count = 0; count < 300; count++) {
    unsigned char *bytes = NEW(unsigned char, count);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq((uintptr_t)bytes % MEMORY_ALIGNMENT, 0);
    for (size_t i = 0; i < count; i++) ck_assert_uint_eq(bytes[i], 0);
    memset(bytes, 0xff, count);
    memory_free(bytes);
  }
  memory_free(NULL);
}
END_TEST

START_TEST(sizes_that_overflow_are_refused) {
  ck_assert_ptr_null(memory_new(SIZE_MAX, 2));
  ck_assert_ptr_null(memory_new(SIZE_MAX, 1));
  ck_assert_ptr_null(memory_new(SIZE_MAX / 8 + 1, 8));
  ck_assert_ptr_null(memory_new((size_t)PTRDIFF_MAX, 1));
  ck_assert_ptr_null(memory_new2(SIZE_MAX / 2, 3, 1));
  ck_assert_ptr_null(memory_new2(SIZE_MAX / 16, 4, 8));
  ck_assert_ptr_null(memory_new2((size_t)1 << 4 * sizeof(size_t), (size_t)1 << 4 * sizeof(size_t), 1));
  void *empty = memory_new2(0, SIZE_MAX, 8);
  ck_assert_ptr_nonnull(empty);
  memory_free(empty);
}
END_TEST

START_TEST(text_is_copied) {
  char text[] = "mu[1]";
  char *copy = memory_copy_text(text);
  ck_assert_ptr_nonnull(copy);
  text[0] = 'n';
  ck_assert_str_eq(copy, "mu[1]");
  memory_free(copy);
}
END_TEST

/* ---- log sum exp ---- */

START_TEST(log_sum_exp_at_its_edges) {
  const double nothing[] = {-INFINITY, -INFINITY, -INFINITY}, large[] = {1e300, 1e300}, small[] = {-1e300, -1e300};
  const double infinite[] = {0, INFINITY}, invalid[] = {0, NAN}, one[] = {-INFINITY, 3};
  ck_assert(log_sum_exp(0, nothing) == -INFINITY);
  ck_assert(log_sum_exp(3, nothing) == -INFINITY);
  ck_assert(log_sum_exp(2, large) == 1e300);
  ck_assert(log_sum_exp(2, small) == -1e300);
  ck_assert(log_sum_exp(2, infinite) == INFINITY);
  ck_assert(isnan(log_sum_exp(2, invalid)));
  ck_assert(log_sum_exp(2, one) == 3);
  ck_assert(log_mean_exp(0, nothing) == -INFINITY);
  ck_assert(log_mean_exp(3, nothing) == -INFINITY);
  ck_assert_double_eq_tol(log_mean_exp(2, one), 3 - log(2), 1e-15);
}
END_TEST

/* sum_{i < n} exp(log(i + 1) + shift) = n (n + 1) / 2 exp(shift), over many block lengths. */
START_TEST(log_sum_exp_of_a_known_sum) {
  static double x[300];
  const double shifts[] = {0, 1000, -1000, 1e8};
  for (size_t s = 0; s < 4; s++)
    for (size_t n = 1; n <= 300; n += 7) {
      for (size_t i = 0; i < n; i++) x[i] = log((double)i + 1) + shifts[s];
      const double truth = log((double)n * ((double)n + 1) / 2) + shifts[s];
      ck_assert_double_eq_tol(log_sum_exp(n, x), truth, 1e-14 * (1 + fabs(shifts[s])) * 10);
    }
}
END_TEST

START_TEST(log_add_exp_of_two) {
  ck_assert(log_add_exp(-INFINITY, -INFINITY) == -INFINITY);
  ck_assert(log_add_exp(-INFINITY, 2) == 2);
  ck_assert(log_add_exp(2, -INFINITY) == 2);
  ck_assert(log_add_exp(INFINITY, 0) == INFINITY);
  ck_assert(log_add_exp(INFINITY, -INFINITY) == INFINITY);
  ck_assert(log_add_exp(INFINITY, INFINITY) == INFINITY);
  ck_assert(isnan(log_add_exp(NAN, 0)) && isnan(log_add_exp(0, NAN)));
  ck_assert(isnan(log_add_exp(NAN, -INFINITY)) && isnan(log_add_exp(-INFINITY, NAN)));
  ck_assert_double_eq_tol(log_add_exp(log(3), log(4)), log(7), 1e-15);
  ck_assert_double_eq_tol(log_add_exp(-800, -800), -800 + log(2), 1e-12);
  ck_assert(log_add_exp(0, -800) == 0);
}
END_TEST

/* Column i of K x n: each column against the plain function, shares that sum to one, padding beyond n untouched. */
START_TEST(columns_agree_with_the_plain_sum) {
  enum { K = 5, N = 150, LD = 160 };
  static double c[K * LD], kept[K * LD], lse[LD];
  for (size_t n = 1; n <= N; n += 37) {
    for (size_t i = 0; i < K * LD; i++) c[i] = 700 * sin((double)i * (double)i);
    for (size_t k = 0; k < K; k++) c[k * LD] = -INFINITY; /* column 0 */
    if (n > 2) c[2 * LD + 2] = -INFINITY;
    memcpy(kept, c, sizeof c);
    log_sum_exp_columns(K, n, LD, c, lse);
    for (size_t i = 0; i < n; i++) {
      double column[K], total = 0;
      for (size_t k = 0; k < K; k++) column[k] = kept[k * LD + i];
      const double truth = log_sum_exp(K, column);
      if (i == 0)
        ck_assert(lse[0] == -INFINITY);
      else
        ck_assert_double_eq_tol(lse[i], truth, 1e-12);
      for (size_t k = 0; k < K; k++) {
        total += c[k * LD + i];
        ck_assert_double_eq_tol(c[k * LD + i], i == 0 ? 0 : exp(column[k] - truth), 1e-12);
      }
      ck_assert_double_eq_tol(total, i == 0 ? 0 : 1, 1e-14);
    }
    for (size_t k = 0; k < K; k++) ck_assert_mem_eq(c + k * LD + n, kept + k * LD + n, (LD - n) * sizeof *c);
  }
}
END_TEST

static Suite *base_suite(void) {
  Suite *suite = suite_create("base");
  TCase *status = tcase_create("status");
  tcase_add_test(status, version_is_that_of_the_header);
  tcase_add_test(status, every_status_has_a_text_of_its_own);
  tcase_add_test(status, first_error_wins);
  tcase_add_test(status, error_may_be_absent);
  tcase_add_test(status, memory_error_says_where);
  tcase_add_test(status, nothing_is_written_beyond_the_callers_struct);
  tcase_add_test(status, longer_structs_of_newer_headers_are_left_alone);
  TCase *memory = tcase_create("memory");
  tcase_add_test(memory, memory_is_zeroed_and_aligned);
  tcase_add_test(memory, sizes_that_overflow_are_refused);
  tcase_add_test(memory, text_is_copied);
  TCase *sums = tcase_create("log sum exp");
  tcase_add_test(sums, log_sum_exp_at_its_edges);
  tcase_add_test(sums, log_sum_exp_of_a_known_sum);
  tcase_add_test(sums, log_add_exp_of_two);
  tcase_add_test(sums, columns_agree_with_the_plain_sum);
  suite_add_tcase(suite, status);
  suite_add_tcase(suite, memory);
  suite_add_tcase(suite, sums);
  suite_add_tcase(suite, random_tests());
  suite_add_tcase(suite, sort_tests());
  suite_add_tcase(suite, team_tests());
  suite_add_tcase(suite, vmath_tests());
  suite_add_tcase(suite, tile_kernel_tests());
  suite_add_tcase(suite, linalg_tests());
  return suite;
}

int main(void) {
  return run_all(srunner_create(base_suite()));
}
