/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of Student-t's: density, gradient and draws against GSL's t distribution, in mixtures with Gaussians too; fits that find the
 * degrees of freedom, and the parameters from points that are nowhere near equilibrium; clusters by logarithmic distances. */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <math.h>

#include "base/memory.h"
#include "check_mixture.h"
#include "mixture_cases.h"

static gsl_rng *rng;

static void set_up(void) {
  rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20260402);
}

static void tear_down(void) {
  gsl_rng_free(rng);
}

static mixture *product_random(size_t dim, size_t locations, double spread, unsigned freedom) {
  mixture *q = mixture_random(rng, MIXTURE_DIAGONAL, dim, locations, spread, 0);
  for (size_t l = 0; l < locations; l++) q->freedom[l] = freedom;
  ck_assert_int_eq(mixture_prepare(q), 0);
  return q;
}

/* log q of one point by GSL's densities. */
static double by_gsl(const mixture *q, const double *x) {
  double sum = 0;
  for (size_t k = 0; k < q->components; k++) {
    const size_t l = q->location[k];
    double density = exp(q->log_weight[k]);
    for (size_t j = 0; j < q->dim; j++) {
      const double c = q->factor[q->factor_of[l]].c[j], z = (x[j] - q->mean[l * q->dim + j]) / c;
      density *= gsl_ran_tdist_pdf(z, q->freedom[l]) / c;
    }
    sum += density;
  }
  return log(sum);
}

static double evaluate_one(const mixture *q, const double *x, double *grad, double *share) {
  double log_density, *work = NEW(double, mixture_work(q, 1));
  ck_assert_ptr_nonnull(work);
  mixture_evaluate(q, 1, 1, x, &log_density, grad, share, work);
  memory_free(work);
  return log_density;
}

START_TEST(density_is_that_of_the_distribution) {
  static const unsigned freedoms[] = {1, 2, 4, 8};
  for (size_t f = 0; f < 4; f++) {
    mixture *q = product_random(7, 3, 3, freedoms[f]);
    for (int trial = 0; trial < 50; trial++) {
      double x[7];
      for (size_t j = 0; j < 7; j++) x[j] = gsl_ran_flat(rng, -8, 8);
      const double truth = by_gsl(q, x);
      ck_assert_double_eq_tol(evaluate_one(q, x, NULL, NULL), truth, 1e-12 * fabs(truth));
    }
    mixture_free(q);
  }
}
END_TEST

/* With x = s/(1 - s^2) the midpoint rule over the whole line. */
START_TEST(density_integrates_to_one) {
  mixture *t = product_random(1, 2, 3, 2), *gaussian = mixture_random(rng, MIXTURE_FULL, 1, 2, 3, 1);
  mixture *q = mixture_merge(t, gaussian, 0.4);
  enum { N = 20000 };
  double sum = 0;
  for (int i = 0; i < N; i++) {
    const double s = -1 + (2 * i + 1.0) / N, x = s / (1 - s * s);
    sum += exp(evaluate_one(q, &x, NULL, NULL)) * (1 + s * s) / ((1 - s * s) * (1 - s * s)) * 2 / N;
  }
  ck_assert_double_eq_tol(sum, 1, 1e-5);
  mixture *const made[] = {t, gaussian, q};
  for (size_t i = 0; i < 3; i++) mixture_free(made[i]);
}
END_TEST

/* Gaussians and t's in one mixture: density and shares are those of the parts, the gradient is the difference quotient. */
START_TEST(kinds_mix) {
  enum { D = 5 };
  mixture *t = product_random(D, 3, 2, 4), *cauchy = product_random(D, 2, 2, 1), *gaussian = mixture_random(rng, MIXTURE_FULL, D, 2, 2, 1);
  mixture *heavy = mixture_merge(t, cauchy, 0.5), *q = mixture_merge(gaussian, heavy, 0.3), *copy = mixture_copy(q);
  ck_assert(copy && copy->heavy && !gaussian->heavy);
  for (int trial = 0; trial < 100; trial++) {
    double x[D], grad[D], share[9], total = 0, from_t = 0;
    for (size_t j = 0; j < D; j++) x[j] = gsl_ran_flat(rng, -6, 6);
    const double a = mixture_plain(gaussian, x, NULL, NULL), b = by_gsl(t, x), c = by_gsl(cauchy, x);
    const double truth = log(0.3 * exp(a) + 0.35 * exp(b) + 0.35 * exp(c));
    ck_assert_double_eq_tol(evaluate_one(copy, x, grad, share), truth, 1e-12 * fabs(truth));
    for (size_t k = 0; k < 9; k++) total += share[k];
    for (size_t k = 4; k < 7; k++) from_t += share[k];
    ck_assert_double_eq_tol(total, 1, 1e-12);
    ck_assert_double_eq_tol(from_t, 0.35 * exp(b - truth), 1e-12);
    for (size_t j = 0; j < D; j++) {
      const double here = x[j], h = 1e-5;
      x[j] = here + h;
      const double up = evaluate_one(q, x, NULL, NULL);
      x[j] = here - h;
      ck_assert_double_eq_tol(grad[j], (up - evaluate_one(q, x, NULL, NULL)) / (2 * h), 1e-7 * (1 + fabs(grad[j])));
      x[j] = here;
    }
  }
  mixture *const made[] = {t, cauchy, gaussian, heavy, q, copy};
  for (size_t i = 0; i < 6; i++) mixture_free(made[i]);
}
END_TEST

START_TEST(far_points_are_never_nan) {
  static const double far[] = {1e10, 1e30, 1e100, 1e200, INFINITY};
  mixture *q = product_random(6, 2, 2, 2);
  for (size_t i = 0; i < 5; i++) {
    double x[6], grad[6], share[2];
    for (size_t j = 0; j < 6; j++) x[j] = far[i];
    const double log_density = evaluate_one(q, x, grad, share);
    ck_assert(isfinite(log_density) || log_density == -INFINITY);
    ck_assert(i > 1 || isfinite(log_density));
    for (size_t j = 0; j < 6; j++) ck_assert(isfinite(grad[j]));
  }
  mixture_free(q);
}
END_TEST

START_TEST(a_scaled_component_is_refused) {
  mixture *q = product_random(2, 2, 2, 2);
  q->scale[1] = 1.5;
  ck_assert_int_ne(mixture_prepare(q), 0);
  mixture_free(q);
}
END_TEST

enum { DRAWS = 20000 };

/* Kolmogorov-Smirnov statistic, times sqrt(n), of the draws of one coordinate against t of `freedom` at the component's place. */
static double draws_distance(const mixture *q, unsigned freedom, size_t j, const double *x) {
  double largest = 0, *sorted = NEW(double, DRAWS);
  ck_assert_ptr_nonnull(sorted);
  for (size_t i = 0; i < DRAWS; i++) sorted[i] = gsl_cdf_tdist_P((x[j * DRAWS + i] - q->mean[j]) / q->factor[0].c[j], freedom);
  gsl_sort(sorted, 1, DRAWS);
  for (size_t i = 0; i < DRAWS; i++) largest = fmax(largest, fmax(sorted[i] - (double)i / DRAWS, (double)(i + 1) / DRAWS - sorted[i]));
  memory_free(sorted);
  return largest * sqrt(DRAWS);
}

/* Twelve statistics, each above 2.9 with a probability of 2 exp(-2 * 2.9^2) = 1e-7.  The same check rejects draws of twice the degrees of
 * freedom.  Squares of two coordinates' signs multiply to nothing: they are independent (z below 6: 2e-9 each). */
START_TEST(draws_follow_the_distribution) {
  static const unsigned freedoms[] = {1, 2, 3, 8};
  for (size_t f = 0; f < 4; f++) {
    mixture *q = product_random(3, 1, 2, freedoms[f]);
    double *x = NEW2(double, 3, DRAWS), *work = NEW(double, mixture_work(q, DRAWS)), both = 0;
    uint32_t *particle = NEW(uint32_t, DRAWS);
    size_t *component = NEW(size_t, DRAWS);
    ck_assert(x && work && particle && component);
    for (size_t i = 0; i < DRAWS; i++) particle[i] = (uint32_t)i;
    mixture_draw(q, stream_make(9, STREAM_BRIDGE, 0, 0), 4, DRAWS, DRAWS, particle, component, x, work);
    for (size_t j = 0; j < 3; j++) {
      ck_assert_double_lt(draws_distance(q, freedoms[f], j, x), 2.9);
      if (freedoms[f] < 8) ck_assert_double_gt(draws_distance(q, 2 * freedoms[f], j, x), 2.9);
    }
    for (size_t i = 0; i < DRAWS; i++) {
      const double c = q->factor[0].c[0], e = q->factor[0].c[1], quartile = gsl_cdf_tdist_Pinv(0.75, freedoms[f]);
      both += fabs(x[i] - q->mean[0]) > c * quartile && fabs(x[DRAWS + i] - q->mean[1]) > e * quartile;
    }
    ck_assert_double_lt(fabs(both - 0.25 * DRAWS), 6 * sqrt(0.1875 * DRAWS));
    memory_free(x);
    memory_free(work);
    memory_free(particle);
    memory_free(component);
    mixture_free(q);
  }
}
END_TEST

/* A particle's draw depends on its number and component only. */
START_TEST(draws_do_not_depend_on_the_tile) {
  mixture *t = product_random(3, 2, 2, 3), *gaussian = mixture_random(rng, MIXTURE_FULL, 3, 2, 2, 0), *q = mixture_merge(t, gaussian, 0.5);
  const uint32_t particle[] = {11, 3, 500, 42};
  const size_t component[] = {1, 3, 0, 2};
  const stream s = stream_make(1, STREAM_PILOT, 2, 3);
  double x[3 * 5], one[3], *work = NEW(double, mixture_work(q, 4));
  mixture_draw(q, s, 6, 4, 5, particle, component, x, work);
  for (size_t i = 0; i < 4; i++) {
    mixture_draw(q, s, 6, 1, 1, particle + i, component + i, one, work);
    for (size_t j = 0; j < 3; j++) ck_assert(one[j] == x[j * 5 + i]);
  }
  memory_free(work);
  mixture *const made[] = {t, gaussian, q};
  for (size_t i = 0; i < 3; i++) mixture_free(made[i]);
}
END_TEST

/* Points of q blown up `times` about the means, with the gradients of q where they are. */
static sample blown_up(const mixture *q, size_t n, double times) {
  sample s = sample_create(q->dim, n);
  double *work = NEW(double, mixture_work(q, n)), *log_density = NEW(double, n);
  ck_assert(work && log_density);
  for (size_t i = 0; i < n; i++) {
    const size_t k = s.component[i] = mixture_component_at(q, gsl_rng_uniform_pos(rng));
    for (size_t j = 0; j < q->dim; j++)
      s.x[j * n + i] = q->mean[k * q->dim + j] + times * q->factor[k].c[j] * gsl_ran_tdist(rng, q->freedom[k]);
  }
  mixture_evaluate(q, n, n, s.x, log_density, s.grad, NULL, work);
  memory_free(work);
  memory_free(log_density);
  return s;
}

/* The largest errors of a fit: of means in units of the scales, and of the scales' logarithms; components are paired by nearest means. */
static void errors(const mixture *fit, const mixture *truth, double *mean, double *scale) {
  *mean = *scale = 0;
  for (size_t k = 0; k < truth->components; k++) {
    double least = INFINITY, of_scale = INFINITY;
    for (size_t l = 0; l < fit->components; l++) {
      double worst = 0, worst_scale = 0;
      for (size_t j = 0; j < truth->dim; j++) {
        const double c = truth->factor[k].c[j];
        worst = fmax(worst, fabs(fit->mean[l * truth->dim + j] - truth->mean[k * truth->dim + j]) / c);
        worst_scale = fmax(worst_scale, fabs(log(fit->factor[l].c[j] / c)));
      }
      if (worst < least) {
        least = worst;
        of_scale = worst_scale;
      }
    }
    *mean = fmax(*mean, least);
    *scale = fmax(*scale, of_scale);
  }
}

static mixture *three_apart(unsigned freedom) {
  mixture *q = product_random(10, 3, 1, freedom);
  for (size_t k = 0; k < 3; k++) {
    q->log_weight[k] = log(0.25 * (double)(k + 1));
    for (size_t j = 0; j < 10; j++) q->mean[k * 10 + j] += 12 * (double)((j + k) % 3);
  }
  ck_assert_int_eq(mixture_prepare(q), 0);
  return q;
}

/* Three components of a given number of degrees of freedom: it is found, with everything else.  A mean's standard error is at most
 * 1.5/sqrt(190) = .11, a scale's .12; six of them are .7. */
START_TEST(search_finds_components_and_freedom) {
  static const unsigned freedoms[] = {1, 2, 4};
  const unsigned freedom = freedoms[_i];
  mixture *truth = three_apart(freedom), *fit = NULL;
  sample s = blown_up(truth, 1000, 1);
  ward_tree *tree = NULL;
  double mean, scale;
  ck_assert_int_eq(ward_create(10, 1000, 1000, s.x, WARD_LOGARITHMIC, &tree, NULL), DILATE_OK);
  ck_assert_int_eq(em_bic_search(&s.points, tree, MIXTURE_PRODUCT, 0, &fit, NULL, NULL), DILATE_OK);
  ck_assert_uint_eq(fit->components, 3);
  ck_assert_uint_eq(fit->freedom[0], freedom);
  errors(fit, truth, &mean, &scale);
  ck_assert_double_lt(mean, 0.7);
  ck_assert_double_lt(scale, 0.7);
  ward_free(tree);
  sample_destroy(&s);
  mixture_free(fit);
  mixture_free(truth);
}
END_TEST

/* Points five times too far out: gradients still give what moments cannot. */
START_TEST(gradients_fit_points_out_of_equilibrium) {
  mixture *truth = three_apart(2), *start = mixture_copy(truth), *fit[2] = {NULL, NULL};
  sample s = blown_up(truth, 600, 5);
  double mean[2], scale[2];
  for (size_t k = 0; k < 3; k++)
    for (size_t j = 0; j < 10; j++) {
      start->mean[k * 10 + j] += 0.5;
      start->factor[k].c[j] *= 2;
    }
  ck_assert_int_eq(mixture_prepare(start), 0);
  for (int gradient = 0; gradient < 2; gradient++) {
    ck_assert_int_eq(em_refine(&s.points, start, MIXTURE_PRODUCT, gradient, 6, &fit[gradient], NULL), DILATE_OK);
    errors(fit[gradient], truth, &mean[gradient], &scale[gradient]);
  }
  ck_assert_uint_eq(fit[1]->freedom[0], 2);
  ck_assert_double_lt(mean[1], 0.1);
  ck_assert_double_lt(scale[1], 0.1);
  ck_assert_double_gt(scale[0], 1);
  for (int i = 0; i < 2; i++) mixture_free(fit[i]);
  sample_destroy(&s);
  mixture_free(start);
  mixture_free(truth);
}
END_TEST

/* Two clusters in twenty coordinates, each point thrown far out in two of them: Euclidean distances see who was thrown, logarithmic ones
 * the clusters. */
START_TEST(logarithmic_distances_see_through_outliers) {
  enum { N = 120, D = 20 };
  double *u = NEW2(double, D, N);
  size_t label[N], wrong[2];
  for (size_t i = 0; i < N; i++)
    for (size_t j = 0; j < D; j++) {
      u[j * N + i] = gsl_ran_gaussian(rng, 0.5) + (i % 2 ? 4 : 0);
      if (j == i % D || j == (7 * i) % D) u[j * N + i] += gsl_ran_flat(rng, -1000, 1000);
    }
  for (int metric = 0; metric < 2; metric++) {
    ward_tree *tree = NULL;
    int status;
    ck_assert_int_eq(ward_create(D, N, N, u, (ward_metric)metric, &tree, NULL), DILATE_OK);
    ck_assert_uint_eq(ward_labels(tree, 2, label, &status), 2);
    wrong[metric] = 0;
    for (size_t i = 0; i < N; i++) wrong[metric] += (label[i] == label[0]) != (i % 2 == 0);
    ward_free(tree);
  }
  ck_assert_uint_eq(wrong[WARD_LOGARITHMIC], 0);
  ck_assert_uint_gt(wrong[WARD_EUCLIDEAN], N / 8);
  memory_free(u);
}
END_TEST

Suite *heavy_suite(void) {
  Suite *suite = suite_create("mixture: heavy tails");
  TCase *tests = tcase_create("all");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, density_is_that_of_the_distribution);
  tcase_add_test(tests, density_integrates_to_one);
  tcase_add_test(tests, kinds_mix);
  tcase_add_test(tests, far_points_are_never_nan);
  tcase_add_test(tests, a_scaled_component_is_refused);
  tcase_add_test(tests, draws_follow_the_distribution);
  tcase_add_test(tests, draws_do_not_depend_on_the_tile);
  tcase_add_loop_test(tests, search_finds_components_and_freedom, 0, 3);
  tcase_add_test(tests, gradients_fit_points_out_of_equilibrium);
  tcase_add_test(tests, logarithmic_distances_see_through_outliers);
  suite_add_tcase(suite, tests);
  return suite;
}
