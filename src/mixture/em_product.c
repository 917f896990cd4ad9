/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The M step of mixtures of products of Student-t's: x_j = m_j + c_j t_j, independent t_j with nu degrees of freedom.
 *
 * By moments: t is a Gaussian over the root of a chi-square, whose expectation given x is w = (nu + 1)/(nu + z^2), z = (x - m)/c, so that m
 * is the mean under weights r w, and c^2 the variance (Kent, Tyler & Vardi 1994 divide by the sum of r w: faster).  By gradients:
 * g (nu c^2 + (x - m)^2) + (nu + 1)(x - m) = 0 holds at every point, and is linear in m and nu c^2 + m^2: least squares, exact for a
 * product of t's wherever the points are.  Each coordinate stands alone.  Scales borrow pseudo-points from the pooled ones. */
#include "mixture/em_state.h"
#include "mixture/mixture_isa.h"

#include "base/sort.h"

#include <math.h>

static const double pseudo_points = 4;
enum { COLD_STEPS = 20, WARM_STEPS = 2, GRADIENT_STEPS = 4 };

/* The points that a component has a share in, in one coordinate after the other. */
typedef struct column {
  size_t n;
  const uint32_t *member;
  double *share, *mostly;
  const double *x, *grad;
} column;

static column column_of(const em_state *s, size_t k, em_scratch *t) {
  column c = {.member = t->member, .share = t->column, .mostly = t->column + 3 * s->n};
  c.n = em_find_members(s->n, s->share + k * s->n, t->member, c.share);
  if (!s->gradient || !s->warm) return c;
  for (size_t a = 0; a < c.n; a++) c.share[a] *= c.share[a] * c.share[a];
  return c;
}

/* The members' among x, which all points are mostly: then nothing is copied to `room`. */
static const double *members_of(const em_state *s, const column *c, const double *x, double *room) {
  if (c->n == s->n) return x;
  for (size_t a = 0; a < c->n; a++) room[a] = x[c->member[a]];
  return room;
}

static void take_coordinate(const em_state *s, size_t j, int gradient, column *c) {
  double *const x = c->share + s->n, *const grad = c->share + 2 * s->n;
  c->x = members_of(s, c, s->y + j * s->n, x);
  c->grad = gradient ? members_of(s, c, s->points->grad + j * s->points->ld, grad) : NULL;
}

/* Where a fit from labels starts: the median, and half the distance of the quartiles, of the points mostly in the component. */
static void robust_start(const column *c, double least, double *mean, double *scale) {
  double at[4] = {0};
  size_t n = 0;
  for (size_t i = 0; i < c->n; i++)
    if (c->share[i] >= 0.5) c->mostly[n++] = c->x[i];
  for (size_t i = 0; n == 0 && i < c->n; i++) c->mostly[i] = c->x[i];
  if (n == 0) n = c->n;
  if (n > 0) sort_select(n, c->mostly, 4, (const size_t[4]){n / 4, (n - 1) / 2, n / 2, 3 * n / 4}, at);
  *mean = 0.5 * (at[1] + at[2]);
  *scale = fmax(0.5 * (at[3] - at[0]), least);
}

/* Mean and scale under the weights of the old ones. */
static void moment_step(const column *c, double nu, double least, double *mean, double *scale) {
  double sum[3]; /* of r w, and of r w (x - mean) and its square about the old mean */
  em_sums_of(vmath_chosen())->moments(c->n, c->share, c->x, nu, *mean, *scale, sum);
  if (!(sum[0] > 0)) return;
  const double shift = sum[1] / sum[0];
  *mean += shift;
  *scale = fmax(sqrt(fmax(sum[2] / sum[0] - shift * shift, 0)), least);
}

/* Scales borrow from the pool of their coordinate: a mean of squares. */
static void borrow_squares(em_state *s) {
  const size_t dim = s->dim, K = s->q->components;
  for (size_t j = 0; j < dim; j++) {
    double pool = 0;
    for (size_t k = 0; k < K; k++) pool += s->total[k] * s->q->factor[k].c[j] * s->q->factor[k].c[j];
    for (size_t k = 0; k < K; k++) {
      double *const scale = s->q->factor[k].c + j;
      *scale = sqrt((s->total[k] * *scale * *scale + pseudo_points * pool / s->covered) / (s->total[k] + pseudo_points));
    }
  }
}

static void component_by_moments(void *state, size_t k, size_t thread) {
  const em_state *const s = state;
  column c = column_of(s, k, &s->scratch[thread]);
  for (size_t j = 0; j < s->dim; j++) {
    const double least = 1e-6 * sqrt(s->variance[j]);
    double *const mean = s->q->mean + k * s->dim + j, *const scale = s->q->factor[k].c + j;
    take_coordinate(s, j, 0, &c);
    if (!s->warm) robust_start(&c, least, mean, scale);
    for (int step = 0; step < (s->warm ? WARM_STEPS : COLD_STEPS); step++) moment_step(&c, (double)s->freedom, least, mean, scale);
  }
}

static void by_moments(em_state *s) {
  em_each(s, s->q->components, component_by_moments);
  borrow_squares(s);
}

/* Least squares for the mean's shift b and a = nu c^2 + b^2, about the old mean, each equation weighed as its error in the gradient. */
static int gradient_step(const column *c, double nu, double *mean, double *scale) {
  double sum[5];
  em_sums_of(vmath_chosen())->equations(c->n, c->share, c->x, c->grad, nu, *mean, *scale, sum);
  const double aa = sum[0], ab = sum[1], bb = sum[2], ay = sum[3], by = sum[4];
  const double determinant = aa * bb - ab * ab;
  if (!(determinant > 1e-12 * aa * bb)) return 1;
  const double a = (bb * ay - ab * by) / determinant, b = (aa * by - ab * ay) / determinant, square = (a - b * b) / nu;
  if (!(square > 0) || !isfinite(square)) return 1;
  *mean += fmin(fmax(b, -2 * *scale), 2 * *scale);
  *scale = fmin(fmax(sqrt(square), *scale / 16), 4 * *scale);
  return 0;
}

/* The same, a mean of logarithms. */
static void borrow_logarithms(em_state *s) {
  const size_t dim = s->dim, K = s->q->components;
  for (size_t j = 0; j < dim; j++) {
    double pool = 0;
    for (size_t k = 0; k < K; k++) pool += s->total[k] * log(s->q->factor[k].c[j]);
    for (size_t k = 0; k < K; k++) {
      double *const scale = s->q->factor[k].c + j;
      *scale = exp((s->total[k] * log(*scale) + 0.5 * pseudo_points * pool / s->covered) / (s->total[k] + 0.5 * pseudo_points));
    }
  }
}

static void component_by_gradients(void *state, size_t k, size_t thread) {
  const em_state *const s = state;
  column c = column_of(s, k, &s->scratch[thread]);
  for (size_t j = 0; j < s->dim; j++) {
    double *const mean = s->q->mean + k * s->dim + j, *const scale = s->q->factor[k].c + j;
    take_coordinate(s, j, 1, &c);
    for (int step = 0; step < GRADIENT_STEPS; step++)
      if (gradient_step(&c, (double)s->freedom, mean, scale)) break;
  }
}

static void by_gradients(em_state *s) {
  em_each(s, s->q->components, component_by_gradients);
  borrow_logarithms(s);
}

void em_maximise_product(em_state *s) {
  if (!s->gradient || !s->warm) by_moments(s);
  s->warm = 1;
  if (s->gradient) by_gradients(s);
}
