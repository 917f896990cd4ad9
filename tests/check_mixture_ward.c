/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ward's clustering against its definition carried out by force, and on points that are many, equal, or out of range. */
#include <check.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "check_mixture.h"
#include "mixture/ward.h"

/* Merges the two clusters whose union adds least to the sum of squares, until K are left: all pairs, from the points each time.
 * label: numbered as they appear. */
static void cluster_by_force(size_t dim, size_t n, const double *u, size_t K, size_t *label) {
  double *mean = NEW2(double, n, dim), *size = NEW(double, n);
  ck_assert(mean && size);
  for (size_t i = 0; i < n; i++) label[i] = i;
  for (size_t left = n; left > K; left--) {
    memset(mean, 0, n * dim * sizeof *mean);
    memset(size, 0, n * sizeof *size);
    for (size_t i = 0; i < n; i++) size[label[i]] += 1;
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < dim; j++) mean[label[i] * dim + j] += u[j * n + i] / size[label[i]];
    double least = INFINITY;
    size_t from = 0, into = 0;
    for (size_t a = 0; a < n; a++)
      for (size_t b = 0; b < a && size[a] > 0; b++) {
        double distance = 0;
        for (size_t j = 0; j < dim; j++) distance += pow(mean[a * dim + j] - mean[b * dim + j], 2);
        const double cost = size[b] > 0 ? distance * size[a] * size[b] / (size[a] + size[b]) : INFINITY;
        if (!(cost < least)) continue;
        least = cost;
        from = a;
        into = b;
      }
    for (size_t i = 0; i < n; i++) label[i] = label[i] == from ? into : label[i];
  }
  size_t *number = NEW(size_t, n), clusters = 0;
  ck_assert_ptr_nonnull(number);
  for (size_t i = 0; i < n; i++) {
    if (number[label[i]] == 0) number[label[i]] = ++clusters;
    label[i] = number[label[i]] - 1;
  }
  memory_free(number);
  memory_free(mean);
  memory_free(size);
}

START_TEST(every_cut_is_that_of_the_definition) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  enum { N = 32, D = 3 };
  for (int round = 0; round < 6; round++) {
    double u[N * D];
    size_t ours[N], theirs[N];
    for (size_t i = 0; i < N * D; i++) u[i] = gsl_ran_gaussian(rng, 1) + (double)(gsl_rng_uniform_int(rng, 3) * (size_t)round);
    ward_tree *tree = NULL;
    ck_assert_int_eq(ward_create(D, N, N, u, WARD_EUCLIDEAN, &tree, NULL), DILATE_OK);
    for (size_t K = 1; K <= N; K++) {
      int status = -1;
      cluster_by_force(D, N, u, K, theirs);
      ck_assert_uint_eq(ward_labels(tree, K, ours, &status), K);
      ck_assert_int_eq(status, DILATE_OK);
      ck_assert_mem_eq(ours, theirs, sizeof ours);
    }
    ward_free(tree);
  }
  gsl_rng_free(rng);
}
END_TEST

/* Three clusters far apart, with and without the subset, in a tile with room beside it: labels are the clusters. */
static void separate(size_t n) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  const size_t ld = n + 5;
  double *u = NEW2(double, 2, ld);
  size_t *label = NEW(size_t, n);
  ck_assert(u && label);
  for (size_t i = 0; i < n; i++) {
    u[i] = gsl_ran_gaussian(rng, 1) + 40.0 * (double)(i % 3);
    u[ld + i] = gsl_ran_gaussian(rng, 1);
  }
  ward_tree *tree = NULL;
  int status = -1;
  ck_assert_int_eq(ward_create(2, n, ld, u, WARD_EUCLIDEAN, &tree, NULL), DILATE_OK);
  ck_assert_uint_eq(ward_labels(tree, 3, label, &status), 3);
  for (size_t i = 0; i < n; i++) ck_assert_uint_eq(label[i], label[i % 3]);
  ck_assert(label[0] != label[1] && label[1] != label[2] && label[0] != label[2]);
  ward_free(tree);
  memory_free(u);
  memory_free(label);
  gsl_rng_free(rng);
}

START_TEST(clusters_are_found_below_and_beyond_the_limit) {
  separate(300);
  separate(WARD_MAX);
  separate(WARD_MAX + 1);
  separate(4000);
}
END_TEST

START_TEST(equal_points_and_single_ones) {
  double u[20] = {0};
  size_t label[10];
  int status = -1;
  ward_tree *tree = NULL;
  ck_assert_int_eq(ward_create(2, 10, 10, u, WARD_EUCLIDEAN, &tree, NULL), DILATE_OK);
  ck_assert_uint_eq(ward_labels(tree, 4, label, &status), 4);
  for (size_t i = 0; i < 10; i++) ck_assert_uint_lt(label[i], 4);
  ck_assert_uint_eq(ward_labels(tree, 100, label, &status), 10);
  ck_assert_uint_eq(ward_labels(tree, 0, label, &status), 1);
  ward_free(tree);
  ck_assert_int_eq(ward_create(2, 1, 1, u, WARD_EUCLIDEAN, &tree, NULL), DILATE_OK);
  ck_assert_uint_eq(ward_labels(tree, 3, label, &status), 1);
  ck_assert_uint_eq(label[0], 0);
  ward_free(tree);
  ward_free(NULL);
}
END_TEST

START_TEST(no_points_are_refused) {
  dilate_error err;
  dilate_error_init(&err);
  const double u = 0;
  ward_tree *tree = NULL;
  ck_assert_int_eq(ward_create(1, 0, 1, &u, WARD_EUCLIDEAN, &tree, &err), DILATE_EINVAL);
  ck_assert_ptr_null(tree);
  ck_assert_str_ne(err.message, "");
}
END_TEST

/* Squared distances overflow: the near ones still cluster, and the rest is cut somehow. */
START_TEST(distances_may_overflow) {
  double u[9] = {0, 0.1, 0.2, 1e200, 1.5e200, -1e308, 1e308, INFINITY, NAN};
  size_t label[9];
  int status = -1;
  ward_tree *tree = NULL;
  ck_assert_int_eq(ward_create(1, 9, 9, u, WARD_EUCLIDEAN, &tree, NULL), DILATE_OK);
  for (size_t K = 1; K <= 9; K++) ck_assert_uint_eq(ward_labels(tree, K, label, &status), K);
  ck_assert_uint_eq(ward_labels(tree, 7, label, &status), 7);
  ck_assert(label[0] == label[1] && label[1] == label[2]);
  ward_free(tree);
}
END_TEST

Suite *ward_suite(void) {
  Suite *suite = suite_create("mixture: clustering");
  TCase *tests = tcase_create("all");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, every_cut_is_that_of_the_definition);
  tcase_add_test(tests, clusters_are_found_below_and_beyond_the_limit);
  tcase_add_test(tests, equal_points_and_single_ones);
  tcase_add_test(tests, no_points_are_refused);
  tcase_add_test(tests, distances_may_overflow);
  suite_add_tcase(suite, tests);
  return suite;
}
