/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parents: what a coordinate promises to the last digit by plain loops, and those found against a full search over all. */
#include "check_stage.h"

#include <gsl/gsl_multifit.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#include "stage/parents.h"

enum { DIM = 12, POINTS = 400, SCALE = 0, FIRST = 3, SECOND = 7, CASES = 6 };

/* x_0 is a log scale; x_3 and x_7 are the others' means, with weights of many sizes. */
static void fill(uint64_t seed, particles *p) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, (unsigned long)seed);
  ck_assert_int_eq(particles_create(DIM, POINTS, p), 0);
  for (size_t i = 0; i < POINTS; i++) {
    double *x = p->x + i, *grad = p->grad + i;
    x[SCALE * p->ld] = gsl_ran_gaussian(rng, 1);
    x[FIRST * p->ld] = gsl_ran_gaussian(rng, 3);
    x[SECOND * p->ld] = gsl_ran_gaussian(rng, 2);
    for (size_t j = 0; j < DIM; j++) grad[j * p->ld] = j == SCALE || j == FIRST || j == SECOND ? -x[j * p->ld] : 0;
    for (size_t j = 1; j < DIM; j++) {
      const double sd = exp(0.3 * x[SCALE * p->ld]), z = gsl_ran_gaussian(rng, 1);
      if (j == FIRST || j == SECOND) continue;
      x[j * p->ld] = 0.2 * (double)j * x[FIRST * p->ld] - 0.3 * x[SECOND * p->ld] + sd * z;
      grad[j * p->ld] = -z / sd;
    }
    p->logp[i] = 0;
  }
  gsl_rng_free(rng);
}

/* What is left unexplained of j's score by least squares on these columns, the score's own first. */
static double unexplained(const particles *p, size_t terms, const double *const *column, size_t j) {
  gsl_matrix *x = gsl_matrix_alloc(POINTS, terms), *cov = gsl_matrix_alloc(terms, terms);
  gsl_vector *y = gsl_vector_alloc(POINTS), *by = gsl_vector_alloc(terms);
  gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc(POINTS, terms);
  const double *score = column[0];
  double residual, rr = 0, gg = 0, rg = 0;
  for (size_t i = 0; i < POINTS; i++) {
    gsl_vector_set(y, i, p->x[j * p->ld + i]);
    for (size_t k = 0; k < terms; k++) gsl_matrix_set(x, i, k, column[k][i]);
  }
  gsl_multifit_linear(x, y, by, cov, &residual, work);
  for (size_t i = 0; i < POINTS; i++) {
    double rest = gsl_vector_get(y, i);
    for (size_t k = 1; k < terms; k++) rest -= gsl_vector_get(by, k) * column[k][i];
    rr += rest * rest;
    gg += score[i] * score[i];
    rg += rest * score[i];
  }
  gsl_multifit_linear_free(work);
  gsl_vector_free(by);
  gsl_vector_free(y);
  gsl_matrix_free(cov);
  gsl_matrix_free(x);
  return rg < 0 ? fmax(1 - rg * rg / (rr * gg), UNEXPLAINED_LEAST) : 1;
}

/* The promise of k with no parents yet; without: its own column left out, which is wrong. */
static double promise_of(const regression *g, size_t k, int without) {
  const particles *p = g->p;
  double sum = 0;
  for (size_t j = 1; j < DIM; j++) {
    const double *column[] = {p->grad + j * p->ld, g->one, g->t, g->square, p->x + k * p->ld};
    if (j == k) continue;
    const double gain = 0.5 * log(unexplained(p, 3, column, j) / unexplained(p, without ? 4 : 5, column, j));
    if (gain > DEPENDENCE_GAIN_LEAST) sum += gain;
  }
  return sum;
}

START_TEST(promises_are_those_of_plain_regressions) {
  particles p;
  regression g;
  double promise[DIM];
  fill(20261126, &p);
  ck_assert_int_eq(regression_create(&p, &g), 0);
  regression_set_hyper(&g, SCALE);
  ck_assert_int_eq(parents_promise(&g, SCALE, promise), 0);
  ck_assert(promise[SCALE] == -1);
  for (size_t k = 1; k < DIM; k++) ck_assert_double_eq_tol(promise[k], promise_of(&g, k, 0), 1e-5);
  ck_assert_double_gt(fabs(promise[FIRST] - promise_of(&g, FIRST, 1)), 0.1);
  regression_clear(&g);
  particles_clear(&p);
}
END_TEST

/* The parents by full regressions on every coordinate. */
static size_t search_all(regression *g, double gain, double worth, size_t *parent) {
  g->parents = 0;
  g->parent = parent;
  while (g->parents < PARENTS_MAX) {
    double most = gain;
    size_t best = DIM;
    for (size_t k = 1; k < DIM; k++) {
      if (regression_is_parent(g, k)) continue;
      parent[g->parents++] = k;
      const double total = regression_gain(g, SCALE, NULL);
      g->parents--;
      if (total <= most) continue;
      most = total;
      best = k;
    }
    if (most < gain + worth) break;
    parent[g->parents++] = best;
    gain = most;
  }
  return g->parents;
}

START_TEST(parents_are_those_of_a_full_search) {
  particles p;
  regression g;
  size_t parent[DIM], truth[DIM];
  fill(100 + (uint64_t)_i, &p);
  ck_assert_int_eq(regression_create(&p, &g), 0);
  regression_set_hyper(&g, SCALE);
  const double gain = regression_gain(&g, SCALE, NULL);
  const size_t count = search_all(&g, gain, 0.3, truth);
  g.parents = 0;
  ck_assert_int_eq(parents_find(&g, SCALE, gain, 0.3, parent), 0);
  ck_assert_uint_ge(count, 2);
  ck_assert_uint_eq(g.parents, count);
  for (size_t k = 0; k < count; k++) ck_assert_uint_eq(parent[k], truth[k]);
  ck_assert(truth[0] == FIRST && truth[1] == SECOND);
  regression_clear(&g);
  particles_clear(&p);
}
END_TEST

/* Bit for bit those of one thread, with terms and without: gains, what is explained, and the rates that terms settle on; another rate
 * shows. */
START_TEST(threads_change_no_bit) {
  const unsigned char others[DIM] = {0};
  double gain[4], explained[4], rate[4], otherwise;
  particles p;
  fill(7, &p);
  for (size_t threads = 1; threads <= 3; threads++) {
    regression g;
    ck_assert_int_eq(regression_create(&p, &g) || regression_share(&g, (thread_team){threads, 0}), 0);
    regression_set_hyper(&g, SCALE);
    gain[threads] = regression_gain(&g, SCALE, NULL);
    natural_settle(&g, SCALE, others, INFINITY);
    ck_assert_uint_eq(g.terms, 1);
    regression_gain(&g, SCALE, &explained[threads]);
    rate[threads] = g.term[0].rate;
    ck_assert(gain[threads] == gain[1] && explained[threads] == explained[1] && rate[threads] == rate[1]);
    natural_set_rate(&g, 0, rate[1] * (1 + 1e-9));
    regression_gain(&g, SCALE, &otherwise);
    ck_assert(otherwise != explained[1]);
    regression_clear(&g);
  }
  particles_clear(&p);
}
END_TEST

Suite *parents_suite(void) {
  Suite *suite = suite_create("parents");
  TCase *tests = tcase_create("parents");
  tcase_add_test(tests, promises_are_those_of_plain_regressions);
  tcase_add_test(tests, threads_change_no_bit);
  tcase_add_loop_test(tests, parents_are_those_of_a_full_search, 0, CASES);
  suite_add_tcase(suite, tests);
  return suite;
}
