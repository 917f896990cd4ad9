/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The galaxies posterior by routes that share nothing with its batch code: GSL's densities on the natural scale with the public
 * transforms and their Jacobians; the evidence of one component by another integral; the symmetry under permutations. */
#include "targets_cases.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

/* MASS's data set galaxies, first and last numbers and the 78th. */
#define LOWEST  9.172
#define HIGHEST 34.279
#define COUNT   82

static const double small_data[] = {-1.5, 0.25, 0.5, 2.5};
#define SMALL 4
static const char small_text[] = "# four numbers\nvalue\n-1.5\n0.25\n\n0.5 # not rounded\n2.5\n";

typedef struct natural {
  size_t k;
  double mu[10], sigma[10], weight[10], b;
  double log_jacobian;
} natural;

static natural natural_from(size_t k, const double *u) {
  natural p = {.k = k, .weight = {1}};
  const dilate_block positive = {DILATE_POSITIVE, 1, 0, 0}, simplex = {DILATE_SIMPLEX, k, 0, 0};
  for (size_t j = 0; j < k; j++) {
    p.mu[j] = u[j];
    dilate_constrain(&positive, &u[k + j], &p.sigma[j], &p.log_jacobian);
  }
  if (k > 1) dilate_constrain(&simplex, &u[2 * k], p.weight, &p.log_jacobian);
  dilate_constrain(&positive, &u[3 * k - 1], &p.b, &p.log_jacobian);
  return p;
}

static void natural_to(const natural *p, double *u) {
  const dilate_block positive = {DILATE_POSITIVE, 1, 0, 0}, simplex = {DILATE_SIMPLEX, p->k, 0, 0};
  for (size_t j = 0; j < p->k; j++) {
    u[j] = p->mu[j];
    ck_assert_int_eq(dilate_unconstrain(&positive, &p->sigma[j], &u[p->k + j]), DILATE_OK);
  }
  ck_assert_int_eq(dilate_unconstrain(&simplex, p->weight, &u[2 * p->k]), DILATE_OK);
  ck_assert_int_eq(dilate_unconstrain(&positive, &p->b, &u[3 * p->k - 1]), DILATE_OK);
}

/* The model as it is stated, with a factor 2 sigma^-3 from the precision to the standard deviation. */
static double stated_logp(const natural *p, const double *y, size_t n, double low, double high) {
  const double centre = (low + high) / 2, range = high - low;
  double logp = gsl_sf_lngamma((double)p->k) + log(gsl_ran_gamma_pdf(p->b, 0.2, range * range / 10));
  for (size_t j = 0; j < p->k; j++) {
    const double precision = 1 / (p->sigma[j] * p->sigma[j]);
    logp += log(gsl_ran_gaussian_pdf(p->mu[j] - centre, range));
    logp += log(gsl_ran_gamma_pdf(precision, 2, 1 / p->b)) + log(2 * precision / p->sigma[j]);
  }
  for (size_t i = 0; i < n; i++) {
    double density = 0;
    for (size_t j = 0; j < p->k; j++) density += p->weight[j] * gsl_ran_gaussian_pdf(y[i] - p->mu[j], p->sigma[j]);
    logp += log(density);
  }
  return logp;
}

START_TEST(density_is_the_stated_one) {
  static const char *const specs[] = {"galaxies:k=1", "galaxies:k=2", "galaxies", "galaxies:k=7"};
  static const size_t k[] = {1, 2, 3, 7};
  char path[64];
  double u[30];
  targets_write_file(small_text, path);
  gsl_rng *const rng = targets_rng(21);
  for (size_t s = 0; s < 4; s++) {
    builtin b = targets_make(specs[s], path);
    ck_assert_uint_eq(b.target.dim, 3 * k[s]);
    for (int point = 0; point < 100; point++) {
      for (size_t j = 0; j < 3 * k[s]; j++) u[j] = 0.5 * gsl_ran_ugaussian(rng);
      const natural p = natural_from(k[s], u);
      ck_assert_double_eq_tol(targets_logp(&b, u, NULL), stated_logp(&p, small_data, SMALL, -1.5, 2.5) + p.log_jacobian, 1e-10);
    }
    builtin_destroy(&b);
  }
  gsl_rng_free(rng);
  unlink(path);
}
END_TEST

/* log of the likelihood of precision p, mu integrated out under N(m, R^2): the data are normal with covariance I/p + R^2 1 1'. */
static double marginal_likelihood(double p, const double *y, size_t n, double centre, double range) {
  const double count = (double)n, variance = range * range;
  double sum = 0, square = 0;
  for (size_t i = 0; i < n; i++) {
    sum += y[i] - centre;
    square += gsl_pow_2(y[i] - centre);
  }
  const double quadratic = p * (square - p * variance * sum * sum / (1 + count * p * variance));
  return -0.5 * (count * log(2 * M_PI) - count * log(p) + log1p(count * p * variance) + quadratic);
}

/* b integrated out: the prior density of the precision is p g^.2 Gamma(2.2) / (Gamma(.2) (p + g)^2.2), g = 10/R^2. */
static double one_component_evidence(const double *y, size_t n, double low, double high) {
  const double centre = (low + high) / 2, range = high - low, g = 10 / (range * range), step = 0.01;
  double sum = 0;
  for (double log_p = -60; log_p <= 40; log_p += step) {
    const double p = exp(log_p);
    const double prior = log_p + 0.2 * log(g) + gsl_sf_lngamma(2.2) - gsl_sf_lngamma(0.2) - 2.2 * log(p + g);
    sum += step * exp(prior + log_p + marginal_likelihood(p, y, n, centre, range));
  }
  return log(sum);
}

/* The same evidence as a three-dimensional sum over the unconstrained scale; log b has a tail of exp(0.2 log b) to the left. */
static double evidence_on_a_grid(const builtin *b) {
  const size_t n = 401;
  const double mu_step = 0.1, scale_step = 0.1, rate_step = 0.25;
  static double x[3 * 401], logp[401];
  double sum = 0;
  for (double log_sigma = -5; log_sigma <= 9; log_sigma += scale_step)
    for (double log_b = -90; log_b <= 6; log_b += rate_step) {
      for (size_t i = 0; i < n; i++) {
        x[i] = 0.5 + mu_step * ((double)i - 200);
        x[n + i] = log_sigma;
        x[2 * n + i] = log_b;
      }
      ck_assert_int_eq(b->target.batch(3, n, n, x, logp, NULL, b->target.params), 0);
      for (size_t i = 0; i < n; i++) sum += exp(logp[i]);
    }
  return log(sum * mu_step * scale_step * rate_step);
}

START_TEST(evidence_of_one_component) {
  char path[64];
  targets_write_file(small_text, path);
  builtin b = targets_make("galaxies:k=1", path);
  const double truth = one_component_evidence(small_data, SMALL, -1.5, 2.5), grid = evidence_on_a_grid(&b);
  ck_assert_msg(fabs(grid - truth) < 1e-6, "log Z %.9f on the grid, %.9f by the other route", grid, truth);
  builtin_destroy(&b);
  unlink(path);
}
END_TEST

/* Without data's help to one component over another, nothing changes when components are renamed. */
START_TEST(permutations_change_nothing) {
  static const size_t order[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  builtin b = targets_make("galaxies", NULL);
  gsl_rng *const rng = targets_rng(22);
  double u[9], moved[9];
  for (int point = 0; point < 20; point++) {
    targets_typical_point(&b, rng, u);
    const natural p = natural_from(3, u);
    const double truth = targets_logp(&b, u, NULL) - p.log_jacobian;
    size_t seen = 0;
    for (size_t o = 0; o < 6; o++) {
      natural q = p;
      for (size_t j = 0; j < 3; j++) {
        q.mu[j] = p.mu[order[o][j]];
        q.sigma[j] = p.sigma[order[o][j]];
        q.weight[j] = p.weight[order[o][j]];
      }
      natural_to(&q, moved);
      ck_assert_double_eq_tol(targets_logp(&b, moved, NULL) - natural_from(3, moved).log_jacobian, truth, 1e-9);
      seen |= (size_t)1 << b.component(&b, moved);
      q.sigma[0] *= 1.01; /* the broken twin */
      natural_to(&q, moved);
      ck_assert_double_gt(fabs(targets_logp(&b, moved, NULL) - natural_from(3, moved).log_jacobian - truth), 1e-6);
    }
    ck_assert_uint_eq(seen, 63); /* the six orderings are six components */
  }
  gsl_rng_free(rng);
  builtin_destroy(&b);
}
END_TEST

START_TEST(orderings_have_equal_shares) {
  static const size_t count[] = {0, 2, 6, 24, 0};
  for (size_t k = 1; k <= 5; k++) {
    char spec[16];
    snprintf(spec, sizeof spec, "galaxies:k=%zu", k);
    builtin b = targets_make(spec, NULL);
    ck_assert_uint_eq(b.components, count[k - 1]);
    for (size_t i = 0; i < b.components; i++) ck_assert_double_eq_tol(b.component_weight[i], 1 / (double)b.components, 1e-15);
    if (b.components > 0) {
      double x[15];
      for (size_t j = 0; j < 3 * k; j++) x[j] = (double)j;
      ck_assert_uint_eq(b.component(&b, x), 0);
      for (size_t j = 0; j < k; j++) x[j] = -(double)j;
      ck_assert_uint_eq(b.component(&b, x), b.components - 1);
    }
    builtin_destroy(&b);
  }
}
END_TEST

/* One broad component: the log-density tells how many data there are, their range, their sum and their sum of squares. */
START_TEST(data_are_those_of_mass) {
  builtin b = targets_make("galaxies:k=1", NULL);
  double x[3] = {0, 0, 0}, grad[3];
  /* The sum is 1707910 km/s with the 78th as MASS has it, 26690; the prior pulls mu to the midrange. */
  (void)targets_logp(&b, x, grad);
  const double range = HIGHEST - LOWEST;
  ck_assert_double_eq_tol(grad[0] - (HIGHEST + LOWEST) / 2 / (range * range), 1707.910, 1e-8);
  x[1] = 20;
  (void)targets_logp(&b, x, grad);
  ck_assert_double_eq_tol(grad[1], -COUNT - 4, 1e-6);
  builtin_destroy(&b);
}
END_TEST

START_TEST(names_and_natural_values) {
  static const char *const names[] = {"mu[1]",    "mu[2]",     "mu[3]",     "sigma[1]",  "sigma[2]",
                                      "sigma[3]", "weight[1]", "weight[2]", "weight[3]", "b"};
  builtin b = targets_make("galaxies", NULL), one = targets_make("galaxies:k=1", NULL);
  const double u[9] = {1, 2, 3, log(4), log(5), log(6), 0, 0, log(7)};
  double out[10], sum = 0;
  ck_assert_uint_eq(b.target.n_out, 10);
  ck_assert_int_eq(b.target.constrain(9, u, out, b.target.params), 0);
  for (size_t j = 0; j < 10; j++) ck_assert_str_eq(b.target.names[j], names[j]);
  for (size_t j = 0; j < 6; j++) ck_assert_double_eq_tol(out[j], (double)(j + 1), 1e-12);
  for (size_t j = 6; j < 9; j++) {
    ck_assert_double_eq_tol(out[j], 1.0 / 3, 1e-12); /* zeros are the simplex's middle */
    sum += out[j];
  }
  ck_assert_double_eq_tol(sum, 1, 1e-12);
  ck_assert_double_eq_tol(out[9], 7, 1e-12);
  ck_assert_uint_eq(one.target.n_out, 3);
  ck_assert_str_eq(one.target.names[1], "sigma[1]");
  ck_assert_str_eq(one.target.names[2], "b");
  const double v[3] = {1, log(2), log(3)};
  ck_assert_int_eq(one.target.constrain(3, v, out, one.target.params), 0);
  for (size_t j = 0; j < 3; j++) ck_assert_double_eq_tol(out[j], (double)(j + 1), 1e-12);
  builtin_destroy(&b);
  builtin_destroy(&one);
}
END_TEST

/* A block of 64 data and its remainder: many data, so that the product of densities would overflow if logarithms were not taken. */
START_TEST(many_data) {
  static double y[1000];
  static char text[20000];
  char path[64];
  size_t used = 0;
  gsl_rng *const rng = targets_rng(23);
  for (size_t i = 0; i < 1000; i++) {
    y[i] = floor(1000 * gsl_ran_ugaussian(rng)) / 1000;
    used += (size_t)snprintf(text + used, sizeof text - used, "%.3f\n", y[i]);
  }
  targets_write_file(text, path);
  builtin b = targets_make("galaxies:k=10", path);
  double u[30], low = y[0], high = y[0];
  for (size_t i = 0; i < 1000; i++) low = fmin(low, y[i]), high = fmax(high, y[i]);
  for (size_t j = 0; j < 30; j++) u[j] = 0.01 * gsl_ran_ugaussian(rng); /* ten nearly equal terms for each datum */
  const natural p = natural_from(10, u);
  ck_assert_double_eq_tol(targets_logp(&b, u, NULL), stated_logp(&p, y, 1000, low, high) + p.log_jacobian, 1e-8);
  gsl_rng_free(rng);
  builtin_destroy(&b);
  unlink(path);
}
END_TEST

TCase *targets_galaxies_case(void) {
  TCase *const c = tcase_create("galaxies");
  tcase_set_timeout(c, 120);
  tcase_add_test(c, density_is_the_stated_one);
  tcase_add_test(c, evidence_of_one_component);
  tcase_add_test(c, permutations_change_nothing);
  tcase_add_test(c, orderings_have_equal_shares);
  tcase_add_test(c, data_are_those_of_mass);
  tcase_add_test(c, names_and_natural_values);
  tcase_add_test(c, many_data);
  return c;
}
