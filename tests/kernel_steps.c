/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single steps against their formulas: bounded drift, the ratio of the step back and the step, and the public step. */
#include "kernel_cases.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

/* Against the formula, with the same noise: bounds that bind for none, some and all of the particles. */
START_TEST(ula_drift_is_bounded) {
  density plane = density_correlated();
  const dilate_target user = density_target(&plane);
  const double bounds[] = {0, 1, 1e-3}, h = 0.7;
  for (size_t b = 0; b < 3; b++) {
    cloud *c = cloud_open(&path_none, &user, 1, 40, 1, h);
    c->kernel.metric_c = plane.c;
    cloud_draw(c, &plane, 9);
    for (size_t i = 0; i < 40; i++) particles_copy(&c->proposal, i, &c->p, i);
    c->kernel.bound = bounds[b];
    ula_step(&c->kernel, 4, &c->p, c->h, NULL);
    for (uint32_t i = 0; i < 40; i++) {
      double xi[2], slope[2];
      stream_normals(c->kernel.stream, 4, 2, 1, 1, &i, xi);
      const double g0 = c->proposal.grad[i], g1 = c->proposal.grad[c->p.ld + i], *m = plane.c;
      slope[0] = m[0] * g0 + m[2] * g1;
      slope[1] = m[3] * g1;
      const double shrink = bounds[b] > 0 ? 1 / fmax(1, h * hypot(slope[0], slope[1]) / bounds[b]) : 1;
      for (size_t j = 0; j < 2; j++) slope[j] = h * shrink * slope[j] + sqrt(2 * h) * xi[j];
      ck_assert_double_le(fabs(c->p.x[i] - c->proposal.x[i] - m[0] * slope[0]), 1e-12);
      ck_assert_double_le(fabs(c->p.x[c->p.ld + i] - c->proposal.x[c->p.ld + i] - m[2] * slope[0] - m[3] * slope[1]), 1e-12);
    }
    cloud_close(c);
  }
}
END_TEST

/* C' grad, bounded. */
static void bounded_slope(const particles *p, size_t i, const double *m, double h, double bound, double *slope) {
  const double g0 = p->grad[i], g1 = p->grad[p->ld + i];
  slope[0] = m[0] * g0 + m[2] * g1;
  slope[1] = m[3] * g1;
  const double shrink = bound > 0 ? fmax(1, h * hypot(slope[0], slope[1]) / bound) : 1;
  for (size_t j = 0; j < 2; j++) slope[j] /= shrink;
}

/* |u - h b|^2 / (4h) for the whitened move u from `from` to `to`. */
static double log_kernel(const particles *from, const particles *to, size_t i, const double *m, double h, double bound) {
  double slope[2];
  const double dx = to->x[i] - from->x[i], dy = to->x[to->ld + i] - from->x[from->ld + i], u0 = dx / m[0], u1 = (dy - m[2] * u0) / m[3];
  bounded_slope(from, i, m, h, bound, slope);
  return -(pow(u0 - h * slope[0], 2) + pow(u1 - h * slope[1], 2)) / (4 * h);
}

/* The log ratio of an unadjusted step is log B(x | y) - log F(y | x), both densities taken by their formula. */
START_TEST(ula_tells_the_ratio_of_its_densities) {
  const double unit[] = {1, 0, 0, 1}, bounds[] = {0, 0.5}, h = 0.3;
  density plane = density_correlated();
  const dilate_target user = density_target(&plane);
  for (int k = 0; k < 4; k++) {
    cloud *c = cloud_open(&path_dilation, &user, 2, 100, 0.5, h);
    const double *m = k % 2 ? plane.c : unit;
    if (k % 2) c->kernel.metric_c = m;
    c->kernel.bound = bounds[k / 2];
    cloud_draw(c, &plane, 9);
    for (size_t i = 0; i < 100; i++) particles_copy(&c->proposal, i, &c->p, i);
    ula_step(&c->kernel, 2, &c->p, c->h, c->acceptance);
    size_t bounded = 0;
    for (size_t i = 0; i < 100; i++) {
      const double forward = log_kernel(&c->proposal, &c->p, i, m, h, bounds[k / 2]),
                   back = log_kernel(&c->p, &c->proposal, i, m, h, bounds[k / 2]);
      ck_assert_double_le(fabs(c->acceptance[i] - (back - forward)), 1e-9 * (1 + fabs(forward) + fabs(back)));
      bounded += fabs(log_kernel(&c->p, &c->proposal, i, m, h, 0) - back) > 1e-6;
    }
    ck_assert(k < 2 ? bounded == 0 : bounded > 10);
    cloud_close(c);
  }
}
END_TEST

static int quartic_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    *logp -= pow(x[j], 4);
    if (grad) grad[j] = -4 * pow(x[j], 3);
  }
  return 0;
}

/* A bounded step from where even the square of the gradient overflows: towards the mode, by the bound. */
START_TEST(bound_holds_where_squares_overflow) {
  const dilate_target user = target_of(2, quartic_logp, NULL);
  const double h = 0.01, far = 1e60;
  cloud *c = cloud_open(&path_none, &user, 1, 10, 1, h);
  for (size_t i = 0; i < 2 * c->p.ld; i++) c->p.x[i] = i % 2 ? far : -far;
  path_evaluate(&c->path, 1, &c->p);
  c->kernel.bound = 1e58;
  ck_assert(isinf(c->p.grad[0] * c->p.grad[0]));
  ula_step(&c->kernel, 0, &c->p, c->h, c->acceptance);
  for (size_t i = 0; i < 10; i++) {
    ck_assert_double_le(fabs(fabs(c->p.x[i]) - (far - 1e58 / sqrt(2))), 1e50);
    ck_assert(!isnan(c->acceptance[i]));
  }
  cloud_close(c);
}
END_TEST

/* The public step against its formula, noise from streams of (seed, step, particle), in any dimension and any layout. */
START_TEST(public_step_follows_its_formula) {
  const size_t dims[] = {1, 2, 7};
  const double bounds[] = {INFINITY, 0.5}, h = 0.3;
  for (size_t d = 0; d < 3; d++)
    for (size_t b = 0; b < 2; b++) {
      const size_t dim = dims[d], n = 70, ld = 72;
      double x[7 * 72], before[7 * 72], score[7 * 72];
      for (size_t i = 0; i < dim * ld; i++) {
        x[i] = before[i] = cos((double)i);
        score[i] = 3 * sin((double)i);
      }
      dilate_langevin_step(dim, n, ld, x, score, h, bounds[b], 21, 6);
      for (uint32_t i = 0; i < n; i++) {
        double xi[7], square = 0;
        for (unsigned pair = 0; 2 * pair < dim; pair++)
          stream_normals(stream_make(21, STREAM_USER, pair, 0), 6, dim - 2 * pair < 2 ? 1 : 2, 1, 1, &i, xi + 2 * pair);
        for (size_t j = 0; j < dim; j++) square += score[j * ld + i] * score[j * ld + i];
        const double weight = h / fmax(1, h * sqrt(square) / bounds[b]);
        for (size_t j = 0; j < dim; j++)
          ck_assert_double_le(fabs(x[j * ld + i] - before[j * ld + i] - weight * score[j * ld + i] - sqrt(2 * h) * xi[j]), 1e-14);
      }
      for (size_t j = 0; j < dim; j++)
        for (size_t i = n; i < ld; i++) ck_assert_double_eq(x[j * ld + i], before[j * ld + i]);
    }
}
END_TEST

START_TEST(public_step_leaves_impossible_arguments_alone) {
  double x[6] = {1, 2, 3, 4, 5, 6};
  const double before[6] = {1, 2, 3, 4, 5, 6}, score[6] = {1, 1, 1, 1, 1, 1};
  dilate_langevin_step(2, 3, 3, NULL, score, 0.1, INFINITY, 1, 0);
  dilate_langevin_step(2, 3, 3, x, NULL, 0.1, INFINITY, 1, 0);
  dilate_langevin_step(0, 3, 3, x, score, 0.1, INFINITY, 1, 0);
  dilate_langevin_step(2, 0, 3, x, score, 0.1, INFINITY, 1, 0);
  dilate_langevin_step(2, 3, 2, x, score, 0.1, INFINITY, 1, 0);
  ck_assert_mem_eq(x, before, sizeof x);
  dilate_langevin_step(2, 3, 3, x, score, 0.1, INFINITY, 1, 0);
  ck_assert_mem_ne(x, before, sizeof x);
}
END_TEST

Suite *kernel_steps_suite(void) {
  Suite *suite = suite_create("kernel steps");
  TCase *tests = tcase_create("steps");
  tcase_add_test(tests, ula_drift_is_bounded);
  tcase_add_test(tests, ula_tells_the_ratio_of_its_densities);
  tcase_add_test(tests, bound_holds_where_squares_overflow);
  tcase_add_test(tests, public_step_follows_its_formula);
  tcase_add_test(tests, public_step_leaves_impossible_arguments_alone);
  suite_add_tcase(suite, tests);
  return suite;
}
