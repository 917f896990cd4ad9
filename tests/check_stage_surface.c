/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Surfaces: where a law is exactly Gaussian given two coordinates, these are found among all, and in the layer's coordinates every other
 * score is -z, from a sample in equilibrium and from a cloud that knows nothing of the law; a layer whose correlations do not change is
 * caught by the same check.  What has no surfaces gets none. */
#include "check_stage.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "stage/straighten.h"
#include "stage_cases.h"

enum { DIM = 7, POINTS = 1600, FIRST = 2, SECOND = 5 };

#define TOLERANCE 1e-3 /* of a score's root mean square; the fit has five steps */

/* Coefficients of the law's own surfaces, over t = x_FIRST and u = x_SECOND, which are N(0, 1). */
typedef struct surfaces {
  int flat; /* 1: one Gaussian */
  double location[DIM][WARP_SURFACE], log_scale[DIM][WARP_SURFACE], weight[DIM][DIM][WARP_SURFACE];
} surfaces;

static int is_hyper(size_t j) {
  return j == FIRST || j == SECOND;
}

static double random_number(const surfaces *s, gsl_rng *rng, size_t term, double sd) {
  const double x = gsl_ran_gaussian(rng, sd);
  return s->flat && term ? 0 : x;
}

static surfaces surfaces_of(int flat) {
  surfaces s = {.flat = flat};
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20261126);
  for (size_t j = 0; j < DIM; j++) {
    for (size_t b = 0; b < WARP_SURFACE; b++) {
      s.location[j][b] = random_number(&s, rng, b, 0.2);
      s.log_scale[j][b] = random_number(&s, rng, b, 0.05);
      for (size_t k = j + 1; k < DIM; k++) s.weight[j][k][b] = random_number(&s, rng, b, 0.1);
    }
    s.location[j][2] += flat ? 0 : 1.2; /* t^2, */
    s.location[j][4] += flat ? 0 : 0.5; /* t u */
  }
  gsl_rng_free(rng);
  return s;
}

static void terms_at(const double *x, double f[WARP_SURFACE]) {
  const double t = x[FIRST], u = x[SECOND];
  const double all[WARP_SURFACE] = {1, t, t * t, u, t * u, u * u};
  memcpy(f, all, sizeof all);
}

static double value(const double *by, const double *f) {
  double sum = 0;
  for (size_t b = 0; b < WARP_SURFACE; b++) sum += by[b] * f[b];
  return sum;
}

static double location_of(const surfaces *s, size_t j, const double *x, const double *f) {
  double sum = value(s->location[j], f);
  for (size_t k = j + 1; k < DIM; k++)
    if (!is_hyper(k)) sum += value(s->weight[j][k], f) * x[k];
  return sum;
}

/* Coordinate j's part of the log-density; its derivatives are added, those by terms to by_f. */
static double add_coordinate(const surfaces *s, size_t j, const double *x, const double *f, double *g, double *by_f) {
  const double log_scale = value(s->log_scale[j], f), r = (x[j] - location_of(s, j, x, f)) * exp(-log_scale), slope = r * exp(-log_scale);
  g[j] -= slope;
  for (size_t b = 0; b < WARP_SURFACE; b++) by_f[b] += slope * s->location[j][b] + (r * r - 1) * s->log_scale[j][b];
  for (size_t k = j + 1; k < DIM; k++) {
    if (is_hyper(k)) continue;
    g[k] += slope * value(s->weight[j][k], f);
    for (size_t b = 0; b < WARP_SURFACE; b++) by_f[b] += slope * s->weight[j][k][b] * x[k];
  }
  return -0.5 * r * r - log_scale;
}

static int surfaces_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  double f[WARP_SURFACE], g[DIM] = {0}, by_f[WARP_SURFACE] = {0};
  const double t = x[FIRST], u = x[SECOND];
  terms_at(x, f);
  *logp = -0.5 * (t * t + u * u);
  for (size_t j = 0; j < dim; j++)
    if (!is_hyper(j)) *logp += add_coordinate(params, j, x, f, g, by_f);
  g[FIRST] = -t + by_f[1] + 2 * t * by_f[2] + u * by_f[4];
  g[SECOND] = -u + by_f[3] + t * by_f[4] + 2 * u * by_f[5];
  if (grad) memcpy(grad, g, sizeof g);
  return 0;
}

/* Exact draws; or a cloud about what is likely, twice as wide and uncorrelated. */
static void fill(const surfaces *s, target *t, int cloud, particles *p) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20261127);
  ck_assert_int_eq(particles_create(DIM, POINTS, p), 0);
  for (size_t i = 0; i < POINTS; i++) {
    double x[DIM], f[WARP_SURFACE];
    for (size_t j = 0; j < DIM; j++) x[j] = gsl_ran_gaussian(rng, cloud && !is_hyper(j) ? 2 : 1);
    terms_at(x, f);
    for (size_t j = DIM; j-- > 0 && !cloud;)
      if (!is_hyper(j)) x[j] = location_of(s, j, x, f) + exp(value(s->log_scale[j], f)) * x[j];
    for (size_t j = 0; j < DIM; j++) p->x[j * p->ld + i] = x[j];
  }
  particles_evaluate(p, t);
  gsl_rng_free(rng);
}

/* Root mean square of score + z, over all points and coordinates but the two. */
static double score_error(const particles *p, const warp *w) {
  particles q;
  double sum = 0;
  ck_assert_int_eq(particles_create(DIM, POINTS, &q), 0);
  particles_copy_all(&q, p);
  warp_layer_backward(&w->layer[0], DIM, q.n, q.ld, q.x, q.grad, NULL);
  for (size_t j = 0; j < DIM; j++)
    for (size_t i = 0; i < q.n && !is_hyper(j); i++) {
      const double error = q.grad[j * q.ld + i] + q.x[j * q.ld + i];
      sum += error * error / (double)(POINTS * (DIM - 2));
    }
  particles_clear(&q);
  return sqrt(sum);
}

/* Weights that are everywhere what they are at t = u = 0. */
static void stiffen(warp *w) {
  double *weight = w->layer[0].surface.weight;
  for (size_t k = 0; k < DIM * DIM; k++)
    for (size_t b = 1; b < WARP_SURFACE; b++) weight[k * WARP_SURFACE + b] = 0;
}

START_TEST(exact_surfaces) {
  surfaces s = surfaces_of(0);
  target *t = target_open_logp(DIM, surfaces_logp, &s, 2);
  particles p;
  warp *w;
  fill(&s, t, _i, &p);
  ck_assert_int_eq(straighten_surface(t, &p, &w, NULL), DILATE_OK);
  ck_assert(w && w->layer[0].kind == WARP_SURFACES);
  const warp_surface *found = &w->layer[0].surface;
  ck_assert_uint_eq(found->hyper[0] + found->hyper[1], FIRST + SECOND);
  ck_assert(is_hyper(found->hyper[0]) && is_hyper(found->hyper[1]));
  const double error = score_error(&p, w);
  ck_assert_msg(error < TOLERANCE, "scores are off by %g", error);
  stiffen(w);
  ck_assert_double_gt(score_error(&p, w), 100 * TOLERANCE);
  warp_free(w);
  particles_clear(&p);
  target_free(t);
}
END_TEST

/* The first n of the points have no surfaces. */
static void ck_none(surfaces *s, int cloud, size_t n) {
  target *t = target_open_logp(DIM, surfaces_logp, s, 2);
  particles p;
  warp *w;
  fill(s, t, cloud, &p);
  p.n = n;
  ck_assert_int_eq(straighten_surface(t, &p, &w, NULL), DILATE_OK);
  ck_assert_ptr_null(w);
  particles_clear(&p);
  target_free(t);
}

START_TEST(one_gaussian_has_none) {
  surfaces s = surfaces_of(1);
  ck_none(&s, _i, POINTS);
}
END_TEST

/* As many points as there are unknowns would be explained whatever the law. */
START_TEST(few_points_tell_nothing) {
  surfaces s = surfaces_of(0);
  ck_none(&s, 0, 60);
}
END_TEST

Suite *surface_suite(void) {
  Suite *suite = suite_create("surfaces");
  TCase *tests = tcase_create("surfaces");
  tcase_add_loop_test(tests, exact_surfaces, 0, 2);
  tcase_add_loop_test(tests, one_gaussian_has_none, 0, 2);
  tcase_add_test(tests, few_points_tell_nothing);
  suite_add_tcase(suite, tests);
  return suite;
}
