/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The M step of mixtures of products of Student-t's: x_j = m_j + c_j t_j, independent t_j with nu degrees of freedom.
 *
 * By moments: t is a Gaussian over the root of a chi-square, whose expectation given x is w = (nu + 1)/(nu + z^2), z = (x - m)/c, so that m
 * is the mean under weights r w, and c^2 the variance (Kent, Tyler & Vardi 1994 divide by the sum of r w: faster).  By gradients:
 * g (nu c^2 + (x - m)^2) + (nu + 1)(x - m) = 0 holds at every point, and is linear in m and nu c^2 + m^2: least squares, exact for a
 * product of t's wherever the points are.  Each coordinate stands alone.  Scales borrow pseudo-points from the pooled ones. */
#include "mixture/em_state.h"

#include <gsl/gsl_sort.h>
#include <math.h>

static const double pseudo_points = 4;
enum { COLD_STEPS = 20, WARM_STEPS = 2, GRADIENT_STEPS = 4 };

/* The points that a component has a share in, in one coordinate. */
typedef struct column {
  size_t n;
  double *share, *x, *grad, *sorted;
} column;

static column column_of(const em_state *s, size_t k, size_t j) {
  const double *const share = s->share + k * s->n, *const y = s->y + j * s->n;
  const double *const grad = s->gradient ? s->points->grad + j * s->points->ld : y;
  double *const own = s->column + s->column_thread * (size_t)omp_get_thread_num();
  column c = {.share = own, .x = own + s->n, .grad = own + 2 * s->n, .sorted = own + 3 * s->n};
  for (size_t i = 0; i < s->n; i++) {
    if (!(share[i] > EM_NEGLIGIBLE)) continue;
    c.share[c.n] = s->gradient && s->warm ? share[i] * share[i] * share[i] : share[i];
    c.x[c.n] = y[i];
    c.grad[c.n++] = grad[i];
  }
  return c;
}

/* Where a fit from labels starts: the median, and half the distance of the quartiles, of the points mostly in the component. */
static void robust_start(const column *c, double least, double *mean, double *scale) {
  size_t n = 0;
  for (size_t i = 0; i < c->n; i++)
    if (c->share[i] >= 0.5) c->sorted[n++] = c->x[i];
  for (size_t i = 0; n == 0 && i < c->n; i++) c->sorted[i] = c->x[i];
  if (n == 0) n = c->n;
  gsl_sort(c->sorted, 1, n);
  *mean = n ? 0.5 * (c->sorted[(n - 1) / 2] + c->sorted[n / 2]) : 0;
  *scale = fmax(n ? 0.5 * (c->sorted[3 * n / 4] - c->sorted[n / 4]) : 0, least);
}

/* Mean and scale under the weights of the old ones; *weight and *square: sums of r w and r w (x - mean)^2. */
static void moment_step(const column *c, double nu, double *mean, double scale, double *weight, double *square) {
  double sum = 0, centre = 0;
  for (size_t i = 0; i < c->n; i++) {
    const double z = (c->x[i] - *mean) / scale, w = c->share[i] * (nu + 1) / (nu + z * z);
    sum += w;
    centre += w * (c->x[i] - *mean);
    c->sorted[i] = w;
  }
  *weight = sum;
  *square = 0;
  if (!(sum > 0)) return;
  *mean += centre / sum;
  for (size_t i = 0; i < c->n; i++) *square += c->sorted[i] * (c->x[i] - *mean) * (c->x[i] - *mean);
}

static void by_moments(em_state *s) {
  const size_t dim = s->dim, K = s->q->components;
  const double nu = (double)s->freedom;
#pragma omp parallel for schedule(dynamic, 1) num_threads(em_team(s))
  for (size_t j = 0; j < dim; j++) {
    const double least = 1e-6 * sqrt(s->variance[j]);
    double pool = 0, all = 0;
    for (size_t k = 0; k < K; k++) {
      const column c = column_of(s, k, j);
      double *const mean = s->q->mean + k * dim + j, *const scale = s->q->factor[k].c + j, weight = 0, square = 0;
      if (!s->warm) robust_start(&c, least, mean, scale);
      for (int step = 0; step < (s->warm ? WARM_STEPS : COLD_STEPS); step++) {
        moment_step(&c, nu, mean, *scale, &weight, &square);
        if (weight > 0) *scale = fmax(sqrt(square / weight), least);
      }
      pool += s->total[k] * *scale * *scale;
      all += s->total[k];
    }
    for (size_t k = 0; k < K; k++) {
      double *const scale = s->q->factor[k].c + j;
      *scale = sqrt((s->total[k] * *scale * *scale + pseudo_points * pool / all) / (s->total[k] + pseudo_points));
    }
  }
}

/* Least squares for the mean's shift b and a = nu c^2 + b^2, about the old mean, each equation weighed as its error in the gradient. */
static int gradient_step(const column *c, double nu, double *mean, double *scale) {
  double aa = 0, ab = 0, bb = 0, ay = 0, by = 0;
  for (size_t i = 0; i < c->n; i++) {
    const double x = c->x[i] - *mean, g = c->grad[i], of_a = -g, of_b = 2 * x * g + nu + 1, y = x * (g * x + nu + 1);
    const double error = nu * *scale * *scale + x * x, w = c->share[i] / (error * error);
    aa += w * of_a * of_a;
    ab += w * of_a * of_b;
    bb += w * of_b * of_b;
    ay += w * of_a * y;
    by += w * of_b * y;
  }
  const double determinant = aa * bb - ab * ab;
  if (!(determinant > 1e-12 * aa * bb)) return 1;
  const double a = (bb * ay - ab * by) / determinant, b = (aa * by - ab * ay) / determinant, square = (a - b * b) / nu;
  if (!(square > 0) || !isfinite(square)) return 1;
  *mean += fmin(fmax(b, -2 * *scale), 2 * *scale);
  *scale = fmin(fmax(sqrt(square), *scale / 16), 4 * *scale);
  return 0;
}

static void by_gradients(em_state *s) {
  const size_t dim = s->dim, K = s->q->components;
#pragma omp parallel for schedule(dynamic, 1) num_threads(em_team(s))
  for (size_t j = 0; j < dim; j++) {
    double pool = 0, all = 0;
    for (size_t k = 0; k < K; k++) {
      const column c = column_of(s, k, j);
      double *const mean = s->q->mean + k * dim + j, *const scale = s->q->factor[k].c + j;
      for (int step = 0; step < GRADIENT_STEPS; step++)
        if (gradient_step(&c, (double)s->freedom, mean, scale)) break;
      pool += s->total[k] * log(*scale);
      all += s->total[k];
    }
    for (size_t k = 0; k < K; k++) {
      double *const scale = s->q->factor[k].c + j;
      *scale = exp((s->total[k] * log(*scale) + 0.5 * pseudo_points * pool / all) / (s->total[k] + 0.5 * pseudo_points));
    }
  }
}

void em_maximise_product(em_state *s) {
  if (!s->gradient || !s->warm) by_moments(s);
  s->warm = 1;
  if (s->gradient) by_gradients(s);
}
