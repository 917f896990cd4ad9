/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Straightening: what was bent is known in closed form, and found from samples in equilibrium and far from it; what is straight stays so;
 * scales and places of the coordinates do not matter. */
#include "check_stage.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "stage/straighten.h"
#include "stage_cases.h"

enum { DIM = 6, POINTS = 1200 };

/* Log-density of N(mean, sd) at x and its derivatives, added. */
static void add_normal(double x, double mean, double sd, double *logp, double *by_x, double *by_mean, double *by_log_sd) {
  const double u = (x - mean) / sd;
  *logp -= 0.5 * u * u + log(sd);
  *by_x -= u / sd;
  if (by_mean) *by_mean += u / sd;
  if (by_log_sd) *by_log_sd += u * u - 1;
}

/* x_0 ~ N(0, 3), all others ~ N(0, exp(x_0/2)). */
static double funnel(const double *x, double *g) {
  double logp = 0, by_log_sd = 0;
  add_normal(x[0], 0, 3, &logp, &g[0], NULL, NULL);
  for (size_t j = 1; j < DIM; j++) add_normal(x[j], 0, exp(x[0] / 2), &logp, &g[j], NULL, &by_log_sd);
  g[0] += by_log_sd / 2;
  return logp;
}

static void funnel_draw(gsl_rng *rng, double *x) {
  x[0] = gsl_ran_gaussian(rng, 3);
  for (size_t j = 1; j < DIM; j++) x[j] = gsl_ran_gaussian(rng, exp(x[0] / 2));
}

/* x_0 ~ N(0, 2), x_1 ~ N(x_0^2/2, 1/2), all others ~ N(0, 1). */
static double banana(const double *x, double *g) {
  double logp = 0, by_mean = 0;
  add_normal(x[0], 0, 2, &logp, &g[0], NULL, NULL);
  add_normal(x[1], 0.5 * x[0] * x[0], 0.5, &logp, &g[1], &by_mean, NULL);
  for (size_t j = 2; j < DIM; j++) add_normal(x[j], 0, 1, &logp, &g[j], NULL, NULL);
  g[0] += by_mean * x[0];
  return logp;
}

static void banana_draw(gsl_rng *rng, double *x) {
  x[0] = gsl_ran_gaussian(rng, 2);
  x[1] = 0.5 * x[0] * x[0] + gsl_ran_gaussian(rng, 0.5);
  for (size_t j = 2; j < DIM; j++) x[j] = gsl_ran_gaussian(rng, 1);
}

/* Common mean x_0 ~ N(0, 1), log standard deviation x_1 ~ N(0, 1), all others ~ N(x_0, exp(x_1)). */
static double hierarchy(const double *x, double *g) {
  double logp = 0;
  add_normal(x[0], 0, 1, &logp, &g[0], NULL, NULL);
  add_normal(x[1], 0, 1, &logp, &g[1], NULL, NULL);
  for (size_t j = 2; j < DIM; j++) add_normal(x[j], x[0], exp(x[1]), &logp, &g[j], &g[0], &g[1]);
  return logp;
}

static void hierarchy_draw(gsl_rng *rng, double *x) {
  x[0] = gsl_ran_gaussian(rng, 1);
  x[1] = gsl_ran_gaussian(rng, 1);
  for (size_t j = 2; j < DIM; j++) x[j] = x[0] + gsl_ran_gaussian(rng, exp(x[1]));
}

/* Scales over seven orders of magnitude, neighbours correlated by 0.995. */
static double straight(const double *x, double *g) {
  double logp = 0;
  for (size_t j = 0; j < DIM; j++) {
    const double scale = pow(10, (double)j - 3), before = j ? x[j - 1] * 10 : 0;
    double by_mean = 0;
    add_normal(x[j], 0.995 * before, j ? scale * sqrt(1 - 0.995 * 0.995) : scale, &logp, &g[j], &by_mean, NULL);
    if (j) g[j - 1] += 9.95 * by_mean;
  }
  return logp;
}

static void straight_draw(gsl_rng *rng, double *x) {
  for (size_t j = 0; j < DIM; j++) {
    const double scale = pow(10, (double)j - 3);
    x[j] = j ? 9.95 * x[j - 1] + scale * gsl_ran_gaussian(rng, sqrt(1 - 0.995 * 0.995)) : gsl_ran_gaussian(rng, scale);
  }
}

/* Four normals at the corners of a square in the plane of the first two coordinates: neither knows of the other. */
static double square(const double *x, double *g) {
  double logp = 0;
  for (size_t j = 0; j < DIM; j++) {
    double low = 0, high = 0, of_low = 0, of_high = 0;
    add_normal(x[j], j < 2 ? -5 : 0, 1, &low, &of_low, NULL, NULL);
    add_normal(x[j], j < 2 ? 5 : 0, 1, &high, &of_high, NULL, NULL);
    const double most = fmax(low, high), a = exp(low - most), b = exp(high - most);
    logp += most + log(a + b);
    g[j] = (a * of_low + b * of_high) / (a + b);
  }
  return logp;
}

static void square_draw(gsl_rng *rng, double *x) {
  for (size_t j = 0; j < DIM; j++) x[j] = gsl_ran_gaussian(rng, 1) + (j < 2 ? gsl_rng_uniform(rng) < 0.5 ? -5 : 5 : 0);
}

/* The first two coordinates at a radius of about 5, which depends on neither more than on the other. */
static double ring(const double *x, double *g) {
  const double radius = hypot(x[0], x[1]);
  double logp = 0, by_radius = 0;
  add_normal(radius, 5, 0.5, &logp, &by_radius, NULL, NULL);
  for (size_t j = 0; j < 2; j++) g[j] = by_radius * x[j] / radius;
  for (size_t j = 2; j < DIM; j++) add_normal(x[j], 0, 1, &logp, &g[j], NULL, NULL);
  return logp;
}

static void ring_draw(gsl_rng *rng, double *x) {
  const double angle = gsl_ran_flat(rng, 0, 2 * acos(-1)), radius = 5 + gsl_ran_gaussian(rng, 0.5);
  x[0] = radius * cos(angle);
  x[1] = radius * sin(angle);
  for (size_t j = 2; j < DIM; j++) x[j] = gsl_ran_gaussian(rng, 1);
}

/* ---- A density at other places and scales ---- */

typedef struct shape {
  double (*logp)(const double *x, double *grad);
  void (*draw)(gsl_rng *rng, double *x);
  double shift[DIM], scale[DIM]; /* what is sampled is shift + scale x */
} shape;

static int shape_logp(size_t dim, const double *y, double *logp, double *grad, void *params) {
  const shape *s = params;
  double x[DIM] = {0}, g[DIM] = {0};
  for (size_t j = 0; j < dim; j++) x[j] = (y[j] - s->shift[j]) / s->scale[j];
  *logp = s->logp(x, g);
  for (size_t j = 0; grad && j < dim; j++) grad[j] = g[j] / s->scale[j];
  return 0;
}

static shape shape_of(double (*logp)(const double *, double *), void (*draw)(gsl_rng *, double *)) {
  shape s = {.logp = logp, .draw = draw};
  for (size_t j = 0; j < DIM; j++) s.scale[j] = 1;
  return s;
}

/* Exact draws; or a cloud that knows of the spread of x_0 and x_1 and of nothing else: far from equilibrium. */
static void fill(const shape *s, target *t, int cloud, particles *p) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20261124);
  ck_assert_int_eq(particles_create(DIM, POINTS, p), 0);
  for (size_t i = 0; i < POINTS; i++) {
    double x[DIM];
    s->draw(rng, x);
    for (size_t j = 0; j < DIM; j++)
      p->x[j * p->ld + i] = s->shift[j] + s->scale[j] * (cloud ? gsl_ran_gaussian(rng, j < 2 ? 2 : 3) : x[j]);
  }
  particles_evaluate(p, t);
  gsl_rng_free(rng);
}

static warp *straightened(shape *s, int cloud) {
  target *t = target_open_logp(DIM, shape_logp, s, 1);
  particles p;
  straightening straight;
  warp *w = (warp *)&p;
  int found;
  fill(s, t, cloud, &p);
  ck_assert_int_eq(straighten_begin(t, &p, &straight, NULL), DILATE_OK);
  ck_assert_int_eq(straighten_next(&straight, &found, NULL), DILATE_OK);
  ck_assert_int_eq(straighten_part(t, &p, straight.all, straight.all->layers, &w, NULL), DILATE_OK);
  straighten_end(&straight);
  ck_assert_ptr_null(target_warp(t));
  particles_clear(&p);
  target_free(t);
  return w;
}

/* Its first layer, which must be a conditional one with that hyper-coordinate and these dependent ones. */
static const warp_conditional *first_layer(const warp *w, size_t hyper, const char *depends) {
  ck_assert_ptr_nonnull(w);
  ck_assert_int_eq((int)w->layer[0].kind, (int)WARP_CONDITIONAL);
  const warp_conditional *c = &w->layer[0].conditional;
  ck_assert_uint_eq(c->hyper, hyper);
  for (size_t j = 0; j < DIM; j++) ck_assert_msg(c->depends[j] == (depends[j] == '1'), "coordinate %zu", j);
  return c;
}

/* ---- What is bent ---- */

/* What coordinate j of x is at z_j = 0, and the log scale of z_j, where coordinate h is at. */
static void look(const warp *w, size_t h, double at, size_t j, double *location, double *log_scale) {
  double zero[DIM] = {0}, one[DIM] = {0};
  zero[h] = one[h] = at;
  one[j] = 1;
  warp_forward(w, 1, 1, zero, NULL);
  warp_forward(w, 1, 1, one, NULL);
  *location = zero[j];
  *log_scale = log(one[j] - zero[j]);
}

static const double tolerance[] = {0.002, 0.01}; /* from draws, from a cloud: at all points the relation is exact */

START_TEST(a_funnel) {
  shape s = shape_of(funnel, funnel_draw);
  warp *w = straightened(&s, _i);
  const warp_conditional *c = first_layer(w, 0, "011111");
  ck_assert_uint_eq(w->layers, 1);
  for (size_t j = 1; j < DIM; j++) {
    double location[2], log_scale[2];
    for (int k = 0; k < 2; k++) look(w, 0, c->centre + 6 * k - 3, j, &location[k], &log_scale[k]);
    ck_assert_double_eq_tol((log_scale[1] - log_scale[0]) / 6, 0.5, tolerance[_i]);
    for (int k = 0; k < 2; k++) ck_assert_double_lt(fabs(location[k]), 0.1 * exp(log_scale[k]));
  }
  warp_free(w);
}
END_TEST

START_TEST(a_banana) {
  shape s = shape_of(banana, banana_draw);
  warp *w = straightened(&s, _i);
  const warp_conditional *c = first_layer(w, 0, "010000");
  ck_assert_uint_eq(w->layers, 1);
  ck_assert_double_eq_tol(c->quadratic[1], 0.5, tolerance[_i]);
  ck_assert_double_eq_tol(c->linear[1], c->centre, 0.1); /* (centre + t)^2/2 */
  ck_assert_double_eq_tol(c->log_scale[1], 0, tolerance[_i]);
  warp_free(w);
}
END_TEST

/* Along axes of their own mean and members depend on the scale alone: their scores are minus themselves.  Half the rate is told from it. */
START_TEST(a_hierarchy_with_a_common_mean) {
  shape s = shape_of(hierarchy, hierarchy_draw);
  warp *w = straightened(&s, _i);
  ck_assert(w && w->layers == 2 && w->layer[0].kind == WARP_LINEAR && w->layer[1].kind == WARP_CONDITIONAL);
  warp_conditional *c = &w->layer[1].conditional;
  ck_assert_uint_eq(c->hyper, 1);
  ck_assert_uint_eq(c->terms, 1);
  ck_assert_double_eq_tol(c->term[0].rate, -2, 0.01);
  for (int wrong = 0; wrong < 2; wrong++) {
    target *t = target_open_logp(DIM, shape_logp, &s, 1);
    particles p;
    double off = 0;
    fill(&s, t, 0, &p);
    c->term[0].rate *= wrong ? 0.5 : 1;
    warp_backward(w, p.n, p.ld, p.x, p.grad, NULL);
    for (size_t j = 0; j < DIM; j++)
      for (size_t i = 0; i < p.n && j != 1; i++) off += pow(p.grad[j * p.ld + i] + p.x[j * p.ld + i], 2) / (double)(p.n * (DIM - 1));
    if (wrong)
      ck_assert_double_gt(off, 0.05);
    else
      ck_assert_double_lt(off, 1e-4);
    particles_clear(&p);
    target_free(t);
  }
  warp_free(w);
}
END_TEST

/* In the new coordinates the funnel's draws have Gaussian conditionals: E log|z| does not depend on x_0. */
START_TEST(draws_become_straight) {
  shape s = shape_of(funnel, funnel_draw);
  target *t = target_open_logp(DIM, shape_logp, &s, 1);
  particles p;
  warp *w = straightened(&s, 1);
  double slope = 0, square = 0;
  fill(&s, t, 0, &p);
  warp_backward(w, p.n, p.ld, p.x, p.grad, NULL);
  for (size_t i = 0; i < p.n; i++) {
    slope += p.x[i] * log(fabs(p.x[p.ld + i]));
    square += p.x[i] * p.x[i];
  }
  ck_assert_double_lt(fabs(slope / square), 0.05); /* sd of log|z| is 1.11: standard error 0.011 */
  particles_clear(&p);
  warp_free(w);
  target_free(t);
}
END_TEST

/* ---- What is straight ---- */

START_TEST(gaussians_stay) {
  shape s = shape_of(straight, straight_draw);
  ck_assert_ptr_null(straightened(&s, 0));
}
END_TEST

/* Modes on a grid are the marginals' to deal with. */
START_TEST(modes_on_a_grid_are_marginals) {
  shape s = shape_of(square, square_draw);
  warp *w = straightened(&s, 0);
  ck_assert(w && w->layers == 1);
  const warp_marginal *m = warp_last_marginal(w);
  ck_assert_ptr_nonnull(m);
  for (size_t j = 0; j < DIM; j++) ck_assert_int_eq(m->used[j], j < 2);
  warp_free(w);
}
END_TEST

START_TEST(rings_are_not_bends) {
  shape s = shape_of(ring, ring_draw);
  ck_assert_ptr_null(straightened(&s, 0));
}
END_TEST

/* ---- Places and scales ---- */

/* Draws of y = shift + scale x are taken to the z of x, but for the scale of those coordinates from which no layer takes it away (natural
 * parameters do), and the shift of those that depend on nothing. */
static shape moved_shape(shape s) {
  for (size_t j = 0; j < DIM; j++) {
    s.scale[j] = pow(10, (double)(j * 5 % 7) - 3);
    s.shift[j] = s.scale[j] * (2 * (double)j - 3);
  }
  return s;
}

START_TEST(places_and_scales_do_not_matter) {
  static double (*const logp[])(const double *, double *) = {funnel, banana};
  static void (*const draw[])(gsl_rng *, double *) = {funnel_draw, banana_draw};
  shape s = shape_of(logp[_i], draw[_i]), moved = moved_shape(s);
  warp *a = straightened(&s, 0), *b = straightened(&moved, 0);
  ck_assert(a && b && a->layers == 1 && b->layers == 1);
  const unsigned char *depends = a->layer[0].conditional.depends, *naturally = a->layer[0].conditional.naturally;
  double of_scales = 0;
  ck_assert_mem_eq(naturally, b->layer[0].conditional.naturally, DIM);
  for (size_t j = 0; j < DIM; j++) of_scales += naturally[j] ? log(moved.scale[j]) : 0;
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  for (int i = 0; i < 100; i++) {
    double x[DIM], y[DIM], log_det[2] = {0};
    s.draw(rng, x);
    for (size_t j = 0; j < DIM; j++) y[j] = moved.shift[j] + moved.scale[j] * x[j];
    warp_backward(a, 1, 1, x, NULL, &log_det[0]);
    warp_backward(b, 1, 1, y, NULL, &log_det[1]);
    ck_assert_double_eq_tol(log_det[0] + of_scales, log_det[1], 1e-3);
    for (size_t j = 0; j < DIM; j++) {
      const double z = (y[j] - (depends[j] ? 0 : moved.shift[j])) / (naturally[j] ? 1 : moved.scale[j]);
      ck_assert_msg(fabs(z - x[j]) < 1e-3 * (1 + fabs(x[j])), "coordinate %zu: %g from %g", j, z, x[j]);
    }
  }
  gsl_rng_free(rng);
  warp_free(a);
  warp_free(b);
}
END_TEST

/* Along axes of their own, which are not unique, what does not matter is the distance of all z from 0, and the determinant. */
START_TEST(places_and_scales_do_not_matter_to_axes) {
  shape s = shape_of(hierarchy, hierarchy_draw), moved = moved_shape(s);
  warp *a = straightened(&s, 0), *b = straightened(&moved, 0);
  ck_assert(a && b && a->layers == 2 && b->layers == 2);
  double log_scales = 0;
  for (size_t j = 0; j < DIM; j++) log_scales += j == 1 ? 0 : log(moved.scale[j]);
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  for (int i = 0; i < 100; i++) {
    double x[DIM], y[DIM], log_det[2] = {0}, square[2] = {0};
    s.draw(rng, x);
    for (size_t j = 0; j < DIM; j++) y[j] = moved.shift[j] + moved.scale[j] * x[j];
    warp_backward(a, 1, 1, x, NULL, &log_det[0]);
    warp_backward(b, 1, 1, y, NULL, &log_det[1]);
    for (size_t j = 0; j < DIM; j++) {
      square[0] += j == 1 ? 0 : x[j] * x[j];
      square[1] += j == 1 ? 0 : y[j] * y[j];
    }
    ck_assert_double_eq_tol(log_det[0] + log_scales, log_det[1], 0.01);
    ck_assert_double_eq_tol(square[0], square[1], 0.01 * (1 + square[0]));
  }
  gsl_rng_free(rng);
  warp_free(a);
  warp_free(b);
}
END_TEST

Suite *straighten_suite(void) {
  Suite *suite = suite_create("straightening");
  TCase *tests = tcase_create("conditional layers");
  tcase_add_loop_test(tests, a_funnel, 0, 2);
  tcase_add_loop_test(tests, a_banana, 0, 2);
  tcase_add_loop_test(tests, a_hierarchy_with_a_common_mean, 0, 2);
  tcase_add_test(tests, draws_become_straight);
  tcase_add_test(tests, gaussians_stay);
  tcase_add_test(tests, modes_on_a_grid_are_marginals);
  tcase_add_test(tests, rings_are_not_bends);
  tcase_add_loop_test(tests, places_and_scales_do_not_matter, 0, 2);
  tcase_add_test(tests, places_and_scales_do_not_matter_to_axes);
  suite_add_tcase(suite, tests);
  return suite;
}
