/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench/promise: the test of ranks, the models, the file of answers.  Seeds are fixed. */
#define _GNU_SOURCE
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/promise.h"
#include "bench/promise_models.h"
#include "bench/uniform_ranks.h"
#include "runner.h"

#define DRAWS 99
#define SETS  20000

/* ---- Ranks ---- */

static void fill_ranks(gsl_rng *rng, size_t n, double sd, size_t *rank) {
  double value[DRAWS];
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < DRAWS; k++) value[k] = gsl_ran_gaussian(rng, sd);
    rank[i] = rank_among(DRAWS, value, gsl_ran_gaussian(rng, 1), 0.5);
  }
}

/* gamma by its definition. */
static double naive_gamma(size_t n, const size_t *rank) {
  double least = 1;
  for (unsigned k = 1; k <= DRAWS; k++) {
    const double p = k / (DRAWS + 1.0);
    unsigned below = 0;
    for (size_t i = 0; i < n; i++) below += rank[i] < k;
    const double low = gsl_cdf_binomial_P(below, p, (unsigned)n), high = below ? gsl_cdf_binomial_Q(below - 1, p, (unsigned)n) : 1;
    least = fmin(least, 2 * fmin(low, high));
  }
  return least;
}

/* Of 100 sets of sound ranks more than 13 are below 5 % with probability 5e-4.  Draws a fifth too narrow are found at 1 % by .95 of sets of
 * 400 (300 simulated ones): of 20 fewer than 15 with probability 3e-4. */
START_TEST(uniform_ranks_and_narrow_draws) {
  enum { N = 400 };
  size_t rank[N], low = 0, caught = 0;
  uniform_law law;
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 7);
  uniform_law_make(N, DRAWS, SETS, 1, &law);
  for (int set = 0; set < 100; set++) {
    fill_ranks(rng, N, 1, rank);
    const double gamma = uniform_gamma(&law, rank);
    if (set < 3) ck_assert_double_eq_tol(gamma, naive_gamma(N, rank), 1e-12);
    low += uniform_probability(&law, gamma) < 0.05;
  }
  for (int set = 0; set < 20; set++) {
    fill_ranks(rng, N, 0.8, rank);
    caught += uniform_probability(&law, uniform_gamma(&law, rank)) < 0.01;
  }
  ck_assert_uint_le(low, 13);
  ck_assert_uint_ge(caught, 15);
  uniform_law_free(&law);
  gsl_rng_free(rng);
}
END_TEST

START_TEST(ranks_and_ties) {
  const double value[] = {1, 2, 2, 3};
  ck_assert_uint_eq(rank_among(4, value, 0, 0.99), 0);
  ck_assert_uint_eq(rank_among(4, value, 2.5, 0.5), 3);
  ck_assert_uint_eq(rank_among(4, value, 9, 0.01), 4);
  ck_assert_uint_eq(rank_among(4, value, 2, 0.01), 1);
  ck_assert_uint_eq(rank_among(4, value, 2, 0.5), 2);
  ck_assert_uint_eq(rank_among(4, value, 2, 0.99), 3);
}
END_TEST

/* By its definition; never nothing, where no simulated set is as extreme. */
START_TEST(probability_counts_sets) {
  double gamma[] = {0.1, 0.2, 0.2, 0.4};
  const uniform_law law = {.sets = 4, .gamma = gamma};
  ck_assert_double_eq(uniform_probability(&law, 0.05), 1. / 5);
  ck_assert_double_eq(uniform_probability(&law, 0.2), 4. / 5);
  ck_assert_double_eq(uniform_probability(&law, 0.3), 4. / 5);
  ck_assert_double_eq(uniform_probability(&law, 1), 1);
}
END_TEST

/* ---- Models ---- */

START_TEST(gradients_of_models) {
  sbc_posterior p = {.model = sbc_model_list[_i]};
  double x[MODEL_DIM_MAX], grad[MODEL_DIM_MAX];
  for (uint64_t seed = 1; seed <= 5; seed++) {
    p.model->draw(stream_make(seed, STREAM_USER, 0, 0), x, p.data);
    p.model->log_posterior(x, p.data, grad);
    for (size_t j = 0; j < p.model->dim; j++) {
      const double here = x[j], h = 1e-5 * fmax(1, fabs(here));
      x[j] = here + h;
      const double ahead = p.model->log_posterior(x, p.data, NULL);
      x[j] = here - h;
      const double behind = p.model->log_posterior(x, p.data, NULL);
      x[j] = here;
      ck_assert_double_eq_tol(grad[j], (ahead - behind) / (2 * h), 1e-4 * fmax(1, fabs(grad[j])));
    }
  }
}
END_TEST

/* Ranks of few replicates of the model whose sign flips are uniform at 1e-3 for each of five quantities; with one sign lost they are not.
 */
START_TEST(few_replicates) {
  enum { N = 24 };
  study all[8];
  double value[N][2 * MODEL_QUANTITIES];
  size_t rank[N], signs = ranks_studies(all) - 1;
  uniform_law law;
  ck_assert_str_eq(all[signs].name, "signs");
  uniform_law_make(N, DRAWS, SETS, 1, &law);
  for (size_t i = 0; i < N; i++) all[signs].run(&all[signs], i + 1, value[i]);
  for (size_t q = 0; q < 2 * MODEL_QUANTITIES; q++) {
    for (size_t i = 0; i < N; i++) rank[i] = (size_t)value[i][q];
    const double probability = uniform_probability(&law, uniform_gamma(&law, rank));
    if (q < MODEL_QUANTITIES) ck_assert_double_ge(probability, 1e-3);
    if (q == MODEL_QUANTITIES) ck_assert_double_lt(probability, 1e-3);
  }
  uniform_law_free(&law);
}
END_TEST

/* ---- The file ---- */

static long size_of(const char *path) {
  FILE *const file = fopen(path, "r");
  ck_assert_ptr_nonnull(file);
  fseek(file, 0, SEEK_END);
  const long size = ftell(file);
  fclose(file);
  return size;
}

/* What was cut off is done again, the rest is not, and all is as it was. */
START_TEST(work_goes_on) {
  char path[] = "check_promise.XXXXXX";
  const int file = mkstemp(path);
  promise first, again;
  ck_assert_int_ge(file, 0);
  close(file);
  promise_open(&first, path, "ranks", 1);
  ck_assert_uint_eq(first.count, 3);
  promise_work(&first, 1);
  ck_assert_int_eq(truncate(path, size_of(path) - 9), 0);
  promise_open(&again, path, "ranks", 1);
  ck_assert_uint_eq(answers_count(&again.list[0]) + answers_count(&again.list[1]) + answers_count(&again.list[2]), 2);
  again.list[0].value[0] = -7; /* no run answers that */
  promise_work(&again, 1);
  ck_assert_double_eq(again.list[0].value[0], -7);
  again.list[0].value[0] = first.list[0].value[0];
  for (size_t i = 0; i < 3; i++) {
    ck_assert_uint_eq(answers_count(&again.list[i]), 1);
    ck_assert_mem_eq(again.list[i].value, first.list[i].value, first.list[i].study.count * sizeof(double));
  }
  promise_free(&again);
  promise_open(&again, path, "ranks", 1);
  ck_assert_uint_eq(answers_count(&again.list[2]), 1);
  remove(path);
  promise_free(&again);
  promise_free(&first);
}
END_TEST

/* No study asked for these: its name, its seeds, too few values; and what is no JSON at all. */
START_TEST(other_lines_are_passed_over) {
  char path[] = "check_promise.XXXXXX";
  FILE *const file = fdopen(mkstemp(path), "w");
  promise p;
  ck_assert_ptr_nonnull(file);
  fputs("{\"part\": \"ranks\", \"name\": \"signs\", \"seed\": 1, \"values\": [1]}\n", file);
  for (int k = 0; k < 3; k++) {
    fprintf(file, "{\"part\": \"ranks\", \"name\": \"%s\", \"seed\": %d, \"values\": [0", k ? "signs" : "stars", k ? 3 * k - 3 : 1);
    for (int i = 1; i < 2 * MODEL_QUANTITIES; i++) fputs(", 0", file);
    fputs("]}\n", file);
  }
  fputs("[1, 2]\n7\n\n{}\nsigns\n", file);
  fclose(file);
  promise_open(&p, path, "ranks", 2);
  for (size_t i = 0; i < p.count; i++) ck_assert_uint_eq(answers_count(&p.list[i]), 0);
  remove(path);
  promise_free(&p);
}
END_TEST

int main(void) {
  size_t models = 0;
  while (sbc_model_list[models] != NULL) models++;
  Suite *const suite = suite_create("promise");
  TCase *const ranks = tcase_create("ranks"), *const model = tcase_create("models"), *const store = tcase_create("store");
  tcase_set_timeout(ranks, 0);
  tcase_set_timeout(model, 0);
  tcase_set_timeout(store, 0);
  tcase_add_test(ranks, uniform_ranks_and_narrow_draws);
  tcase_add_test(ranks, ranks_and_ties);
  tcase_add_test(ranks, probability_counts_sets);
  tcase_add_loop_test(model, gradients_of_models, 0, (int)models);
  tcase_add_test(model, few_replicates);
  tcase_add_test(store, work_goes_on);
  tcase_add_test(store, other_lines_are_passed_over);
  suite_add_tcase(suite, ranks);
  suite_add_tcase(suite, model);
  suite_add_tcase(suite, store);
  return run_all(srunner_create(suite));
}
