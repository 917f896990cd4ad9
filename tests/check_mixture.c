/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixtures: density, gradient and shares against their definition, points far away, the factors' products, and the law of the draws. */
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "check_mixture.h"
#include "mixture_cases.h"
#include "runner.h"

static gsl_rng *rng;

static void set_up(void) {
  rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20260401);
}

static void tear_down(void) {
  gsl_rng_free(rng);
}

/* A tile with room around it, and what mixture_evaluate says of it. */
typedef struct tile {
  size_t n, ld;
  double *x, *log_density, *grad, *share, *work;
} tile;

static tile tile_create(const mixture *q, size_t n, size_t ld) {
  tile t = {.n = n, .ld = ld};
  t.x = NEW2(double, q->dim, ld);
  t.log_density = NEW(double, n);
  t.grad = NEW2(double, q->dim, ld);
  t.share = NEW2(double, q->components, ld);
  t.work = NEW(double, mixture_work(q, n));
  ck_assert(t.x && t.log_density && t.grad && t.share && t.work);
  return t;
}

static void tile_destroy(tile *t) {
  memory_free(t->x);
  memory_free(t->log_density);
  memory_free(t->grad);
  memory_free(t->share);
  memory_free(t->work);
}

static void tile_fill(tile *t, size_t dim, double spread) {
  for (size_t i = 0; i < dim * t->ld; i++) t->x[i] = gsl_ran_flat(rng, -spread, spread);
}

static void point_of(const tile *t, size_t dim, size_t i, double *x) {
  for (size_t j = 0; j < dim; j++) x[j] = t->x[j * t->ld + i];
}

/* The largest error of density, gradient and shares, each relative to one plus what is right. */
static double evaluate_error(const mixture *q, tile *t) {
  double x[64], grad[64], worst = 0;
  double *share = NEW(double, q->components);
  ck_assert_ptr_nonnull(share);
  mixture_evaluate(q, t->n, t->ld, t->x, t->log_density, t->grad, t->share, t->work);
  for (size_t i = 0; i < t->n; i++) {
    point_of(t, q->dim, i, x);
    const double right = mixture_plain(q, x, grad, share);
    double sum = 0;
    worst = fmax(worst, fabs(t->log_density[i] - right) / (1 + fabs(right)));
    for (size_t j = 0; j < q->dim; j++) worst = fmax(worst, fabs(t->grad[j * t->ld + i] - grad[j]) / (1 + fabs(grad[j])));
    for (size_t k = 0; k < q->components; k++) {
      worst = fmax(worst, fabs(t->share[k * t->ld + i] - share[k]));
      sum += t->share[k * t->ld + i];
    }
    worst = fmax(worst, fabs(sum - 1));
  }
  memory_free(share);
  return worst;
}

static const size_t dims[] = {1, 2, 3, 7, 8, 10, 12, 13, 37};
#define DIMS (sizeof dims / sizeof *dims)

START_TEST(evaluate_is_the_definition) {
  for (size_t f = 0; f < FAMILIES; f++)
    for (size_t d = 0; d < DIMS; d++)
      for (int twins = 0; twins < 2; twins++) {
        mixture *q = mixture_random(rng, (mixture_family)f, dims[d], 5, 4, twins);
        tile t = tile_create(q, 33, 40);
        tile_fill(&t, q->dim, 5);
        ck_assert_double_lt(evaluate_error(q, &t), 1e-11);
        tile_destroy(&t);
        mixture_free(q);
      }
}
END_TEST

START_TEST(evaluate_of_merged_mixtures_is_the_definition) {
  mixture *a = mixture_random(rng, MIXTURE_FULL, 4, 3, 4, 1), *b = mixture_random(rng, MIXTURE_DIAGONAL, 4, 6, 3, 0);
  mixture *c = mixture_random(rng, MIXTURE_SHARED, 4, 2, 3, 1), *ab = mixture_merge(a, b, 0.3), *all = mixture_merge(ab, c, 0.9);
  ck_assert(ab && all);
  ck_assert_uint_eq(all->components, 3 * 2 + 6 + 2 * 2);
  ck_assert_uint_eq(all->factors, 3 + 6 + 1);
  tile t = tile_create(all, 50, 50);
  tile_fill(&t, 4, 5);
  ck_assert_double_lt(evaluate_error(all, &t), 1e-12);
  for (size_t i = 0; i < t.n; i++) {
    double x[4];
    point_of(&t, 4, i, x);
    const double density = 0.9 * (0.3 * exp(mixture_plain(a, x, NULL, NULL)) + 0.7 * exp(mixture_plain(b, x, NULL, NULL))) +
                           0.1 * exp(mixture_plain(c, x, NULL, NULL));
    ck_assert_double_eq_tol(t.log_density[i], log(density), 1e-12 * (1 + fabs(log(density))));
  }
  tile_destroy(&t);
  mixture *const made[] = {a, b, c, ab, all};
  for (size_t i = 0; i < 5; i++) mixture_free(made[i]);
}
END_TEST

/* The order of locations need not follow that of factors: whitening is then redone, and the answer is the same. */
START_TEST(locations_may_stand_in_any_order) {
  mixture *q = mixture_random(rng, MIXTURE_FULL, 3, 4, 3, 1);
  const size_t mixed[] = {0, 1, 0, 1};
  memcpy(q->factor_of, mixed, sizeof mixed);
  ck_assert_int_eq(mixture_prepare(q), 0);
  tile t = tile_create(q, 20, 20);
  tile_fill(&t, 3, 4);
  ck_assert_double_lt(evaluate_error(q, &t), 1e-12);
  tile_destroy(&t);
  mixture_free(q);
}
END_TEST

START_TEST(gradient_is_the_difference_quotient) {
  for (size_t f = 0; f < FAMILIES; f++) {
    mixture *q = mixture_random(rng, (mixture_family)f, 5, 4, 3, 1);
    tile t = tile_create(q, 16, 16);
    tile_fill(&t, 5, 3);
    mixture_evaluate(q, t.n, t.ld, t.x, t.log_density, t.grad, NULL, t.work);
    for (size_t j = 0; j < 5; j++) {
      const double h = 1e-5;
      double up[16], down[16];
      for (size_t i = 0; i < 16; i++) t.x[j * 16 + i] += h;
      mixture_evaluate(q, t.n, t.ld, t.x, up, NULL, NULL, t.work);
      for (size_t i = 0; i < 16; i++) t.x[j * 16 + i] -= 2 * h;
      mixture_evaluate(q, t.n, t.ld, t.x, down, NULL, NULL, t.work);
      for (size_t i = 0; i < 16; i++) {
        t.x[j * 16 + i] += h;
        ck_assert_double_eq_tol(t.grad[j * 16 + i], (up[i] - down[i]) / (2 * h), 1e-7 * (1 + fabs(t.grad[j * 16 + i])));
      }
    }
    tile_destroy(&t);
    mixture_free(q);
  }
}
END_TEST

/* What is wanted of a call, the width of the tile and its leading dimension change nothing. */
START_TEST(a_point_does_not_know_its_tile) {
  mixture *q = mixture_random(rng, MIXTURE_FULL, 6, 5, 3, 1);
  tile t = tile_create(q, 70, 73);
  tile_fill(&t, 6, 3);
  mixture_evaluate(q, 70, 73, t.x, t.log_density, t.grad, t.share, t.work);
  for (size_t i = 0; i < 70; i++) {
    double x[6], grad[6], density[2];
    point_of(&t, 6, i, x);
    mixture_evaluate(q, 1, 1, x, density, grad, NULL, t.work);
    mixture_evaluate(q, 1, 1, x, density + 1, NULL, NULL, t.work);
    ck_assert(density[0] == t.log_density[i] && density[1] == t.log_density[i]);
    for (size_t j = 0; j < 6; j++) ck_assert(grad[j] == t.grad[j * 73 + i]);
  }
  tile_destroy(&t);
  mixture_free(q);
}
END_TEST

START_TEST(far_points_are_never_nan) {
  const double far[] = {1e3, 1e100, 1e160, 1e300, 1.7e308, INFINITY};
  for (size_t f = 0; f < FAMILIES; f++) {
    mixture *narrow = mixture_random(rng, (mixture_family)f, 3, 4, 2, 1);
    for (size_t e = 0; e < (f == MIXTURE_DIAGONAL ? 3 : 9); e++) narrow->factor[0].c[e] *= 1e-150;
    ck_assert_int_eq(mixture_prepare(narrow), 0);
    mixture *wide = mixture_random(rng, MIXTURE_FULL, 3, 1, 2, 0), *q = mixture_merge(narrow, wide, 0.5);
    ck_assert_ptr_nonnull(q);
    tile t = tile_create(q, 7, 7);
    for (size_t i = 0; i < 6; i++)
      for (size_t j = 0; j < 3; j++) t.x[j * 7 + i] = j == 1 ? -far[i] : far[i];
    mixture_evaluate(q, 7, 7, t.x, t.log_density, t.grad, t.share, t.work);
    for (size_t i = 0; i < 7; i++) {
      const int inside = isfinite(t.log_density[i]);
      ck_assert(inside || t.log_density[i] == -INFINITY);
      double sum = 0;
      for (size_t k = 0; k < q->components; k++) sum += t.share[k * 7 + i];
      ck_assert_double_eq_tol(sum, inside ? 1 : 0, 1e-12);
      for (size_t j = 0; j < 3; j++) ck_assert(inside ? isfinite(t.grad[j * 7 + i]) : t.grad[j * 7 + i] == 0);
    }
    ck_assert(isfinite(t.log_density[0]) && isfinite(t.log_density[6]) && !isfinite(t.log_density[4]));
    tile_destroy(&t);
    mixture *const made[] = {narrow, wide, q};
    for (size_t i = 0; i < 3; i++) mixture_free(made[i]);
  }
}
END_TEST

START_TEST(preparation_refuses_what_is_no_mixture) {
  for (int fault = 0; fault < 7; fault++) {
    mixture *q = mixture_random(rng, fault % 2 ? MIXTURE_DIAGONAL : MIXTURE_FULL, 2, 3, 3, 0);
    if (fault == 0) q->factor[1].c[3] = 0;
    if (fault == 1) q->factor[2].c[1] = -1;
    if (fault == 2) q->factor[0].c[2] = NAN;
    if (fault == 3) q->mean[3] = INFINITY;
    if (fault == 4) q->log_weight[0] = NAN;
    if (fault == 5) q->scale[1] = 0;
    if (fault == 6)
      for (size_t k = 0; k < 3; k++) q->log_weight[k] = -INFINITY;
    ck_assert_int_ne(mixture_prepare(q), 0);
    mixture_free(q);
  }
  mixture_free(NULL);
}
END_TEST

START_TEST(components_without_weight_are_as_if_absent) {
  mixture *q = mixture_random(rng, MIXTURE_FULL, 2, 3, 3, 0), *alone = mixture_random(rng, MIXTURE_FULL, 2, 1, 3, 0);
  mixture *only = mixture_merge(q, alone, 0), *copy = mixture_copy(only);
  ck_assert(only && copy);
  tile t = tile_create(copy, 10, 10);
  tile_fill(&t, 2, 4);
  mixture_evaluate(copy, 10, 10, t.x, t.log_density, t.grad, t.share, t.work);
  for (size_t i = 0; i < 10; i++) {
    double x[2], grad[2];
    point_of(&t, 2, i, x);
    ck_assert_double_eq_tol(t.log_density[i], mixture_plain(alone, x, grad, NULL), 1e-12);
    for (size_t j = 0; j < 2; j++) ck_assert_double_eq_tol(t.grad[j * 10 + i], grad[j], 1e-12);
    ck_assert(t.share[3 * 10 + i] == 1);
  }
  for (int i = 1; i < 100; i++) ck_assert_uint_eq(mixture_component_at(only, i / 100.0), 3);
  tile_destroy(&t);
  mixture *const made[] = {q, alone, only, copy};
  for (size_t i = 0; i < 4; i++) mixture_free(made[i]);
}
END_TEST

START_TEST(component_at_follows_the_weights) {
  mixture *q = mixture_random(rng, MIXTURE_DIAGONAL, 1, 12, 3, 1);
  enum { N = 20000 };
  size_t count[24] = {0};
  for (size_t i = 0; i < N; i++) count[mixture_component_at(q, ((double)i + 0.5) / N)]++;
  for (size_t k = 0; k < 24; k++) ck_assert_double_le(fabs((double)count[k] - N * exp(q->log_weight[k])), 1.0);
  ck_assert_uint_eq(mixture_component_at(q, 0x1p-60), 0);
  ck_assert_uint_eq(mixture_component_at(q, 1 - 0x1p-53), 23);
  mixture_free(q);
}
END_TEST

/* Against the cumulative weights one by one, some of them 0; of other numbers than asked for, they differ. */
START_TEST(strata_are_components_at_their_places) {
  mixture *q = mixture_random(rng, MIXTURE_DIAGONAL, 1, 12, 3, 1);
  enum { N = 777 };
  size_t component[N], differ = 0;
  q->log_weight[0] = q->log_weight[7] = q->log_weight[23] = -INFINITY;
  ck_assert_int_eq(mixture_prepare(q), 0);
  mixture_stratify(q, 0.3, N, component);
  for (size_t i = 0; i < N; i++) {
    double below = 0;
    size_t k = 0;
    for (; k < 22; k++) {
      below += exp(q->log_weight[k]);
      if (((double)i + 0.3) / N < below) break;
    }
    ck_assert_uint_eq(component[i], k);
    differ += component[i] != mixture_component_at(q, ((double)i + 0.3) / (N + 30));
  }
  ck_assert_uint_gt(differ, 0);
  mixture_free(q);
}
END_TEST

/* Byte for byte what one call gives, whatever the threads. */
START_TEST(evaluations_of_all_points_are_those_of_one_call) {
  enum { N = 1001, D = 5 };
  mixture *q = mixture_random(rng, MIXTURE_FULL, D, 9, 3, 0);
  sample s = sample_from(rng, q, N);
  const size_t ld = s.points.ld;
  double *const logq = NEW2(double, 2, ld), *const share = NEW2(double, 2 * q->components, ld),
                *const work = NEW(double, mixture_work(q, N));
  ck_assert(logq && share && work);
  mixture_evaluate(q, N, ld, s.points.x, logq, NULL, share, work);
  for (size_t threads = 0; threads <= 3; threads++) {
    double *const log_again = logq + ld, *const share_again = share + q->components * ld;
    memset(log_again, 0, ld * sizeof *logq);
    memset(share_again, 0, q->components * ld * sizeof *share);
    ck_assert_int_eq(mixture_evaluate_all(q, (thread_team){threads, 0}, N, ld, s.points.x, log_again, share_again), 0);
    ck_assert_mem_eq(log_again, logq, ld * sizeof *logq);
    ck_assert_mem_eq(share_again, share, q->components * ld * sizeof *share);
  }
  memory_free(logq);
  memory_free(share);
  memory_free(work);
  sample_destroy(&s);
  mixture_free(q);
}
END_TEST

/* <a, C b> = <C' a, b> for every particle, and C itself is s_k times the factor. */
START_TEST(times_and_its_transpose_are_adjoint) {
  mixture *full = mixture_random(rng, MIXTURE_FULL, 5, 3, 3, 1), *diagonal = mixture_random(rng, MIXTURE_DIAGONAL, 5, 2, 3, 0);
  mixture *q = mixture_merge(full, diagonal, 0.5);
  ck_assert_ptr_nonnull(q);
  enum { N = 41, LD = 43 };
  double a[5 * LD], b[5 * LD], ca[5 * LD], cb[5 * LD], *work = NEW(double, mixture_work(q, N));
  size_t component[N];
  for (size_t i = 0; i < N; i++) component[i] = gsl_rng_uniform_int(rng, q->components);
  for (size_t i = 0; i < 5 * LD; i++) {
    ca[i] = a[i] = gsl_ran_gaussian(rng, 1);
    cb[i] = b[i] = gsl_ran_gaussian(rng, 1);
  }
  mixture_times(q, N, LD, component, cb, work);
  mixture_transpose_times(q, N, LD, component, ca, work);
  for (size_t i = 0; i < N; i++) {
    const mixture_factor *factor = &q->factor[q->factor_of[q->location[component[i]]]];
    double left = 0, right = 0;
    for (size_t j = 0; j < 5; j++) {
      double sum = 0;
      for (size_t k = 0; k <= j; k++) sum += (factor->diagonal ? (j == k) * factor->c[j] : factor->c[j * 5 + k]) * b[k * LD + i];
      ck_assert_double_eq_tol(cb[j * LD + i], q->scale[component[i]] * sum, 1e-13 * (1 + fabs(sum)));
      left += a[j * LD + i] * cb[j * LD + i];
      right += ca[j * LD + i] * b[j * LD + i];
    }
    ck_assert_double_eq_tol(left, right, 1e-12 * (1 + fabs(left)));
  }
  for (size_t j = 0; j < 5; j++) /* nothing beyond the tile is touched */
    for (size_t i = N; i < LD; i++) ck_assert(ca[j * LD + i] == a[j * LD + i] && cb[j * LD + i] == b[j * LD + i]);
  memory_free(work);
  mixture *const made[] = {full, diagonal, q};
  for (size_t i = 0; i < 3; i++) mixture_free(made[i]);
}
END_TEST

enum { DRAW_DIM = 4, DRAWS = 4000 };

/* Whitened by the component's own mean and factor, draws are standard normal.  The smallest p-value of: their mean (chi^2 of d), each
 * coordinate's sum of squares (chi^2 of n, both tails), and each correlation (z, both tails); 15 in all. */
static double draws_p_value(const mixture *q, size_t k, const double *x) {
  enum { D = DRAW_DIM };
  const double *mean = q->mean + q->location[k] * D;
  const mixture_factor *factor = &q->factor[q->factor_of[q->location[k]]];
  double sum[D] = {0}, product[D][D] = {{0}}, smallest = 1, norm = 0;
  for (size_t i = 0; i < DRAWS; i++) {
    double z[D];
    for (size_t j = 0; j < D; j++) {
      z[j] = (x[j * DRAWS + i] - mean[j]) / q->scale[k];
      for (size_t l = 0; l < j && !factor->diagonal; l++) z[j] -= factor->c[j * D + l] * z[l];
      z[j] /= factor->diagonal ? factor->c[j] : factor->c[j * D + j];
      sum[j] += z[j];
      for (size_t l = 0; l <= j; l++) product[j][l] += z[j] * z[l];
    }
  }
  for (size_t j = 0; j < D; j++) {
    norm += sum[j] * sum[j] / DRAWS;
    smallest = fmin(smallest, 2 * fmin(gsl_cdf_chisq_P(product[j][j], DRAWS), gsl_cdf_chisq_Q(product[j][j], DRAWS)));
    for (size_t l = 0; l < j; l++) smallest = fmin(smallest, 2 * gsl_cdf_ugaussian_Q(fabs(product[j][l]) / sqrt(DRAWS)));
  }
  return fmin(smallest, gsl_cdf_chisq_Q(norm, D));
}

/* 36 components, 15 p-values each: all above 1e-9 but for a probability of 1e-6. */
static const double draws_level = 1e-9;

static double *draws_of(const mixture *q, size_t k) {
  double *x = NEW2(double, DRAW_DIM, DRAWS), *work = NEW(double, mixture_work(q, DRAWS));
  uint32_t *particle = NEW(uint32_t, DRAWS);
  size_t *component = NEW(size_t, DRAWS);
  ck_assert(x && work && particle && component);
  for (size_t i = 0; i < DRAWS; i++) {
    particle[i] = (uint32_t)i;
    component[i] = k;
  }
  mixture_draw(q, stream_make(7, STREAM_BRIDGE, 0, 0), (uint32_t)k, DRAWS, DRAWS, particle, component, x, work);
  memory_free(work);
  memory_free(particle);
  memory_free(component);
  return x;
}

START_TEST(draws_follow_their_components) {
  for (size_t f = 0; f < FAMILIES; f++) {
    mixture *q = mixture_random(rng, (mixture_family)f, DRAW_DIM, 6, 10, 1);
    for (size_t k = 0; k < q->components; k++) {
      double *x = draws_of(q, k);
      ck_assert_double_gt(draws_p_value(q, k, x), draws_level);
      memory_free(x);
    }
    mixture_free(q);
  }
}
END_TEST

/* The same check rejects draws of a mean moved by a fifth, of a scale a tenth too wide, and of correlations that are left out. */
START_TEST(draws_of_a_broken_mixture_are_rejected) {
  for (int fault = 0; fault < 3; fault++) {
    mixture *q = mixture_random(rng, MIXTURE_FULL, DRAW_DIM, 2, 10, 0), *broken = mixture_copy(q);
    ck_assert_ptr_nonnull(broken);
    if (fault == 0) broken->mean[DRAW_DIM] += 0.2 * q->factor[1].c[0];
    if (fault == 1) broken->scale[1] = 1.1;
    for (size_t j = 1; fault == 2 && j < DRAW_DIM; j++) broken->factor[1].c[j * DRAW_DIM] = 0;
    ck_assert_int_eq(mixture_prepare(broken), 0);
    double *x = draws_of(broken, 1);
    ck_assert_double_lt(draws_p_value(q, 1, x), draws_level);
    memory_free(x);
    mixture_free(q);
    mixture_free(broken);
  }
}
END_TEST

/* A particle's draw depends on its number and component only. */
START_TEST(draws_do_not_depend_on_the_tile) {
  mixture *q = mixture_random(rng, MIXTURE_FULL, 3, 5, 3, 1);
  const uint32_t particle[] = {11, 3, 500, 42};
  const size_t component[] = {1, 9, 1, 4};
  const stream s = stream_make(1, STREAM_PILOT, 2, 3);
  double x[3 * 5], one[3], *work = NEW(double, mixture_work(q, 4));
  mixture_draw(q, s, 6, 4, 5, particle, component, x, work);
  for (size_t i = 0; i < 4; i++) {
    mixture_draw(q, s, 6, 1, 1, particle + i, component + i, one, work);
    for (size_t j = 0; j < 3; j++) ck_assert(one[j] == x[j * 5 + i]);
  }
  memory_free(work);
  mixture_free(q);
}
END_TEST

static Suite *density_suite(void) {
  Suite *suite = suite_create("mixture: density and draws");
  TCase *tests = tcase_create("all");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, evaluate_is_the_definition);
  tcase_add_test(tests, evaluate_of_merged_mixtures_is_the_definition);
  tcase_add_test(tests, locations_may_stand_in_any_order);
  tcase_add_test(tests, gradient_is_the_difference_quotient);
  tcase_add_test(tests, a_point_does_not_know_its_tile);
  tcase_add_test(tests, far_points_are_never_nan);
  tcase_add_test(tests, preparation_refuses_what_is_no_mixture);
  tcase_add_test(tests, components_without_weight_are_as_if_absent);
  tcase_add_test(tests, component_at_follows_the_weights);
  tcase_add_test(tests, strata_are_components_at_their_places);
  tcase_add_test(tests, evaluations_of_all_points_are_those_of_one_call);
  tcase_add_test(tests, times_and_its_transpose_are_adjoint);
  tcase_add_test(tests, draws_follow_their_components);
  tcase_add_test(tests, draws_of_a_broken_mixture_are_rejected);
  tcase_add_test(tests, draws_do_not_depend_on_the_tile);
  suite_add_tcase(suite, tests);
  return suite;
}

int main(void) {
  SRunner *runner = srunner_create(density_suite());
  srunner_add_suite(runner, ward_suite());
  srunner_add_suite(runner, em_suite());
  srunner_add_suite(runner, heavy_suite());
  srunner_add_suite(runner, isa_suite());
  return run_all(runner);
}
