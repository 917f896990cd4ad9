/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fits: every M step against its formula, EM's monotone likelihood, invariances, recovery of known mixtures, the gain of gradients, and
 * points that are few, equal or degenerate. */
#include <check.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "check_mixture.h"
#include "mixture_cases.h"
#include "targets/targets.h"

static gsl_rng *rng;

static void set_up(void) {
  rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20260402);
}

static void tear_down(void) {
  gsl_rng_free(rng);
}

/* Covariance of component k, dim x dim. */
static void covariance_of(const mixture *q, size_t k, double *out) {
  const mixture_factor *factor = &q->factor[q->factor_of[q->location[k]]];
  const double scale = q->scale[k] * q->scale[k];
  for (size_t i = 0; i < q->dim; i++)
    for (size_t j = 0; j < q->dim; j++) {
      double sum = 0;
      for (size_t l = 0; l <= (i < j ? i : j) && !factor->diagonal; l++) sum += factor->c[i * q->dim + l] * factor->c[j * q->dim + l];
      if (factor->diagonal && i == j) sum = factor->c[i] * factor->c[i];
      out[i * q->dim + j] = scale * sum;
    }
}

static double mean_log_density(const sample *s, const mixture *q) {
  double *log_density = sample_log_density(s, q), sum = 0;
  for (size_t i = 0; i < s->points.n; i++) sum += log_density[i];
  memory_free(log_density);
  return sum / (double)s->points.n;
}

/* Kullback-Leibler divergence from p to q, over exact draws of p. */
static double divergence(const sample *fresh, const mixture *p, const mixture *q) {
  return mean_log_density(fresh, p) - mean_log_density(fresh, q);
}

/* ---- M steps against their formulas ---------------------------------------------------------------------------------- */

enum { STEP_DIM = 3, STEP_N = 60, STEP_K = 2, STEP_SIZE = STEP_DIM * STEP_DIM };

typedef struct cluster {
  double size, mean[STEP_DIM], gradient[STEP_DIM], cx[STEP_SIZE], cg[STEP_SIZE]; /* cx, cg: scatter, not divided */
} cluster;

static void scatter_of(const double *values, const size_t *label, size_t k, const double *mean, double *c) {
  for (size_t i = 0; i < STEP_DIM; i++)
    for (size_t j = 0; j < STEP_DIM; j++) {
      c[i * STEP_DIM + j] = 0;
      for (size_t p = 0; p < STEP_N; p++)
        if (label[p] == k) c[i * STEP_DIM + j] += (values[i * STEP_N + p] - mean[i]) * (values[j * STEP_N + p] - mean[j]);
    }
}

static cluster cluster_of(const sample *s, size_t k) {
  cluster c = {.size = 0};
  for (size_t p = 0; p < STEP_N; p++) c.size += s->component[p] == k;
  for (size_t j = 0; j < STEP_DIM; j++)
    for (size_t p = 0; p < STEP_N; p++) {
      if (s->component[p] != k) continue;
      c.mean[j] += s->x[j * STEP_N + p] / c.size;
      c.gradient[j] += s->grad[j * STEP_N + p] / c.size;
    }
  scatter_of(s->x, s->component, k, c.mean, c.cx);
  scatter_of(s->grad, s->component, k, c.gradient, c.cg);
  return c;
}

/* Covariance that the family should have for cluster k; the floors, which do not matter here, are left out. */
static void expected_covariance(mixture_family family, int gradient, const cluster *clusters, size_t k, double *out) {
  double pool_x[STEP_SIZE], pool_g[STEP_SIZE], cx[STEP_SIZE], cg[STEP_SIZE], work[1000];
  const double pseudo = family == MIXTURE_SHARED ? 0 : gradient ? 2 : family == MIXTURE_DIAGONAL ? 4 : STEP_DIM + 2;
  ck_assert_uint_le(geometric_mean_work(STEP_DIM), 1000);
  for (size_t e = 0; e < STEP_SIZE; e++) {
    const int off = family == MIXTURE_DIAGONAL && e % (STEP_DIM + 1) != 0;
    pool_x[e] = off ? 0 : (clusters[0].cx[e] + clusters[1].cx[e]) / STEP_N;
    pool_g[e] = off ? 0 : (clusters[0].cg[e] + clusters[1].cg[e]) / STEP_N;
    const double weight = clusters[k].size + pseudo;
    cx[e] = family == MIXTURE_SHARED ? pool_x[e] : ((off ? 0 : clusters[k].cx[e]) + pseudo * pool_x[e]) / weight;
    cg[e] = family == MIXTURE_SHARED ? pool_g[e] : ((off ? 0 : clusters[k].cg[e]) + pseudo * pool_g[e]) / weight;
  }
  if (gradient)
    ck_assert_int_eq(geometric_mean(STEP_DIM, cx, cg, out, work), 0);
  else
    memcpy(out, cx, sizeof cx);
}

START_TEST(steps_follow_their_formulas) {
  const size_t label = (size_t)_i;
  const mixture_family family = (mixture_family)(label / 2);
  const int gradient = label % 2 == 1;
  mixture *truth = mixture_random(rng, MIXTURE_FULL, STEP_DIM, STEP_K, 3, 0), *q = NULL;
  sample s = sample_from(rng, truth, STEP_N);
  ck_assert_int_eq(em_from_labels(&s.points, family, gradient, STEP_K, s.component, &q, NULL), DILATE_OK);
  const cluster clusters[STEP_K] = {cluster_of(&s, 0), cluster_of(&s, 1)};
  for (size_t k = 0; k < STEP_K; k++) {
    double expected[STEP_SIZE], got[STEP_SIZE];
    expected_covariance(family, gradient, clusters, k, expected);
    covariance_of(q, k, got);
    for (size_t e = 0; e < STEP_SIZE; e++) ck_assert_double_eq_tol(got[e], expected[e], 1e-4);
    ck_assert_double_eq_tol(exp(q->log_weight[k]), clusters[k].size / STEP_N, 1e-9);
    for (size_t j = 0; j < STEP_DIM; j++) {
      double mean = clusters[k].mean[j];
      for (size_t l = 0; gradient && l < STEP_DIM; l++) mean += expected[j * STEP_DIM + l] * clusters[k].gradient[l];
      ck_assert_double_eq_tol(q->mean[k * STEP_DIM + j], mean, 1e-4);
    }
  }
  sample_destroy(&s);
  mixture_free(truth);
  mixture_free(q);
}
END_TEST

START_TEST(labels_that_nobody_bears_are_dropped) {
  mixture *truth = mixture_random(rng, MIXTURE_FULL, 2, 2, 3, 0), *q = NULL;
  sample s = sample_from(rng, truth, 50);
  for (size_t i = 0; i < 50; i++) s.component[i] = 3 * s.component[i] + 1;
  ck_assert_int_eq(em_from_labels(&s.points, MIXTURE_SHARED, 1, 9, s.component, &q, NULL), DILATE_OK);
  ck_assert_uint_eq(q->components, 2);
  sample_destroy(&s);
  mixture_free(truth);
  mixture_free(q);
}
END_TEST

/* ---- EM ---------------------------------------------------------------------------------------------------------------- */

/* The shared family is plain maximum likelihood but for a floor of 1e-6 of the variances; the other two add pseudo-points, whose pull
 * may cost a little likelihood. */
START_TEST(likelihood_does_not_fall) {
  const mixture_family family = (mixture_family)_i;
  mixture *truth = mixture_random(rng, MIXTURE_FULL, 3, 6, 4, 0);
  sample s = sample_from(rng, truth, 600);
  for (size_t i = 0; i < 600; i++) s.component[i] = gsl_rng_uniform_int(rng, 6);
  double before = -INFINITY, loglik;
  for (int iterations = 1; iterations <= 20; iterations++) {
    mixture *q = NULL;
    ck_assert_int_eq(em_fit(&s.points, family, 6, s.component, iterations, &q, &loglik, NULL), DILATE_OK);
    ck_assert_double_eq_tol(loglik, 600 * mean_log_density(&s, q), 1e-8 * fabs(loglik));
    ck_assert_double_ge(loglik, before - (family == MIXTURE_SHARED ? 1e-6 : 0.5));
    before = loglik;
    mixture_free(q);
  }
  sample_destroy(&s);
  mixture_free(truth);
}
END_TEST

/* A fit to a x + b is the fit to x, moved; one to the points in another order is the same. */
START_TEST(fits_move_with_their_points) {
  const mixture_family family = (mixture_family)(_i / 2);
  const int permute = _i % 2;
  enum { N = 400, D = 3, K = 5 };
  const double factor = permute ? 1 : 1e-3, shift = permute ? 0 : 1200;
  mixture *truth = mixture_random(rng, MIXTURE_FULL, D, K, 4, 0);
  sample s = sample_from(rng, truth, N), moved = sample_create(D, N);
  for (size_t i = 0; i < N; i++) {
    const size_t from = permute ? (i * 171 + 5) % N : i;
    moved.component[i] = s.component[from];
    for (size_t j = 0; j < D; j++) {
      moved.x[j * N + i] = factor * s.x[j * N + from] + shift;
      moved.grad[j * N + i] = s.grad[j * N + from] / factor;
    }
  }
  for (int gradient = 0; gradient < 2; gradient++) {
    mixture *first = NULL, *second = NULL, *first_refit = NULL, *second_refit = NULL;
    ck_assert_int_eq(em_fit(&s.points, family, K, s.component, 12, &first, NULL, NULL), DILATE_OK);
    ck_assert_int_eq(em_fit(&moved.points, family, K, moved.component, 12, &second, NULL, NULL), DILATE_OK);
    ck_assert_int_eq(em_refine(&s.points, first, family, gradient, 3, &first_refit, NULL), DILATE_OK);
    ck_assert_int_eq(em_refine(&moved.points, second, family, gradient, 3, &second_refit, NULL), DILATE_OK);
    double *here = sample_log_density(&s, first_refit), *there = sample_log_density(&moved, second_refit);
    for (size_t i = 0; i < N; i++) {
      const size_t from = permute ? (i * 171 + 5) % N : i;
      ck_assert_double_eq_tol(there[i], here[from] - D * log(factor), permute ? 1e-8 : 1e-6);
    }
    memory_free(here);
    memory_free(there);
    mixture *const made[] = {first, second, first_refit, second_refit};
    for (size_t i = 0; i < 4; i++) mixture_free(made[i]);
  }
  mixture_free(truth);
  sample_destroy(&s);
  sample_destroy(&moved);
}
END_TEST

/* ---- Recovery ---------------------------------------------------------------------------------------------------------- */

static ward_tree *tree_of(const sample *s) {
  ward_tree *tree = NULL;
  ck_assert_int_eq(ward_create(s->points.dim, s->points.n, s->points.ld, s->x, WARD_EUCLIDEAN, &tree, NULL), DILATE_OK);
  return tree;
}

/* Exact draws of the plane's forty modes, with gradients. */
static sample forty_modes(const builtin *target, size_t n) {
  sample s = sample_create(2, n);
  for (size_t i = 0; i < n; i++) {
    double x[2], grad[2], log_density;
    target->draw(target, rng, x);
    s.component[i] = target->component(target, x);
    ck_assert_int_eq(target->target.logp(2, x, &log_density, grad, target->target.params), 0);
    for (size_t j = 0; j < 2; j++) {
      s.x[j * n + i] = x[j];
      s.grad[j * n + i] = grad[j];
    }
  }
  return s;
}

/* A fit of p parameters to n points has an expected divergence of about p / 2n: 0.04 for 40 modes in the plane with one covariance and
 * n = 2000.  Neighbouring modes may be merged at a cost of less than BIC's penalty for one, 1.5 log(n) / n = .006 each.  Broken twin: half
 * the components. */
START_TEST(forty_modes_in_the_plane_are_recovered) {
  builtin target;
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_int_eq(builtin_create("gmm40", NULL, &target, &err), DILATE_OK);
  const size_t n = 2000;
  sample s = forty_modes(&target, n), fresh = forty_modes(&target, n);
  ward_tree *tree = tree_of(&s);
  mixture *q = NULL, *half = NULL;
  ck_assert_int_eq(em_bic_search(&s.points, tree, MIXTURE_SHARED, 0, &q, NULL, NULL), DILATE_OK);
  ck_assert_uint_ge(q->components, 36);
  ck_assert_uint_le(q->components, 40);
  double truth = 0;
  for (size_t i = 0; i < n; i++) {
    const double x[2] = {fresh.x[i], fresh.x[n + i]};
    double log_density;
    ck_assert_int_eq(target.target.logp(2, x, &log_density, NULL, target.target.params), 0);
    truth += log_density / (double)n;
  }
  ck_assert_double_lt(truth - mean_log_density(&fresh, q), 0.1);
  int status;
  ck_assert_uint_eq(ward_labels(tree, 20, s.component, &status), 20);
  ck_assert_int_eq(em_fit(&s.points, MIXTURE_SHARED, 20, s.component, 25, &half, NULL, NULL), DILATE_OK);
  ck_assert_double_gt(truth - mean_log_density(&fresh, half), 0.1);
  ward_free(tree);
  mixture_free(q);
  mixture_free(half);
  sample_destroy(&s);
  sample_destroy(&fresh);
  builtin_destroy(&target);
}
END_TEST

static double covariance_error(const mixture *q) {
  double *c = NEW2(double, q->dim, q->dim), sum = 0;
  ck_assert_ptr_nonnull(c);
  for (size_t k = 0; k < q->components; k++) {
    covariance_of(q, k, c);
    for (size_t i = 0; i < q->dim; i++)
      for (size_t j = 0; j < q->dim; j++) sum += pow(c[i * q->dim + j] - (i == j), 2);
  }
  memory_free(c);
  return sqrt(sum / (double)q->components);
}

/* Four unit Gaussians a long way apart in 50 dimensions, 600 points. */
static mixture *four_modes(void) {
  mixture *q = mixture_random(rng, MIXTURE_DIAGONAL, 50, 4, 20, 0);
  for (size_t k = 0; k < 4; k++) {
    q->log_weight[k] = 0;
    for (size_t j = 0; j < 50; j++) q->factor[k].c[j] = 1;
  }
  ck_assert_int_eq(mixture_prepare(q), 0);
  return q;
}

START_TEST(gradients_fit_gaussians_better_than_moments) {
  const mixture_family family = (mixture_family)_i;
  mixture *truth = four_modes(), *moments = NULL, *gradients = NULL;
  sample s = sample_from(rng, truth, 600), fresh = sample_from(rng, truth, 1000);
  ward_tree *tree = tree_of(&s);
  int status;
  ck_assert_uint_eq(ward_labels(tree, 4, s.component, &status), 4);
  ck_assert_int_eq(em_fit(&s.points, family, 4, s.component, 25, &moments, NULL, NULL), DILATE_OK);
  ck_assert_uint_eq(moments->components, 4);
  ck_assert_int_eq(em_refine(&s.points, moments, family, 1, 3, &gradients, NULL), DILATE_OK);
  ck_assert_uint_eq(gradients->components, 4);
  ck_assert_double_lt(5 * covariance_error(gradients), covariance_error(moments));
  ck_assert_double_lt(covariance_error(gradients), 1e-3);
  ck_assert_double_lt(5 * divergence(&fresh, truth, gradients), divergence(&fresh, truth, moments));
  for (size_t k = 0; k < 4; k++) { /* means are exact too, whichever order they stand in */
    double nearest = INFINITY;
    for (size_t l = 0; l < 4; l++) {
      double distance = 0;
      for (size_t j = 0; j < 50; j++) distance += pow(gradients->mean[k * 50 + j] - truth->mean[l * 50 + j], 2);
      nearest = fmin(nearest, distance);
    }
    ck_assert_double_lt(nearest, 1e-6);
  }
  ward_free(tree);
  mixture *const made[] = {truth, moments, gradients};
  for (size_t i = 0; i < 3; i++) mixture_free(made[i]);
  sample_destroy(&s);
  sample_destroy(&fresh);
}
END_TEST

/* Forty modes in fifty dimensions: BIC finds them with the shared and the diagonal family. */
START_TEST(forty_modes_in_fifty_dimensions_are_counted) {
  mixture *truth = mixture_random(rng, MIXTURE_SHARED, 50, 40, 40, 0), *q = NULL;
  sample s = sample_from(rng, truth, 1000);
  ward_tree *tree = tree_of(&s);
  ck_assert_int_eq(em_bic_search(&s.points, tree, (mixture_family)_i, 0, &q, NULL, NULL), DILATE_OK);
  ck_assert_uint_eq(q->components, 40);
  ward_free(tree);
  mixture_free(q);
  mixture_free(truth);
  sample_destroy(&s);
}
END_TEST

/* From a number that is about right: that one, or more while BIC rises; as good as the search from nothing. */
START_TEST(a_search_goes_on_from_a_number) {
  mixture *truth = mixture_random(rng, MIXTURE_SHARED, 5, 12, 40, 0);
  sample s = sample_from(rng, truth, 1000);
  ward_tree *tree = tree_of(&s);
  static const size_t about[] = {12, 10, 8};
  for (size_t i = 0; i < 3; i++) {
    mixture *q = NULL;
    ck_assert_int_eq(em_bic_search(&s.points, tree, MIXTURE_SHARED, about[i], &q, NULL, NULL), DILATE_OK);
    ck_assert_uint_eq(q->components, 12);
    mixture_free(q);
  }
  ward_free(tree);
  mixture_free(truth);
  sample_destroy(&s);
}
END_TEST

/* On a thin ring two or three Gaussians are no likelier than one by BIC, but a dozen are. */
START_TEST(a_ring_takes_many) {
  mixture *q = NULL, *one = NULL;
  sample s = sample_create(2, 700);
  for (size_t i = 0; i < 700; i++) {
    const double angle = gsl_ran_flat(rng, 0, 6.283185307179586), radius = 4 + gsl_ran_gaussian(rng, 0.15);
    s.x[i] = radius * cos(angle);
    s.x[700 + i] = radius * sin(angle);
    s.component[i] = 0;
  }
  ward_tree *tree = tree_of(&s);
  ck_assert_int_eq(em_bic_search(&s.points, tree, MIXTURE_FULL, 0, &q, NULL, NULL), DILATE_OK);
  ck_assert_int_eq(em_fit(&s.points, MIXTURE_FULL, 1, s.component, 5, &one, NULL, NULL), DILATE_OK);
  ck_assert_uint_ge(q->components, 8);
  ck_assert_double_gt(mean_log_density(&s, q), mean_log_density(&s, one) + 0.5);
  mixture_free(q);
  mixture_free(one);
  ward_free(tree);
  sample_destroy(&s);
}
END_TEST

START_TEST(full_fits_are_also_made_at_twice_their_size) {
  mixture *truth = mixture_random(rng, MIXTURE_FULL, 2, 8, 30, 0), *best = NULL, *doubled = NULL;
  sample s = sample_from(rng, truth, 800);
  ward_tree *tree = tree_of(&s);
  ck_assert_int_eq(em_bic_search(&s.points, tree, MIXTURE_FULL, 0, &best, &doubled, NULL), DILATE_OK);
  ck_assert_uint_eq(best->components, 8);
  ck_assert_ptr_nonnull(doubled);
  ck_assert(doubled->components > 10 && doubled->components <= 16);
  mixture_free(best);
  mixture_free(doubled);
  ck_assert_int_eq(em_bic_search(&s.points, tree, MIXTURE_SHARED, 0, &best, &doubled, NULL), DILATE_OK);
  ck_assert_ptr_null(doubled);
  mixture_free(best);
  mixture_free(truth);
  ward_free(tree);
  sample_destroy(&s);
}
END_TEST

/* A widened twin in the mixture refined from shares its points with its narrow one, and the result has a location for each. */
START_TEST(refinement_takes_any_mixture) {
  mixture *truth = mixture_random(rng, MIXTURE_FULL, 2, 3, 10, 1), *q = NULL;
  sample s = sample_from(rng, truth, 500);
  for (int gradient = 0; gradient < 2; gradient++) {
    ck_assert_int_eq(em_refine(&s.points, truth, MIXTURE_FULL, gradient, 2, &q, NULL), DILATE_OK);
    ck_assert(q->components <= 6 && q->components == q->locations && q->components == q->factors);
    mixture_free(q);
  }
  mixture_free(truth);
  sample_destroy(&s);
}
END_TEST

/* ---- Degenerate points --------------------------------------------------------------------------------------------------- */

/* Every fit either gives a finite density at the points or says DILATE_ENUMERIC. */
static void fit_everything(const sample *s) {
  ward_tree *tree = tree_of(s);
  for (int f = 0; f < FAMILIES; f++) {
    mixture *best = NULL, *doubled = NULL, *refit = NULL;
    dilate_error err;
    dilate_error_init(&err);
    const int status = em_bic_search(&s->points, tree, (mixture_family)f, 0, &best, &doubled, &err);
    ck_assert(status == DILATE_OK || (status == DILATE_ENUMERIC && !best && err.message[0]));
    if (status != DILATE_OK) continue;
    ck_assert(isfinite(mean_log_density(s, best)));
    for (int gradient = 0; gradient < 2; gradient++) {
      dilate_error_init(&err);
      const int refined = em_refine(&s->points, best, (mixture_family)f, gradient, 3, &refit, &err);
      ck_assert(refined == DILATE_OK || (refined == DILATE_ENUMERIC && !refit && err.message[0]));
      if (refined == DILATE_OK) ck_assert(!isnan(mean_log_density(s, refit)));
      mixture_free(refit);
    }
    mixture_free(best);
    mixture_free(doubled);
  }
  ward_free(tree);
}

START_TEST(few_points) {
  const size_t sizes[] = {1, 2, 3, 5, 8, 12}, dims[] = {1, 2, 10};
  for (size_t i = 0; i < 6; i++)
    for (size_t d = 0; d < 3; d++) {
      mixture *truth = mixture_random(rng, MIXTURE_FULL, dims[d], 2, 5, 0);
      sample s = sample_from(rng, truth, sizes[i]);
      fit_everything(&s);
      sample_destroy(&s);
      mixture_free(truth);
    }
}
END_TEST

START_TEST(equal_points_and_constant_coordinates) {
  for (int kind = 0; kind < 4; kind++) {
    mixture *truth = mixture_random(rng, MIXTURE_FULL, 3, 2, 5, 0);
    sample s = sample_from(rng, truth, 40);
    for (size_t i = 0; i < 40; i++) {
      s.x[40 + i] = kind == 0 ? 0 : 1e5;
      s.grad[40 + i] = 0;
      for (size_t j = 0; j < 3 && kind >= 2; j++) {
        s.x[j * 40 + i] = kind == 2 ? 0 : 3e7;
        s.grad[j * 40 + i] = 0;
      }
    }
    fit_everything(&s);
    sample_destroy(&s);
    mixture_free(truth);
  }
}
END_TEST

/* In one dimension a single Gaussian's moments, but for the floor of 1e-6 and the pseudo-points. */
START_TEST(one_component_on_the_line) {
  mixture *truth = mixture_random(rng, MIXTURE_FULL, 1, 1, 5, 0), *q = NULL;
  sample s = sample_from(rng, truth, 500);
  double mean, variance;
  weighted_mean(1, 500, 500, s.x, NULL, &mean);
  weighted_covariance(1, 500, 500, s.x, NULL, &mean, &variance);
  for (size_t i = 0; i < 500; i++) s.component[i] = 0;
  ck_assert_int_eq(em_fit(&s.points, (mixture_family)_i, 1, s.component, 25, &q, NULL, NULL), DILATE_OK);
  ck_assert_double_eq_tol(q->mean[0], mean, 1e-10);
  ck_assert_double_eq_tol(q->factor[0].c[0], sqrt(variance), 1e-5);
  ck_assert_double_eq_tol(q->log_weight[0], 0, 1e-15);
  mixture_free(q);
  mixture_free(truth);
  sample_destroy(&s);
}
END_TEST

START_TEST(wrong_arguments_are_refused) {
  sample s = sample_create(2, 4);
  mixture *q = NULL;
  fit_points points = s.points;
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_int_eq(em_fit(&points, MIXTURE_FULL, 0, s.component, 5, &q, NULL, &err), DILATE_EINVAL);
  points.grad = NULL;
  dilate_error_init(&err);
  ck_assert_int_eq(em_from_labels(&points, MIXTURE_FULL, 1, 1, s.component, &q, &err), DILATE_EINVAL);
  ck_assert_ptr_nonnull(strstr(err.message, "gradients"));
  ck_assert_ptr_null(q);
  sample_destroy(&s);
}
END_TEST

Suite *em_suite(void) {
  Suite *suite = suite_create("mixture: fits");
  TCase *tests = tcase_create("all");
  tcase_set_timeout(tests, 120);
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_loop_test(tests, steps_follow_their_formulas, 0, 2 * FAMILIES);
  tcase_add_test(tests, labels_that_nobody_bears_are_dropped);
  tcase_add_loop_test(tests, likelihood_does_not_fall, 0, FAMILIES);
  tcase_add_loop_test(tests, fits_move_with_their_points, 0, 2 * FAMILIES);
  tcase_add_test(tests, forty_modes_in_the_plane_are_recovered);
  tcase_add_loop_test(tests, gradients_fit_gaussians_better_than_moments, 0, FAMILIES);
  tcase_add_loop_test(tests, forty_modes_in_fifty_dimensions_are_counted, MIXTURE_SHARED, MIXTURE_DIAGONAL + 1);
  tcase_add_test(tests, a_search_goes_on_from_a_number);
  tcase_add_test(tests, a_ring_takes_many);
  tcase_add_test(tests, full_fits_are_also_made_at_twice_their_size);
  tcase_add_test(tests, refinement_takes_any_mixture);
  tcase_add_test(tests, few_points);
  tcase_add_test(tests, equal_points_and_constant_coordinates);
  tcase_add_loop_test(tests, one_component_on_the_line, 0, FAMILIES);
  tcase_add_test(tests, wrong_arguments_are_refused);
  suite_add_tcase(suite, tests);
  return suite;
}
