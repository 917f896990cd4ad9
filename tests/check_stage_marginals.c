/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Marginals: of independent coordinates the quantiles are those of the closed form, whatever the sample; Gaussians are left alone; edges
 * and heavy tails do no harm. */
#include "check_stage.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "stage/candidates.h"
#include "stage/marginals.h"
#include "stage_cases.h"

enum { DIM = 4, POINTS = 400, DRAWS = 4000 };

/* ---- One coordinate ---- */

#define WELL_SD 0.5

/* Shares 0.3 and 0.7 at -2 and 2. */
static double wells(double x, double *slope) {
  const double a = 0.3 * gsl_ran_gaussian_pdf(x + 2, WELL_SD), b = 0.7 * gsl_ran_gaussian_pdf(x - 2, WELL_SD);
  *slope = -(a * (x + 2) + b * (x - 2)) / (WELL_SD * WELL_SD * fmax(a + b, 1e-300));
  return log(fmax(a + b, 1e-300));
}

static double below_wells(double x) {
  return 0.3 * gsl_cdf_gaussian_P(x + 2, WELL_SD) + 0.7 * gsl_cdf_gaussian_P(x - 2, WELL_SD);
}

static double student(double x, double *slope) {
  *slope = -3 * x / (2 + x * x);
  return log(gsl_ran_tdist_pdf(x, 2));
}

static double below_student(double x) {
  return gsl_cdf_tdist_P(x, 2);
}

static double edges(double x, double *slope) {
  *slope = 2;
  return x > 0 && x < 1 ? 2 * x - log((exp(2) - 1) / 2) : -INFINITY;
}

/* ---- Targets: that coordinate DIM - 1 times, and a Gaussian ---- */

typedef struct product {
  double (*logp)(double x, double *slope);
  double (*below)(double x); /* distribution function, where it is asked for */
} product;

static const product products[] = {{wells, below_wells}, {student, below_student}, {edges, NULL}};

/* params: a product.  The last coordinate is N(3, 2). */
static int product_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const product *p = params;
  const double u = (x[dim - 1] - 3) / 2;
  double slope;
  *logp = 0.25 - 0.5 * u * u - log(2) - 0.5 * log(2 * acos(-1));
  if (grad) grad[dim - 1] = -u / 2;
  for (size_t j = 0; j + 1 < dim; j++) {
    *logp += p->logp(x[j], &slope);
    if (grad) grad[j] = slope;
  }
  return 0;
}

static gsl_rng *rng;
static target *t;
static particles sample_points;
static warp *w;
static double gain;

/* A sample that knows the range of the coordinates and no more, and the marginals from it. */
static void fit(int which) {
  static product p;
  dilate_target user;
  p = products[which];
  dilate_target_init(&user);
  user.dim = DIM;
  user.logp = product_logp;
  user.params = &p;
  t = target_open(&user, 1);
  for (size_t j = 0; j < DIM; j++)
    for (size_t i = 0; i < POINTS; i++) {
      const double u = gsl_rng_uniform(rng), range = which == 1 ? 20 : 3;
      sample_points.x[j * sample_points.ld + i] = which == 2 && j < 3 ? u : j < 3 ? range * (2 * u - 1) : 6 * u;
    }
  particles_evaluate(&sample_points, t);
  ck_assert_int_eq(marginals_fit(t, &sample_points, NULL, warp_add_marginal(w), &gain, NULL), DILATE_OK);
}

static void set_up(void) {
  rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20261125);
  w = warp_create(DIM);
  ck_assert(w && particles_create(DIM, POINTS, &sample_points) == 0);
}

static void tear_down(void) {
  gsl_rng_free(rng);
  warp_free(w);
  particles_clear(&sample_points);
  target_free(t);
  t = NULL;
}

/* The largest difference of Phi^-1(F(x(z))) from z for |z| < reach. */
static double quantile_error(const product *p, double reach) {
  double worst = 0;
  for (double z = -reach; z <= reach; z += 0.01) {
    double x[DIM] = {z, z, z, z};
    warp_forward(w, 1, 1, x, NULL);
    for (size_t j = 0; j + 1 < DIM; j++) worst = fmax(worst, fabs(gsl_cdf_ugaussian_Pinv(p->below(x[j])) - z));
    ck_assert_double_eq(x[DIM - 1], z);
  }
  return worst;
}

/* Mean and standard deviation of log pi~(x(z)) |dx/dz| over the Gaussian's own density, for draws z of it. */
static double spread(double *mean) {
  double z[DIM], logp, sum = 0, square = 0;
  target_set_warp(t, w);
  for (int i = 0; i < DRAWS; i++) {
    double log_q = -log(2) - 0.5 * DIM * log(2 * acos(-1));
    for (size_t j = 0; j < DIM; j++) {
      const double u = gsl_ran_gaussian(rng, 1);
      log_q -= 0.5 * u * u;
      z[j] = j + 1 < DIM ? u : 3 + 2 * u;
    }
    target_evaluate(t, 0, 1, 1, z, &logp, NULL);
    sum += logp - log_q;
    square += (logp - log_q) * (logp - log_q);
  }
  *mean = sum / DRAWS;
  return sqrt(square / DRAWS - *mean * *mean);
}

START_TEST(quantiles_are_those_of_the_closed_form) {
  const double reach[] = {2.5, 1.2}, tolerance[] = {0.01, 0.05};
  fit(_i);
  const warp_marginal *m = warp_last_marginal(w);
  for (size_t j = 0; j < DIM; j++) ck_assert_msg(m->used[j] == (j + 1 < DIM), "coordinate %zu", j);
  const double error = quantile_error(&products[_i], reach[_i]);
  ck_assert_msg(error < tolerance[_i], "quantiles are off by %g", error);
  ck_assert_double_gt(gain, 0.15);
}
END_TEST

/* The target has become the Gaussian: log Z from any point, and nothing left for a bridge to do. */
START_TEST(wells_become_a_gaussian) {
  double mean;
  fit(0);
  const double sd = spread(&mean);
  ck_assert_msg(sd < 0.02, "log-densities still differ by %g", sd);
  ck_assert_double_eq_tol(mean, 0.25, 0.01);
}
END_TEST

/* A density that jumps at its edges is nothing for a spline: such coordinates stay as they are. */
START_TEST(edges_stay_edges) {
  fit(2);
  for (size_t j = 0; j < DIM; j++) ck_assert_int_eq(warp_last_marginal(w)->used[j], 0);
  ck_assert_double_eq(gain, 0);
}
END_TEST

/* The gain is the divergence from a Gaussian of the same moments, three times. */
START_TEST(gain_is_a_divergence) {
  double expected = 0, mean = 0.8, variance = WELL_SD * WELL_SD + 4 - 0.64;
  for (double x = -6; x < 6; x += 1e-3) {
    double slope;
    const double p = exp(wells(x, &slope));
    expected += 1e-3 * p * (log(p) + 0.5 * log(2 * acos(-1) * variance) + 0.5 * (x - mean) * (x - mean) / variance);
  }
  fit(0);
  ck_assert_double_eq_tol(gain, 3 * expected, 0.01);
}
END_TEST

static const candidate *find_standard(const candidate *list, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (list[i].start == START_STANDARD) return &list[i];
  return NULL;
}

/* Among the candidates: a Gaussian that is standard where the marginals were made so, from the sample's moments elsewhere. */
START_TEST(the_standard_gaussian_is_a_candidate) {
  candidate list[CANDIDATES_MAX] = {{0}};
  size_t count, half = 0;
  double mean = 0;
  fit(0);
  particles *p = &sample_points;
  const reference_task task = {.target = t, .seed = 1};
  const fit_points points = {.n = p->n, .dim = DIM, .ld = p->ld, .x = p->x, .grad = p->grad};
  for (int warped = 0; warped < 2; warped++) {
    if (warped) target_set_warp(t, w);
    count = 0;
    ck_assert_int_eq(candidates_quick(&task, &points, list, &count, NULL), DILATE_OK);
    const candidate *c = find_standard(list, count);
    ck_assert((c != NULL) == warped);
    for (size_t i = 0; i < p->n && c; i++) mean += p->x[(DIM - 1) * p->ld + i] / (double)p->n;
    for (size_t j = 0; j < DIM && c; j++, half++) {
      ck_assert_double_eq_tol(c->fit->mean[j], j + 1 < DIM ? 0 : mean, 1e-12);
      if (j + 1 < DIM) ck_assert_double_eq(c->fit->factor[0].c[j], 1);
    }
    for (size_t i = 0; i < count; i++) mixture_free(list[i].fit);
    memset(list, 0, sizeof list);
  }
  ck_assert_uint_eq(half, DIM);
}
END_TEST

/* ---- Many coordinates ---- */

enum { MANY = 12 };

#define NEAR 1.2 /* places of two wells: minus this and this */

/* params not NULL: two wells in every coordinate; NULL: the same two for all of them at once.  Gradients are not asked for. */
static int wells_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  double low = 0, high = 0, sum = 0;
  for (size_t j = 0; j < dim; j++) {
    const double a = -0.5 * pow((x[j] + NEAR) / WELL_SD, 2), b = -0.5 * pow((x[j] - NEAR) / WELL_SD, 2);
    low += a;
    high += b;
    sum += log(exp(a) + exp(b));
    if (grad) grad[j] = 0;
  }
  *logp = params ? sum : fmax(low, high) + log1p(exp(-fabs(low - high)));
  return 0;
}

/* Evaluations that the marginals of MANY coordinates take, half the points at either well. */
static uint64_t price_of(int independent, double *promised) {
  dilate_target user;
  dilate_target_init(&user);
  user.dim = MANY;
  user.logp = wells_logp;
  user.params = independent ? &user : NULL;
  target *many = target_open(&user, 1);
  warp *all = warp_create(MANY);
  particles p;
  ck_assert(all && particles_create(MANY, POINTS, &p) == 0);
  for (size_t i = 0; i < POINTS; i++) {
    const double shared = gsl_rng_uniform(rng) < 0.5 ? -NEAR : NEAR;
    for (size_t j = 0; j < MANY; j++) {
      const double own = gsl_rng_uniform(rng) < 0.5 ? -NEAR : NEAR;
      p.x[j * p.ld + i] = (independent ? own : shared) + gsl_ran_gaussian(rng, WELL_SD);
    }
  }
  particles_evaluate(&p, many);
  const uint64_t before = target_count(many).evaluations;
  ck_assert_int_eq(marginals_fit(many, &p, NULL, warp_add_marginal(all), promised, NULL), DILATE_OK);
  const uint64_t price = target_count(many).evaluations - before;
  particles_clear(&p);
  warp_free(all);
  target_free(many);
  return price;
}

/* Wells that all coordinates share promise none of them anything, which half of them tell; wells of their own promise all. */
START_TEST(dependent_coordinates_are_given_up) {
  double shared, own;
  const uint64_t price_shared = price_of(0, &shared), price_own = price_of(1, &own);
  ck_assert_double_eq(shared, 0);
  ck_assert_double_gt(own, MANY * 0.15);
  ck_assert_uint_gt(price_shared, 0);
  ck_assert_uint_eq(2 * price_shared, price_own);
}
END_TEST

Suite *marginals_suite(void) {
  Suite *suite = suite_create("marginals");
  TCase *tests = tcase_create("all");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_loop_test(tests, quantiles_are_those_of_the_closed_form, 0, 2);
  tcase_add_test(tests, wells_become_a_gaussian);
  tcase_add_test(tests, edges_stay_edges);
  tcase_add_test(tests, gain_is_a_divergence);
  tcase_add_test(tests, the_standard_gaussian_is_a_candidate);
  tcase_add_test(tests, dependent_coordinates_are_given_up);
  suite_add_tcase(suite, tests);
  return suite;
}
